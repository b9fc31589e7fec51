"""Repeat campaigns: what was approved once and goes on: standing, recurring, in steps, or at an event.

A recurring campaign is approved as a pattern; each time it is due a campaign of its own is made of it, with
its approvals, so that everything about a campaign (whom, once each, the report, the end) holds for every time
by itself. A standing campaign takes people in as they come; so does a step after another campaign, and one
that an event sets off, which then hands in that one person.
"""

from collections.abc import Collection, Mapping

from msgspec.structs import replace
from pyroaring import BitMap

from operator_push.domain.campaign import CampaignState
from operator_push.domain.campaign_terms import CampaignProgress
from operator_push.domain.personal.values import NO_VALUES, PersonalValues
from operator_push.domain.recurrence import parse_recurrence
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import from_epoch_us
from operator_push.services.changes import Changes
from operator_push.services.registry import CampaignRecord, Registry, with_changes
from operator_push.services.run_campaign import RunCampaign

NO_VALUES_OF_ANY: Mapping[str, PersonalValues] = {}


class RepeatCampaigns:
    """The use case for one shard."""

    def __init__(self, registry: Registry, running: RunCampaign) -> None:
        self._registry = registry
        self._running = running

    def spawn(self, name: str, now_us: int, changes: Changes) -> CampaignRecord | None:
        """The campaign of a recurring one that is due now, approved as it was; None where none is.

        The same moment gives the same campaign, however often it is asked for. It ends where the next begins.

        Raises:
            OperatorError: it does not recur, is not approved, or its money is not there.
        """
        pattern = self._registry.require_campaign(name)
        terms = pattern.terms
        if terms.every is None:
            raise OperatorError(
                f"campaign {name!r} does not recur; order it with every, such as 'daily 09:00'"
            )
        if pattern.state != CampaignState.APPROVED.value:
            raise OperatorError(f"campaign {name!r} is {pattern.state}, not approved")
        recurrence, zone = parse_recurrence(terms.every), terms.zone or "UTC"
        due_us = recurrence.latest(now_us, zone)
        if due_us is None or due_us < max(pattern.progress.approved_us, terms.starts_us or 0):
            return None
        if terms.ends_us is not None and due_us >= terms.ends_us:
            return None
        next_us = recurrence.following(due_us, zone)
        own = f"{name} {from_epoch_us(due_us):%Y-%m-%d %H:%M}Z"
        known = next((each for each in self._registry.campaigns() if each.name == own), None)
        return known or self._make(pattern, own, due_us, next_us, now_us, changes)

    def extend(self, name: str, people: BitMap, now_us: int, changes: Changes) -> int:
        """Take more people into a campaign that goes on; how many are new. As many as were quoted at most.

        Raises:
            OperatorError: it does not go on, or is not running.
        """
        campaign = self._registry.require_campaign(name)
        if not campaign.terms.goes_on:
            raise OperatorError(
                f"campaign {name!r} is for the people of its launch; a standing one takes more"
            )
        if campaign.state != CampaignState.RUNNING.value:
            raise OperatorError(f"campaign {name!r} is {campaign.state}, not running")
        number = campaign.campaign_no
        fixed = self._running.people.fixed(number) or BitMap()
        more = people - fixed
        more = more[: max(0, campaign.audience - len(fixed))]
        if more:
            self._running.people.fix(
                number, fixed | more, now_us, changes, self._running.people.weights(number)
            )
        return len(more)

    def trigger(
        self,
        event: str,
        subscriber_no: int,
        now_us: int,
        changes: Changes,
        only: Collection[str] | None = None,
        values: Mapping[str, PersonalValues] = NO_VALUES_OF_ANY,
    ) -> dict[str, str]:
        """An event has happened to somebody: every running campaign that waits for it, and is for this
        person, hands them in; what became of it, by campaign. Each person once a campaign.

        `only`: the campaigns whose conditions on the event are true; None where nobody judged them, so that
        campaigns with such a condition do not hear of it. `values`: by campaign what fills its text.
        """
        told = {}
        for campaign in list(self._registry.campaigns()):
            if campaign.terms.trigger != event or campaign.state != CampaignState.RUNNING.value:
                continue
            if campaign.terms.when is not None if only is None else campaign.name not in only:
                continue
            if not self._running.people.wants(campaign.campaign_no, subscriber_no):
                continue
            try:
                own = values.get(campaign.name, NO_VALUES)
                outcomes = self._running.hand_in(campaign.name, [subscriber_no], now_us, changes, own)
            except (OperatorError, LookupError):
                continue  # it has ended just now, or the person was erased
            told[campaign.name] = next(name for name, count in outcomes.items() if count)
        return told

    def _make(
        self, pattern: CampaignRecord, name: str, due_us: int, next_us: int, now_us: int, changes: Changes
    ) -> CampaignRecord:
        """The campaign of one time. It takes over what the pattern has set aside, which sets aside anew."""
        money, number = self._running.money, self._registry.next_campaign_no()
        account = self._registry.account(pattern.account_no)
        if account is None:
            raise OperatorError(f"the account of campaign {pattern.name!r} is gone")
        micros = pattern.audience * pattern.segments * pattern.price_micros
        money.release(pattern.campaign_no)
        reserved = money.reserve(account, number, micros, now_us)
        try:
            again = money.reserve(account, pattern.campaign_no, micros, now_us)
        except OperatorError:
            again = 0  # the next time says so, if it is still so then
        ends_us = next_us if pattern.terms.ends_us is None else min(next_us, pattern.terms.ends_us)
        progress = CampaignProgress(
            client_approved_by=pattern.progress.client_approved_by,
            also_approved_by=pattern.progress.also_approved_by,
            approved_us=now_us,
            reserved_micros=reserved,
            priority=pattern.progress.priority,
        )
        made = with_changes(
            pattern,
            now_us,
            campaign_no=number,
            name=name,
            created_us=now_us,
            terms=replace(pattern.terms, every=None, of=pattern.name, starts_us=due_us, ends_us=ends_us),
            progress=progress,
        )
        self._registry.put_campaign(made, changes)
        kept = replace(pattern.progress, reserved_micros=again)
        self._registry.put_campaign(with_changes(pattern, now_us, progress=kept), changes)
        return made
