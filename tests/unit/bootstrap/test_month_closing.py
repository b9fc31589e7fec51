"""When the server has months closed, what it asks for, and when it looks again."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from twisted.internet.task import Clock

from operator_push.bootstrap.child_command import ChildCommand
from operator_push.bootstrap.due_command import RETRY_S
from operator_push.bootstrap.month_closing import MonthClosing
from operator_push.config import Settings, load_settings
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import parse_iso

CLOSED = {"account": "shop", "month": "2026-10", "did": "issued", "number": "INV-2026-000001", "left": []}


def settings_in(folder: Path, close_months: str = "all") -> Settings:
    file = folder / "operator-push.toml"
    file.write_text(
        'data_dir = "."\n[[smsc]]\nname = "main"\nhost = "127.0.0.1"\nsystem_id = "x"\npassword = "x"\n'
        '[[tariff]]\nprice_per_segment = "0.10"\ncurrency = "INR"\n'
        f'[invoices]\nname = "Example"\nzone = "Asia/Kolkata"\nclose_months = "{close_months}"\n'
    )
    return load_settings(file)


def test_who_issues_is_known_before_the_server_starts(tmp_path: Path) -> None:
    file = tmp_path / "operator-push.toml"
    settings_in(tmp_path)
    file.write_text(file.read_text().replace('name = "Example"\n', ""))
    with pytest.raises(OperatorError, match=r'invoices\.name.*is required where close_months is "all"'):
        load_settings(file)


def closing(folder: Path, status: int, told: str) -> tuple[MonthClosing, list[list[str]]]:
    asked: list[list[str]] = []

    def run(words: Sequence[str]) -> tuple[int, str]:
        asked.append(list(words))
        return status, told

    at_us = parse_iso("2026-11-01T03:10:00+05:30")
    return MonthClosing(Clock(), settings_in(folder), Path("a.toml"), run, lambda: at_us), asked


@pytest.mark.parametrize(
    ("status", "told", "delay_s", "logged"),
    [
        (0, {"accounts": [CLOSED]}, 50 * 60.0, "closed 2026-10 of shop: issued INV-2026-000001"),
        (75, {"accounts": [CLOSED | {"left": ["7 messages"]}]}, RETRY_S, "2026-10 of shop waits: 7 messages"),
        (2, "Error: invoices.name is empty", RETRY_S, "invoices.name is empty"),
    ],
)
def test_the_command_is_that_of_people_and_what_comes_of_it_is_told(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    status: int,
    told: object,
    delay_s: float,
    logged: str,
) -> None:
    caplog.set_level("INFO")
    months, asked = closing(tmp_path, status, told if isinstance(told, str) else json.dumps(told))
    assert months.run_once() == delay_s
    assert asked == [["invoice", "close-month", "--due", "--json", "--config", "a.toml"]]
    assert logged in caplog.text


def test_after_its_hour_it_looks_again_on_the_next_day(tmp_path: Path) -> None:
    at_us = parse_iso("2026-11-01T04:00:00+05:30")
    answer = (0, json.dumps({"accounts": []}))
    months = MonthClosing(Clock(), settings_in(tmp_path), Path("a.toml"), lambda words: answer, lambda: at_us)
    assert months.run_once() == 24 * 3_600


@pytest.mark.parametrize(("close_months", "waits"), [("off", []), ("asked", [MonthClosing.first_s])])
def test_it_runs_where_the_settings_say_so(tmp_path: Path, close_months: str, waits: list[float]) -> None:
    clock = Clock()
    months = MonthClosing(clock, settings_in(tmp_path, close_months), Path("a.toml"))
    months.start()
    assert [call.getTime() for call in clock.getDelayedCalls()] == waits
    months.stop()
    assert not clock.getDelayedCalls()


def test_a_command_that_fails_tells_its_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also that a child is found by the interpreter that runs us."""
    child = ChildCommand((0,))
    status, told = child.run(["invoice", "close-month", "--nonsense"])
    assert status == 2
    assert "--nonsense" in told
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(FileNotFoundError):
        child.run(["--version"])
