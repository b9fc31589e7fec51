"""The door of a stream: octets that arrived, through the same checks and permission as a run's files.

The snapshot is read again as soon as another one lies in its place. Numbers live in the door's memory alone,
and only so many of them: beyond that the door forgets all and learns them anew.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from cdr_ingest.door.row_filter import MomentBounds, RowFilter
from cdr_ingest.door.snapshot import read_key, read_snapshot
from cdr_ingest.formats.layouts import LAYOUTS, RowKind
from cdr_ingest.formats.row_blocks import RowBlock
from cdr_ingest.ingest.input_files import how_read
from cdr_ingest.mapping.catalogue import find_mapping
from cdr_ingest.reading.opening import read_octets, read_rows
from cdr_ingest.triggers.config import TriggersConfig
from cdr_ingest.triggers.detecting import Cell, Surroundings
from cdr_ingest.triggers.forgetting import purposes_by_number
from cdr_ingest.triggers.happenings import Happening, happening_columns, happenings
from operator_push.kernel.errors import ResourceError
from operator_push.kernel.instants import MICROS_PER_DAY, to_epoch_us

NUMBERS_MAX = 2_000_000  # Ours: some 200 MiB
EARLIEST_US = to_epoch_us(datetime(2000, 1, 1, tzinfo=UTC))
_KIND_OF = {"cdr": RowKind.CDR, "topups": RowKind.TOP_UP, "": RowKind.SUBSCRIBER}
_FOLDER_OF = {"cdr": "cdr/", "topups": "topups/", "": ""}


@dataclass(frozen=True, slots=True)
class LineCall:
    """A call that a line's own record tells of."""

    subscriber_no: int
    at_us: int
    line: str


@dataclass(slots=True)
class TakenBlock:
    """What became of a block's rows, and what happened by those that passed."""

    read: int
    rejected: int
    not_permitted: int
    happenings: Iterable[Happening]
    line_calls: list[LineCall]


class StreamDoor:
    """The door of one configuration; of one thread."""

    def __init__(self, config: TriggersConfig, now_us: int) -> None:
        """Read the key, the mappings, the snapshot and the cells; errors as `Watching`."""
        self._config = config
        self._key = read_key(Path(config.key_file))
        self._mappings = tuple(find_mapping(name) for name in config.mappings)
        self._columns = happening_columns(config.line)
        self._lines = {number: line.name for line in config.line for number in line.numbers}
        self._door: RowFilter | None = None
        self._snapshot_is: tuple[int, int, int] | None = None
        self.purposes: Any = np.zeros(1, np.uint8)
        self._file_no = 0
        self.renew(now_us)
        self.surroundings = Surroundings(config, self._read_cells())
        self.require_door().know_cells(list(self.surroundings.cells))

    def require_door(self) -> RowFilter:
        """The door, which `renew` has opened."""
        if self._door is None:
            raise RuntimeError("the door was not opened")
        return self._door

    def close(self) -> None:
        """Forget every number."""
        if self._door is not None:
            self._door.close()

    def renew(self, now_us: int) -> bool:
        """Go by the snapshot that lies there now; True where it is another one.

        Raises:
            OperatorError: it is no snapshot of this key.
        """
        bounds = MomentBounds(EARLIEST_US, now_us + MICROS_PER_DAY)
        path = Path(self._config.snapshot)
        try:
            stat = path.stat()
            lies_there = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        except OSError:
            lies_there = None  # read_snapshot says what is wrong
        is_new = lies_there is None or lies_there != self._snapshot_is
        if not is_new and self.require_door().numbers.distinct_count <= NUMBERS_MAX:
            self.require_door().move(bounds)
            return False
        snapshot = read_snapshot(path, self._key)
        self.close()
        config = self._config
        self._door = RowFilter(
            snapshot, self._key, bounds, config.threads, config.memory_limit, self._columns
        )
        if self._snapshot_is is not None:
            self._door.know_cells(list(self.surroundings.cells))
        self._snapshot_is = lies_there
        self.purposes = purposes_by_number(snapshot)
        return is_new

    def blocks(self, octets: bytes, into: str, name: str, now_us: int) -> Iterator[TakenBlock]:
        """What an arrival holds."""
        if not octets:
            return
        kind = _KIND_OF[into]
        layout, door = LAYOUTS[kind], self.require_door()
        self._file_no += 1
        how = how_read(_FOLDER_OF[into] + name, kind, self._mappings, self._config.zone)
        for block in read_octets(octets, layout, how, name):
            calls = self._line_calls(block) if kind is RowKind.CDR and self._lines else []
            found = door.filter_block(layout, block, self._file_no)
            rows = happenings(found.kept, now_us)
            yield TakenBlock(found.read, len(found.rejects), found.not_permitted, rows, calls)

    def _line_calls(self, block: RowBlock) -> list[LineCall]:
        """Calls that a line received and did not take; who called is looked up, whatever they permit."""
        door = self.require_door()
        found = []
        for called, caller, at_us in door.calls_of(block, LAYOUTS[RowKind.CDR], list(self._lines)):
            number = door.numbers.subscriber_no(caller)
            if number:
                found.append(LineCall(number, at_us, self._lines[called]))
        return found

    def _read_cells(self) -> dict[str, Cell]:
        if self._config.cells is None:
            return {}
        layout = LAYOUTS[RowKind.CELL]
        cells: dict[str, Cell] = {}
        try:
            for block in read_rows(Path(self._config.cells), layout):
                kept = self.require_door().filter_block(layout, block, 0).kept
                rows = kept.select(["cell_id", "city", "latitude", "longitude"]).to_pylist()
                cells |= {
                    row["cell_id"]: Cell(row["city"], row["latitude"], row["longitude"]) for row in rows
                }
        except OSError as error:
            raise ResourceError(
                f"{self._config.cells}: the cells cannot be read ({error.strerror})"
            ) from None
        return cells
