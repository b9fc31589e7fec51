"""Instants: the forms in which a moment travels.

Facts are aware UTC datetimes at the doors and integer microseconds since 1970 in rows and hot structures;
deadlines are monotonic float seconds and never stored. Nothing here reads a clock: a moment is an argument.
"""

from datetime import UTC, datetime, timedelta

MICROS_PER_SECOND = 1_000_000
SECONDS_PER_DAY = 86_400
MICROS_PER_DAY = SECONDS_PER_DAY * MICROS_PER_SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_epoch_us(moment: datetime) -> int:
    """Whole microseconds since 1970-01-01T00:00Z.

    Raises:
        ValueError: the datetime has no zone; a naive time is not a moment.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no zone")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_epoch_us(epoch_us: int) -> datetime:
    """The aware UTC datetime of `to_epoch_us`."""
    return _EPOCH + timedelta(microseconds=epoch_us)


def day_of(epoch_us: int) -> int:
    """The UTC day as days since 1970-01-01: the `day` that stands in every large table's key."""
    return epoch_us // MICROS_PER_DAY


def iso(epoch_us: int) -> str:
    """ISO 8601 in UTC with microseconds and a Z, as exports and CDR files write it."""
    return from_epoch_us(epoch_us).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_iso(text: str) -> int:
    """Microseconds since 1970 of an ISO 8601 text with a zone (Z or an offset).

    Raises:
        ValueError: not ISO 8601, or no zone.
    """
    return to_epoch_us(datetime.fromisoformat(text))
