"""A recurrence is due when people on that clock say so, also where the clock changes."""

import pytest

from operator_push.domain.recurrence import parse_recurrence
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso, parse_iso


@pytest.mark.parametrize(
    ("written", "zone", "now", "latest", "following"),
    [
        ("daily 09:00", "UTC", "2026-11-22T09:00", "2026-11-22T09:00", "2026-11-23T09:00"),
        ("Daily  9:00", "UTC", "2026-11-22T08:59", "2026-11-21T09:00", "2026-11-22T09:00"),
        ("weekly mon,thu 18:30", "Asia/Kolkata", "2026-11-22T10:00", "2026-11-19T13:00", "2026-11-23T13:00"),
        ("monthly 31 10:00", "UTC", "2026-02-10T00:00", "2026-01-31T10:00", "2026-03-31T10:00"),
        ("daily 02:30", "Europe/Berlin", "2026-03-29T12:00", "2026-03-29T01:00", "2026-03-30T00:30"),
        ("daily 02:30", "Europe/Berlin", "2026-10-25T12:00", "2026-10-25T00:30", "2026-10-26T01:30"),
    ],
)
def test_when_it_is_due(written: str, zone: str, now: str, latest: str, following: str) -> None:
    recurrence, now_us = parse_recurrence(written), parse_iso(f"{now}Z")
    due_us = recurrence.latest(now_us, zone)
    assert due_us is not None
    assert iso(due_us)[:16] == latest
    assert iso(recurrence.following(due_us, zone))[:16] == following


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "hourly 09:00",
        "daily 24:00",
        "daily mon 09:00",
        "weekly 09:00",
        "weekly 3 09:00",
        "monthly 32 1:00",
    ],
)
def test_what_is_none_says_how_one_is_written(wrong: str) -> None:
    with pytest.raises(OperatorError, match=r"recurrence|daily names no days"):
        parse_recurrence(wrong)
