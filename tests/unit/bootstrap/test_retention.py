"""The daily run: first a while after a start, then every day, never where nothing is to be archived."""

from pathlib import Path

import pytest
from twisted.internet.task import Clock

from operator_push.bootstrap.retention import EVERY_S, FIRST_S, Retention
from operator_push.config import Settings, load_settings
from operator_push.store import migrate


class ThreadlessClock(Clock):
    """A reactor whose threads are its own."""

    def getThreadPool(self) -> "ThreadlessClock":  # noqa: N802 - Twisted's name
        return self

    def callInThreadWithCallback(self, told, work, *args, **more) -> None:  # type: ignore[no-untyped-def]  # noqa: N802
        told(True, work(*args, **more))

    def callFromThread(self, work, *args, **more) -> None:  # type: ignore[no-untyped-def]  # noqa: N802
        work(*args, **more)


def settings(folder: Path, hot_days: int) -> Settings:
    file = folder / "operator-push.toml"
    file.write_text(
        'data_dir = "."\n[[smsc]]\nname = "main"\nhost = "127.0.0.1"\nsystem_id = "x"\npassword = "x"\n'
        f'[[tariff]]\nprice_per_segment = "0.10"\ncurrency = "INR"\n[retention]\nhot_days = {hot_days}\n'
    )
    return load_settings(file)


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
