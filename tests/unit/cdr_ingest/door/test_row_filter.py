"""The door: look-ups are few, and what passes is what its owner permits."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from ingest_drop import KEY, write_rows, write_snapshot

from cdr_ingest.door import number_index
from cdr_ingest.door.row_filter import FilteredBlock, MomentBounds, RowFilter
from cdr_ingest.door.snapshot import read_snapshot
from cdr_ingest.formats.layouts import LAYOUTS, RowKind
from cdr_ingest.reading.opening import read_rows
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.pseudonym import contact_pseudonym

ASHA, BINA = "919845000001", "919845000002"
LAYOUT = LAYOUTS[RowKind.CDR]
LOCATED = DataPurpose.CALL_DATA | DataPurpose.LOCATION


@pytest.fixture
def door(tmp_path: Path) -> Iterator[RowFilter]:
    path = write_snapshot(tmp_path / "s", {ASHA: (1, LOCATED), BINA: (2, DataPurpose.CALL_DATA)})
    door = RowFilter(read_snapshot(path, KEY), KEY, MomentBounds(0, 2 * 10**15), 2, "256MB")
    yield door
    door.close()


def filtered(door: RowFilter, tmp_path: Path, *rows: str) -> FilteredBlock:
    [block] = read_rows(write_rows(tmp_path / "a.csv", LAYOUT.columns, rows), LAYOUT)
    return door.filter_block(LAYOUT, block, file_no=3)


def call(msisdn: str, other: str = "919845111111", cell: str = "BLR1") -> str:
    known = f"r,MO_CALL,{msisdn},{other},2026-10-10T12:00:00+05:30,60,,,{cell}"
    return known + "," * (len(LAYOUT.columns) - known.count(",") - 1)


def test_one_hmac_per_distinct_number(
    door: RowFilter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Counter[str] = Counter()
    lookup_value = number_index.lookup_value

    def counted(key: bytes, kind: str, number: str) -> bytes:
        asked[number] += 1
        return lookup_value(key, kind, number)

    monkeypatch.setattr(number_index, "lookup_value", counted)
    filtered(door, tmp_path, *[call(ASHA), call(BINA), call("nobody")] * 50)
    filtered(door, tmp_path, call(ASHA), call("919845000003"))
    assert asked == {ASHA: 1, BINA: 1, "919845000003": 1}
    assert door.numbers.distinct_count == 4


def test_only_what_is_kept_or_rejected_comes_back_from_the_engine(door: RowFilter, tmp_path: Path) -> None:
    rows = [call(ASHA), call("919845000003"), call("919845000003").replace("60", "-1"), call(BINA)]
    [block] = read_rows(write_rows(tmp_path / "a.csv", LAYOUT.columns, rows), LAYOUT)
    assert sorted(door._judge(LAYOUT, block, 1).column("line_no").to_pylist()) == [2, 4, 5]


def test_numbers_that_an_expression_makes_keep_their_rows(door: RowFilter, tmp_path: Path) -> None:
    people = {"000001": ASHA, "000002": BINA, "000003": "919845000003"}
    rows = [call(short) for _ in range(15_000) for short in people]
    [block] = read_rows(write_rows(tmp_path / "a.csv", LAYOUT.columns, rows), LAYOUT)
    block.columns = {**block.columns, "msisdn": f"'919845' || {block.columns['msisdn']}"}
    kept = door.filter_block(LAYOUT, block, file_no=1).kept
    owners = {((row["position"] & 2**32 - 1) % 3, row["subscriber_no"]) for row in kept.to_pylist()}
    assert (kept.num_rows, owners) == (30_000, {(2, 1), (0, 2)})  # the first row is line 2


def test_kept_rows_carry_pseudonyms_and_places_only_where_permitted(door: RowFilter, tmp_path: Path) -> None:
    block = filtered(door, tmp_path, call(ASHA), call(BINA), call(ASHA, "CHAIPT", ""))
    rows = block.kept.to_pylist()
    assert [(row["position"], row["subscriber_no"], row["cell_id"]) for row in rows] == [
        ((3 << 32) + 2, 1, "BLR1"),
        ((3 << 32) + 3, 2, None),
        ((3 << 32) + 4, 1, None),
    ]
    assert [row["contact"] for row in rows] == [
        contact_pseudonym(KEY, 1, "919845111111"),
        contact_pseudonym(KEY, 2, "919845111111"),
        contact_pseudonym(KEY, 1, "CHAIPT"),
    ]


def test_rejects_come_before_permission(door: RowFilter, tmp_path: Path) -> None:
    block = filtered(door, tmp_path, call("919845000003"), call("919845000003").replace("60", "-1"))
    assert (block.read, block.not_permitted, len(block.rejects)) == (2, 1, 1)


def test_all_cells_pass_where_none_is_known(door: RowFilter, tmp_path: Path) -> None:
    assert filtered(door, tmp_path, call(ASHA, cell="XX")).rejects == []
    door.know_cells(["BLR1"])
    assert [reject.reason.name for reject in filtered(door, tmp_path, call(ASHA, cell="XX")).rejects] == [
        "UNKNOWN_CELL"
    ]


def test_many_rows_keep_their_lines(door: RowFilter, tmp_path: Path) -> None:
    rows = [call(ASHA), "short", call("919845000003")] * 20_000
    block = filtered(door, tmp_path, *rows)
    assert (block.read, len(block.rejects), block.not_permitted) == (60_000, 20_000, 20_000)
    assert [reject.line_no for reject in block.rejects] == list(range(3, 60_002, 3))
    lines = sorted(position & 2**32 - 1 for position in block.kept.column("position").to_pylist())
    assert lines == list(range(2, 60_002, 3))


def test_the_door_keeps_nothing_on_a_disk(door: RowFilter) -> None:
    [(folder,)] = door._connection.execute("SELECT current_setting('temp_directory')").fetchall()
    assert folder == ""
