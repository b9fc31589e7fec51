"""Child programs: start the house's other programs, wait until they are ready, end them by their ids.

The product and its tools meet as programs, never as imports; the demo and the quickstart use this page.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from operator_push.kernel.errors import ResourceError

READY_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
LOG_LINES_SHOWN = 15


def program(name: str) -> list[str]:
    """The command of a program that is installed beside this interpreter."""
    beside = Path(sys.executable).with_name(name)
    if beside.exists():
        return [str(beside)]
    modules = {
        "operator-push": "operator_push.cli.main",
        "smsc-sim": "smsc_sim.cli",
        "cdr-ingest": "cdr_ingest.cli",
    }
    return [sys.executable, "-m", modules[name]]


class ChildProgram:
    """One child with its log file."""

    def __init__(
        self, command: Sequence[str], log_file: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        """`environment` is added to our own."""
        self.command = list(command)
        self.log_file = log_file
        log_file.parent.mkdir(parents=True, exist_ok=True)
        with log_file.open("ab") as log:
            # A session of its own: Ctrl-C reaches us alone, and we end the children in their order.
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self.process.pid

    def wait_ready(self, ready_file: Path, timeout_s: float = READY_TIMEOUT_S) -> dict[str, Any]:
        """What the child writes when it is ready.

        Raises:
            ResourceError: it ended before, or took too long; the message shows the end of its log.
        """
        deadline = time.monotonic() + timeout_s
        while not ready_file.exists():
            if self.process.poll() is not None:
                raise ResourceError(
                    f"{self._name} ended with status {self.process.returncode}:\n{self.log_tail()}"
                )
            if time.monotonic() > deadline:
                raise ResourceError(f"{self._name} was not ready after {timeout_s:.0f} s:\n{self.log_tail()}")
            time.sleep(0.02)
        told: dict[str, Any] = json.loads(ready_file.read_text())
        return told

    def wait(self, timeout_s: float) -> int:
        """Wait for the child's own end and return its status.

        Raises:
            ResourceError: it did not end in time.
        """
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise ResourceError(
                f"{self._name} did not end within {timeout_s:.0f} s:\n{self.log_tail()}"
            ) from error

    def stop(self) -> int:
        """SIGTERM, and SIGKILL where that does not help; returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode

    def kill(self) -> None:
        """SIGKILL: no chance to say goodbye."""
        if self.process.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
        self.process.wait()

    def log_tail(self) -> str:
        """The last lines of its log."""
        lines = self.log_file.read_text(errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-LOG_LINES_SHOWN:])

    @property
    def _name(self) -> str:
        return Path(self.command[0]).name if "-m" not in self.command else self.command[2]
