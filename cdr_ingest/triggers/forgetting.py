"""Forgetting: what triggers remember of people who do not permit it any more."""

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from cdr_ingest.door.snapshot import PermissionSnapshot
from cdr_ingest.triggers.journal import KEEP_DAYS_MAX, remove_before
from cdr_ingest.triggers.memory import Memory
from operator_push.kernel.contracts import TRIGGER_MEMORY, TRIGGERS_FOLDER
from operator_push.kernel.instants import MICROS_PER_DAY, to_epoch_us


def purposes_by_number(snapshot: PermissionSnapshot) -> Any:
    """What each person permits, as an array by subscriber number."""
    numbers = snapshot.rows.column("subscriber_no").to_numpy()
    purposes = np.zeros(int(numbers.max(initial=0)) + 1, np.uint8)
    purposes[numbers] = snapshot.rows.column("purposes").to_numpy()
    return purposes


def forget_withdrawn(out: Path, snapshot: PermissionSnapshot, now: datetime) -> int:
    """Forget what is not permitted, and events that nobody keeps any more; how many values there were.

    May run beside the program of triggers, which goes by its own snapshot.
    """
    folder = out / TRIGGERS_FOLDER
    if not (folder / TRIGGER_MEMORY).exists():
        return 0
    remove_before(folder, to_epoch_us(now) - KEEP_DAYS_MAX * MICROS_PER_DAY)
    memory = Memory(folder / TRIGGER_MEMORY)
    try:
        with memory:
            return memory.keep_only(purposes_by_number(snapshot))
    finally:
        memory.close()
