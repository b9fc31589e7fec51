"""Trigger commands of the control socket: what one person permits at this moment, and what happened to them.

A few lines over domain.permission and services.repeat_campaigns; documented in docs/control-socket.md.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from operator_push.domain.best_channel import channels_tried
from operator_push.domain.consent import SMS
from operator_push.domain.permission import PermissionBook, Purpose
from operator_push.domain.personal.values import PersonalValues
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, whole
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.repeat_campaigns import RepeatCampaigns

ASKS_MAX = 100  # Ours: brands and categories of the campaigns that wait
EVENTS_MAX = 100  # Ours: some 30 ms of the loop


class Brands(Protocol):
    """What is asked of services.registry."""

    def known_brand_no(self, name: str) -> int | None: ...


class TriggerCommands:
    """The handlers by name."""

    def __init__(
        self,
        repeating: RepeatCampaigns,
        permission: PermissionBook,
        brands: Brands,
        number_of: Callable[[str], int],
        committer: Committer,
    ) -> None:
        self._repeating = repeating
        self._permission = permission
        self._brands = brands
        self._number_of = number_of
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {"campaign.trigger": self._trigger, "permission.held": self._held}

    def _trigger(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"event", "number" or "subscriber_no", "campaigns", "values"} → {"campaigns": {name: outcome}}, or
        {"events": [as those]} → {"outcomes": [{name: outcome}]}, of all of them after one commit."""
        if "events" not in args:
            after_commit(self._committer, answer, {"campaigns": self._happened(args)})
            return
        events = _bounded(args["events"], "events", EVENTS_MAX)
        after_commit(self._committer, answer, {"outcomes": [self._happened(dict(each)) for each in events]})

    def _happened(self, args: Mapping[str, Any]) -> dict[str, str]:
        if args.get("subscriber_no") is not None:
            subscriber_no = whole(args["subscriber_no"], "subscriber_no")
        else:
            msisdn = normalise_msisdn(str(args["number"]))
            if msisdn is None:
                raise OperatorError("number is not an international number")
            subscriber_no = self._number_of(msisdn)
        if not subscriber_no:
            return {}
        event, only = str(args["event"]), args.get("campaigns")
        chosen = None if only is None else frozenset(map(str, only))
        said = dict(args.get("values") or {})
        values = {str(name): PersonalValues.from_wire(wire, 1) for name, wire in said.items()}
        changes = self._committer.changes
        return self._repeating.trigger(event, subscriber_no, now_us(), changes, chosen, values)

    def _held(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"subscribers": [subscriber_no], "asks": [[brand, category, channel]]} → {"held": [[data,
        [bool]]]}, now; without a channel of sms."""
        numbers = _bounded(args["subscribers"], "subscribers", EVENTS_MAX)
        asks = _bounded(args.get("asks") or (), "asks", ASKS_MAX)
        book = self._permission
        book.expire(now_us())
        held = []
        for each in numbers:
            number = whole(each, "subscribers")
            marketing = [self._markets(number, *ask) for ask in asks]
            held.append([int(book.data_purposes(number)), marketing])
        answer({"held": held})

    def _markets(self, number: int, brand: str, category: int, wanted: str = SMS) -> bool:
        brand_no = self._brands.known_brand_no(brand)
        if brand_no is None:
            return False
        asked = number, brand_no, int(category), Purpose.MARKETING
        return any(self._permission.allows(*asked, channel) for channel in channels_tried(wanted))


def _bounded(given: Any, name: str, most: int) -> list[Any]:
    found = list(given)
    if len(found) > most:
        raise OperatorError(f"{name} has {len(found)} items, at most {most} are allowed")
    return found
