"""Opening: packed files give the rows of what is packed, and a cut one is an answer with its place."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest
import zstandard
from charging_samples import file_of, mo_call, mt_call, p_gateway

from cdr_ingest.formats.layouts import CELL_LAYOUT
from cdr_ingest.formats.row_blocks import LINE_NO
from cdr_ingest.reading.opening import is_charging_file, read_rows
from operator_push.cdr.tap import is_tap

HEADER = b"cell_id,city,latitude,longitude\n"
ROWS = HEADER + b"".join(b"C%d,Town %d,%d.5,1.25\n" % (n, n % 7, n % 90) for n in range(3000))


def rows_of(path: Path, block_octets: int = 1 << 20) -> tuple[list[tuple[str, int, str]], list[str]]:
    """((member, line, first column) of every row, and the broken ones as text)."""
    rows, broken = [], []
    for block in read_rows(path, CELL_LAYOUT, block_octets=block_octets):
        lines = block.table.column(LINE_NO).to_pylist()
        values = block.table.column(block.columns["cell_id"]).to_pylist()
        for line_no, value in zip(lines, values, strict=True):
            rows.append((block.member, line_no - block.lines_before, value))
            assert block.octets_of(line_no).startswith(value.encode())
        broken += [
            f"{block.member}:{row.line_no - block.lines_before} {row.reason.name} {row.detail}"
            for row in block.broken
        ]
    return rows, broken


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, octets in members.items():
            file.writestr(f"{name}.csv", octets)
    return out.getvalue()


def test_packed_files_have_the_rows_of_what_is_packed(tmp_path: Path) -> None:
    expected = [("", n + 2, f"C{n}") for n in range(3000)]
    for octets in (ROWS, gzip.compress(ROWS), zstandard.compress(ROWS), ROWS.replace(b"\n", b"\r\n")):
        (tmp_path / "x").write_bytes(octets)
        assert rows_of(tmp_path / "x") == (expected, [])
        assert rows_of(tmp_path / "x", 1000) == (expected, [])


def test_every_member_of_a_zip_file_has_its_own_header_and_lines(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(zipped(a=HEADER + b"A,T,1,2\n", b=HEADER + b"B,T\nC,T,1,2\n"))
    rows, broken = rows_of(tmp_path / "x")
    assert rows == [("a.csv", 2, "A"), ("b.csv", 3, "C")]
    assert broken == ["b.csv:2 TRUNCATED_ROW 2 columns, 4 expected"]
    numbers = [
        number for b in read_rows(tmp_path / "x", CELL_LAYOUT) for number in b.table.column(0).to_pylist()
    ]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("text", ["£amount;b", "§1,2", "accountcode,src", "b,c", "¿que?", "ÿ", "a", "cdr"])
def test_texts_are_no_charging_records(text: str) -> None:
    assert not is_charging_file(text.encode("latin-1"))
    assert not is_tap(text.encode("latin-1"))


def test_records_are_known_by_their_first_octets() -> None:
    for octets in (mo_call(), b"\xff\x00" + mo_call(indefinite=True), p_gateway(), file_of([mt_call()])):
        assert is_charging_file(octets)


def test_a_cut_file_keeps_its_rows_and_says_where_it_ends(tmp_path: Path) -> None:
    packed = gzip.compress(ROWS)
    cut = len(packed) // 2
    (tmp_path / "x").write_bytes(packed[:cut])
    rows, broken = rows_of(tmp_path / "x")
    assert rows == [("", n + 2, f"C{n}") for n in range(len(rows))]
    assert len(rows) > 100
    assert broken == [f":{len(rows) + 2} BROKEN_ARCHIVE octet {cut} of the file: the gzip stream ends early"]
