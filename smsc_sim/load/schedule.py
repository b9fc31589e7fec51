"""Schedule: the moments at which messages are due in an open loop, as arithmetic on seconds from the start.

Pure. The stages' rates have a running integral N(t), the messages due until t; the n-th message is due where
N reaches n (even arrivals) or where it reaches the n-th point of a unit Poisson process (Poisson arrivals).
Both come out of one inverse, so a ramp is neither stepped nor does it drift.
"""

from collections.abc import Iterator, Sequence
from math import sqrt
from random import Random

import msgspec

from smsc_sim.load.plan import LoadPlan, Stage


class _Leg(msgspec.Struct, frozen=True):
    """One stage on the axes of time and of messages."""

    start_s: float
    duration_s: float
    start_count: float
    rate_from: float
    rate_to: float

    @property
    def messages(self) -> float:
        return self.duration_s * (self.rate_from + self.rate_to) / 2


class Schedule:
    """The stages of a run. `messages` are due in all, within `duration_s`."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._legs: list[_Leg] = []
        at_s, count = 0.0, 0.0
        for stage in stages:
            leg = _Leg(at_s, stage.duration_s, count, *stage.ends)
            self._legs.append(leg)
            at_s += stage.duration_s
            count += leg.messages
        self.duration_s = at_s
        self.messages = count

    def due_by(self, at_s: float) -> float:
        """N(t): how many messages (a fraction counts) are due until a moment."""
        for leg in self._legs:
            inside = at_s - leg.start_s
            if inside < leg.duration_s:
                slope = (leg.rate_to - leg.rate_from) / leg.duration_s
                return leg.start_count + max(0.0, inside) * (leg.rate_from + slope * inside / 2)
        return self.messages

    def rate_at(self, at_s: float) -> float:
        """Messages a second that are due at a moment; 0 outside the run."""
        for leg in self._legs:
            inside = at_s - leg.start_s
            if 0 <= inside < leg.duration_s:
                return leg.rate_from + (leg.rate_to - leg.rate_from) * inside / leg.duration_s
        return 0.0

    def times(self, points: Iterator[float]) -> Iterator[float]:
        """When N reaches each of these ascending points, until one lies beyond the run."""
        legs = iter(self._legs)
        leg = next(legs, None)
        for point in points:
            while leg is not None and point >= leg.start_count + leg.messages:
                leg = next(legs, None)
            if leg is None:
                return
            yield leg.start_s + _moment(leg, point - leg.start_count)


def _moment(leg: _Leg, count: float) -> float:
    """Seconds into a leg at which `count` messages of it are due: the root of slope/2 t² + rate t = count."""
    slope = (leg.rate_to - leg.rate_from) / leg.duration_s
    if not slope:
        return count / leg.rate_from
    # In this form the root loses no digits where the slope is small.
    root = sqrt(max(0.0, leg.rate_from * leg.rate_from + 2 * slope * count))
    return 2 * count / (leg.rate_from + root) if count else 0.0


def even_points(ordinal: int, step: int) -> Iterator[float]:
    """Messages ordinal, ordinal + step, … of a run: what one of `step` binds sends."""
    point = ordinal
    while True:
        yield float(point)
        point += step


def poisson_points(chance: Random, step: int) -> Iterator[float]:
    """The same for one of `step` binds, at random: `step` of these together have one a unit on average."""
    point = 0.0
    while True:
        point += chance.expovariate(1.0) * step
        yield point


def stages_of(plan: LoadPlan) -> tuple[Stage, ...]:
    """The stages of an open-loop plan: its own, or those that rate, ramp_s, duration_s and count mean."""
    if plan.stages:
        return plan.stages
    loop = plan.loop
    ramp = (Stage(duration_s=loop.ramp_s, rate=(0.0, loop.rate)),) if loop.ramp_s else ()
    hold_s = _hold_s(plan)
    return (*ramp, Stage(duration_s=hold_s, rate=loop.rate)) if hold_s > 0 else ramp


def _hold_s(plan: LoadPlan) -> float:
    """How long the full rate is held; where only a count ends the run, long enough for all of them."""
    loop = plan.loop
    if loop.duration_s is not None:
        return loop.duration_s - loop.ramp_s
    # Chance may be late by some deviations; the count, not the end of the stage, ends the run.
    count = loop.count or 0
    return (count + 10 * sqrt(count) + 10) / loop.rate
