"""Local time by integer arithmetic: a zone's offsets as numbers, the same on every engine.

The engine's own zone functions depend on its build and session; the offsets here come from `zoneinfo`.
"""

from bisect import bisect
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import MICROS_PER_DAY, MICROS_PER_SECOND, from_epoch_us, to_epoch_us

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
DAY_FROM_US = 7 * 3600 * MICROS_PER_SECOND  # night is NOT (07:00:00 < t < 19:00:00): both ends are night
DAY_UNTIL_US = 19 * 3600 * MICROS_PER_SECOND


def find_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name.

    Raises:
        OperatorError: there is none of this name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise OperatorError(
            f"{name!r} is no time zone; give an IANA name such as Asia/Kolkata", key="--zone"
        ) from None


def zone_offsets(zone: ZoneInfo, first_us: int, last_us: int) -> list[tuple[int, int]]:
    """(from_us, offset_us) in ascending order; the first entry starts at first_us.

    Offsets are probed once a day: two changes within one day are not told apart.
    """
    offsets = [(first_us, _offset_us(zone, first_us))]
    day_us = first_us
    while day_us < last_us:
        next_us = min(day_us + MICROS_PER_DAY, last_us)
        if _offset_us(zone, next_us) != offsets[-1][1]:
            offsets.append((_change_between(zone, day_us, next_us), _offset_us(zone, next_us)))
        day_us = next_us
    return offsets


def local_day(zone: ZoneInfo, epoch_us: int) -> int:
    """Days since 1970-01-01 on the local calendar."""
    return (epoch_us + _offset_us(zone, epoch_us)) // MICROS_PER_DAY


def day_begins_us(zone: ZoneInfo, day: int) -> int:
    """The first moment of a local day, which is given as days since 1970-01-01."""
    begin = datetime.combine(date.fromordinal(_EPOCH_ORDINAL + day), time(), zone)
    return to_epoch_us(begin)


def _change_between(zone: ZoneInfo, before_us: int, after_us: int) -> int:
    """The first second with the later offset."""
    old = _offset_us(zone, before_us)
    seconds = range((after_us - before_us) // MICROS_PER_SECOND + 1)
    found = bisect(seconds, False, key=lambda s: _offset_us(zone, before_us + s * MICROS_PER_SECOND) != old)
    return before_us + found * MICROS_PER_SECOND


def _offset_us(zone: ZoneInfo, epoch_us: int) -> int:
    offset = from_epoch_us(epoch_us).astimezone(zone).utcoffset()
    return 0 if offset is None else offset // timedelta(microseconds=1)
