"""When the daily run is due, what it asks for, and what comes of a failure."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from twisted.internet.task import Clock

from operator_push.bootstrap.daily_reconciliation import (
    DailyReconciliation,
    day_due,
)
from operator_push.bootstrap.due_command import RETRY_S
from operator_push.config import Settings, load_settings
from operator_push.kernel.instants import MICROS_PER_SECOND, parse_iso

MIDNIGHT_US = parse_iso("2026-11-22T00:00:00Z")
HOUR_US = 3_600 * MICROS_PER_SECOND
DUE_US = MIDNIGHT_US + 5 * HOUR_US
FOUND = {"messages": 2, "matched": 2, "mismatched": 0, "cases_opened": 0, "resolved": {}}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path, "")


def settings_in(folder: Path, more: str) -> Settings:
    (folder / "cdr").mkdir()
    file = folder / "operator-push.toml"
    file.write_text(
        'data_dir = "."\n[[smsc]]\nname = "main"\nhost = "127.0.0.1"\nsystem_id = "x"\npassword = "x"\n'
        '[[tariff]]\nprice_per_segment = "0.10"\ncurrency = "INR"\n'
        f'[reconciliation]\ncdr_folder = "cdr"\n{more}'
    )
    return load_settings(file)


def put_file(folder: Path, written_us: int, name: str = "one.csv") -> None:
    file = folder / "cdr" / name
    file.write_text("")
    os.utime(file, (written_us / MICROS_PER_SECOND,) * 2)


def test_a_day_is_due_once_its_files_have_come_and_rest(settings: Settings, tmp_path: Path) -> None:
    assert day_due(settings, DUE_US) is None  # no file
    put_file(tmp_path, MIDNIGHT_US - 25 * HOUR_US)
    put_file(tmp_path, DUE_US, "two.csv.open")
    assert day_due(settings, DUE_US) is None  # one from before the day, one that is open
    put_file(tmp_path, DUE_US, "two.cdr")
    assert day_due(settings, DUE_US) is None  # just written
    put_file(tmp_path, DUE_US - HOUR_US, "two.cdr")
    assert day_due(settings, DUE_US) == "2026-11-21"
    assert day_due(settings, MIDNIGHT_US + 3 * HOUR_US) is None  # before starts_after_s
    report = tmp_path / "reconciliation" / "2026-11-21"
    report.mkdir(parents=True)
    (report / "report.json").write_text("{}")
    assert day_due(settings, DUE_US) is None  # done


def test_a_folder_that_is_gone_is_told_and_nothing_else(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cdr").rmdir()
    assert day_due(settings, DUE_US) is None
    assert "cannot be read" in caplog.text


class Joined:
    """Stands for the child; remembers what it was asked."""

    def __init__(self, status: int = 0, told: str = json.dumps(FOUND)) -> None:
        self.answer = status, told
        self.asked: list[list[str]] = []

    def __call__(self, words: Sequence[str]) -> tuple[int, str]:
        self.asked.append(list(words))
        return self.answer


def daily(settings: Settings, join: Joined, file: Path | None = Path("a.toml")) -> DailyReconciliation:
    return DailyReconciliation(Clock(), settings, file, join, lambda: DUE_US)


@pytest.mark.parametrize("complete", [False, True])
def test_the_command_is_the_one_of_cron(tmp_path: Path, complete: bool) -> None:
    settings = settings_in(tmp_path, "complete = true\n" if complete else "")
    put_file(tmp_path, DUE_US - HOUR_US)
    join = Joined()
    assert daily(settings, join).run_once() == 60.0
    more = ["--complete"] if complete else []
    assert join.asked == [["reconcile", "--json", "--day", "2026-11-21", *more, "--config", "a.toml"]]


@pytest.mark.parametrize(
    ("status", "told", "delay_s", "logged"),
    [
        (1, json.dumps(FOUND | {"mismatched": 3, "cases_opened": 3}), 60.0, "3 do not; 3 cases"),
        (2, "Error: one.csv:7: state 'X' is not one of …", RETRY_S, "one.csv:7"),
    ],
)
def test_what_comes_of_it_is_told(
    settings: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    status: int,
    told: str,
    delay_s: float,
    logged: str,
) -> None:
    put_file(tmp_path, DUE_US - HOUR_US)
    assert daily(settings, Joined(status, told)).run_once() == delay_s
    assert logged in caplog.text


def test_nothing_runs_without_a_file_to_run_with(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    run = DailyReconciliation(Clock(), settings, None)
    run.start()
    assert "the daily reconciliation is left out: this server was started without" in caplog.text
    run.stop()
