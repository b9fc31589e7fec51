"""Programs: the children of a run on top of child_programs: one log each, all of them ended whatever happens.

A child that ends before its time is an error that shows the end of its log.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from operator_push.cli.child_programs import ChildProgram
from operator_push.kernel.errors import ResourceError


class Program(ChildProgram):
    """One running child. `name` is what people and its log file call it."""

    def __init__(
        self, name: str, command: Sequence[str], log_file: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(command, log_file, environment)
        self.name = name

    def require_running(self) -> None:
        """Nothing while it runs.

        Raises:
            ResourceError: it has ended; with the last lines of its log.
        """
        status = self.process.poll()
        if status is not None:
            raise ResourceError(
                f"{self.name} ended with status {status}; the end of {self.log_file}:\n{self.log_tail()}"
            )

    def require_success(self, timeout_s: float) -> None:
        """Wait for its own end.

        Raises:
            ResourceError: it failed, or did not end in time.
        """
        status = self.wait(timeout_s)
        if status != 0:
            raise ResourceError(
                f"{self.name} failed with status {status}; the end of {self.log_file}:\n{self.log_tail()}"
            )

    def cpu_seconds(self) -> float:
        """User and system time so far from /proc/<pid>/stat; 0.0 where there is none (not Linux)."""
        try:
            text = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii")
        except OSError:
            return 0.0
        fields = text.rpartition(")")[2].split()  # proc(5): fields 14 and 15; the name may hold spaces
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Programs:
    """Starts children, and at its end stops those that are left, the youngest first."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._started: list[Program] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for program in reversed(self._started):
            program.stop()

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> Program:
        """Start a child whose output is added to `<name>.log`; `environment` is added to our own."""
        program = Program(name, command, self._logs / f"{name}.log", environment)
        self._started.append(program)
        return program

    def require_running(self) -> None:
        """Nothing while every child that has not been stopped runs; see `Program.require_running`."""
        for program in self._started:
            program.require_running()

    def forget(self, program: Program) -> None:
        """This child has ended as it should."""
        self._started.remove(program)
