"""Contest slots: whether a campaign's message takes a slot that a better campaign is to have.

Campaigns enter with the people whom they want before any of them hands anybody in. From then on every slot
that a better one is still to take counts as taken: the policy is asked, in the order of arbitration, what it
would say to each of them, and what is left is everybody else's. So the winners are the same in whichever
order the campaigns come, and a better one that is refused for another reason (a stop, the register, the
control group) keeps nobody out.

Law: what a loser is told is FREQUENCY_CAP, the same as where no slot was left.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from operator_push.domain.arbitration import CONTEST_RULE_NUMBER, Standing
from operator_push.domain.campaign import CampaignState
from operator_push.domain.message import Decision, Origin, RefusalReason, Submission, TrafficClass, Verdict
from operator_push.domain.policy import Policy
from operator_push.domain.ruling import PASSED, REFUSED
from operator_push.kernel.instants import MICROS_PER_DAY, iso
from operator_push.services.campaign_people import CampaignPeople
from operator_push.services.choose_channel import ChooseChannel
from operator_push.services.registry import CampaignRecord, Registry

# Ours: how long a campaign that is approved or launched keeps the slots that it is to have, where no end of
# its own was agreed.
CONTEST_US = MICROS_PER_DAY
_PASSED = bytes((CONTEST_RULE_NUMBER, PASSED))
_CAPPED = bytes((CONTEST_RULE_NUMBER, REFUSED + RefusalReason.FREQUENCY_CAP))
_APPROVED = CampaignState.APPROVED.value
_WANTS = frozenset({_APPROVED, CampaignState.RUNNING.value, CampaignState.PAUSED.value})


class ContestSlots:
    """The contest of one shard."""

    def __init__(self, registry: Registry, people: CampaignPeople, policy: Policy) -> None:
        self._registry = registry
        self._people = people
        self._policy = policy
        self._choose = ChooseChannel(policy.facts)

    def judge(self, submission: Submission, decision: Decision, now_us: int) -> Decision:
        """The decision about a campaign's message with this rule's word; a refusal stays as it is."""
        if decision.verdict is Verdict.REFUSE:
            return decision
        rivals = self._better(submission, now_us)
        if not rivals:
            return _marked(decision, _PASSED)
        with self._slots() as taken:
            for rival in rivals:
                self._would(self._submission_of(rival, submission), rival, now_us, taken)
            again = self._policy.decide(submission, now_us)
        if again.verdict is Verdict.REFUSE and again.reason is RefusalReason.FREQUENCY_CAP:
            return Decision(Verdict.REFUSE, again.reason, 0, decision.trail + _CAPPED)
        return _marked(decision, _PASSED)

    def missing(self, now_us: int) -> list[CampaignRecord]:
        """The approved campaigns that have a say in what is handed in now and have not entered yet."""
        return [
            campaign
            for campaign in self._registry.campaigns()
            if campaign.state == _APPROVED
            and campaign.terms.every is None
            and campaign.terms.after is None
            and _competes(campaign, now_us)
            and self._people.entered(campaign.campaign_no, campaign.progress.approved_us, now_us) is None
        ]

    def explain(
        self, name: str, subscriber_no: int, msisdn: str, now_us: int, answers_on_screen: bool = False
    ) -> dict[str, Any]:
        """Who wants this person's slots, in the order in which they get them, and what each would hear now;
        and by which channel the campaign comes to them, and why.

        Raises:
            OperatorError: no campaign has this name.
        """
        asked = self._registry.require_campaign(name)
        wanting = [each for each in self._contestants(now_us) if self._people.wants(each, subscriber_no)]
        if asked.campaign_no not in wanting:
            wanting.append(asked.campaign_no)
        found = [(self._standing(number, subscriber_no), number) for number in wanting]
        person = _person(subscriber_no, msisdn)
        told = []
        with self._slots() as taken:
            for standing, number in sorted(found, key=lambda each: each[0].rank()):
                campaign = self._registry.campaign(number)
                assert campaign is not None  # noqa: S101  # it was just found among them
                if subscriber_no in self._people.handed_in(number):
                    outcome = "handed in"
                else:
                    outcome = self._would(self._submission_of(campaign, person), campaign, now_us, taken)
                told.append(_told(campaign, standing, outcome))
        channel, why = self._choose.why(asked, subscriber_no, msisdn, answers_on_screen)
        return {"campaign": name, "channel": channel, "channel_why": why, "contestants": told}

    def _submission_of(self, campaign: CampaignRecord, person: Submission) -> Submission:
        """What a campaign would submit to the person of another submission; caps ask for no channel."""
        return Submission(
            campaign.account_no,
            campaign.brand_no,
            campaign.category,
            TrafficClass.PROMOTIONAL,
            Origin.CAMPAIGN,
            person.subscriber_no,
            person.destination,
            campaign.source,
            campaign.segments,
            campaign.campaign_no,
            channel=self._choose.of(campaign, person.subscriber_no, person.destination),
        )

    def _better(self, submission: Submission, now_us: int) -> list[CampaignRecord]:
        """The campaigns before this one that are still to take a slot of this person, best first."""
        number, subscriber_no = submission.campaign_no, submission.subscriber_no
        wanting = [
            rival
            for rival in self._contestants(now_us)
            if rival != number
            and self._people.wants(rival, subscriber_no)
            and subscriber_no not in self._people.handed_in(rival)
        ]
        if not wanting:
            return []
        own = self._standing(number, subscriber_no).rank()
        ranked = sorted((self._standing(rival, subscriber_no).rank(), rival) for rival in wanting)
        found = (self._registry.campaign(rival) for rank, rival in ranked if rank < own)
        return [campaign for campaign in found if campaign is not None]

    def _contestants(self, now_us: int) -> Iterator[int]:
        for number in self._people.launched_or_entered():
            campaign = self._registry.campaign(number)
            if campaign is None or campaign.state not in _WANTS or not _competes(campaign, now_us):
                continue
            if self._people.entered(number, campaign.progress.approved_us) is not None:
                yield number

    def _standing(self, number: int, subscriber_no: int) -> Standing:
        campaign = self._registry.campaign(number)
        if campaign is None:
            return Standing(number, 0, 0, False, 0, 0)
        weights = self._people.weights(number)
        return Standing(
            number,
            campaign.progress.priority,
            campaign.price_micros * campaign.segments,
            subscriber_no in weights.prefers,
            sum(subscriber_no in level for level in weights.tired),
            campaign.progress.approved_us,
        )

    @contextmanager
    def _slots(self) -> Iterator[list[tuple[Submission, int]]]:
        """A list of slots (whose, when) that count as taken until this ends."""
        taken: list[tuple[Submission, int]] = []
        try:
            yield taken
        finally:
            for submission, planned_us in taken:
                self._policy.given_up(submission, 0, planned_us)

    def _would(
        self,
        submission: Submission,
        campaign: CampaignRecord,
        now_us: int,
        taken: list[tuple[Submission, int]],
    ) -> str:
        """What the policy would say to a campaign; the slot of an admission is taken."""
        at_us = max(now_us, campaign.terms.starts_us or 0)
        decision = self._policy.decide(submission, at_us)
        if decision.verdict is Verdict.REFUSE:
            capped = decision.reason is RefusalReason.FREQUENCY_CAP
            return "capped" if capped else decision.reason.name.lower()
        planned_us = decision.defer_until_us or at_us
        self._policy.admitted(submission, 0, planned_us)
        taken.append((submission, planned_us))
        return "takes a slot"


def _competes(campaign: CampaignRecord, now_us: int) -> bool:
    """Does it have a say in what leaves now or soon?"""
    starts_us, ends_us = campaign.terms.starts_us or 0, campaign.terms.ends_us
    progress = campaign.progress
    if ends_us is None:
        ends_us = max(progress.approved_us, progress.launched_us, starts_us) + CONTEST_US
    return starts_us < now_us + CONTEST_US and now_us < ends_us


def _person(subscriber_no: int, msisdn: str) -> Submission:
    return Submission(0, 0, 0, TrafficClass.PROMOTIONAL, Origin.CAMPAIGN, subscriber_no, msisdn, "", 1)


def _marked(decision: Decision, mark: bytes) -> Decision:
    return Decision(decision.verdict, decision.reason, decision.defer_until_us, decision.trail + mark)


def _told(campaign: CampaignRecord, standing: Standing, outcome: str) -> dict[str, Any]:
    return {
        "campaign": campaign.name,
        "priority": standing.priority,
        "value_micros": standing.value_micros,
        "relevance_ppm": standing.relevance_ppm,
        "fatigue_ppm": standing.fatigue_ppm,
        "score": standing.score,
        "approved_at": iso(standing.approved_us) if standing.approved_us else None,
        "outcome": outcome,
    }
