"""Stop commands of the control socket: emergency stops, what waits, and what is done with it.

account.stop and campaign.stop hold what is queued and stop what would come; queue.* look at what waits, hold
and release it, and route it again. A few lines over services.manage_holds; documented in
docs/control-socket.md.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from operator_push.domain.campaign import CampaignAction, CampaignState
from operator_push.domain.message import TrafficClass
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, who
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso
from operator_push.services.holds import HoldScope
from operator_push.services.manage_accounts import ManageAccounts
from operator_push.services.manage_holds import HoldEffect, ManageHolds, QueueRow
from operator_push.services.open_messages import OpenMessage
from operator_push.services.registry import Account, CampaignRecord, Registry
from operator_push.services.run_campaign import RunCampaign

_CLASSES = {member.name.lower(): member for member in TrafficClass}
_SCOPES = ("message", "account", "campaign")


class Requeues(Protocol):
    """What is asked of the room where links run."""

    @property
    def links(self) -> Mapping[str, object]: ...

    def requeue(self, name: str | None) -> tuple[int, int]: ...

    def link_name_of(self, message: OpenMessage) -> str: ...


class StopCommands:
    """The handlers by name. `account_answer` and `campaign_answer` as account.* and campaign.* give them."""

    def __init__(
        self,
        holds: ManageHolds,
        registry: Registry,
        accounts: ManageAccounts,
        campaigns: RunCampaign,
        links: Requeues,
        account_answer: Callable[[Account], dict[str, Any]],
        campaign_answer: Callable[[CampaignRecord], dict[str, Any]],
        committer: Committer,
    ) -> None:
        self._holds = holds
        self._registry = registry
        self._accounts = accounts
        self._campaigns = campaigns
        self._links = links
        self._account_answer = account_answer
        self._campaign_answer = campaign_answer
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {
            "account.stop": self._account_stop,
            "account.resume": self._account_resume,
            "campaign.stop": self._campaign_stop,
            "campaign.resume": self._campaign_resume,
            "queue.list": self._list,
            "queue.hold": self._hold,
            "queue.release": self._release,
            "queue.requeue": self._requeue,
        }

    # -- emergency stops -----------------------------------------------------------------------------------

    def _account_stop(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        at_us, changes = now_us(), self._committer.changes
        account = self._accounts.set_active(str(args["name"]), False, at_us, changes)
        effect = self._stop(HoldScope.ACCOUNT, account.account_no, args, at_us)
        self._done(answer, effect, **self._account_answer(account))

    def _account_resume(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        at_us, changes = now_us(), self._committer.changes
        account = self._accounts.set_active(str(args["name"]), True, at_us, changes)
        effect = self._holds.release(HoldScope.ACCOUNT, account.account_no, who(args), at_us, changes)
        self._done(answer, effect, **self._account_answer(account))

    def _campaign_stop(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        at_us, changes = now_us(), self._committer.changes
        name = str(args["name"])
        campaign = self._registry.require_campaign(name)
        cancel = bool(args.get("cancel"))
        if cancel and campaign.state in _CAN_END:
            campaign = self._campaigns.act(name, CampaignAction.CANCEL, at_us, changes)
        elif campaign.state == CampaignState.RUNNING.value:
            campaign = self._campaigns.act(name, CampaignAction.PAUSE, at_us, changes)
        effect = self._stop(HoldScope.CAMPAIGN, campaign.campaign_no, args, at_us)
        self._done(answer, effect, **self._campaign_answer(campaign))

    def _campaign_resume(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        at_us, changes = now_us(), self._committer.changes
        name = str(args["name"])
        campaign = self._registry.require_campaign(name)
        number = campaign.campaign_no
        # One that has handed everybody in is not resumed, but what was stopped of it is released.
        if campaign.state == CampaignState.PAUSED.value or not self._holds.is_held(
            HoldScope.CAMPAIGN, number
        ):
            campaign = self._campaigns.act(name, CampaignAction.RESUME, at_us, changes)
        effect = self._holds.release(HoldScope.CAMPAIGN, number, who(args), at_us, changes)
        self._done(answer, effect, **self._campaign_answer(campaign))

    def _stop(self, scope: HoldScope, number: int, args: Mapping[str, Any], at_us: int) -> HoldEffect:
        changes = self._committer.changes
        effect = self._holds.hold(scope, number, who(args), at_us, changes)
        return self._holds.cancel(scope, number, at_us, changes) if args.get("cancel") else effect

    # -- the queue -----------------------------------------------------------------------------------------

    def _list(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        rows = self._holds.queue(self._wanted(args))
        link = self._link(args)
        answer({"rows": [self._row(row) for row in rows if link in (None, row.link)]})

    def _wanted(self, args: Mapping[str, Any]) -> Callable[[OpenMessage], bool]:
        account = self._registry.require_account(args["account"]).account_no if args.get("account") else None
        campaign = (
            self._registry.require_campaign(args["campaign"]).campaign_no if args.get("campaign") else None
        )
        name = args.get("traffic_class")
        if name is not None and name not in _CLASSES:
            raise OperatorError(f"traffic_class {name!r} is not one of {', '.join(_CLASSES)}")
        traffic_class = _CLASSES[name] if name is not None else None
        return lambda message: (
            account in (None, message.account_no)
            and campaign in (None, message.campaign_no)
            and traffic_class in (None, message.traffic_class)
        )

    def _hold(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        scope, number = self._asked(args)
        self._done(answer, self._holds.hold(scope, number, who(args), now_us(), self._committer.changes))

    def _release(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        scope, number = self._asked(args)
        at_us, changes = now_us(), self._committer.changes
        if args.get("cancel"):
            effect = self._holds.cancel(scope, number, at_us, changes)
            self._holds.release(scope, number, who(args), at_us, changes)
        else:
            effect = self._holds.release(scope, number, who(args), at_us, changes)
        self._done(answer, effect)

    def _requeue(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        link = self._link(args)
        routed, moved = self._links.requeue(link)
        after_commit(self._committer, answer, {"requeued": routed, "moved": moved})

    def _link(self, args: Mapping[str, Any]) -> str | None:
        link = args.get("link")
        known = sorted(self._links.links)
        if link is not None and link not in known:
            raise OperatorError(f"no link is called {link!r}; there are: {', '.join(known)}")
        return link

    def _asked(self, args: Mapping[str, Any]) -> tuple[HoldScope, int]:
        given = [scope for scope in _SCOPES if args.get(scope)]
        if len(given) != 1:
            raise OperatorError(f"give one of {', '.join(_SCOPES)}")
        match given[0]:
            case "account":
                return HoldScope.ACCOUNT, self._registry.require_account(str(args["account"])).account_no
            case "campaign":
                return HoldScope.CAMPAIGN, self._registry.require_campaign(str(args["campaign"])).campaign_no
            case _:
                number = str(args["message"])
                if not number.isdecimal():
                    raise OperatorError(f"message {number!r} is not a message_id")
                return HoldScope.MESSAGE, int(number)

    def _row(self, row: QueueRow) -> dict[str, Any]:
        account = self._registry.account(row.account_no)
        return {
            "link": row.link,
            "account": account.name if account else "",
            "campaign": self._registry.campaign_name(row.campaign_no),
            "traffic_class": TrafficClass(row.traffic_class).name.lower(),
            "held": row.held,
            "messages": row.messages,
            "segments": row.segments,
            "oldest_at": iso(row.oldest_us),
        }

    def _done(self, answer: Answer, effect: HoldEffect, **shown: Any) -> None:
        told = {"waiting": effect.waiting, "cancelled": effect.cancelled, "at_smsc": effect.at_smsc}
        after_commit(self._committer, answer, {**shown, **told})


_CAN_END = (CampaignState.RUNNING.value, CampaignState.PAUSED.value, CampaignState.APPROVED.value)
