"""One small demo as a program, with its loopback traffic captured: what several end-to-end tests look at."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from loopback_capture import LoopbackCapture

ARGUMENTS = ("--subscribers", "2000", "--messages", "1500", "--seed", "11")
TIMEOUT_S = 175


@dataclass(frozen=True, slots=True)
class DemoRun:
    """`out` is the demo's folder; `capture` is None where the machine allows none, and `why_not` says why."""

    out: Path
    capture: Path | None
    why_not: str
    packets_dropped: int  # by the capture, not by the demo


def run_demo(folder: Path) -> DemoRun:
    """Run it to its end below `folder`; fails where an invariant did not hold."""
    out = folder / "a report"  # a path with a space in it
    capture = LoopbackCapture(folder / "demo.pcapng")
    command = [sys.executable, "-m", "operator_push.cli.main", "demo", "--out", str(out), *ARGUMENTS]
    try:
        run = subprocess.run(
            capture.inside(command), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    finally:
        dropped = capture.stop()
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"All \d+ invariants held", run.stdout)
    assert "\x1b" not in run.stdout, "plain lines where there is no terminal"
    return DemoRun(out, None if capture.why_not else capture.file, capture.why_not, dropped)
