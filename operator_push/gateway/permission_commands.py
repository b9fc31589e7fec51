"""Permission commands of the control socket: whose permission a person asks about is written down first."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from operator_push.domain.consent import SMS
from operator_push.domain.contact_channels import sent_channel
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, moment, who, whole
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.gateway.lookup_commands import Audits
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.explain_rules import Then
from operator_push.services.number_country import country_of

PURPOSE = "permission explain"


class FindsPeople(Audits, Protocol):
    """What is asked of the vault."""

    def number_of(self, msisdn: str) -> int: ...


class PermissionCommands:
    """The handlers by name."""

    def __init__(
        self,
        vault: FindsPeople,
        brand_no_of: Callable[[str], int | None],
        next_id: Callable[[int], int],
        committer: Committer,
        explain_rules: Callable[[int, str, int, int, int, str], dict[str, Any]] | None = None,
        explain_then: Callable[[int, str, int, int, int, str, Then], dict[str, Any]] | None = None,
    ) -> None:
        """`explain_rules`: services.explain_rules over this server's facts; `explain_then`: over facts of
        an earlier moment."""
        self._explain_rules = explain_rules
        self._explain_then = explain_then
        self._vault = vault
        self._brand_no_of = brand_no_of
        self._next_id = next_id
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {"permission.look_up": self._look_up, "permission.rules_then": self._rules_then}

    def _look_up(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"number", "brand", "by"} → {"subscriber_no", "country", "brand_no"} after the look-up is on disk.

        `subscriber_no` 0 where nobody is known by it; `brand_no` null where no act names the brand. With
        "rules_at", a moment, "category" (0: none) and "channel" also "rules": what the rules beyond
        permission say.
        """
        msisdn = normalise_msisdn(str(args["number"]))
        if msisdn is None:
            raise OperatorError("number is not an international number")
        at_us = now_us()
        row = self._vault.asked_for(
            msisdn, actor=who(args), purpose=PURPOSE, audit_id=self._next_id(at_us), at_us=at_us
        )
        self._committer.changes.vault_audit.append(row)
        brand = str(args.get("brand") or "*")
        told: dict[str, Any] = {
            "subscriber_no": self._vault.number_of(msisdn),
            "country": country_of(msisdn),
            "brand_no": 0 if brand == "*" else self._brand_no_of(brand),
        }
        rules_us = moment(args.get("rules_at"), "rules_at")
        if rules_us is not None and self._explain_rules is not None:
            category = whole(args.get("category", 0), "category")
            number, brand_no = told["subscriber_no"], told["brand_no"] or 0
            channel = sent_channel(str(args.get("channel") or SMS))
            told["rules"] = self._explain_rules(number, msisdn, brand_no, category, rules_us, channel)
        after_commit(self._committer, answer, told)

    def _rules_then(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"subscriber_no", "number", "brand_no", "category", "channel", "at", "then"} → {"rules"}: what
        the rules beyond permission said at a moment that has passed, by the facts of then
        (explain_rules.Then) that who asks has read from the store."""
        at_us = moment(args.get("at"), "at")
        msisdn = normalise_msisdn(str(args.get("number")))
        if at_us is None or msisdn is None or self._explain_then is None:
            raise OperatorError("at and number are needed")
        try:
            then = msgspec.convert(args.get("then"), Then)
        except msgspec.ValidationError as error:
            raise OperatorError(f"then: {error}") from error
        asked = [whole(args.get(name), name) for name in ("subscriber_no", "brand_no", "category")]
        channel = sent_channel(str(args.get("channel") or SMS))
        rules = self._explain_then(asked[0], msisdn, asked[1], asked[2], at_us, channel, then)
        after_commit(self._committer, answer, {"rules": rules})
