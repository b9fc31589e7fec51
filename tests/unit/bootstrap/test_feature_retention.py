"""When the day's retention is due, what it asks for, and what comes of a failure."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from twisted.internet.task import Clock

from operator_push.bootstrap.due_command import RETRY_S
from operator_push.bootstrap.feature_retention import LOOK_EVERY_S, PROOFS_FILE, FeatureRetention, is_due
from operator_push.config import Settings, load_settings
from operator_push.kernel.instants import parse_iso

NOON_US = parse_iso("2026-11-22T12:00:00Z")
DONE = {"records": 4, "expired_records": 1}


def settings_in(folder: Path, more: str = "") -> Settings:
    file = folder / "operator-push.toml"
    file.write_text(
        'data_dir = "."\n[[smsc]]\nname = "main"\nhost = "127.0.0.1"\nsystem_id = "x"\npassword = "x"\n'
        f'[[tariff]]\nprice_per_segment = "0.10"\ncurrency = "INR"\n[retention]\n{more}'
    )
    (folder / "features.json").write_text("{}")
    return load_settings(file)


CASES = """
12:00  -                      due
12:00  2026-11-22T02:00:00Z   done
12:00  2026-11-22T01:59:59Z   due
01:00  2026-11-21T02:00:00Z   done
01:00  2026-11-21T01:00:00Z   due
12:00  damaged                due
"""


@pytest.mark.parametrize("case", CASES.strip().splitlines())
def test_a_day_is_due_from_its_hour_until_its_proof(tmp_path: Path, case: str) -> None:
    clock, proof, told = case.split()
    settings = settings_in(tmp_path)
    if proof != "-":
        lines = ["nonsense", proof if proof == "damaged" else json.dumps({"at": proof})]
        (tmp_path / PROOFS_FILE).write_text("\n".join(lines) + "\n")
    assert is_due(settings, parse_iso(f"2026-11-22T{clock}:00Z")) is (told == "due")


def test_without_features_nothing_is_due(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    (tmp_path / "features.json").unlink()
    assert not is_due(settings, NOON_US)


@pytest.mark.parametrize(
    ("status", "told", "delay_s", "logged"),
    [
        (0, json.dumps(DONE), LOOK_EVERY_S, "4 records of people who have withdrawn erased, 1 that were"),
        (75, "another run is at work", RETRY_S, "the retention of features failed: another run is at work"),
    ],
)
def test_a_round_tells_what_came_of_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, status: int, told: str, delay_s: float, logged: str
) -> None:
    caplog.set_level("INFO")
    asked: list[Sequence[str]] = []

    def run(words: Sequence[str]) -> tuple[int, str]:
        asked.append(words)
        return status, told

    work = FeatureRetention(Clock(), settings_in(tmp_path), Path("a.toml"), run, lambda: NOON_US)
    assert work.run_once() == delay_s
    assert asked == [["retention", "run", "--json", "--config", "a.toml"]]
    assert logged in caplog.text


@pytest.mark.parametrize(
    ("more", "waits"), [("features_daily = false", []), ("", [FeatureRetention.first_s])]
)
def test_it_runs_where_the_settings_say_so(tmp_path: Path, more: str, waits: list[float]) -> None:
    clock = Clock()
    work = FeatureRetention(clock, settings_in(tmp_path, more), Path("a.toml"))
    work.start()
    assert [call.getTime() for call in clock.getDelayedCalls()] == waits
    work.stop()
    assert not clock.getDelayedCalls()
