"""The daily reconciliation while the server runs: yesterday's CDR files, joined by a program of their own.

Once cdr_folder has a closed file that may tell of yesterday, `operator-push reconcile --day` runs as a child:
it reads the store beside us, leaves the reports, opens the cases, and has us settle what was unknown through
the control socket as anybody would. Laws: a day that has a report is not done again; the loop never reads a
file; a child that fails is tried again later, and says why in the log.
"""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from operator_push.bootstrap.child_command import ChildCommand, RunCommand
from operator_push.bootstrap.repeated_work import RepeatedWork
from operator_push.config import Settings
from operator_push.gateway.clock import now_us
from operator_push.kernel.instants import MICROS_PER_DAY, MICROS_PER_SECOND, day_of

log = logging.getLogger(__name__)


RETRY_S = 3_600.0  # Ours: after a run that failed.
QUIET_US = 60 * MICROS_PER_SECOND  # Ours: a file that was written just now may still grow.
AGREES, DIFFERS = 0, 1  # exit statuses of the command
_FORMS = {".csv", ".cdr", ".ber"}


def closed_files(folder: Path, since_us: int) -> list[Path]:
    """The closed CDR files of a folder that were last written since a moment, by name.

    Raises:
        OSError: the folder cannot be read.
    """
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix in _FORMS and path.stat().st_mtime * MICROS_PER_SECOND >= since_us
    )


def day_due(settings: Settings, at_us: int) -> str | None:
    """Yesterday as YYYY-MM-DD where its files have come and its report has not been made; otherwise None."""
    folder = settings.reconciliation.cdr_folder
    since_us = (day_of(at_us) - 1) * MICROS_PER_DAY
    begin_us = since_us + MICROS_PER_DAY + settings.reconciliation.starts_after_s * MICROS_PER_SECOND
    if folder is None or at_us < begin_us:
        return None
    day = datetime.fromtimestamp(since_us / MICROS_PER_SECOND, UTC).date().isoformat()
    if (settings.reconciliation_folder / day / "report.json").exists():
        return None
    try:
        written = [path.stat().st_mtime for path in closed_files(folder, since_us)]
    except OSError as error:
        log.warning("the folder of the SMSC's CDR files cannot be read: %s", error)
        return None
    is_quiet = written and max(written) * MICROS_PER_SECOND <= at_us - QUIET_US
    return day if is_quiet else None


class DailyReconciliation:
    """Looks for a day that is due and has it done. `start` and `stop` belong to the loop's thread."""

    def __init__(
        self,
        reactor: Any,
        settings: Settings,
        config_file: Path | None,
        join: RunCommand | None = None,
        clock: Callable[[], int] = now_us,
    ) -> None:
        self._settings = settings
        self._config_file = config_file
        self._child = ChildCommand((AGREES, DIFFERS))
        self._join = join or self._child.run
        self._clock = clock
        self._look_every_s = float(settings.reconciliation.look_every_s)
        self._rounds = RepeatedWork(reactor, "the daily reconciliation", self.run_once, RETRY_S)

    def start(self) -> None:
        """Look at the folder from now on; without cdr_folder nothing is done."""
        if self._settings.reconciliation.cdr_folder is None:
            return
        if self._config_file is None:
            log.info("no daily reconciliation: this server was started without a configuration file")
            return
        self._rounds.start(self._look_every_s)

    def stop(self) -> None:
        """No further run; one that is going on is ended, and done again after the next start."""
        self._rounds.stop()
        self._child.kill()

    def run_once(self) -> float:
        """Do the day that is due, if one is; returns in how many seconds to look again. Blocks."""
        day = day_due(self._settings, self._clock())
        if day is None or self._rounds.stopped:
            return self._look_every_s
        words = ["reconcile", "--json", "--day", day, "--config", str(self._config_file)]
        if self._settings.reconciliation.complete:
            words.append("--complete")
        status, told = self._join(words)
        if self._rounds.stopped:
            return self._look_every_s
        if status not in (AGREES, DIFFERS):
            log.error("the reconciliation of %s failed: %s", day, told.strip()[-500:])
            return RETRY_S
        found = json.loads(told)
        log.log(
            logging.INFO if status == AGREES else logging.WARNING,
            "reconciled %s: %d messages, %d segments matched, %d do not; %d cases opened, resolved %s",
            day,
            found["messages"],
            found["matched"],
            found["mismatched"],
            found["cases_opened"],
            found["resolved"] or "nothing",
        )
        return self._look_every_s
