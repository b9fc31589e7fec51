"""Quiet hours: when promotional messages rest, on a clock with a fixed offset from UTC.

The window is half-open: at its start silence has begun, at its end sending is allowed. It may run over
midnight. Zones with daylight saving and clocks per subscriber come with the jurisdiction packs.
"""

from dataclasses import dataclass

from operator_push.kernel.errors import OperatorError

MINUTES_PER_DAY = 1440
_MICROS_PER_MINUTE = 60_000_000
ZONE_OFFSET_MINUTES_MAX = 14 * 60  # UTC+14, the farthest zone


def local_day(at_us: int, zone_offset_minutes: int) -> int:
    """The local calendar day of a moment, as days since 1970-01-01."""
    return (at_us // _MICROS_PER_MINUTE + zone_offset_minutes) // MINUTES_PER_DAY


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local minutes of the day [start, end); equal ends mean no quiet hours.

    Raises:
        OperatorError: a minute outside 0..1439 or an offset beyond 14 hours.
    """

    start_minute: int
    end_minute: int
    zone_offset_minutes: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.start_minute < MINUTES_PER_DAY and 0 <= self.end_minute < MINUTES_PER_DAY):
            raise OperatorError(
                f"minutes {self.start_minute} and {self.end_minute} are not both in 0..{MINUTES_PER_DAY - 1}",
                key="policy.quiet_hours",
            )
        if abs(self.zone_offset_minutes) > ZONE_OFFSET_MINUTES_MAX:
            raise OperatorError(
                f"zone offset of {self.zone_offset_minutes} minutes is beyond 14 hours",
                key="policy.quiet_hours",
            )

    def quiet_until(self, at_us: int) -> int:
        """0 where sending is allowed at this moment, otherwise the first moment (µs) at which it is again."""
        start, end = self.start_minute, self.end_minute
        local_minutes = at_us // _MICROS_PER_MINUTE + self.zone_offset_minutes
        minute = local_minutes % MINUTES_PER_DAY
        quiet = start <= minute < end if start <= end else minute >= start or minute < end
        if not quiet:
            return 0
        ahead = (end - minute) % MINUTES_PER_DAY
        return (local_minutes + ahead - self.zone_offset_minutes) * _MICROS_PER_MINUTE
