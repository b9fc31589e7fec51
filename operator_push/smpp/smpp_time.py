"""SMPP time: the 16 characters of schedule_delivery_time, validity_period and final_date, both ways.

SMPP v3.4 section 7.1.1: "YYMMDDhhmmsstnnp"; p is + or - (absolute, nn quarter hours ahead of or behind UTC)
or R (relative to the SMSC's present). Law: two digits of a year mean 2000..2099.
Not here: the empty string, which means "default" and is the caller's, and the dates in receipt texts, which
have another form (receipt_text.py).
"""

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import msgspec

TIME_CHARACTERS: Final = 16
_QUARTERS_MAX: Final = 48
_CENTURY: Final = 2000


class RelativeTime(msgspec.Struct, frozen=True):
    """A relative time as its fields: months and years have no length of their own until they start."""

    years: int = 0
    months: int = 0
    days: int = 0
    hours: int = 0
    minutes: int = 0
    seconds: int = 0

    def after(self, moment: datetime) -> datetime:
        """The moment that lies this long after `moment`; the day is cut to the length of the month."""
        month_no = moment.month - 1 + self.months
        year = moment.year + self.years + month_no // 12
        month = month_no % 12 + 1
        day = min(moment.day, _month_days(year, month))
        start = moment.replace(year=year, month=month, day=day)
        return start + timedelta(days=self.days, hours=self.hours, minutes=self.minutes, seconds=self.seconds)


def parse_smpp_time(text: str) -> datetime | RelativeTime:
    """An aware datetime (absolute form) or a RelativeTime.

    Raises:
        ValueError: not 16 characters, a letter where a digit belongs, an impossible date, an offset over 48
            quarter hours, or a sign other than + - R.
    """
    digits, sign = text[:-1], text[-1:]
    if len(text) != TIME_CHARACTERS or not (digits.isascii() and digits.isdigit()) or sign not in "+-R":
        raise ValueError(f"{text!r} is not YYMMDDhhmmsstnnp (15 digits, then +, - or R)")
    year, month, day, hour, minute, second = (int(digits[at : at + 2]) for at in range(0, 12, 2))
    if sign == "R":
        return RelativeTime(year, month, day, hour, minute, second)
    quarters = int(digits[13:15])
    if quarters > _QUARTERS_MAX:
        raise ValueError(f"{text!r}: {quarters} quarter hours from UTC; at most {_QUARTERS_MAX}")
    offset = timedelta(minutes=15 * quarters if sign == "+" else -15 * quarters)
    tenths = int(digits[12])
    zone = timezone(offset) if quarters else UTC
    return datetime(_CENTURY + year, month, day, hour, minute, second, tenths * 100_000, zone)


def format_absolute(moment: datetime) -> str:
    """The absolute form of an aware datetime, in its own zone where that is whole quarter hours, else in UTC.

    Raises:
        ValueError: no zone, or a year outside 2000..2099.
    """
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError(f"{moment.isoformat()} has no zone")
    quarters, rest = divmod(abs(offset), timedelta(minutes=15))
    if rest or quarters > _QUARTERS_MAX:
        return format_absolute(moment.astimezone(UTC))
    if not _CENTURY <= moment.year < _CENTURY + 100:
        raise ValueError(f"year {moment.year} has no two digits here; 2000..2099")
    sign = "-" if offset < timedelta() else "+"
    return f"{moment:%y%m%d%H%M%S}{moment.microsecond // 100_000}{quarters:02d}{sign}"


def format_relative(period: timedelta) -> str:
    """The relative form of a length of time of at most 99 days, in whole seconds rounded down.

    Raises:
        ValueError: negative, or over 99 days.
    """
    if not timedelta() <= period < timedelta(days=100):
        raise ValueError(f"{period} is not within 0..99 days")
    minutes, seconds = divmod(period.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"0000{period.days:02d}{hours:02d}{minutes:02d}{seconds:02d}000R"


def _month_days(year: int, month: int) -> int:
    first = datetime(year, month, 1, tzinfo=UTC)
    following = first.replace(year=year + month // 12, month=month % 12 + 1)
    return (following - first).days
