"""Reject file: every rejected row with file, line and reason, numbers masked, in the order of reading."""

import csv
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from cdr_ingest.door.row_filter import Reject

REJECT_COLUMNS = ("file", "line", "reason", "detail", "raw")


class RejectFile:
    """A CSV file of REJECT_COLUMNS; made when opened, also where nothing is rejected."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(REJECT_COLUMNS)

    def __enter__(self) -> "RejectFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, file_name: str, rejects: Iterable[Reject]) -> None:
        """Add the rejects of one file."""
        self._writer.writerows(
            (file_name, reject.line_no, reject.reason.name, reject.detail, reject.raw) for reject in rejects
        )
