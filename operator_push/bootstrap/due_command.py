"""A due command: looks now and then whether something is due, and has a child command do it.

Not here: what is due, and what became of it (daily_reconciliation, feature_retention, month_closing).
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from operator_push.bootstrap.child_command import ChildCommand, RunCommand
from operator_push.bootstrap.repeated_work import RepeatedWork
from operator_push.config import Settings
from operator_push.gateway.clock import now_us

log = logging.getLogger(__name__)

RETRY_S = 3_600.0  # Ours: after a run that failed, or where another one is at work.


class DueCommand:
    """A piece of work by a command of ours. `start` and `stop` belong to the loop's thread.

    `name` begins the sentence "… failed"; `answers` are the command's exit statuses that are no failure;
    `first_s`: in how many seconds after a start the first look comes.
    """

    name: str
    answers: Sequence[int] = (0,)
    first_s: float

    def __init__(
        self,
        reactor: Any,
        settings: Settings,
        config_file: Path | None,
        run: RunCommand | None = None,
        clock: Callable[[], int] = now_us,
    ) -> None:
        self._settings = settings
        self._config_file = config_file
        self._child = ChildCommand(self.answers)
        self._run = run or self._child.run
        self._clock = clock
        self._rounds = RepeatedWork(reactor, self.name, self.run_once, RETRY_S)

    @property
    def is_wanted(self) -> bool:
        """Whether the settings ask for it at all."""
        raise NotImplementedError

    def start(self) -> None:
        """Look from now on; nothing where the settings do not ask for it."""
        if not self.is_wanted:
            return
        if self._config_file is None:
            log.info("%s is left out: this server was started without a configuration file", self.name)
            return
        self._rounds.start(self.first_s)

    def stop(self) -> None:
        """No further run; one that is going on is ended, and done again after the next start."""
        self._rounds.stop()
        self._child.kill()

    def run_once(self) -> float:
        """Do what is due; returns in how many seconds to look again. Blocks."""
        raise NotImplementedError

    def _asked(self, *words: str) -> tuple[int, str] | None:
        """The command's exit status and what it printed; None where it failed or nobody waits for it now."""
        status, told = self._run([*words, "--config", str(self._config_file)])
        if self._rounds.stopped:
            return None
        if status not in self.answers:
            log.error("%s failed: %s (operator-push %s)", self.name, told.strip()[-500:], " ".join(words))
            return None
        return status, told
