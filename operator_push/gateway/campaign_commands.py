"""Campaign commands of the control socket: from a quote to the last recipient handed in.

A few lines over services.run_campaign; documented in docs/control-socket.md. Audiences are counted by the
commands, in their own processes, and come here as bitmaps.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from operator_push.domain.best_channel import CAMPAIGN_CHANNELS
from operator_push.domain.campaign import CampaignAction
from operator_push.domain.consent import SMS
from operator_push.domain.contact_channels import sent_channel
from operator_push.domain.pacing import SECOND_US
from operator_push.domain.personal.values import PersonalValues
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import (
    Aside,
    after_commit,
    decode_bitmap,
    encode_bitmap,
    pass_on,
    whole,
)
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError, OperatorPushError
from operator_push.services.changes import Changes
from operator_push.services.forecast_reach import SAMPLE_PEOPLE, ForecastReach
from operator_push.services.order_campaign import OrderCampaign
from operator_push.services.pace_campaigns import SLACK_US
from operator_push.services.quote_campaign import QuoteCampaign
from operator_push.services.registry import CampaignRecord, Registry
from operator_push.services.run_campaign import RunCampaign

# services.order_campaign: what is asked, its quote, the moment, the changes → the campaign.
Order = Callable[[Mapping[str, Any], Mapping[str, Any], int, Changes], CampaignRecord]


class CampaignCommands:
    """The handlers by name. `has_room` tells whether more recipients may be handed in now."""

    def __init__(
        self,
        campaigns: RunCampaign,
        quoting: QuoteCampaign,
        ordering: OrderCampaign,
        forecasting: ForecastReach,
        registry: Registry,
        committer: Committer,
        aside: Aside,
        count_lookups: Callable[[str, int], None],
        has_room: Callable[[], bool],
    ) -> None:
        self.campaigns = campaigns
        self.quoting = quoting
        self.ordering = ordering
        self._forecasting = forecasting
        self._registry = registry
        self._committer = committer
        self._aside = aside
        self._count_lookups = count_lookups
        self._has_room = has_room

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {
            "campaign.quote": self._quote,
            "campaign.forecast": self._forecast,
            "campaign.order": self._order,
            "campaign.change": self._change,
            "campaign.approve": self._approve,
            "campaign.launch": self._launch,
            "campaign.rest": self._rest,
            **{
                f"campaign.{action.value}": self._act(action)
                for action in (
                    CampaignAction.REJECT,
                    CampaignAction.PAUSE,
                    CampaignAction.FINISH,
                    CampaignAction.CANCEL,
                )
            },
            "campaign.list": lambda args, answer, refuse: answer(
                {"campaigns": [self.shown(campaign) for campaign in self._registry.campaigns()]}
            ),
            "campaign.hand_in": self._hand_in,
        }

    def may_hand_in(self) -> bool:
        """Is there room for more recipients, of any campaign, now?"""
        return not self._committer.stalled and self._has_room()

    def shown(self, campaign: CampaignRecord) -> dict[str, Any]:
        """The row with the names of account and brand beside their numbers."""
        account = self._registry.account(campaign.account_no)
        return {
            **campaign.as_row(),
            "terms": msgspec.to_builtins(campaign.terms),
            "progress": msgspec.to_builtins(campaign.progress),
            "account": account.name if account else "",
            "brand": self._registry.brand_name(campaign.brand_no),
        }

    def _done(self, answer: Answer, campaign: CampaignRecord) -> None:
        after_commit(self._committer, answer, self.shown(campaign))

    def _quote(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        audience, at_us = decode_bitmap(str(args["audience"])), now_us()
        values = PersonalValues.from_wire(args.get("values"), len(audience))
        shown = whole(args.get("shown") or 0, "shown")

        def told(quote: Mapping[str, Any] | OperatorPushError) -> None:
            self._count_lookups("campaign", len(audience))  # the child's own count went with it
            pass_on(quote, answer, refuse)

        self._aside(lambda: self.quoting.quote(args, audience, at_us, values, shown), told)

    def _forecast(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        audience, at_us = decode_bitmap(str(args["audience"])), now_us()
        account, source = str(args["account"]), str(args["source"])
        category = int(args.get("category") or 0)

        def told(forecast: Mapping[str, Any] | OperatorPushError) -> None:
            self._count_lookups("campaign", min(len(audience), SAMPLE_PEOPLE))
            pass_on(forecast, answer, refuse)

        channel = sent_channel(str(args.get("channel") or SMS), CAMPAIGN_CHANNELS)
        asked = account, source, category, audience, at_us, channel
        self._aside(lambda: self._forecasting.forecast(*asked), told)

    def _order(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        self._put(self.ordering.order, args, answer, refuse)

    def _change(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        self._put(self.ordering.change, args, answer, refuse)

    def _put(self, order: Order, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        def quoted(quote: Mapping[str, Any]) -> None:
            try:
                campaign = order(args, quote, now_us(), self._committer.changes)
            except (OperatorError, KeyError) as error:
                refuse(f"{error} is missing" if isinstance(error, KeyError) else str(error))
                return
            self._done(answer, campaign)

        self._quote(args, quoted, refuse)

    def _approve(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        name, approver, side = str(args["name"]), str(args["approver"]), str(args.get("side") or "operator")
        priority = whole(args["priority"], "priority") if args.get("priority") is not None else None
        approved = self.ordering.approve(name, approver, now_us(), self._committer.changes, side, priority)
        self._done(answer, approved)

    def _launch(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        audience = decode_bitmap(str(args["audience"])) if args.get("audience") is not None else None
        changes = self._committer.changes
        self._done(answer, self.campaigns.launch(str(args["name"]), audience, now_us(), changes))

    def _rest(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"name"} → {"people", "rest" (bitmap, null where nobody was fixed), "ends_us" (null: unknown)}."""
        name = str(args["name"])
        people, rest = self.campaigns.rest(name)
        told = None if rest is None else encode_bitmap(rest)
        answer({"people": people, "rest": told, "ends_us": self.campaigns.ends_about(name, now_us())})

    def _act(self, action: CampaignAction) -> Handler:
        def handler(args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
            acted = self.campaigns.act(str(args["name"]), action, now_us(), self._committer.changes)
            self._done(answer, acted)

        return handler

    def _hand_in(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"name", "subscribers": [numbers]} → outcomes by count, or {"busy": true} where it should wait."""
        if not self.may_hand_in():
            answer({"busy": True})
            return
        name, at_us = str(args["name"]), now_us()
        numbers = [int(number) for number in args["subscribers"]]
        values = PersonalValues.from_wire(args.get("values"), len(numbers))
        slack_s = whole(args.get("slack_s") or 0, "slack_s")
        room = self.campaigns.room(name, at_us, max(SLACK_US, slack_s * SECOND_US))
        if room is not None and numbers:
            if not room:
                answer({"busy": True, "paced": True})
                return
            numbers = numbers[:room]
        by_ussd = frozenset(int(number) for number in args.get("by_ussd") or ())
        changes = self._committer.changes
        outcomes = self.campaigns.hand_in(name, numbers, at_us, changes, values, by_ussd)
        after_commit(self._committer, answer, {"busy": False, "taken": len(numbers), "outcomes": outcomes})
