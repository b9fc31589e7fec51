"""Lines and their numbers, whatever the file does to them."""

import io
from pathlib import Path

import pytest

from cdr_ingest.formats import text_blocks
from cdr_ingest.formats.columns import split_block
from cdr_ingest.formats.reject_reasons import RejectReason
from cdr_ingest.formats.text_blocks import read_blocks


def rows_of(path: Path, block_octets: int = 1 << 20) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """((line, text) of every row, (line, reason) of every broken one)."""
    rows, broken = [], []
    for block in read_blocks(io.BytesIO(path.read_bytes()), block_octets=block_octets):
        rows += [*enumerate(block.plain_lines(), block.first_line_no)]
        rows += [(line_no, line) for line_no, line, _ in block.rows]
        broken += [(line.line_no, line.reason.name) for line in block.broken]
    return sorted(rows), broken


def written(tmp_path: Path, octets: bytes) -> Path:
    path = tmp_path / "a.csv"
    path.write_bytes(octets)
    return path


@pytest.mark.parametrize(
    ("octets", "rows"),
    [
        (b"", []),
        (b"a\nb\n", [(1, "a"), (2, "b")]),
        (b"a\nb", [(1, "a"), (2, "b")]),
        (b"a\r\nb\r\n", [(1, "a"), (2, "b")]),
        (b"a\n\n\nb\n", [(1, "a"), (4, "b")]),
        (b"\na\n", [(2, "a")]),
        (b"\xef\xbb\xbfa\nb\n", [(1, "a"), (2, "b")]),
        (b'a\n"b,c",d\n', [(1, "a"), (2, '"b,c",d')]),
        ("a\n€\n".encode(), [(1, "a"), (2, "€")]),
        ("a\u2028b\nc\x0bd\n".encode(), [(1, "a\u2028b"), (2, "c\x0bd")]),
    ],
)
@pytest.mark.parametrize("block_octets", [1, 2, 3, 5, 1 << 20])
def test_rows_keep_their_line_numbers(
    tmp_path: Path, octets: bytes, rows: list[tuple[int, str]], block_octets: int
) -> None:
    assert rows_of(written(tmp_path, octets), block_octets) == (rows, [])


def test_lines_that_cannot_be_split_are_named(tmp_path: Path) -> None:
    path = written(tmp_path, b'a\n\xff\xfe\nb\0c\n"open,d\nz\n')
    assert rows_of(path) == (
        [(1, "a"), (5, "z")],
        [(2, "BAD_ENCODING"), (3, "BAD_ENCODING"), (4, "BAD_QUOTING")],
    )


@pytest.mark.parametrize("block_octets", [7, 64, 1 << 20])
def test_a_line_without_an_end_costs_one_reject_and_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_octets: int
) -> None:
    monkeypatch.setattr(text_blocks, "LINE_OCTETS_MAX", 20)
    path = written(tmp_path, b"a\n" + b"x" * 500 + b"\nb\n" + b"y" * 300)
    rows, broken = rows_of(path, block_octets)
    assert rows == [(1, "a"), (3, "b")]
    assert broken == [(2, "LINE_TOO_LONG"), (4, "LINE_TOO_LONG")]
    blocks = read_blocks(io.BytesIO(path.read_bytes()), block_octets=block_octets)
    assert max(len(row.octets) for block in blocks for row in block.broken) <= 200


def test_columns_of_plain_and_quoted_blocks_are_the_same(tmp_path: Path) -> None:
    plain = written(tmp_path, b"a,b\n1,2\n3\n4,5,6\n7,8\n")
    quoted = tmp_path / "q.csv"
    quoted.write_bytes(b'a,b\r\n"1",2\r\n3\r\n4,5,6\r\n7,"8"\r\n')
    for path in (plain, quoted):
        [block] = read_blocks(io.BytesIO(path.read_bytes()))
        assert block.first_row() == (1, ["a", "b"])
        block.drop_first_row()
        split = split_block(block, 2)
        assert split.table.to_pylist() == [
            {"line_no": 2, "c0": "1", "c1": "2"},
            {"line_no": 5, "c0": "7", "c1": "8"},
        ]
        assert split.uneven == [(3, 1), (4, 3)]


def test_empty_fields_stay_empty_text() -> None:
    [block] = read_blocks(io.BytesIO(b"a,b\n,\nNULL,NA\n"))
    block.drop_first_row()
    assert split_block(block, 2).table.to_pylist() == [
        {"line_no": 2, "c0": "", "c1": ""},
        {"line_no": 3, "c0": "NULL", "c1": "NA"},
    ]


def test_every_reason_is_explained() -> None:
    assert all(reason.value for reason in RejectReason)
