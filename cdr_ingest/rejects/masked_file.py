"""Masked file: rejects as people read them, file, line and reason, with every number masked."""

import csv
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from cdr_ingest.door.row_filter import Reject

REJECT_COLUMNS = ("file", "line", "reason", "detail", "raw")


class MaskedFile:
    """A CSV file of REJECT_COLUMNS, made when opened."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(REJECT_COLUMNS)

    def write(self, file_name: str, rejects: Sequence[Reject]) -> None:
        """Add the rejects of one file."""
        self._writer.writerows(map(masked_row, [file_name] * len(rejects), rejects))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


def masked_row(file_name: str, reject: Reject) -> tuple[Any, ...]:
    """One row of the file."""
    return (file_name, reject.line_no, reject.reason.name, reject.detail, reject.raw)


def copy_rejects(staged: Path, target: Path, file_ids: Collection[int]) -> None:
    """Write the reject file of a run from the staged list, whose rows begin with the file_id."""
    with (
        staged.open(encoding="utf-8", newline="") as lines,
        target.open("w", encoding="utf-8", newline="") as file,
    ):
        file.write(",".join(REJECT_COLUMNS) + "\n")
        for line in lines:
            file_id, _, rest = line.partition(",")
            if int(file_id) in file_ids:
                file.write(rest)
