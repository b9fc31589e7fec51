"""Frequency caps: how many promotional messages a handset may get, over all brands and from one.

Counted per calendar day of the handset's own clock, or in any stretch of a given length (rolling). A slot is
taken when a message is admitted, at the moment at which it is planned to leave; it moves where that moment
moves and is given back where the message will not leave after all. Whoever decides is the one owner of the
shard, and nothing comes between question and slot, so two messages never share the last one. None means
unlimited, 0 means none.

A handset with one slot on a UTC day costs 17 octets for that day, each further slot 12 (domain.day_slots). Of
these one is how many slots it has: that answers most questions, and spares them the walk through a large
table that no cache of a processor holds.
"""

from collections.abc import Iterator

from operator_push.domain.day_slots import COUNT_MAX, DaySlots
from operator_push.domain.local_clock import LocalClock
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import MICROS_PER_DAY

DAYS_KEPT = 2  # Ours: a local day reaches into the UTC day before, and a message may still move from there.
_BRAND_BITS = 27  # as many as 64 bits leave beside the 37 of a day's microseconds
_BRAND_MASK = (1 << _BRAND_BITS) - 1


class FrequencyCaps:
    """Limits per handset with the slots that are taken; a slot is its moment and its brand in one integer."""

    def __init__(
        self,
        per_handset: int | None = None,
        per_brand: int | None = None,
        rolling_us: int = 0,
        *,
        for_everybody: bool = True,
    ) -> None:
        """`rolling_us` 0: per calendar day, otherwise in any stretch of so many microseconds; `for_everybody`
        False where few handsets are counted: a day then costs no octet per subscriber number.

        Raises:
            OperatorError: a negative limit.
        """
        for name, limit in (("per_handset", per_handset), ("per_brand", per_brand)):
            if limit is not None and limit < 0:
                raise OperatorError(f"{limit} is negative; 0 means none, unset unlimited", key=name)
        self.per_handset = per_handset
        self.per_brand = per_brand
        self.rolling_us = rolling_us
        limits = [limit for limit in (per_handset, per_brand) if limit is not None]
        self._for_everybody = for_everybody
        self._surely = min([*limits, COUNT_MAX]) if for_everybody else 0  # who has fewer slots has room
        self._days: dict[int, DaySlots] = {}
        self._span = (0, 0)  # of whoever was asked about last, and the days with slots that it touches
        self._near: tuple[DaySlots, ...] = ()
        self._near_counts: tuple[bytearray, ...] = ()

    @property
    def limits(self) -> tuple[int | None, int | None, int]:
        """What may be changed of it while it counts."""
        return self.per_handset, self.per_brand, self.rolling_us

    @property
    def is_unlimited(self) -> bool:
        """True where neither limit is set."""
        return self.per_handset is None and self.per_brand is None

    @property
    def days_back(self) -> int:
        """How many UTC days before today a start must read to count what still counts."""
        return DAYS_KEPT + -(-self.rolling_us // MICROS_PER_DAY)

    def has_room(
        self, subscriber_no: int, brand_no: int, at_us: int, clock: LocalClock, own_us: int = -1
    ) -> bool:
        """True where one more fits at this moment; `own_us`: where the asker's own slot is, not counted."""
        rolling_us = self.rolling_us
        span = (at_us - rolling_us + 1, at_us + rolling_us) if rolling_us else clock.day_span(at_us)
        if span is not self._span:  # a clock hands out the same object all day
            self._look_near(span)
        found = 0
        for counts in self._near_counts:
            if subscriber_no < len(counts):
                found += counts[subscriber_no]
        if found < self._surely:
            return True  # whatever of these counts, and whose they are
        return self._counts_room(subscriber_no, brand_no, at_us, span, own_us)

    def _counts_room(
        self, subscriber_no: int, brand_no: int, at_us: int, span: tuple[int, int], own_us: int
    ) -> bool:
        taken = [slot for day in self._near for slot in day.of(subscriber_no)]
        low, high = span[0] << _BRAND_BITS, span[1] << _BRAND_BITS
        counted = [slot for slot in taken if low <= slot < high]
        own = own_us << _BRAND_BITS | brand_no
        if own in counted:
            counted.remove(own)
        limit = self.per_handset
        if limit is not None and not self._fits(counted, limit, at_us):
            return False
        limit = self.per_brand
        if limit is None:
            return True
        return self._fits([slot for slot in counted if slot & _BRAND_MASK == brand_no], limit, at_us)

    def take(self, subscriber_no: int, brand_no: int, at_us: int) -> None:
        """Count one message that is planned for this moment (also when rebuilding from rows).

        Raises:
            OperatorError: a brand number of more than 27 bits; the registry counts them up from 1.
        """
        if self.per_handset is None and self.per_brand is None:
            return
        if brand_no > _BRAND_MASK:
            raise OperatorError(f"{brand_no} is more than {_BRAND_MASK}", key="brand_no")
        day = at_us // MICROS_PER_DAY
        slots = self._days.get(day)
        if slots is None:
            slots = self._days[day] = DaySlots(
                day * MICROS_PER_DAY << _BRAND_BITS, for_everybody=self._for_everybody
            )
            self._look_near(self._span)
        slots.add(subscriber_no, at_us << _BRAND_BITS | brand_no)

    def give_back(self, subscriber_no: int, brand_no: int, at_us: int) -> bool:
        """Uncount a message that was counted at this moment and did not leave; False where none was."""
        slots = self._days.get(at_us // MICROS_PER_DAY)
        return slots is not None and slots.remove(subscriber_no, at_us << _BRAND_BITS | brand_no)

    def taken(self, subscriber_no: int, at_us: int, clock: LocalClock) -> Iterator[tuple[int, int]]:
        """(moment, brand_no) of the slots that count for this moment, for whoever explains."""
        begin, end = clock.day_span(at_us)
        if self.rolling_us:
            begin, end = at_us - self.rolling_us + 1, at_us + self.rolling_us
        for day in range(begin // MICROS_PER_DAY, (end - 1) // MICROS_PER_DAY + 1):
            for slot in self._days[day].of(subscriber_no) if day in self._days else ():
                if begin <= slot >> _BRAND_BITS < end:
                    yield slot >> _BRAND_BITS, slot & _BRAND_MASK

    def forget_before(self, now_us: int) -> None:
        """Drop the days that count for nobody any more; to be called now and then."""
        oldest = now_us // MICROS_PER_DAY - self.days_back
        for day in [day for day in self._days if day < oldest]:
            del self._days[day]
        self._look_near(self._span)

    def _look_near(self, span: tuple[int, int]) -> None:
        """Find the days whose slots may count in a stretch of time."""
        days = range(span[0] // MICROS_PER_DAY, (span[1] - 1) // MICROS_PER_DAY + 1)
        self._span, self._near = span, tuple(self._days[day] for day in days if day in self._days)
        self._near_counts = tuple(day.counts for day in self._near if day.counts is not None)

    def _fits(self, counted: list[int], limit: int, at_us: int) -> bool:
        """Does one more at `at_us` leave no stretch with more than `limit`?"""
        if len(counted) < limit:
            return True
        if not self.rolling_us:
            return False
        moments = [slot >> _BRAND_BITS for slot in counted]
        # Every stretch that holds at_us and is fullest ends at at_us or at a slot after it.
        return all(
            sum(1 for moment in moments if last - self.rolling_us < moment <= last) < limit
            for last in [at_us, *(moment for moment in moments if moment > at_us)]
        )
