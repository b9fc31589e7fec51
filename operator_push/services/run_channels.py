"""Run channels: make and close them, and publish issues to whoever is subscribed and permits now.

An issue is a campaign of its own number: priced, held, decided and remembered by the same code, so that
nobody gets an issue twice, also over a crash. It is handed in in batches, in one pass over the subscribers of
that moment. Whom a lack of money or room left out stays left out until somebody resumes the issue.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from pyroaring import BitMap

from operator_push.domain.campaign import FINAL_CAMPAIGN_STATES, CampaignAction, CampaignState
from operator_push.domain.channels import Channel, Issue, subscribers
from operator_push.domain.consent import CATEGORY_MAX
from operator_push.domain.message import RETRYABLE_REFUSALS
from operator_push.domain.permission import PermissionBook
from operator_push.domain.personal.template import is_personal
from operator_push.domain.touchpoints import Touchpoint, Touchpoints
from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes
from operator_push.services.quote_campaign import QuoteCampaign
from operator_push.services.registry import Account, CampaignRecord, Registry
from operator_push.services.run_campaign import RunCampaign
from operator_push.services.sponsor_channels import SponsorChannels

BATCH = 500
# Holds a text against what was agreed with an account: services.order_campaign.OrderCampaign.check_content.
CheckContent = Callable[[Mapping[str, Any], Account], None]
NAME_CHARACTERS_MAX = 31
_TRY_AGAIN = frozenset(reason.name for reason in RETRYABLE_REFUSALS)


class NewChannel(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for; `brand` "" for the channel's own name."""

    name: str
    account: str
    short_code: str
    brand: str = ""
    keyword: str = ""
    category: int = 0
    is_double: bool = True
    notice_id: str = ""


class _Pass(msgspec.Struct):
    """One way through the subscribers: who is left, how many are done, and what became of them."""

    left: BitMap
    whole: int
    outcomes: Counter[str]
    done: int = 0


class Progress(msgspec.Struct, frozen=True):
    """How far an issue is: `done_percent` of the subscribers of its last pass."""

    state: str
    done_percent: int
    outcomes: dict[str, int]


