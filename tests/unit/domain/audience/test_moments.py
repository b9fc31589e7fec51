"""Moments: what is written, and what a calendar says of it."""

import pytest

from operator_push.domain.audience.moments import (
    date_days,
    date_text,
    day_in,
    duration_text,
    duration_us,
    timestamp_part,
    timestamp_text,
    timestamp_us,
    zone_of,
)

HOUR_US = 3_600_000_000


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T05:30:00+05:30", 0),
        ("1969-12-31T23:59:59.5-00:00", -500_000),
        ("2027-01-15T08:00:00.000001z", 1_800_000_000_000_001),
    ],
)
def test_timestamps(text: str, us: int) -> None:
    assert timestamp_us(text) == us


@pytest.mark.parametrize(
    "text", ["2027-01-15", "2027-01-15T08:00:00", "2027-02-30T00:00:00Z", "9999-12-31T00:00:00Z", "now", ""]
)
def test_what_is_no_timestamp_of_a_rule(text: str) -> None:
    with pytest.raises(ValueError, match=r"timestamp|moment|reaches"):
        timestamp_us(text)


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("0", 0),
        ("1h30m", 90 * 60_000_000),
        ("-1.5h", -HOUR_US * 3 // 2),
        ("1.5s250ms", 1_750_000),
        ("30d", 30 * 24 * HOUR_US),
        ("2w", 14 * 24 * HOUR_US),
        ("1ns", 0),
        ("-1999ns", -1),
        (".5us", 0),
        ("3µs", 3),
    ],
)
def test_durations(text: str, us: int) -> None:
    assert duration_us(text) == us


@pytest.mark.parametrize("text", ["", "30", "d", "1 h", "1y", "h1", "1h-2m", "300000d", "9" * 200 + "h"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        duration_us(text)


def test_dates() -> None:
    assert date_days("1970-01-02") == 1
    assert date_text(date_days("2024-02-29")) == "2024-02-29"
    for wrong in ("2023-02-29", "24-02-03", "2024-2-3", "20240203"):
        with pytest.raises(ValueError, match=r"date|day"):
            date_days(wrong)


def test_texts_for_people() -> None:
    assert timestamp_text(0) == "1970-01-01T00:00:00Z"
    assert [duration_text(us) for us in (0, 30 * 24 * HOUR_US, 36 * HOUR_US, 90_000_000, 1, -HOUR_US)] == [
        "0s",
        "30d",
        "36h",
        "90s",
        "1us",
        "-1h",
    ]
    assert date_text(10**9) == "day 1000000000"


def test_a_day_is_that_of_its_zone() -> None:
    evening = timestamp_us("2027-01-15T20:00:00Z")
    assert day_in(zone_of("UTC"), evening) == date_days("2027-01-15")
    assert day_in(zone_of("Asia/Kolkata"), evening) == date_days("2027-01-16")
    assert day_in(zone_of("-08:00"), evening) == date_days("2027-01-15")
    for wrong in ("Nowhere/City", "+15:00", "+05:60", "../etc/passwd", ""):
        with pytest.raises(ValueError, match="no zone"):
            zone_of(wrong)


def test_parts_count_as_cel_counts_them() -> None:
    moment = timestamp_us("2027-03-28T00:30:05.250Z")  # a Sunday; clocks change in Berlin half an hour later
    parts = {
        "getFullYear": 2027,
        "getMonth": 2,
        "getDate": 28,
        "getDayOfMonth": 27,
        "getDayOfWeek": 0,
        "getDayOfYear": 86,
        "getHours": 0,
        "getMinutes": 30,
        "getSeconds": 5,
        "getMilliseconds": 250,
    }
    assert {part: timestamp_part(part, zone_of("UTC"), moment) for part in parts} == parts
    berlin = zone_of("Europe/Berlin")
    assert timestamp_part("getHours", berlin, moment) == 1
    assert timestamp_part("getHours", berlin, moment + HOUR_US) == 3
