"""Pace campaigns: how many people of each may be handed in now, and when the last ones will be.

Kept in memory alone: after a start everybody who is still to be handed in is spread over what is left, as
after any other break (domain.pacing).
"""

from dataclasses import dataclass
from typing import Final

from operator_push.domain.pacing import SECOND_US, Pace, RateAllowance, Spread
from operator_push.services.registry import CampaignRecord

SLACK_US: Final = 10 * SECOND_US  # Ours: a launch asks twice a second; a busy server is slower
SEEN_US: Final = 30 * SECOND_US  # Ours: so long people are counted for the rate at which they come


@dataclass(slots=True)
class _Way:
    """Where one campaign is: its spread and its rate; when somebody asked last, and how many had been
    handed in at two moments lately."""

    spread: Spread | None
    allowance: RateAllowance | None
    asked_us: int
    seen: tuple[int, int]
    seen_before: tuple[int, int]


class PaceCampaigns:
    """The paces of one shard's running campaigns, by campaign_no."""

    def __init__(self) -> None:
        self._ways: dict[int, _Way] = {}

    def room(
        self, campaign: CampaignRecord, people: int, handed_in: int, now_us: int, slack_us: int = SLACK_US
    ) -> int | None:
        """How many more of so many people may be handed in now; None where it has no pace.

        `slack_us`: how long whoever hands in waits between two looks: domain.pacing.Spread.
        """
        way, terms = self._ways.get(campaign.campaign_no), campaign.terms
        if way is None:
            way = self._ways[campaign.campaign_no] = _begun(campaign, handed_in, now_us, slack_us)
        way.asked_us = now_us
        if now_us - way.seen[0] >= SEEN_US:
            way.seen_before, way.seen = way.seen, (now_us, handed_in)
        if not terms.is_paced:
            return None
        room = max(0, people - handed_in)
        if way.spread is not None:
            room = min(room, way.spread.room(people, handed_in, now_us, slack_us))
        if terms.test_percent is not None and not campaign.progress.winner:
            room = min(room, max(0, max(1, people * terms.test_percent // 100) - handed_in))
        return room if way.allowance is None else min(room, way.allowance.room(now_us))

    def take(self, campaign_no: int, people: int) -> None:
        """So many were handed in."""
        way = self._ways.get(campaign_no)
        if way is not None and way.allowance is not None:
            way.allowance.take(people)

    def begin(self, campaign: CampaignRecord, handed_in: int, now_us: int) -> None:
        """It is launched or goes on after a pause: nothing of the time before is made up for."""
        before, way = self._ways.get(campaign.campaign_no), _begun(campaign, handed_in, now_us)
        if before is not None:
            way.allowance = before.allowance  # a pause earns no second's worth of the rate
        self._ways[campaign.campaign_no] = way

    def forget(self, campaign_no: int) -> None:
        """It has ended."""
        self._ways.pop(campaign_no, None)

    def ends_about(self, campaign: CampaignRecord, people: int, handed_in: int, now_us: int) -> int | None:
        """When the last of so many people are handed in, as it goes now; None where that is not known.

        By its rate and its spread, and not before those let it; without either by how many came lately. While
        its texts are tested nobody knows how long the others wait.
        """
        if handed_in >= people:
            return now_us
        terms = campaign.terms
        if terms.test_percent is not None and not campaign.progress.winner:
            return None
        way, rest = self._ways.get(campaign.campaign_no), people - handed_in
        if way is None:
            way = _begun(campaign, handed_in, now_us)
        if way.spread is None and way.allowance is None:
            before_us, before = way.seen_before
            came = handed_in - before if now_us - way.asked_us < SEEN_US else 0
            return now_us + rest * (now_us - before_us) // came if came > 0 else None
        ends = now_us
        if way.allowance is not None:
            ends += rest * SECOND_US // way.allowance.rate_per_s
        if way.spread is None:
            return ends
        spread_ends = way.spread.ends_about(people, SLACK_US)
        return None if spread_ends is None else max(ends, spread_ends)


def _begun(campaign: CampaignRecord, handed_in: int, now_us: int, slack_us: int = 0) -> _Way:
    """The way of a campaign from now on, or from so long ago."""
    terms, spread, seen, rate = campaign.terms, None, (now_us, handed_in), campaign.terms.rate_per_s
    if terms.pace_kind in (Pace.EVEN, Pace.HOURS):
        launched_us, zone = campaign.progress.launched_us, terms.zone or "UTC"
        spread = Spread(launched_us, ends_us=terms.ends_us, hours=terms.hours, zone=zone)
        spread.begin(now_us - slack_us, handed_in)
    allowance = None if rate is None else RateAllowance(rate, now_us)
    return _Way(spread, allowance, now_us, seen, seen)
