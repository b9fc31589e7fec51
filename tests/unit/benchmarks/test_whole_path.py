"""The whole path may be measured at any hour of the day."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

HOUSE = Path(__file__).parents[3]
sys.path.insert(0, str(HOUSE / "benchmarks"))

from whole_path import noon_zone  # noqa: E402


@pytest.mark.parametrize("hour", range(24))
def test_it_is_past_noon_whenever_a_run_begins(hour: int) -> None:
    now = datetime(2026, 11, 22, hour, 40, tzinfo=UTC)
    assert now.astimezone(ZoneInfo(noon_zone(now))).strftime("%H:%M") == "12:40"
