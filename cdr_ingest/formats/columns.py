"""Columns: the rows of a text block as Arrow columns of text, with the line of every row.

The usual block goes through Arrow's CSV reader at a third of a microsecond a row; a block with odd lines
has been split line by line already. Both give the same columns.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from cdr_ingest.formats.reject_reasons import RejectReason
from cdr_ingest.formats.row_blocks import LINE_NO, BrokenRow
from cdr_ingest.formats.text_blocks import TextBlock

_NEWLINE = 0x0A


@dataclass(frozen=True, slots=True)
class SplitBlock:
    """`table` has `line_no` and text columns c0, c1 …; only rows with the right number of fields.

    `uneven` holds (line number, number of fields) of all other rows.
    """

    table: Any
    uneven: list[tuple[int, int]]


def column_name(place: int) -> str:
    """The name of the column at a place in the file, which does not trust the file's own names."""
    return f"c{place}"


def split_block(block: TextBlock, column_count: int) -> SplitBlock:
    """The columns of a block without its header, which had `column_count` columns."""
    names = [column_name(place) for place in range(column_count)]
    if block.plain and not block.dialect.delimiter:
        return SplitBlock(_one_column(block), [])
    if block.plain:
        split = _split_plain(block, names)
        if split is not None:
            return split
        block.split_lines()
    even = [row for row in block.rows if len(row[2]) == len(names)]
    columns = {LINE_NO: pa.array([line_no for line_no, _, _ in even], pa.int64())}
    for place, name in enumerate(names):
        columns[name] = pa.array([fields[place] for _, _, fields in even], pa.string())
    uneven = [(line_no, len(fields)) for line_no, _, fields in block.rows if len(fields) != len(names)]
    return SplitBlock(pa.table(columns), uneven)


def uneven_rows(block: TextBlock, uneven: list[tuple[int, int]], column_count: int) -> list[BrokenRow]:
    """Rows of another length than the header's, as broken ones."""
    octets_of = BlockLines(block)
    rows = []
    for line_no, count in uneven:
        reason = RejectReason.TRUNCATED_ROW if count < column_count else RejectReason.EXTRA_COLUMNS
        rows.append(
            BrokenRow(line_no, reason, f"{count} columns, {column_count} expected", octets_of(line_no))
        )
    return rows


class BlockLines:
    """Answers which octets (UTF-8) a line of a block has; lines are found when the first is asked for."""

    def __init__(self, block: TextBlock) -> None:
        self._block = block
        self._ends: Any = None
        self._rows: dict[int, str] = {}

    def __call__(self, line_no: int) -> bytes:
        plain = self._block.plain
        if self._ends is None:
            self._ends = np.flatnonzero(np.frombuffer(plain, np.uint8) == _NEWLINE)
            self._rows = {number: line for number, line, _ in self._block.rows}
        if not plain:
            return self._rows[line_no].encode()
        place = line_no - self._block.first_line_no
        begin = int(self._ends[place - 1]) + 1 if place else 0
        return plain[begin : int(self._ends[place]) if place < len(self._ends) else len(plain)]


def _one_column(block: TextBlock) -> Any:
    lines = block.plain_lines()
    numbers = range(block.first_line_no, block.first_line_no + len(lines))
    return pa.table({LINE_NO: pa.array(numbers, pa.int64()), column_name(0): pa.array(lines, pa.string())})


def _split_plain(block: TextBlock, names: list[str]) -> SplitBlock | None:
    """None where a quoted field runs over the end of its line."""
    uneven: list[tuple[int, int]] = []

    def note(row: Any) -> str:
        uneven.append((block.first_line_no + row.number - 1, row.actual_columns))
        return "skip"

    dialect = block.dialect
    quote = dialect.quote if block.has_quotes else False
    try:
        table = csv.read_csv(
            pa.BufferReader(block.plain),
            # Only one thread numbers its rows; the engine behind is parallel.
            csv.ReadOptions(column_names=names, use_threads=False, block_size=len(block.plain) + 1),
            csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=quote,
                double_quote=bool(quote),
                escape_char="\\" if quote and dialect.backslash else False,
                newlines_in_values=bool(quote),
                ignore_empty_lines=False,
                invalid_row_handler=note,
            ),
            csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows + len(uneven) != block.plain_count:
        return None
    return SplitBlock(table.add_column(0, LINE_NO, _line_nos(block, table.num_rows, uneven)), uneven)


def _line_nos(block: TextBlock, row_count: int, uneven: list[tuple[int, int]]) -> Any:
    numbers = np.arange(block.first_line_no, block.first_line_no + row_count + len(uneven))
    if uneven:
        numbers = np.delete(numbers, [line_no - block.first_line_no for line_no, _ in uneven])
    return pa.array(numbers, pa.int64())
