"""Purses: who pays for an account's messages, up to where, and who else gets a part of what they earn.

An account without a purse pays from its own money and shares nothing; that is nearly every account, and it
costs nothing more. Laws: limits hold along the chain of parents, so that a child's message counts under the
cap of each; a cap counts a message in the month of its own id, and gets back what was released only within
that month; parts are rounded each by the named rounding and never exceed together what was earned.
Not here: where the money lies (domain.ledger), what was agreed (services.account_terms).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from operator_push.kernel.ids import id_epoch_us
from operator_push.kernel.instants import from_epoch_us, to_epoch_us
from operator_push.kernel.money import Rounding, divide_micros

PPM: Final = 1_000_000
ANCESTORS_MAX: Final = 3  # SHARE_IN, SHARE_IN_SECOND, SHARE_IN_THIRD
# The reward account of a subscriber has the subscriber's number above this; accounts of clients are below.
REWARD_ACCOUNTS_FROM: Final = 1 << 32


class MonthCap:
    """Micros that may be spent in one calendar month of a time zone."""

    __slots__ = ("_ends_us", "account_no", "limit_micros", "since_us", "used_micros", "zone")

    def __init__(self, account_no: int, limit_micros: int, zone: str, now_us: int) -> None:
        self.account_no = account_no
        self.limit_micros = limit_micros
        self.zone = zone
        self.used_micros = 0
        self.since_us, self._ends_us = month_of_zone(zone, now_us)

    def room_micros(self, at_us: int) -> int:
        """What may still be spent in the month of `at_us`; a new month begins at 0."""
        if at_us >= self._ends_us:
            self.used_micros = 0
            self.since_us, self._ends_us = month_of_zone(self.zone, at_us)
        return self.limit_micros - self.used_micros

    def give_back(self, amount_micros: int, at_us: int) -> None:
        """Of a hold placed at `at_us` so much was not spent."""
        if self.since_us <= at_us < self._ends_us:
            self.used_micros -= amount_micros


class Part(NamedTuple):
    """So many micros of what a message earned go to another account."""

    account_no: int
    micros: int


class Purse:
    """The money terms of one account, made ready for its messages.

    `payer_no` whose money is held; `caps` its own and those of its parents; `parents` (account_no, ppm) from
    the nearest on; `reward_ppm` the subscriber's part of a delivered message.
    """

    __slots__ = (
        "account_no",
        "caps",
        "credit_limit_micros",
        "lease_slice_micros",
        "parents",
        "payer_no",
        "reward_ppm",
        "rounding",
        "told",
        "warn_at_percent",
        "warn_below_micros",
    )

    def __init__(
        self,
        account_no: int,
        payer_no: int = 0,
        caps: Sequence[MonthCap] = (),
        parents: Sequence[tuple[int, int]] = (),
        reward_ppm: int = 0,
        rounding: Rounding = Rounding.DOWN,
        credit_limit_micros: int | None = None,
        warn_below_micros: int | None = None,
        warn_at_percent: int | None = None,
        lease_slice_micros: int | None = None,
    ) -> None:
        self.account_no = account_no
        self.payer_no = payer_no or account_no
        self.caps = tuple(caps)
        self.parents = tuple(parents)
        self.reward_ppm = reward_ppm
        self.rounding = rounding
        self.credit_limit_micros = credit_limit_micros
        self.warn_below_micros = warn_below_micros
        self.warn_at_percent = warn_at_percent
        self.lease_slice_micros = lease_slice_micros
        self.told: set[str] = set()  # the warnings that stand, so that each is told once until it has gone

    def room_micros(self, at_us: int) -> int | None:
        """The least that any cap of the chain leaves in the month of `at_us`; None without a cap."""
        return min((cap.room_micros(at_us) for cap in self.caps), default=None)

    def spend(self, amount_micros: int) -> None:
        """A hold was placed."""
        for cap in self.caps:
            cap.used_micros += amount_micros

    def give_back(self, reference: int, amount_micros: int) -> None:
        """Of the hold `reference` so much was not spent."""
        at_us = id_epoch_us(reference)
        for cap in self.caps:
            cap.give_back(amount_micros, at_us)

    def parts_of(self, earned_micros: int, subscriber_no: int) -> tuple[list[Part], Part | None]:
        """The parents' parts of what a message has earned, from the nearest on, and the subscriber's.

        A parent that pays for the message itself has no part in it. `subscriber_no` 0: nobody to reward.
        """
        left = earned_micros
        shares = []
        for account_no, ppm in self.parents:
            micros = min(left, divide_micros(earned_micros * ppm, PPM, self.rounding))
            if account_no == self.payer_no:
                micros = 0
            left -= micros
            shares.append(Part(account_no, micros))
        if not (self.reward_ppm and subscriber_no):
            return shares, None
        micros = min(left, divide_micros(earned_micros * self.reward_ppm, PPM, self.rounding))
        return shares, Part(REWARD_ACCOUNTS_FROM + subscriber_no, micros) if micros else None


def month_of_zone(zone: str, now_us: int) -> tuple[int, int]:
    """The first moment of the month at `now_us` in a time zone, and of the next month (µs since 1970)."""
    here = ZoneInfo(zone)
    today = from_epoch_us(now_us).astimezone(here)
    begins = datetime(today.year, today.month, 1, tzinfo=here)
    ends = datetime(today.year + today.month // 12, today.month % 12 + 1, 1, tzinfo=here)
    return to_epoch_us(begins), to_epoch_us(ends)
