"""Months in a zone, over the changes of its clocks."""

import pytest

from operator_push.domain.invoicing.periods import (
    last_due_month,
    local_date,
    local_iso,
    month_before,
    month_of,
    months_after,
)
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import parse_iso


def test_a_month_begins_and_ends_at_local_midnight() -> None:
    begin, end = month_of("2026-10", "Europe/Berlin")
    assert begin == parse_iso("2026-10-01T00:00:00+02:00")
    assert end == parse_iso("2026-11-01T00:00:00+01:00")
    assert local_iso(end, "Europe/Berlin") == "2026-11-01T00:00:00+01:00"


def test_december_ends_with_the_year() -> None:
    assert month_of("2026-12", "UTC")[1] == parse_iso("2027-01-01T00:00:00Z")


def test_the_last_whole_month_is_that_of_the_zone() -> None:
    moment = parse_iso("2026-10-31T20:00:00Z")
    assert month_before(moment, "UTC") == "2026-09"
    assert month_before(moment, "Asia/Kolkata") == "2026-10"
    assert local_date(moment, "Asia/Kolkata").isoformat() == "2026-11-01"


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-02T03:59:59+05:30", "2026-09"),
        ("2026-11-02T04:00:00+05:30", "2026-10"),
        ("2026-11-30T00:00:00+05:30", "2026-10"),
        ("2027-01-01T23:00:00+05:30", "2026-11"),
        ("2027-01-03T00:00:00+05:30", "2026-12"),
    ],
)
def test_a_month_is_due_from_its_day_and_hour_on(now: str, due: str) -> None:
    assert last_due_month(parse_iso(now), "Asia/Kolkata", on_day=2, at_hour=4) == due


def test_months_follow_one_another_over_the_year() -> None:
    assert months_after("2026-11", "2027-02") == ["2026-12", "2027-01", "2027-02"]
    assert months_after("2027-02", "2027-02") == []


@pytest.mark.parametrize("text", ["2026-13", "october", "2026-10-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(OperatorError, match="is not a month"):
        month_of(text, "UTC")
