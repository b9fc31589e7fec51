"""Uplift: what a campaign did, by those who got it beside a control group that did not.

Proportions are statistics and not money, so they are floats here; money is integers of micros throughout.
"""

from math import sqrt
from typing import Final, NamedTuple

Z_95: Final = 1.959964  # of the normal distribution: 95 % lie within so many standard deviations


class Group(NamedTuple):
    """So many people, of whom so many did what was hoped for."""

    people: int
    outcomes: int

    @property
    def share(self) -> float:
        """From 0 to 1; 0 of nobody."""
        return self.outcomes / self.people if self.people else 0.0


class Uplift(NamedTuple):
    """Share of the treated less that of the controls, from -1 to 1, with the ends of its interval."""

    difference: float
    lower: float
    upper: float

    @property
    def is_certain(self) -> bool:
        """True where the whole interval is on one side of nothing."""
        return self.lower > 0 or self.upper < 0


def uplift(treated: Group, controls: Group, z: float = Z_95) -> Uplift | None:
    """The difference of two proportions, with the interval that Newcombe made of Wilson's two (1998, method
    10), which holds for few people and for shares near 0 too; None where a group has nobody."""
    if not treated.people or not controls.people:
        return None
    difference = treated.share - controls.share
    treated_lower, treated_upper = wilson(treated, z)
    controls_lower, controls_upper = wilson(controls, z)
    below = sqrt((treated.share - treated_lower) ** 2 + (controls_upper - controls.share) ** 2)
    above = sqrt((treated_upper - treated.share) ** 2 + (controls.share - controls_lower) ** 2)
    return Uplift(difference, max(-1.0, difference - below), min(1.0, difference + above))


def wilson(group: Group, z: float = Z_95) -> tuple[float, float]:
    """Wilson's interval of one proportion (1927); of nobody, everything from 0 to 1."""
    people, share = group.people, group.share
    if not people:
        return 0.0, 1.0
    middle = share + z * z / (2 * people)
    spread = z * sqrt(share * (1 - share) / people + z * z / (4 * people * people))
    whole = 1 + z * z / people
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)


def price_of_more(cost_micros: int, treated: Group, controls: Group) -> int | None:
    """Micros for each outcome that would not have been without the campaign, rounded down; None where there
    were none more than among the controls."""
    more = treated.outcomes * controls.people - treated.people * controls.outcomes  # times controls.people
    if more <= 0:
        return None
    return cost_micros * controls.people // more
