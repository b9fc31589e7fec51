"""Retention of features while the server runs: what was learnt of who has withdrawn goes within a day.

Once a day, from an hour on, `operator-push retention run` runs as a child: it has us write a permission
snapshot and starts cdr-ingest by it. Laws: a day whose proof stands in the file is not done again; one that
was missed is done at the next look, since a withdrawal knows no hour; a failure is told and tried again.
"""

import json
import logging
from pathlib import Path

from operator_push.bootstrap.due_command import RETRY_S, DueCommand
from operator_push.config import Settings
from operator_push.kernel.instants import MICROS_PER_DAY, MICROS_PER_SECOND, day_of, parse_iso

log = logging.getLogger(__name__)

PROOFS_FILE = "feature-retention.jsonl"
LOOK_EVERY_S = 600.0


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


class FeatureRetention(DueCommand):
    """Has it done when it is due."""

    name = "the retention of features"
    first_s = 120.0  # Ours: after a start the links go first.

    @property
    def is_wanted(self) -> bool:
        """Whether [retention] features_daily is on."""
        return self._settings.retention.features_daily

    def run_once(self) -> float:
        """Do what is due; returns in how many seconds to look again. Blocks."""
        if self._rounds.stopped or not is_due(self._settings, self._clock()):
            return LOOK_EVERY_S
        done = self._asked("retention", "run", "--json")
        if done is None:
            return RETRY_S
        erased = json.loads(done[1])
        log.info(
            "features: %d records of people who have withdrawn erased, %d that were too old",
            erased["records"],
            erased["expired_records"],
        )
        return LOOK_EVERY_S
