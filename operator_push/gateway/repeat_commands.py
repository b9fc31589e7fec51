"""Repeat commands of the control socket: campaigns that were approved once and go on.

A few lines over services.repeat_campaigns; documented in docs/control-socket.md.
"""

from collections.abc import Callable, Mapping
from typing import Any

from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.contest_commands import keep_to_sales_rules
from operator_push.gateway.control_answers import after_commit, decode_bitmap
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.services.registry import CampaignRecord
from operator_push.services.repeat_campaigns import RepeatCampaigns
from operator_push.services.run_campaign import RunCampaign


class RepeatCommands:
    """The handlers by name. `shown` as campaign.* show a campaign."""

    def __init__(
        self,
        repeating: RepeatCampaigns,
        campaigns: RunCampaign,
        shown: Callable[[CampaignRecord], dict[str, Any]],
        committer: Committer,
    ) -> None:
        self._repeating = repeating
        self._campaigns = campaigns
        self._shown = shown
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {
            "campaign.spawn": self._spawn,
            "campaign.extend": self._extend,
            "campaign.winner": self._winner,
        }

    def _spawn(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"name"} → {"campaign"}: the one that is due now, null where none is."""
        made = self._repeating.spawn(str(args["name"]), now_us(), self._committer.changes)
        after_commit(self._committer, answer, {"campaign": None if made is None else self._shown(made)})

    def _extend(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"name", "audience", "per_day", "apart"} → {"added"}."""
        people = decode_bitmap(str(args["audience"]))
        added = self._repeating.extend(str(args["name"]), people, now_us(), self._committer.changes)
        keep_to_sales_rules(self._campaigns, args, self._committer)
        after_commit(self._committer, answer, {"added": added})

    def _winner(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"name", "variant"} → the campaign."""
        name, variant = str(args["name"]), str(args["variant"])
        chosen = self._campaigns.choose(name, variant, now_us(), self._committer.changes)
        after_commit(self._committer, answer, self._shown(chosen))
