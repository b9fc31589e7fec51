"""Contest commands of the control socket: campaigns enter for the slots of people, and why who gets one.

A few lines over services.contest_slots; documented in docs/control-socket.md.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pyroaring import BitMap

from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, decode_bitmap, who, whole
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.gateway.lookup_commands import Audits
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.campaign_people import Weights
from operator_push.services.contest_slots import ContestSlots
from operator_push.services.run_campaign import RunCampaign


class ContestCommands:
    """The handlers by name."""

    def __init__(
        self,
        contest: ContestSlots,
        campaigns: RunCampaign,
        number_of: Callable[[str], int],
        vault: Audits,
        next_id: Callable[[int], int],
        committer: Committer,
    ) -> None:
        self._contest = contest
        self._campaigns = campaigns
        self._number_of = number_of
        self._vault = vault
        self._next_id = next_id
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {
            "campaign.contestants": lambda args, answer, refuse: answer(
                {"names": [campaign.name for campaign in self._contest.missing(now_us())]}
            ),
            "campaign.enter": self._enter,
            "campaign.explain": self._explain,
        }

    def _enter(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"name", "audience", "prefers", "tired": bitmaps, "per_day", "apart"} → {"entered"}, false where it
        had been."""
        tired = tuple(decode_bitmap(str(each)) for each in args.get("tired") or ())
        prefers = decode_bitmap(str(args["prefers"])) if args.get("prefers") else Weights().prefers
        entered = self._campaigns.enter(
            str(args["name"]),
            decode_bitmap(str(args["audience"])),
            Weights(prefers, tired),
            now_us(),
            self._committer.changes,
        )
        if entered:
            keep_to_sales_rules(self._campaigns, args, self._committer)
        after_commit(self._committer, answer, {"entered": entered})

    def _explain(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"name", "number", "by"} → who gets the slots, once the look-up is in the vault's audit;
        "on_screen": a bitmap of who answers best by USSD."""
        msisdn = normalise_msisdn(str(args["number"]))
        if msisdn is None:
            raise OperatorError("number is not an international number")
        at_us = now_us()
        row = self._vault.asked_for(
            msisdn, actor=who(args), purpose="campaign explain", audit_id=self._next_id(at_us), at_us=at_us
        )
        self._committer.changes.vault_audit.append(row)
        subscriber_no = self._number_of(msisdn)
        on_screen = BitMap()
        if args.get("on_screen"):
            on_screen = decode_bitmap(str(args["on_screen"]))
        asked = str(args["name"]), subscriber_no, msisdn, at_us
        told = self._contest.explain(*asked, subscriber_no in on_screen)
        after_commit(self._committer, answer, {**told, "known": subscriber_no > 0})


def keep_to_sales_rules(campaigns: RunCampaign, args: Mapping[str, Any], committer: Committer) -> None:
    """Take what a launch says of sales rules: `per_day` (0: any number), with `reached`, bitmaps of who has
    had at least one, two, … campaign messages today, and `apart`, brand → days.

    Raises:
        OperatorError: something else than whole numbers.
    """
    apart = args.get("apart") or {}
    if not isinstance(apart, Mapping):
        raise OperatorError("apart is no object of brands and days")
    days = {str(brand): whole(value, f"apart: {brand}") for brand, value in apart.items()}
    per_day = whole(args.get("per_day") or 0, "per_day")
    reached = [decode_bitmap(str(each)) for each in args.get("reached") or ()]
    campaigns.keep_to(str(args["name"]), per_day, days, now_us(), committer.changes, reached)
