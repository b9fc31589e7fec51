"""The daily reconciliation while the server runs: yesterday's CDR files, joined by a program of their own.

Once cdr_folder has a closed file that may tell of yesterday, `operator-push reconcile --day` runs as a child:
it reads the store beside us, leaves the reports, opens the cases, and has us settle what was unknown through
the control socket as anybody would. Laws: a day that has a report is not done again; the loop never reads a
file; a child that fails is tried again later, and says why in the log.
"""

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

from operator_push.bootstrap.due_command import RETRY_S, DueCommand
from operator_push.config import Settings
from operator_push.kernel.instants import MICROS_PER_DAY, MICROS_PER_SECOND, day_of

log = logging.getLogger(__name__)


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


class DailyReconciliation(DueCommand):
    """Looks for a day that is due and has it done."""

    name = "the daily reconciliation"
    answers = (AGREES, DIFFERS)

    @property
    def is_wanted(self) -> bool:
        """Whether [reconciliation] has a cdr_folder."""
        return self._settings.reconciliation.cdr_folder is not None

    @property
    def first_s(self) -> float:  # type: ignore[override]
        """As often as the folder is looked at."""
        return float(self._settings.reconciliation.look_every_s)

    def run_once(self) -> float:
        """Do the day that is due, if one is; returns in how many seconds to look again. Blocks."""
        day = day_due(self._settings, self._clock())
        if day is None or self._rounds.stopped:
            return self.first_s
        complete = ["--complete"] if self._settings.reconciliation.complete else []
        done = self._asked("reconcile", "--json", "--day", day, *complete)
        if done is None:
            return RETRY_S
        status, told = done
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
        return self.first_s
