"""Wish commands of the control socket: when and how often a person wants promotions."""

from collections.abc import Callable, Mapping
from typing import Any

from operator_push.domain.consent import EVERY, EVERY_CHANNEL
from operator_push.domain.contact_wishes import UNLIMITED, ContactWishes, checked_scope, checked_wish
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, who, whole
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import normalise_msisdn


class WishCommands:
    """The handlers by name."""

    def __init__(
        self,
        shard: int,
        wishes: ContactWishes,
        number_of: Callable[[str], int],
        brand_no_of: Callable[[str], int | None],
        committer: Committer,
    ) -> None:
        self._shard = shard
        self._wishes = wishes
        self._number_of = number_of
        self._brand_no_of = brand_no_of
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {"wish.set": self._set}

    def _set(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"number", "brand", "category", "channel", "from_minute", "until_minute", "per_week", "by"} → {}
        once it is on disk; it holds at once, for what is queued too. Without a scope: of all brands."""
        number = self._number_of(normalise_msisdn(str(args["number"])) or "")
        if not number:
            raise OperatorError("number: no subscriber has this number")
        begin = whole(args.get("from_minute", 0), "from_minute")
        end = whole(args.get("until_minute", 0), "until_minute")
        wish = checked_wish(begin, end, whole(args.get("per_week", UNLIMITED), "per_week"))
        brand = str(args.get("brand") or "*")
        brand_no = EVERY if brand == "*" else self._brand_no_of(brand)
        if brand_no is None:
            raise OperatorError(f"brand: there is none called {brand!r}; * is all of them")
        channel = str(args.get("channel") or EVERY_CHANNEL)
        scope = checked_scope(brand_no, whole(args.get("category", EVERY), "category"), channel)
        self._wishes.put(number, wish, scope)
        row: dict[str, object] = {"shard": self._shard, "subscriber_no": number}
        row |= scope._asdict() | wish._asdict()
        row |= {"changed_us": now_us(), "changed_by": who(args)}
        self._committer.changes.upserts.append(("contact_wish", row))
        after_commit(self._committer, answer, {})
