"""Journal: OUT/triggers/events-YYYY-MM-DD.jsonl, the events for whoever judges them, a line each.

What memory holds and the journal lacks is appended; so a crash between the two is made good at the next
start, and no event stands there twice. Files of days that are over are removed after a while.
"""

import os
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import msgspec

from cdr_ingest.triggers.memory import Memory
from operator_push.kernel.contracts import TRIGGER_EVENTS_GLOB, TriggerEvent
from operator_push.kernel.instants import MICROS_PER_SECOND

KEEP_DAYS_MAX = 30  # Ours: an event tells where somebody was
_APPEND_MAX = 5_000
_DECODER = msgspec.json.Decoder(TriggerEvent)


class Journal:
    """The events of one folder; `last` is the sequence of the last one that stands there whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        names = sorted(path.name for path in folder.glob(TRIGGER_EVENTS_GLOB))
        self._name = names[-1] if names else ""
        self.last = 0
        for name in reversed(names):
            self.last = _mend(folder / name)
            if self.last:
                break

    def append(self, memory: Memory) -> int:
        """Bring the journal up to what memory holds, durably; how many events that were."""
        count = 0
        while found := memory.events_after(self.last, _APPEND_MAX):
            for name, rows in groupby(found, self._name_of):
                with (self._folder / name).open("ab") as file:
                    file.write(b"".join(line for _, _, line in rows))
                    file.flush()
                    os.fsync(file.fileno())
            self.last = found[-1][0]
            count += len(found)
            with memory:
                memory.forget_events(self.last)
        return count

    def _name_of(self, row: tuple[int, int, bytes]) -> str:
        """The file of an event: never one before that of the event before it, whatever the clock says."""
        self._name = max(self._name, f"events-{_day(row[1])}.jsonl")
        return self._name


def remove_before(folder: Path, oldest_us: int) -> None:
    """Remove the files of days before that of a moment."""
    oldest = f"events-{_day(oldest_us)}.jsonl"
    for path in folder.glob(TRIGGER_EVENTS_GLOB):
        if path.name < oldest:
            path.unlink(missing_ok=True)


def _mend(path: Path) -> int:
    """Cut a line that does not end; the sequence of the last one, 0 in an empty file."""
    with path.open("r+b") as file:
        octets = file.read()
        whole = octets.rfind(b"\n") + 1
        if whole < len(octets):
            file.truncate(whole)
    lines = octets[:whole].splitlines()
    return _DECODER.decode(lines[-1]).sequence if lines else 0


def _day(moment_us: int) -> str:
    return f"{datetime.fromtimestamp(moment_us / MICROS_PER_SECOND, UTC):%Y-%m-%d}"
