"""Moments keep their microseconds and never lose their zone."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.kernel.instants import MICROS_PER_DAY, day_of, from_epoch_us, iso, parse_iso, to_epoch_us

EPOCH_US = st.integers(-62_135_596_800_000_000 + MICROS_PER_DAY, 253_402_300_799_999_999 - MICROS_PER_DAY)


@given(EPOCH_US)
def test_a_moment_survives_every_form(epoch_us: int) -> None:
    assert to_epoch_us(from_epoch_us(epoch_us)) == epoch_us
    assert from_epoch_us(epoch_us).tzinfo is UTC


@given(st.integers(0, 253_402_300_799_999_999))
def test_what_is_written_can_be_read(epoch_us: int) -> None:
    text = iso(epoch_us)
    assert text.endswith("Z")
    assert len(text) == len("2026-01-01T00:00:00.000000Z")
    assert parse_iso(text) == epoch_us


@given(EPOCH_US, st.integers(-14 * 60, 14 * 60))
def test_a_zone_changes_the_clock_and_not_the_moment(epoch_us: int, offset_minutes: int) -> None:
    elsewhere = from_epoch_us(epoch_us).astimezone(timezone(timedelta(minutes=offset_minutes)))
    assert to_epoch_us(elsewhere) == epoch_us


@pytest.mark.parametrize(
    ("text", "epoch_us"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T05:30:00+05:30", 0),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2026-11-21T10:00:00.5Z", 1_795_255_200_500_000),
    ],
)
def test_known_moments(text: str, epoch_us: int) -> None:
    assert parse_iso(text) == epoch_us


@pytest.mark.parametrize("text", ["2026-11-21T10:00:00", "2026-11-21", "yesterday", ""])
def test_a_moment_without_a_zone_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"zone|Invalid"):
        parse_iso(text)


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        to_epoch_us(datetime(2026, 1, 1))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1970-01-01T23:59:59Z", 0),
        ("1970-01-02T00:00:00Z", 1),
        ("1969-12-31T23:59:59Z", -1),
        ("2024-01-01T00:00:00Z", 19_723),
    ],
)
def test_days_are_utc(text: str, day: int) -> None:
    assert day_of(parse_iso(text)) == day
