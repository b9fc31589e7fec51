"""When a pair counts as settled, from a product and a simulator that are only pretended."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from operator_push.cli.demo.pair import Pair
from operator_push.cli.demo.programs import Programs
from operator_push.cli.demo.workspace import Installation
from operator_push.kernel.errors import ResourceError

QUIET = {
    "open_messages": 0,
    "unsent_segments": 0,
    "in_flight": 0,
    "deliveries_waiting": 0,
    "deliveries_in_flight": 0,
    "committed": True,
}


class PretendedControl:
    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)

    def call(self, do: str, **args: Any) -> dict[str, Any]:
        assert do == "stats"
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def pair(folder: Path, *stats: dict[str, Any]) -> Pair:
    made = Pair(Programs(folder), Installation(folder, folder), "main")
    made.control = PretendedControl(*stats)  # type: ignore[assignment]
    return made


def write_status(folder: Path, settled: bool, t: int) -> None:
    status = {"settled": settled, "open_messages": 0, "t": t, "mo_sent": 3, "something_new": 1}
    (folder / "status.json").write_text(json.dumps(status))


@pytest.mark.parametrize("name", [name for name in QUIET if name != "committed"])
def test_anything_open_is_not_settled(tmp_path: Path, name: str) -> None:
    assert pair(tmp_path, QUIET).product_is_settled()
    assert not pair(tmp_path, QUIET | {name: 1}).product_is_settled()


def test_uncommitted_is_not_settled(tmp_path: Path) -> None:
    assert not pair(tmp_path, QUIET | {"committed": False}).product_is_settled()


def test_without_a_status_file_the_simulator_is_not_settled(tmp_path: Path) -> None:
    assert not pair(tmp_path, QUIET).simulator_status().settled


def test_a_status_from_before_the_product_was_quiet_proves_nothing(tmp_path: Path) -> None:
    write_status(tmp_path, settled=True, t=time.time_ns() // 1000 - 1_000_000)
    waiting = pair(tmp_path, QUIET)
    waiting.product = type("P", (), {"log_file": tmp_path / "x.log"})()  # type: ignore[assignment]
    with pytest.raises(ResourceError, match="main: not settled"):
        waiting.wait_until_settled(0.2)
    write_status(tmp_path, settled=True, t=time.time_ns() // 1000 + 60_000_000)
    waiting.wait_until_settled(5.0)
