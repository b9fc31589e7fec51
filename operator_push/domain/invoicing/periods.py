"""Periods of invoices: a calendar month in a stated zone, and dates as people there write them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import from_epoch_us, to_epoch_us


def month_of(text: str, zone: str) -> tuple[int, int]:
    """The first moment of the month "2026-10" in a zone and the first moment after it, in microseconds.

    Raises:
        OperatorError: not a month.
    """
    try:
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise OperatorError(f"{text!r} is not a month, such as 2026-10") from error
    after = (first + timedelta(days=31)).replace(day=1)
    return midnight_us(first, zone), midnight_us(after, zone)


def month_before(moment_us: int, zone: str) -> str:
    """The last whole month before a moment, as "2026-10"."""
    first = local_date(moment_us, zone).replace(day=1)
    return (first - timedelta(days=1)).strftime("%Y-%m")


def last_due_month(now_us: int, zone: str, on_day: int, at_hour: int) -> str:
    """The last whole month that is to be closed by now, where each is from that local day and hour of the
    next one on."""
    here = from_epoch_us(now_us).astimezone(ZoneInfo(zone))
    before = month_before(now_us, zone)
    if (here.day, here.hour) >= (on_day, at_hour):
        return before
    return month_before(month_of(before, zone)[0], zone)


def months_after(closed: str, until: str) -> list[str]:
    """Every month after one, up to another and that included; oldest first."""
    months = []
    year, month = map(int, closed.split("-"))
    while f"{year:04d}-{month:02d}" < until:
        year, month = year + month // 12, month % 12 + 1
        months.append(f"{year:04d}-{month:02d}")
    return months


def midnight_us(day: date, zone: str) -> int:
    """The first moment of a local day."""
    return to_epoch_us(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)))


def local_date(moment_us: int, zone: str) -> date:
    """The date that calendars of the zone show."""
    return from_epoch_us(moment_us).astimezone(ZoneInfo(zone)).date()


def local_iso(moment_us: int, zone: str) -> str:
    """ISO 8601 with the zone's offset, to the second where that is exact."""
    moment = from_epoch_us(moment_us).astimezone(ZoneInfo(zone))
    return moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds")


def days_after(day: date, days: int) -> date:
    """The date so many days later."""
    return day + timedelta(days=days)
