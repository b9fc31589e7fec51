"""Part files hold few rows in memory, and days apart."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdr_ingest.ingest import part_file
from cdr_ingest.ingest.part_file import PartFile
from operator_push.kernel.instants import MICROS_PER_DAY


def rows(*moments: tuple[int, str]) -> pa.Table:
    """(day, word), a second apart."""
    return pa.table(
        {
            "at_us": pa.array([day * MICROS_PER_DAY + 1 for day, _ in moments], pa.int64()),
            "word": pa.array([word for _, word in moments], pa.string()),
        }
    )


def test_every_row_group_is_of_one_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_file, "ROWS_AT_ONCE", 4)
    part = PartFile(tmp_path / "part", "at_us")
    part.add(rows((7, "a"), (8, "b"), (7, "c")))
    assert not (tmp_path / "part").exists()
    part.add(rows((8, "d")))
    assert (tmp_path / "part").exists()  # four rows do not wait
    part.add(rows((9, "e")))
    assert (part.rows, part.close()) == (5, (7, 8, 9))
    file = pq.ParquetFile(tmp_path / "part")
    groups = [file.read_row_group(group)["word"].to_pylist() for group in range(file.num_row_groups)]
    assert groups == [["a", "c"], ["b", "d"], ["e"]]


def test_what_has_no_moment_has_no_day(tmp_path: Path) -> None:
    part = PartFile(tmp_path / "part", None)
    part.add(rows((7, "a"), (8, "b")))
    assert part.close() == ()
    assert pq.read_table(tmp_path / "part")["word"].to_pylist() == ["a", "b"]
