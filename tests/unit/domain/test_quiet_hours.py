"""Quiet hours: half-open, over midnight or within a day, on a clock with an offset."""

import pytest

from operator_push.domain.quiet_hours import QuietHours, local_day
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso, parse_iso

INDIA = 330


@pytest.mark.parametrize(
    ("window", "offset", "at", "until"),
    [
        ((21, 9), 0, "2027-01-15T20:59:59.999999Z", None),
        ((21, 9), 0, "2027-01-15T21:00:00Z", "2027-01-16T09:00:00.000000Z"),
        ((21, 9), 0, "2027-01-16T08:59:59.999999Z", "2027-01-16T09:00:00.000000Z"),
        ((21, 9), 0, "2027-01-16T09:00:00Z", None),
        ((13, 15), 0, "2027-01-16T13:30:00Z", "2027-01-16T15:00:00.000000Z"),
        ((13, 15), 0, "2027-01-16T15:00:00Z", None),
        ((21, 9), INDIA, "2027-01-15T15:30:00Z", "2027-01-16T03:30:00.000000Z"),
        ((21, 9), INDIA, "2027-01-15T15:29:59Z", None),
        ((9, 9), 0, "2027-01-15T09:00:00Z", None),
        ((0, 6), -300, "2026-12-31T05:00:00Z", "2026-12-31T11:00:00.000000Z"),
    ],
)
def test_quiet_until(window: tuple[int, int], offset: int, at: str, until: str | None) -> None:
    quiet = QuietHours(window[0] * 60, window[1] * 60, offset)
    found = quiet.quiet_until(parse_iso(at))
    assert (iso(found) if found else None) == until
    assert not found or quiet.quiet_until(found) == 0, "sending is allowed at the end of the window"


def test_the_day_turns_at_local_midnight() -> None:
    at = parse_iso("2027-01-15T18:29:59Z")
    assert local_day(at, INDIA) == local_day(at, 0)
    assert local_day(at + 1_000_000, INDIA) == local_day(at, 0) + 1


@pytest.mark.parametrize("wrong", [(-1, 5, 0), (0, 1440, 0), (0, 5, 15 * 60)])
def test_hours_that_no_clock_has(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(OperatorError, match=r"policy\.quiet_hours"):
        QuietHours(*wrong)
