"""Columns: the rows of a text block as Arrow columns of text, with the line of every row.

The usual block goes through Arrow's CSV reader at a third of a microsecond a row; a block with quotes or
odd lines has been split line by line already. Both give the same columns.
"""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyarrow import csv

from cdr_ingest.formats.text_blocks import TextBlock

LINE_NO = "line_no"


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
    if block.plain:
        return _split_plain(block, names)
    even = [row for row in block.rows if len(row[2]) == len(names)]
    columns = {LINE_NO: pa.array([line_no for line_no, _, _ in even], pa.int64())}
    for place, name in enumerate(names):
        columns[name] = pa.array([fields[place] for _, _, fields in even], pa.string())
    uneven = [(line_no, len(fields)) for line_no, _, fields in block.rows if len(fields) != len(names)]
    return SplitBlock(pa.table(columns), uneven)


def _split_plain(block: TextBlock, names: list[str]) -> SplitBlock:
    uneven: list[tuple[int, int]] = []

    def note(row: Any) -> str:
        uneven.append((block.first_line_no + row.number - 1, row.actual_columns))
        return "skip"

    table = csv.read_csv(
        pa.BufferReader(block.plain),
        # Only one thread numbers its rows; the engine behind is parallel.
        csv.ReadOptions(column_names=names, use_threads=False, block_size=len(block.plain) + 1),
        csv.ParseOptions(
            quote_char=False,
            double_quote=False,
            escape_char=False,
            ignore_empty_lines=False,
            invalid_row_handler=note,
        ),
        csv.ConvertOptions(
            column_types={name: pa.string() for name in names}, strings_can_be_null=False, check_utf8=False
        ),
    )
    return SplitBlock(table.add_column(0, LINE_NO, _line_nos(block, table.num_rows, uneven)), uneven)


def _line_nos(block: TextBlock, row_count: int, uneven: list[tuple[int, int]]) -> Any:
    numbers = range(block.first_line_no, block.first_line_no + row_count + len(uneven))
    if not uneven:
        return pa.array(numbers, pa.int64())
    skipped = {line_no for line_no, _ in uneven}
    return pa.array([line_no for line_no in numbers if line_no not in skipped], pa.int64())
