"""Snapshots and keys that are refused, each with a sentence that says why."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ingest_drop import EVERYTHING, KEY, write_key, write_snapshot

from cdr_ingest.door.snapshot import read_key, read_snapshot
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.pseudonym import lookup_value
from operator_push.vault import snapshot as product_snapshot

ASHA = {"919845000001": (1, EVERYTHING)}


def test_a_snapshot_says_when_and_by_which_key(tmp_path: Path) -> None:
    snapshot = read_snapshot(write_snapshot(tmp_path / "s", ASHA, taken_at=b"2026-11-01T05:30:00+05:30"), KEY)
    assert snapshot.taken_at == datetime(2026, 11, 1, tzinfo=UTC)
    assert snapshot.permission_sequence == 42
    assert snapshot.rows.num_rows == 1


@pytest.mark.parametrize(
    ("metadata", "sentence"),
    [
        ({"version": b"3"}, "version 3 where a permission snapshot of version 2 is expected"),
        ({"key_id": b"ffffffff"}, "made with pseudonym key ffffffff"),
        ({"taken_at": b"yesterday"}, "damaged"),
        ({"permission_sequence": b"many"}, "damaged"),
    ],
)
def test_a_snapshot_with_foreign_metadata_is_refused(
    tmp_path: Path, metadata: dict[str, bytes], sentence: str
) -> None:
    path = write_snapshot(tmp_path / "s", ASHA, **metadata)
    with pytest.raises(OperatorError, match=sentence):
        read_snapshot(path, KEY)


def test_a_snapshot_of_another_key_is_refused(tmp_path: Path) -> None:
    path = write_snapshot(tmp_path / "s", ASHA, bytes(32))
    with pytest.raises(OperatorError, match="nobody would be found"):
        read_snapshot(path, KEY)


def test_a_snapshot_that_names_a_person_twice_is_refused(tmp_path: Path) -> None:
    path = write_snapshot(tmp_path / "s", ASHA)
    table = pq.read_table(path)
    pq.write_table(pa.concat_tables([table, table]), path)
    with pytest.raises(OperatorError, match="twice"):
        read_snapshot(path, KEY)


def test_a_snapshot_without_a_column_is_refused(tmp_path: Path) -> None:
    path = write_snapshot(tmp_path / "s", ASHA)
    pq.write_table(pq.read_table(path).drop_columns(["purposes"]), path)
    with pytest.raises(OperatorError, match="has no column purposes"):
        read_snapshot(path, KEY)


@pytest.mark.parametrize("octets", [b"", b"not parquet at all"])
def test_what_is_no_parquet_file_is_refused(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "s").write_bytes(octets)
    with pytest.raises(OperatorError, match="operator-push permission snapshot --out FILE"):
        read_snapshot(tmp_path / "s", KEY)


def test_a_missing_snapshot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be read"):
        read_snapshot(tmp_path / "s", KEY)


def test_a_key_is_hexadecimal_text(tmp_path: Path) -> None:
    assert read_key(write_key(tmp_path / "key")) == KEY


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"00" * 31, "31 octets, at least 32"),
        (b"secret", "must be hexadecimal"),
        (b"\xff" * 64, "cannot be read"),
    ],
)
def test_what_is_no_key_is_refused_and_not_shown(tmp_path: Path, text: bytes, sentence: str) -> None:
    (tmp_path / "key").write_bytes(text)
    with pytest.raises(OperatorError, match=sentence) as refused:
        read_key(tmp_path / "key")
    assert "secret" not in str(refused.value).replace("must be", "")


class Book:
    """What the product's writer asks of its permissions."""

    sequence = 9

    def data_purposes(self, subscriber_no: int) -> DataPurpose:
        return DataPurpose(subscriber_no % 16)


def test_what_the_product_writes_is_what_is_read(tmp_path: Path) -> None:
    people = [(7, "919845000001", 0), (12, "919845000002", 5)]
    product_snapshot.write_snapshot(tmp_path / "s", KEY, people, Book(), 1_793_500_000_000_000)
    snapshot = read_snapshot(tmp_path / "s", KEY)
    assert snapshot.permission_sequence == 9
    assert snapshot.taken_at.year == 2026
    assert [tuple(row.values())[1:] for row in snapshot.rows.to_pylist()] == [(7, 7, 0), (12, 12, 5)]
    assert snapshot.rows.column("lookup")[0].as_py() == lookup_value(KEY, "msisdn", "919845000001")
