"""Frequency caps: how many promotional messages a handset may get per local calendar day.

A slot is taken when a message is admitted, for the day on which it is planned to leave, and given back when
it will not leave after all; whoever decides is the one owner of the shard, so two messages never share the
last slot. None means unlimited, 0 means none.
"""

from operator_push.domain.quiet_hours import local_day
from operator_push.kernel.errors import OperatorError

DAYS_KEPT = 2  # Ours: yesterday's counts still answer for what was planned before midnight.
_EVERY_BRAND = 0
_NO_COUNTS: dict[tuple[int, int], int] = {}


class FrequencyCaps:
    """Limits per handset and day, over all brands and per brand, with the counts of the current days."""

    def __init__(
        self, per_day: int | None = None, per_brand_per_day: int | None = None, zone_offset_minutes: int = 0
    ) -> None:
        """Raises OperatorError for a negative limit."""
        for name, limit in (("per_day", per_day), ("per_brand_per_day", per_brand_per_day)):
            if limit is not None and limit < 0:
                raise OperatorError(f"{limit} is negative; 0 means none, unset unlimited", key=name)
        self.per_day = per_day
        self.per_brand_per_day = per_brand_per_day
        self.zone_offset_minutes = zone_offset_minutes
        self._days: dict[int, dict[tuple[int, int], int]] = {}

    @property
    def limits(self) -> tuple[int | None, int | None, int]:
        """What may be changed of it while it counts."""
        return self.per_day, self.per_brand_per_day, self.zone_offset_minutes

    @property
    def is_unlimited(self) -> bool:
        """True where neither limit is set."""
        return self.per_day is None and self.per_brand_per_day is None

    def has_room(self, subscriber_no: int, brand_no: int, at_us: int, own_slots: int = 0) -> bool:
        """True where one more fits on this day; `own_slots` of the counted ones are the asker's own."""
        counts = self._days.get(local_day(at_us, self.zone_offset_minutes), _NO_COUNTS)
        limit = self.per_day
        if limit is not None and counts.get((subscriber_no, _EVERY_BRAND), 0) >= limit + own_slots:
            return False
        limit = self.per_brand_per_day
        return limit is None or counts.get((subscriber_no, brand_no), 0) < limit + own_slots

    def take(self, subscriber_no: int, brand_no: int, at_us: int) -> None:
        """Count one message that is planned for this moment's day (also when rebuilding from rows)."""
        if self.is_unlimited:
            return
        day = local_day(at_us, self.zone_offset_minutes)
        counts = self._days.get(day)
        if counts is None:
            counts = self._days[day] = {}
            self._forget_before(max(self._days) - DAYS_KEPT)
        every = (subscriber_no, _EVERY_BRAND)
        counts[every] = counts.get(every, 0) + 1
        if brand_no != _EVERY_BRAND:
            own = (subscriber_no, brand_no)
            counts[own] = counts.get(own, 0) + 1

    def give_back(self, subscriber_no: int, brand_no: int, at_us: int) -> None:
        """Uncount a message that was counted for this moment's day and did not leave."""
        counts = self._days.get(local_day(at_us, self.zone_offset_minutes))
        if counts is None:
            return
        for key in {(subscriber_no, _EVERY_BRAND), (subscriber_no, brand_no)}:
            left = counts.get(key, 0) - 1
            if left > 0:
                counts[key] = left
            else:
                counts.pop(key, None)

    def _forget_before(self, day: int) -> None:
        for old in [known for known in self._days if known < day]:
            del self._days[old]
