"""Retention of features while the server runs: what was learnt of who has withdrawn goes within a day.

Once a day, from an hour on, `operator-push retention run` runs as a child: it has us write a permission
snapshot and starts cdr-ingest by it. Laws: a day whose proof stands in the file is not done again; one that
was missed is done at the next look, since a withdrawal knows no hour; a failure is told and tried again.
"""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from operator_push.bootstrap.child_command import ChildCommand, RunCommand
from operator_push.bootstrap.repeated_work import RepeatedWork
from operator_push.config import Settings
from operator_push.gateway.clock import now_us
from operator_push.kernel.instants import MICROS_PER_DAY, MICROS_PER_SECOND, day_of, parse_iso

log = logging.getLogger(__name__)

PROOFS_FILE = "feature-retention.jsonl"
FIRST_S = 120.0  # Ours: after a start the links go first.
LOOK_EVERY_S = 600.0
RETRY_S = 3_600.0  # Ours: after a run that failed, as where another one is at work in the folder.


def is_due(settings: Settings, at_us: int) -> bool:
    """Whether the hour of today has come, there are features, and nothing was done since it came."""
    if not settings.features_file.exists():
        return False
    due_us = day_of(at_us) * MICROS_PER_DAY + settings.retention.features_hour * 3_600 * MICROS_PER_SECOND
    if at_us < due_us:
        due_us -= MICROS_PER_DAY
    return last_done_us(settings.data_dir / PROOFS_FILE) < due_us


def last_done_us(proofs: Path) -> int:
    """When retention was done last, by the last proof of the file; 0 where there is none that can be read."""
    try:
        return parse_iso(str(json.loads(proofs.read_text(encoding="utf-8").splitlines()[-1])["at"]))
    except (OSError, ValueError, LookupError, TypeError):
        return 0


class FeatureRetention:
    """Has it done when it is due. `start` and `stop` belong to the loop's thread."""

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
        self._child = ChildCommand((0,))
        self._run = run or self._child.run
        self._clock = clock
        self._rounds = RepeatedWork(reactor, "the retention of features", self.run_once, RETRY_S)

    def start(self) -> None:
        """Look from now on; nothing where [retention] features_daily is off."""
        if not self._settings.retention.features_daily:
            return
        if self._config_file is None:
            log.info("no retention of features: this server was started without a configuration file")
            return
        self._rounds.start(FIRST_S)

    def stop(self) -> None:
        """No further run; one that is going on is ended, and done again after the next start."""
        self._rounds.stop()
        self._child.kill()

    def run_once(self) -> float:
        """Do what is due; returns in how many seconds to look again. Blocks."""
        if self._rounds.stopped or not is_due(self._settings, self._clock()):
            return LOOK_EVERY_S
        status, told = self._run(["retention", "run", "--json", "--config", str(self._config_file)])
        if self._rounds.stopped:
            return LOOK_EVERY_S
        if status != 0:
            log.error("the retention of features failed: %s", told.strip()[-500:])
            return RETRY_S
        done = json.loads(told)
        log.info(
            "features: %d records of people who have withdrawn erased, %d that were too old",
            done["records"],
            done["expired_records"],
        )
        return LOOK_EVERY_S
