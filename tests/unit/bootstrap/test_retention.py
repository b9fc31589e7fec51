"""The daily run: first a while after a start, then every day, never where nothing is to be archived."""

from pathlib import Path

import pytest
from threadless_clock import ThreadlessClock, settings

from operator_push.bootstrap.retention import EVERY_S, FIRST_S, Retention
from operator_push.store import migrate


def test_it_runs_once_a_day_until_it_is_stopped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock, asked = ThreadlessClock(), settings(tmp_path, 30)
    migrate.upgrade(asked.database_url)
    retention = Retention(clock, asked)
    with caplog.at_level("INFO"):
        retention.start()
        clock.advance(FIRST_S)
        assert caplog.text.count("0 days archived") == 1
        clock.advance(EVERY_S)
        assert caplog.text.count("0 days archived") == 2
    retention.stop()
    assert not clock.getDelayedCalls()


def test_it_never_runs_where_nothing_is_to_be_archived(tmp_path: Path) -> None:
    clock = ThreadlessClock()
    retention = Retention(clock, settings(tmp_path, 0))
    retention.start()
    retention.stop()
    assert not clock.getDelayedCalls()
