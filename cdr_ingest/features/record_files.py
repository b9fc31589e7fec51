"""Record files: which kept files hold records of which local day."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.compute as pc
import pyarrow.parquet as pq

from cdr_ingest.features.engine import DayBatch
from cdr_ingest.features.local_time import local_day


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A Parquet file of kept events, the first and last moment in it, and how many there are."""

    path: Path
    first_us: int
    last_us: int
    rows: int

    @property
    def identity(self) -> str:
        """Changes when the file does: kept files are written once and never again."""
        stat = self.path.stat()
        return f"{self.path.parent.name}/{self.path.name}:{stat.st_size}:{stat.st_mtime_ns}"


def record_files(paths: Iterable[Path], moment: str) -> list[RecordFile]:
    """The files that hold records, with their moments by the column `moment`, read from the footers."""
    found = []
    for path in paths:
        file = pq.ParquetFile(path)
        first_us, last_us = _span(file, moment)
        if first_us is not None and last_us is not None:
            found.append(RecordFile(path, first_us, last_us, file.metadata.num_rows))
    return found


def days_of(files: Iterable[RecordFile], zone: ZoneInfo) -> dict[int, str]:
    """Local day → digest of the files that may hold records of it."""
    made_from: dict[int, list[str]] = {}
    for file in files:
        for day in range(local_day(zone, file.first_us), local_day(zone, file.last_us) + 1):
            made_from.setdefault(day, []).append(file.identity)
    return {
        day: hashlib.sha256("\n".join(sorted(each)).encode()).hexdigest()[:32]
        for day, each in made_from.items()
    }


def day_batches(
    files: Sequence[RecordFile], days: Sequence[int], zone: ZoneInfo, records_max: int | None
) -> list[DayBatch]:
    """These days, in ascending order, in batches of hardly more than so many records (None: one batch)."""
    records: Counter[int] = Counter()
    behind: dict[int, list[Path]] = {}
    for file in files:
        of_file = range(local_day(zone, file.first_us), local_day(zone, file.last_us) + 1)
        for day in of_file:
            records[day] += file.rows // len(of_file)
            behind.setdefault(day, []).append(file.path)
    batches: list[list[int]] = []
    held = 0
    for day in days:
        if not batches or (records_max is not None and held + records[day] > records_max):
            batches.append([])
            held = 0
        batches[-1].append(day)
        held += records[day]
    return [
        DayBatch(tuple(each), tuple(dict.fromkeys(path for day in each for path in behind[day])))
        for each in batches
    ]


def _span(file: pq.ParquetFile, moment: str) -> tuple[int | None, int | None]:
    place = file.schema_arrow.get_field_index(moment)
    groups = [file.metadata.row_group(group).column(place) for group in range(file.num_row_groups)]
    if all(each.is_stats_set and each.statistics.has_min_max for each in groups):
        first_us = min((each.statistics.min for each in groups), default=None)
        return first_us, max((each.statistics.max for each in groups), default=None)
    found = pc.min_max(file.read([moment]).column(0)).as_py()
    return found["min"], found["max"]
