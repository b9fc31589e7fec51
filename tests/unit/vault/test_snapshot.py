"""The permission snapshot has the contract's form and no number in it."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from operator_push.kernel.contracts import SNAPSHOT_COLUMNS, SNAPSHOT_KEY, DataPurpose
from operator_push.kernel.pseudonym import key_id, lookup_value
from operator_push.vault import snapshot
from operator_push.vault.vault import Vault

VAULT_KEY, KEY = b"v" * 32, b"k" * 32
TAKEN_AT_US = 1_800_000_000_000_000
PEOPLE = [str(919_812_345_000 + number) for number in range(10)]


class Book:
    """A double of domain.permission.PermissionBook."""

    sequence = 77

    def __init__(self, fails_at: int = 0) -> None:
        self._fails_at = fails_at

    def data_purposes(self, subscriber_no: int) -> DataPurpose:
        if subscriber_no == self._fails_at:
            raise RuntimeError("the book is torn")
        return DataPurpose(subscriber_no % 16)


@pytest.fixture
def vault() -> Vault:
    vault = Vault(VAULT_KEY)
    vault.enrol(PEOPLE, TAKEN_AT_US)
    return vault


@pytest.mark.parametrize("row_group_rows", [3, 10, 100_000])
def test_a_row_for_everybody_in_the_contracts_form(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row_group_rows: int
) -> None:
    monkeypatch.setattr(snapshot, "ROW_GROUP_ROWS", row_group_rows)
    path = tmp_path / "snapshot.parquet"
    assert vault.export_snapshot(path, KEY, Book(), taken_at_us=TAKEN_AT_US) == len(PEOPLE)
    table = pq.read_table(path)
    assert tuple(table.column_names) == SNAPSHOT_COLUMNS
    assert [str(field.type) for field in table.schema] == [
        "fixed_size_binary[16]",
        "uint32",
        "uint32",
        "int64",
    ]
    assert table.to_pylist() == [
        {
            "lookup": lookup_value(KEY, "msisdn", msisdn),
            "subscriber_no": number,
            "purposes": number % 16,
            "since_us": 0,
        }
        for number, msisdn in enumerate(PEOPLE, 1)
    ]


def test_who_got_a_number_from_somebody_has_it_since_then(vault: Vault, tmp_path: Path) -> None:
    vault.hand_over(PEOPLE[3], TAKEN_AT_US - 7, TAKEN_AT_US)
    vault.export_snapshot(tmp_path / "s", KEY, Book(), taken_at_us=TAKEN_AT_US)
    since = {row["subscriber_no"]: row["since_us"] for row in pq.read_table(tmp_path / "s").to_pylist()}
    assert since == dict.fromkeys([1, 2, 3, 5, 6, 7, 8, 9, 10], 0) | {11: TAKEN_AT_US - 7}


def test_metadata_tell_version_moment_key_and_sequence(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "snapshot.parquet"
    vault.export_snapshot(path, KEY, Book(), taken_at_us=TAKEN_AT_US)
    metadata = pq.read_schema(path).metadata
    assert metadata[SNAPSHOT_KEY.version] == b"2"
    assert metadata[SNAPSHOT_KEY.taken_at] == b"2027-01-15T08:00:00.000000Z"
    assert metadata[SNAPSHOT_KEY.key_id] == key_id(KEY).encode()
    assert metadata[SNAPSHOT_KEY.permission_sequence] == b"77"


def test_the_file_holds_no_number(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "snapshot.parquet"
    vault.export_snapshot(path, KEY, Book(), taken_at_us=TAKEN_AT_US)
    decompressed = b"".join(
        column.combine_chunks().buffers()[-1].to_pybytes() for column in pq.read_table(path).columns
    )
    haystack = path.read_bytes() + decompressed
    assert lookup_value(KEY, "msisdn", PEOPLE[0]) in haystack  # the search sees what is there
    for msisdn in PEOPLE:
        number = int(msisdn)
        assert msisdn.encode() not in haystack
        assert number.to_bytes(8, "little") not in haystack
        assert number.to_bytes(8, "big") not in haystack


def test_an_empty_vault_is_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.parquet"
    assert Vault(VAULT_KEY).export_snapshot(path, KEY, Book(), taken_at_us=TAKEN_AT_US) == 0
    assert pq.read_table(path).num_rows == 0


def test_a_failure_leaves_the_former_file_whole(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "snapshot.parquet"
    path.write_bytes(b"former")
    with pytest.raises(RuntimeError, match="torn"):
        vault.export_snapshot(path, KEY, Book(fails_at=10), taken_at_us=TAKEN_AT_US)
    assert path.read_bytes() == b"former"
    assert list(tmp_path.iterdir()) == [path]
