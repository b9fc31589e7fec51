"""Child command: a command of ours, run beside the server at a low priority, as anybody could run it.

Not here: when one is due (due_command), forks of the gateway itself (side_process).
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence

NICENESS = 10  # the gateway goes first

# Words of the command line → exit status and what it said: its output, or its errors where it did not work.
RunCommand = Callable[[Sequence[str]], tuple[int, str]]


class ChildCommand:
    """Runs one at a time. `answers` are the exit statuses with which a command has printed what was asked."""

    def __init__(self, answers: Sequence[int]) -> None:
        self._answers = answers
        self._child: subprocess.Popen[str] | None = None

    def run(self, words: Sequence[str]) -> tuple[int, str]:
        """Run `operator-push WORDS` to its end. Blocks.

        Raises:
            OSError: no process can be started.
        """
        command = [sys.executable, "-m", "operator_push.cli.main", *words]
        with tempfile.TemporaryFile("w+") as errors:
            self._child = child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True
            )
            try:
                os.setpriority(os.PRIO_PROCESS, child.pid, NICENESS)
                told, _ = child.communicate()
            finally:
                self._child = None
            errors.seek(0)
            return child.returncode, told if child.returncode in self._answers else errors.read()

    def kill(self) -> None:
        """End the one that runs."""
        child = self._child
        if child is not None:
            child.kill()