class RunChannels:
    """The use case for one shard. `short_codes`: where people can answer; `why_no_keyword` tells what is
    wrong with one, None where nothing is."""

    def __init__(
        self,
        registry: Registry,
        permission: PermissionBook,
        campaigns: RunCampaign,
        quoting: QuoteCampaign,
        touchpoints: Touchpoints,
        short_codes: Sequence[str],
        check_content: CheckContent,
        why_no_keyword: Callable[[str], str | None],
        channels: Iterable[Channel] = (),
        issues: Iterable[Issue] = (),
    ) -> None:
        self._registry = registry
        self._permission = permission
        self._campaigns = campaigns
        self._quoting = quoting
        self._touchpoints = touchpoints
        self._short_codes = short_codes
        self._check_content = check_content
        self._why_no_keyword = why_no_keyword
        self._channels = {channel.name: channel for channel in channels}
        self._issues = {issue.campaign_no: issue for issue in issues}
        self._passes: dict[int, _Pass] = {}
        self.sponsors: SponsorChannels | None = None  # None where no channel sells its last line

    def channels(self) -> list[Channel]:
        """All of them in the order in which they were made."""
        return sorted(self._channels.values(), key=lambda channel: channel.channel_no)

    def require(self, name: str) -> Channel:
        """The channel with this name.

        Raises:
            OperatorError: there is none.
        """
        channel = self._channels.get(name)
        if channel is None:
            known = ", ".join(sorted(self._channels)) or "none yet"
            raise OperatorError(f"no channel is called {name!r}; there are: {known}")
        return channel

    def subscribers(self, channel: Channel) -> BitMap:
        """Who subscribed and permits it now."""
        return subscribers(self._permission, channel)

    def issues(self, channel: Channel) -> list[tuple[Issue, CampaignRecord]]:
        """The channel's issues, latest first."""
        own = (issue for issue in self._issues.values() if issue.channel_no == channel.channel_no)
        latest = sorted(own, key=lambda issue: -issue.issue_no)
        found = ((issue, self._registry.campaign(issue.campaign_no)) for issue in latest)
        return [(issue, campaign) for issue, campaign in found if campaign is not None]

    def create(self, asked: NewChannel, by: str, now_us: int, changes: Changes) -> Channel:
        """Make a channel; its keyword is heard from now on.

        Raises:
            OperatorError: a name, brand, code, keyword, category or account that cannot be taken.
        """
        account = self._registry.require_account(asked.account)
        brand = asked.brand or asked.name
        self._check(asked, account, brand)
        channel = Channel(
            channel_no=max((each.channel_no for each in self._channels.values()), default=0) + 1,
            name=asked.name,
            account_no=account.account_no,
            brand_no=self._registry.brand_no(brand, changes),
            category=asked.category,
            short_code=asked.short_code,
            keyword=asked.keyword,
            is_double=asked.is_double,
            notice_id=asked.notice_id,
            created_us=now_us,
            created_by=by,
        )
        self._put(channel, changes)
        self._touchpoints.put(touchpoint_of(channel, brand))
        return channel

    def close(self, name: str, now_us: int, changes: Changes) -> Channel:
        """Nothing more is published or subscribed; an issue on its way ends with those who have it.

        Raises:
            OperatorError: there is none, or it is closed already.
        """
        channel = self._require_open(name)
        closed = msgspec.structs.replace(channel, closed_us=now_us)
        self._put(closed, changes)
        self._touchpoints.remove(name)
        if self.sponsors is not None:
            self.sponsors.channel_closed(channel.channel_no, now_us, changes)
        for _, campaign in self.issues(channel):
            state = CampaignState(campaign.state)
            if state not in FINAL_CAMPAIGN_STATES:
                action = CampaignAction.FINISH if state is CampaignState.RUNNING else CampaignAction.CANCEL
                self._campaigns.act(campaign.name, action, now_us, changes)
        return closed

    def publish(
        self, name: str, text: str, by: str, now_us: int, changes: Changes
    ) -> tuple[Issue, CampaignRecord]:
        """Make the next issue of a channel; `hand_in_next` sends it on. It ends with the line of whoever
        sponsors it, who is charged for it now.

        Raises:
            OperatorError: no such open channel, an empty text, or one that cannot be sent or priced.
        """
        channel = self._require_open(name)
        account = self._registry.account(channel.account_no)
        if account is None:
            raise OperatorError(f"the account of channel {name!r} is gone")
        people = self.subscribers(channel)
        asked = {
            "name": name,
            "account": account.name,
            "source": channel.short_code,
            "text": text,
            "rule": "",
        }
        if is_personal(text):
            raise OperatorError("an issue is the same for everybody; places are filled in campaigns")
        self._check_content(asked, account)
        sponsored = self.sponsors.next_line(channel.channel_no, now_us) if self.sponsors is not None else None
        if sponsored is not None:
            asked["text"] = f"{text}\n{sponsored.line}"
        quote = self._quoting.quote(asked, people[:1], now_us)
        issue_no = 1 + max((issue.issue_no for issue, _ in self.issues(channel)), default=0)
        campaign = CampaignRecord(
            campaign_no=self._registry.next_campaign_no(),
            name=f"{name} #{issue_no}",
            account_no=account.account_no,
            brand_no=channel.brand_no,
            category=channel.category,
            rule=f"subscribed to {name}",
            source=channel.short_code,
            text=asked["text"],
            state=CampaignState.RUNNING.value,
            audience=len(people),
            segments=quote["segments"],
            price_micros=quote["price_micros"],
            quoted_micros=quote["quoted_micros"] * len(people),
            valid_until_us=quote["valid_until_us"],
            ordered_by=by,
            approved_by=channel.created_by,
            checkpoint=0,
            created_us=now_us,
            changed_us=now_us,
        )
        if sponsored is not None and self.sponsors is not None:
            self.sponsors.carried(sponsored, campaign.campaign_no, campaign.name, now_us, changes)
        self._registry.put_campaign(campaign, changes)
        issue = self._issues[campaign.campaign_no] = Issue(campaign.campaign_no, channel.channel_no, issue_no)
        changes.upserts.append(("channel_issue", msgspec.structs.asdict(issue)))
        return issue, campaign

    def hand_in_next(self, now_us: int, changes: Changes) -> bool:
        """Hand in the next batch of the oldest issue that runs; False where none does."""
        for campaign_no in sorted(self._issues):
            campaign = self._registry.campaign(campaign_no)
            if campaign is not None and campaign.state == CampaignState.RUNNING.value:
                self._hand_in(campaign, now_us, changes)
                return True
        return False

    def check_brand(self, brand: str) -> None:
        """Nobody else may come to send under the brand of a channel.

        Raises:
            OperatorError: it is a channel's, be it closed.
        """
        number = self._registry.known_brand_no(brand)
        for channel in self._channels.values():
            if channel.brand_no == number:
                raise OperatorError(f"brand {brand!r} is that of the channel {channel.name!r}")

    def progress(self, name: str, issue_no: int) -> Progress:
        """How far an issue is.

        Raises:
            OperatorError: no such channel or issue.
        """
        for issue, campaign in self.issues(self.require(name)):
            if issue.issue_no == issue_no:
                way = self._passes.get(campaign.campaign_no)
                if way is None:
                    ended = CampaignState(campaign.state) in FINAL_CAMPAIGN_STATES
                    return Progress(campaign.state, 100 if ended else 0, {})
                percent = way.done * 100 // way.whole if way.whole else 100
                return Progress(campaign.state, percent, dict(way.outcomes))
        raise OperatorError(f"channel {name!r} has no issue {issue_no}")

    def _hand_in(self, campaign: CampaignRecord, now_us: int, changes: Changes) -> None:
        way = self._passes.get(campaign.campaign_no)
        if way is None or not way.left:
            channel_no = self._issues[campaign.campaign_no].channel_no
            channel = next(each for each in self._channels.values() if each.channel_no == channel_no)
            people = self.subscribers(channel) - self._campaigns.people.handed_in(campaign.campaign_no)
            way = self._passes[campaign.campaign_no] = _Pass(people, len(people), Counter())
        batch, accepted_before = list(way.left[:BATCH]), way.outcomes["accepted"]
        way.done += len(batch)
        try:
            way.outcomes.update(self._campaigns.hand_in(campaign.name, batch, now_us, changes))
        except LookupError:  # somebody in it was erased meanwhile: then nobody of it was handed in
            for number in batch:
                with suppress(LookupError):
                    way.outcomes.update(self._campaigns.hand_in(campaign.name, [number], now_us, changes))
        way.left -= BitMap(batch)
        is_short = not _TRY_AGAIN.isdisjoint(+way.outcomes)
        if is_short and way.outcomes["accepted"] == accepted_before:
            way.left.clear()  # not one of a whole batch: the others would only be refused, too
        if not way.left:
            action = CampaignAction.PAUSE if is_short else CampaignAction.FINISH
            self._campaigns.act(campaign.name, action, now_us, changes)

    def _check(self, asked: NewChannel, account: Account, brand: str) -> None:
        name, code = asked.name, asked.short_code
        if not 1 <= len(name) <= NAME_CHARACTERS_MAX or not all(c.isalnum() or c in "-_" for c in name):
            raise OperatorError(f"name {name!r} is not 1..{NAME_CHARACTERS_MAX} letters, digits, - and _")
        if name in self._channels or self._touchpoints.named(name) is not None:
            raise OperatorError(f"a channel or an [[opt_in]] is called {name!r} already")
        if not 1 <= len(brand) <= 64 or not brand.isprintable():
            raise OperatorError("brand must be 1..64 printable characters")
        if self._registry.known_brand_no(brand) is not None:
            raise OperatorError(f"brand {brand!r} is known already; a channel has a brand of its own")
        if code not in self._short_codes:
            codes = ", ".join(self._short_codes) or "none"
            raise OperatorError(f"short_code {code!r} is not one of the configuration's short_codes: {codes}")
        if account.allowed_sources and code not in account.allowed_sources:
            raise OperatorError(f"account {account.name} may not send from {code}; see its senders")
        if not 0 <= asked.category <= CATEGORY_MAX:
            raise OperatorError(f"category {asked.category} is not in 0..{CATEGORY_MAX}")
        if asked.keyword:
            self._check_keyword(asked.keyword, code)

    def _check_keyword(self, keyword: str, code: str) -> None:
        wrong = self._why_no_keyword(keyword)
        if wrong is not None:
            raise OperatorError(wrong)
        taken = self._touchpoints.with_keyword(code, keyword)
        if taken is not None:
            raise OperatorError(f"keyword {keyword!r} at {code} is taken by {taken.name}")

    def _require_open(self, name: str) -> Channel:
        channel = self.require(name)
        if not channel.is_open:
            raise OperatorError(f"channel {name!r} is closed")
        return channel

    def _put(self, channel: Channel, changes: Changes) -> None:
        self._channels[channel.name] = channel
        changes.upserts.append(("channel", msgspec.structs.asdict(channel)))


def touchpoint_of(channel: Channel, brand: str) -> Touchpoint:
    """Where people subscribe to it."""
    return Touchpoint(
        channel.name,
        brand,
        channel.short_code,
        channel.keyword,
        channel.category,
        channel.is_double,
        notice_id=channel.notice_id,
    )
