"""Moments of a rule: timestamps, durations and dates as written, and what a calendar says of them.

Timestamps follow RFC 3339 and durations CEL's specification ("Duration": 1h30m, -1.5s), with days (d) and
weeks (w) added. A calendar is that of an IANA zone or of an offset such as +05:30; UTC where none is named.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from fractions import Fraction
from functools import cache
from zoneinfo import ZoneInfo

from operator_push.kernel.instants import MICROS_PER_DAY, MICROS_PER_SECOND, from_epoch_us, parse_iso

MICROS_MAX = 1 << 53  # Ours: as the lexer's INT_MAX; about the years 1685 to 2255, durations of 285 years.
_EPOCH_DAY = date(1970, 1, 1)
_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_DURATION = re.compile(r"[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h|d|w))+|[+-]?0", re.ASCII)
_DURATION_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d|w)", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d{1,2}):(\d{2})", re.ASCII)
_MICROS = {
    "ns": Fraction(1, 1000),
    "us": Fraction(1),
    "µs": Fraction(1),
    "ms": Fraction(1_000),
    "s": Fraction(MICROS_PER_SECOND),
    "m": Fraction(60 * MICROS_PER_SECOND),
    "h": Fraction(3_600 * MICROS_PER_SECOND),
    "d": Fraction(MICROS_PER_DAY),
    "w": Fraction(7 * MICROS_PER_DAY),
}


def timestamp_us(text: str) -> int:
    """Microseconds since 1970 of an RFC 3339 timestamp.

    Raises:
        ValueError: not one, without Z or an offset, or outside ±MICROS_MAX; the message is for people.
    """
    if not _TIMESTAMP.fullmatch(text):
        raise ValueError("a timestamp is written 2026-01-31T18:00:00Z, or with an offset such as +05:30")
    try:
        moment = parse_iso(text.upper())
    except (ValueError, OverflowError) as error:
        raise ValueError(f"there is no such moment: {error}") from None
    return _bounded(moment)


def duration_us(text: str) -> int:
    """Microseconds of a duration; what is finer is cut off, towards zero.

    Raises:
        ValueError: not a duration, or beyond MICROS_MAX; the message is for people.
    """
    if len(text) > 100 or not _DURATION.fullmatch(text):
        raise ValueError('a duration is written "36h", "1h30m" or "30d" (units w, d, h, m, s, ms, us)')
    total = sum(
        (
            Fraction(number.rstrip(".") or "0") * _MICROS[unit]
            for number, unit in _DURATION_PART.findall(text)
        ),
        Fraction(0),
    )
    return _bounded(-int(total) if text.startswith("-") else int(total))


def date_days(text: str) -> int:
    """Days from 1970-01-01 to a date.

    Raises:
        ValueError: not a date of the form 2026-01-31; the message is for people.
    """
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError("a date is written 2026-01-31")
    try:
        return (date.fromisoformat(text) - _EPOCH_DAY).days
    except ValueError as error:
        raise ValueError(f"there is no such day: {error}") from None


def timestamp_text(moment_us: int) -> str:
    """RFC 3339 in UTC, without a fraction where there is none."""
    moment = from_epoch_us(moment_us)
    return moment.isoformat(timespec="auto").replace("+00:00", "Z")


def duration_text(length_us: int) -> str:
    """The largest unit that divides it: 30d, 36h, 90m; 0s for none."""
    for unit in ("d", "h", "m", "s", "ms"):
        if length_us % int(_MICROS[unit]) == 0:
            return f"{length_us // int(_MICROS[unit])}{unit}" if length_us else "0s"
    return f"{length_us}us"


def date_text(day: int) -> str:
    """YYYY-MM-DD; days beyond the calendar as a number of days."""
    try:
        return (_EPOCH_DAY + timedelta(days=day)).isoformat()
    except OverflowError:
        return f"day {day}"


@cache
def zone_of(name: str) -> tzinfo:
    """The zone of an IANA name or of an offset.

    Raises:
        ValueError: neither; the message is for people.
    """
    if offset := _OFFSET.fullmatch(name):
        sign, hours, minutes = offset.groups()
        if int(hours) <= 14 and int(minutes) < 60:
            length = timedelta(hours=int(hours), minutes=int(minutes))
            return timezone(-length if sign == "-" else length)
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no zone of the IANA database, such as Asia/Kolkata") from None


def day_in(zone: tzinfo, moment_us: int) -> int:
    """The calendar day of a moment in a zone, as days since 1970-01-01."""
    return (from_epoch_us(moment_us).astimezone(zone).date() - _EPOCH_DAY).days


# CEL's specification, "Timestamp": months, days of the month, week and year count from 0, getDate from 1.
TIMESTAMP_PARTS: Mapping[str, Callable[[datetime], int]] = {
    "getFullYear": lambda moment: moment.year,
    "getMonth": lambda moment: moment.month - 1,
    "getDate": lambda moment: moment.day,
    "getDayOfMonth": lambda moment: moment.day - 1,
    "getDayOfWeek": lambda moment: moment.isoweekday() % 7,
    "getDayOfYear": lambda moment: moment.timetuple().tm_yday - 1,
    "getHours": lambda moment: moment.hour,
    "getMinutes": lambda moment: moment.minute,
    "getSeconds": lambda moment: moment.second,
    "getMilliseconds": lambda moment: moment.microsecond // 1000,
}
# Of a duration the whole of it in that unit, cut towards zero.
DURATION_PARTS: Mapping[str, int] = {
    "getHours": 3_600 * MICROS_PER_SECOND,
    "getMinutes": 60 * MICROS_PER_SECOND,
    "getSeconds": MICROS_PER_SECOND,
}


def timestamp_part(part: str, zone: tzinfo, moment_us: int) -> int:
    """What the calendar of a zone says of a moment; `part` is a key of TIMESTAMP_PARTS."""
    return TIMESTAMP_PARTS[part](from_epoch_us(moment_us).astimezone(zone))


def _bounded(micros: int) -> int:
    if abs(micros) > MICROS_MAX:
        raise ValueError("a rule reaches from the year 1685 to 2255, with durations up to 285 years")
    return micros
