"""Record files: which kept files hold records of which local day."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.compute as pc
import pyarrow.parquet as pq

from cdr_ingest.features.local_time import local_day


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A Parquet file of kept events and the first and last moment in it."""

    path: Path
    first_us: int
    last_us: int

    @property
    def identity(self) -> str:
        """Changes when the file does: kept files are written once and never again."""
        stat = self.path.stat()
        return f"{self.path.parent.name}/{self.path.name}:{stat.st_size}:{stat.st_mtime_ns}"


def record_files(paths: Iterable[Path], moment: str) -> list[RecordFile]:
    """The files that hold records, with their moments by the column `moment`, read from the footers."""
    found = []
    for path in paths:
        first_us, last_us = _span(path, moment)
        if first_us is not None and last_us is not None:
            found.append(RecordFile(path, first_us, last_us))
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


def _span(path: Path, moment: str) -> tuple[int | None, int | None]:
    file = pq.ParquetFile(path)
    place = file.schema_arrow.get_field_index(moment)
    groups = [file.metadata.row_group(group).column(place) for group in range(file.num_row_groups)]
    if all(each.is_stats_set and each.statistics.has_min_max for each in groups):
        first_us = min((each.statistics.min for each in groups), default=None)
        return first_us, max((each.statistics.max for each in groups), default=None)
    found = pc.min_max(file.read([moment]).column(0)).as_py()
    return found["min"], found["max"]
