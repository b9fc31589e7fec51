"""Channel commands of the control socket: make, show, publish in and close channels; let people leave.

Counts of people go out as clients may read them (domain.audience.counting); numbers never do.
"""

from collections.abc import Callable, Mapping
from typing import Any

from operator_push.domain.audience.counting import Disclosed, disclose, disclose_cell
from operator_push.domain.channels import Channel, Issue
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, who, whole
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.changes import Changes
from operator_push.services.registry import CampaignRecord, Registry
from operator_push.services.run_channels import NewChannel, RunChannels

ISSUES_SHOWN = 20
# Records acts of consent: services.manage_permission.ManagePermission.record.
Record = Callable[[list[dict[str, str]], int, Changes], tuple[int, list[tuple[int, str]]]]


class ChannelCommands:
    """The handlers by name; `on_published` is told that there is something to hand in."""

    def __init__(
        self,
        channels: RunChannels,
        registry: Registry,
        record: Record,
        floor: int,
        on_published: Callable[[], object],
        committer: Committer,
    ) -> None:
        self._channels = channels
        self._registry = registry
        self._record = record
        self._floor = floor
        self._on_published = on_published
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {
            "channel.create": self._create,
            "channel.list": self._list,
            "channel.show": self._show,
            "channel.unsubscribe": self._unsubscribe,
            "channel.publish": self._publish,
            "channel.progress": self._progress,
            "channel.close": self._close,
        }

    def _create(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        asked = NewChannel(
            name=str(args["name"]),
            account=str(args["account"]),
            short_code=str(args["short_code"]),
            brand=str(args.get("brand") or ""),
            keyword=str(args.get("keyword") or ""),
            category=whole(args.get("category", 0), "category"),
            is_double=bool(args.get("double", True)),
            notice_id=str(args.get("notice") or ""),
        )
        made = self._channels.create(asked, who(args), now_us(), self._committer.changes)
        after_commit(self._committer, answer, {"channel": self._shown(made)})

    def _list(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        answer({"channels": [self._shown(channel) for channel in self._channels.channels()]})

    def _show(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        channel = self._channels.require(str(args["name"]))
        issues = self._channels.issues(channel)[:ISSUES_SHOWN]
        answer({"channel": self._shown(channel), "issues": [_issue(*each) for each in issues]})

    def _unsubscribe(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"name", "msisdn", "method", "evidence", "by"} → {"unsubscribed"}; false: was not, or had left."""
        channel = self._channels.require(str(args["name"]))
        msisdn = normalise_msisdn(str(args["msisdn"]))
        if msisdn is None:
            raise OperatorError("msisdn is not an international number")
        at_us = now_us()
        row = {
            "msisdn": msisdn,
            "brand": self._registry.brand_name(channel.brand_no),
            "category": "*",
            "purpose": "marketing",
            "channel": "*",
            "action": "withdraw",
            "at": iso(at_us),
            "method": str(args["method"]),
            "evidence": str(args.get("evidence") or f"channel unsubscribe by {who(args)}"),
        }
        applied, refused = self._record([row], at_us, self._committer.changes)
        if refused:
            raise OperatorError(refused[0][1])
        after_commit(self._committer, answer, {"unsubscribed": bool(applied)})

    def _publish(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"name", "text", "by"} → the issue once it is on disk; it is handed in from then on."""
        issue, campaign = self._channels.publish(
            str(args["name"]), str(args["text"]), who(args), now_us(), self._committer.changes
        )
        after_commit(self._committer, answer, _issue(issue, campaign))
        self._on_published()

    def _progress(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"name", "issue"} → {"state", "done_percent", "outcomes"}."""
        told = self._channels.progress(str(args["name"]), whole(args["issue"], "issue"))
        outcomes = {name: disclose_cell(count) for name, count in told.outcomes.items() if count}
        answer({"state": told.state, "done_percent": told.done_percent, "outcomes": outcomes})

    def _close(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        closed = self._channels.close(str(args["name"]), now_us(), self._committer.changes)
        after_commit(self._committer, answer, {"channel": self._shown(closed)})

    def _shown(self, channel: Channel) -> dict[str, Any]:
        account = self._registry.account(channel.account_no)
        told = disclose(len(self._channels.subscribers(channel)), self._floor)
        return {
            "name": channel.name,
            "account": account.name if account else "",
            "brand": self._registry.brand_name(channel.brand_no),
            "category": channel.category or None,
            "short_code": channel.short_code,
            "keyword": channel.keyword,
            "double": channel.is_double,
            "notice": channel.notice_id,
            "state": "open" if channel.is_open else "closed",
            "subscribers": told.count if isinstance(told, Disclosed) else None,
            "floor": self._floor,
            "created_at": iso(channel.created_us),
            "created_by": channel.created_by,
        }


def _issue(issue: Issue, campaign: CampaignRecord) -> dict[str, Any]:
    return {
        "issue": issue.issue_no,
        "campaign": campaign.name,
        "state": campaign.state,
        "segments": campaign.segments,
        "published_at": iso(campaign.created_us),
        "published_by": campaign.ordered_by,
    }
