"""Merging of kept and new records, apart from a run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdr_ingest.formats.layouts import RowKind
from cdr_ingest.records.kept_files import KeptFiles
from cdr_ingest.records.merging import merge_records

TOP_UP = pa.schema(
    [
        ("position", pa.int64()),
        ("subscriber_no", pa.uint32()),
        ("record_key", pa.uint64()),
        ("topped_up_at_us", pa.int64()),
        ("amount_micros", pa.int64()),
    ]
)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(":memory:", config={"threads": "1"})
    connection.execute("CREATE TABLE permission (subscriber_no UINTEGER, purposes UINTEGER)")
    connection.execute("INSERT INTO permission VALUES (1, 15), (2, 8), (3, 7)")
    yield connection
    connection.close()


def top_ups(path: Path, *rows: tuple[int, int, int, int]) -> Path:
    """(file, line, subscriber_no, record_key) at one moment."""
    values = [((file << 32) + line, person, key, 1_000, 5) for file, line, person, key in rows]
    columns = list(zip(*values, strict=True)) if values else [()] * len(TOP_UP)
    pq.write_table(pa.table(dict(zip(TOP_UP.names, columns, strict=True)), TOP_UP), path)
    return path


def merged(path: Path) -> list[tuple[Any, ...]]:
    rows = pq.read_table(path).to_pylist()
    return sorted((row["subscriber_no"], row["record_key"]) for row in rows)


def test_the_first_of_equal_records_stays(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    read = top_ups(tmp_path / "read", (1, 9, 1, 7), (1, 5, 1, 7), (2, 2, 1, 7), (2, 3, 2, 7), (3, 2, 1, 8))
    repeats = merge_records(connection, RowKind.TOP_UP, None, [read], tmp_path / "out")
    assert repeats == {1: 1, 2: 1}  # line 9 of file 1 and line 2 of file 2 repeat line 5 of file 1
    assert merged(tmp_path / "out") == [(1, 7), (1, 8), (2, 7)]


def test_what_is_kept_comes_first_and_is_asked_for_permission_again(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    pq.write_table(
        pq.read_table(top_ups(tmp_path / "k", (0, 0, 1, 7), (0, 0, 3, 9))).drop_columns("position"), kept
    )
    read = top_ups(tmp_path / "read", (1, 2, 1, 7), (1, 3, 2, 7))
    assert merge_records(connection, RowKind.TOP_UP, kept, [read], tmp_path / "out") == {1: 1}
    assert merged(tmp_path / "out") == [(1, 7), (2, 7)]  # 3 permits no use of top-ups now


def test_kept_records_alone_are_carried_over(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    pq.write_table(pq.read_table(top_ups(tmp_path / "k", (0, 0, 1, 7))).drop_columns("position"), kept)
    assert merge_records(connection, RowKind.TOP_UP, kept, [], tmp_path / "out") == {}
    assert merged(tmp_path / "out") == [(1, 7)]


def test_a_path_with_a_quote_is_a_path(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    folder = tmp_path / "it's here"
    folder.mkdir()
    read = top_ups(folder / "read", (1, 2, 1, 7))
    merge_records(connection, RowKind.TOP_UP, None, [read], folder / "out")
    assert merged(folder / "out") == [(1, 7)]


def test_only_named_runs_keep_their_folder(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path)
    for run_no in (1, 2, 3):
        (kept.prepare(run_no) / "cdr.parquet").write_bytes(b"x")
    kept.remove_all_but([2])
    assert [list(kept.of_run(run_no)) for run_no in (1, 2, 3)] == [[], [RowKind.CDR], []]
    kept.prepare(2)
    assert kept.of_run(2) == {}
