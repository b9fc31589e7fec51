"""Incentives: what is given to people for an opt-in or a completed profile, and what guards it from farming.

Laws: an offer rewards a person once for ever; only an act that carries the offer's name and the very words of
its terms earns, so nobody is rewarded for what was not shown; who had opted in without it earns nothing by
stopping and starting again; what was earned is held back for a while and taken back where the person stops
meanwhile. Amounts are micros of the house's currency; points are shown of them and are not another money.
"""

from collections.abc import Collection
from enum import IntEnum
from typing import Final

import msgspec

DAY_US: Final = 86_400_000_000
UNITS: Final = ("money", "airtime", "points")


class EarnedBy(IntEnum):
    """What an offer rewards; the numbers stand in rows."""

    OPT_IN = 1
    PROFILE = 2


class AwardState(IntEnum):
    """What became of an award; the numbers stand in rows."""

    EARNED = 1
    TAKEN_BACK = 2


class Offer(msgspec.Struct, frozen=True):
    """One offer. `brand` whose messages are opted in to ("" for a profile), `needs` the attributes that make
    a profile complete; `sponsor` the account that pays; `keep_us` how long the person must stay opted in;
    `per_day_max` of all people, `per_address_max` from one address in a day; `until_us` 0: no end;
    `by_keyword`: the terms stand where the keyword is told, so that one without a question earns it, too."""

    name: str
    earned_by: EarnedBy
    sponsor: str
    amount_micros: int
    terms: str
    brand: str = ""
    unit: str = "money"
    micros_per_point: int = 0
    needs: tuple[str, ...] = ()
    from_us: int = 0
    until_us: int = 0
    keep_us: int = 30 * DAY_US
    per_day_max: int = 1_000
    per_address_max: int = 3
    by_keyword: bool = False

    def is_open(self, now_us: int) -> bool:
        """True from its first moment up to its last, which is outside."""
        return self.from_us <= now_us and (not self.until_us or now_us < self.until_us)

    def is_met_by(self, names: Collection[str]) -> bool:
        """True where a profile with these attributes is complete."""
        return all(need in names for need in self.needs)

    def shown_amount(self) -> tuple[int, str]:
        """The amount as people read it: whole points, or micros of money and the unit."""
        if self.unit == "points":
            return self.amount_micros // self.micros_per_point, "points"
        return self.amount_micros, self.unit


class Award(msgspec.Struct, frozen=True):
    """A row of store.incentive_tables.incentive_award. `event_id` the act that earned it, 0 for a profile;
    `terms` as they were shown; `ended_us` when it was taken back, 0 where it was not."""

    shard: int
    offer: str
    subscriber_no: int
    earned_by: int
    reference: int
    sponsor_no: int
    amount_micros: int
    event_id: int
    terms: str
    state: int
    at_us: int
    keeps_until_us: int
    ended_us: int = 0

    def is_held_back(self, now_us: int) -> bool:
        """True while it may still be taken back, and so is not paid out."""
        return self.state == AwardState.EARNED and now_us < self.keeps_until_us
