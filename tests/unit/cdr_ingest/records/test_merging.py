"""Merging of kept and staged records, apart from a run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdr_ingest.formats.layouts import RowKind
from cdr_ingest.records.merging import (
    Merged,
    MergeSources,
    days_of,
    files_with_withdrawn,
    merge_records,
)
from operator_push.kernel.instants import MICROS_PER_DAY

TOP_UP = pa.schema(
    [
        ("position", pa.int64()),
        ("subscriber_no", pa.uint32()),
        ("record_key", pa.uint64()),
        ("topped_up_at_us", pa.int64()),
        ("amount_micros", pa.int64()),
        ("balance_micros", pa.int64()),
    ]
)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(":memory:", config={"threads": "1"})
    connection.execute(
        "CREATE TABLE permission AS SELECT *, 0 AS since_us, 9223372036854775807 AS until_us FROM"
        " (VALUES (1::UINTEGER, 15::UINTEGER), (2, 8), (3, 7)) AS people(subscriber_no, purposes)"
    )
    connection.execute("CREATE TABLE good_file (file_id BIGINT)")
    connection.execute("INSERT INTO good_file VALUES (1), (2), (3)")
    yield connection
    connection.close()


def top_ups(path: Path, *rows: tuple[int, int, int, int], at_us: int = 1_000) -> Path:
    """(file, line, subscriber_no, record_key) at one moment."""
    values = [((file << 32) + line, person, key, at_us, 5, None) for file, line, person, key in rows]
    columns = list(zip(*values, strict=True)) if values else [()] * len(TOP_UP)
    pq.write_table(pa.table(dict(zip(TOP_UP.names, columns, strict=True)), TOP_UP), path)
    return path


def kept_top_ups(path: Path, *rows: tuple[int, int, int, int]) -> Path:
    pq.write_table(pq.read_table(top_ups(path, *rows)).drop_columns("position"), path)
    return path


def merged(path: Path) -> list[tuple[Any, ...]]:
    rows = pq.read_table(path).to_pylist()
    return sorted((row["subscriber_no"], row["record_key"]) for row in rows)


def sources(kept: Path | None, *read: Path, stale: bool = False) -> MergeSources:
    return MergeSources(RowKind.TOP_UP, kept, read, 0, stale)


def test_the_first_of_equal_records_stays(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    read = top_ups(tmp_path / "read", (1, 9, 1, 7), (1, 5, 1, 7), (2, 2, 1, 7), (2, 3, 2, 7), (3, 2, 1, 8))
    # Line 9 of file 1 and line 2 of file 2 repeat line 5 of file 1.
    assert merge_records(connection, sources(None, read), tmp_path / "out") == Merged(3, {1: 1, 2: 1})
    assert merged(tmp_path / "out") == [(1, 7), (1, 8), (2, 7)]


def test_what_is_kept_comes_first_and_is_asked_for_permission_again(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    kept = kept_top_ups(tmp_path / "kept", (0, 0, 1, 7), (0, 0, 3, 9))
    read = top_ups(tmp_path / "read", (1, 2, 1, 7), (1, 3, 2, 7))
    assert merge_records(connection, sources(kept, read), tmp_path / "out") == Merged(2, {1: 1})
    assert merged(tmp_path / "out") == [(1, 7), (2, 7)]  # 3 permits no use of top-ups now


def test_what_a_dead_run_staged_is_asked_for_permission_again(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    read = top_ups(tmp_path / "read", (1, 2, 1, 7), (1, 3, 3, 7), (2, 4, 9, 7))
    found = merge_records(connection, sources(None, read, stale=True), tmp_path / "out")
    assert found == Merged(1, {}, {1: 1, 2: 1})  # 3 permits it no more, 9 is nobody now
    assert merged(tmp_path / "out") == [(1, 7)]


def test_a_record_counts_only_while_its_number_was_the_persons(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    connection.execute("UPDATE permission SET since_us = 1001 WHERE subscriber_no = 1")
    connection.execute("UPDATE permission SET until_us = 1000 WHERE subscriber_no = 2")
    kept = kept_top_ups(tmp_path / "kept", (0, 0, 2, 7))
    read = top_ups(tmp_path / "read", (1, 2, 1, 7), (1, 3, 2, 8))
    found = merge_records(connection, sources(kept, read, stale=True), tmp_path / "out")
    assert found == Merged(0, {}, {1: 2})


def test_rows_of_files_that_do_not_count_are_passed_over(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    read = top_ups(tmp_path / "read", (4, 1, 1, 7), (1, 3, 1, 7))
    assert merge_records(connection, sources(None, read), tmp_path / "out") == Merged(1)


def test_other_days_are_left_alone(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    read = [
        top_ups(tmp_path / "first", (1, 2, 1, 7), at_us=MICROS_PER_DAY - 1),
        top_ups(tmp_path / "second", (1, 3, 1, 8), at_us=MICROS_PER_DAY),
    ]
    assert merge_records(connection, sources(None, *read), tmp_path / "out") == Merged(1)
    assert merged(tmp_path / "out") == [(1, 7)]
    assert days_of(connection, RowKind.TOP_UP, read[1]) == [1]


def test_a_day_of_which_nothing_remains_has_no_file(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    kept = kept_top_ups(tmp_path / "kept", (0, 0, 3, 7))
    assert merge_records(connection, sources(kept), tmp_path / "out") == Merged(0)
    assert not (tmp_path / "out").exists()


def test_only_files_that_hold_a_withdrawn_record_are_named(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    files = [kept_top_ups(tmp_path / "a", (0, 0, 1, 7)), kept_top_ups(tmp_path / "b", (0, 0, 2, 7))]
    connection.execute("CREATE TABLE withdrawn (subscriber_no UINTEGER, lost UINTEGER)")
    connection.execute("INSERT INTO withdrawn VALUES (1, 8), (2, 7)")  # 2 keeps the use of top-ups
    assert files_with_withdrawn(connection, RowKind.TOP_UP, files) == {files[0]}
    assert files_with_withdrawn(connection, RowKind.TOP_UP, []) == set()


def test_whoever_takes_back_location_loses_networks_too(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    kept = {"subscriber_no": pa.array([1, 2], pa.uint32()), "cell_id": pa.array([None, None], pa.string())}
    old, new, other = tmp_path / "old", tmp_path / "new", tmp_path / "other"
    pq.write_table(pa.table(kept), old)  # as a version wrote it that took no networks
    pq.write_table(pa.table(kept | {"network": ["404-45", None]}), new)
    pq.write_table(pa.table(kept | {"network": [None, "404-45"]}), other)
    connection.execute("CREATE TABLE withdrawn (subscriber_no UINTEGER, lost UINTEGER)")
    connection.execute("INSERT INTO withdrawn VALUES (1, 4)")
    assert files_with_withdrawn(connection, RowKind.CDR, [old, new, other]) == {new}
    assert files_with_withdrawn(connection, RowKind.CDR, [old]) == set()


def test_a_path_with_a_quote_is_a_path(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    folder = tmp_path / "it's here"
    folder.mkdir()
    read = top_ups(folder / "read", (1, 2, 1, 7))
    merge_records(connection, sources(None, read), folder / "out")
    assert merged(folder / "out") == [(1, 7)]
