"""The soak in its smallest size: one death at a moment of chance, one at a named point."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "soak.py"
# How fast it was back, and how much was in the air, on this machine: the soak's to say.
OF_THE_MACHINE = {"slowest_recovery_s", "in_flight_at_kill_min"}


def test_two_deaths_lose_nothing_and_send_nothing_twice(tmp_path: Path) -> None:
    out = tmp_path / "soak.json"
    command = [sys.executable, str(SCRIPT), "--rounds", "2", "--messages", "500", "--binds", "20"]
    command += ["--keep", str(tmp_path / "soak"), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert out.exists(), done.stderr[-2_000:]
    figures = json.loads(out.read_text())
    assert set(figures["broken"]) <= OF_THE_MACHINE, figures
    assert figures["kills_by_point"] == {"random moment": 1, "commit-before-write": 1}
    assert (figures["lost"], figures["duplicated"], figures["imbalance_micros"]) == (0, 0, 0)
    assert figures["acknowledged"] > 500
