"""Row blocks: what every format gives the door, whatever its files look like.

Columns are text (never null) under names of the block's own; an expression of DuckDB over them stands for
each column of the layout. Every row has a number, which is its line in a text and its place among the
records of a binary file; numbers go on from member to member of an archive.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from cdr_ingest.formats.layouts import Layout
from cdr_ingest.formats.reject_reasons import RejectReason

LINE_NO = "line_no"
EMPTY = "''"  # of a column that the format does not have; what a file must have is checked where it is read


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that cannot be split into columns; `octets` are its own (of a text in UTF-8)."""

    line_no: int
    reason: RejectReason
    detail: str
    octets: bytes


def no_octets(_line_no: int) -> bytes:
    """Of a block without rows."""
    return b""


@dataclass(slots=True)
class RowBlock:
    """`table` has LINE_NO and text columns; `columns` an expression over them for each of the layout's.

    `typed` has expressions of the layout's values that need not be read from text again, and `shown` what
    people see of the columns behind them. `octets_of` gives a row's octets (a text's in UTF-8);
    `is_text` says whether people can read them.
    `octets` is how much of the file on the disk the block took. `member` is the archive's member, whose first
    line is number `lines_before` + 1. `header`: octets (a text's in UTF-8) that must stand before rows of
    this block for these to be read alone; empty where none need to.
    """

    table: Any
    columns: Mapping[str, str]
    typed: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    broken: list[BrokenRow] = field(default_factory=list)
    octets_of: Callable[[int], bytes] = no_octets
    is_text: bool = True
    octets: int = 0
    member: str = ""
    lines_before: int = 0
    header: bytes = b""


def empty_block(columns: tuple[str, ...]) -> RowBlock:
    """No rows, of these columns."""
    schema = pa.schema([(LINE_NO, pa.int64()), *((name, pa.string()) for name in columns)])
    return RowBlock(schema.empty_table(), {name: name for name in columns})


def shown_columns(block: RowBlock, names: Sequence[str]) -> str:
    """The columns as people see them, as a list for SELECT."""
    return ", ".join(f"{block.shown.get(name, block.columns.get(name, EMPTY))} AS {name}" for name in names)


def raw_columns(block: RowBlock, layout: Layout) -> str:
    """The columns of the layout, and `ready_` values that need no reading, as a list for SELECT."""
    ready = [f"{sql} AS ready_{name}" for name, sql in block.typed.items()]
    return ", ".join([*(f"{block.columns.get(name, EMPTY)} AS {name}" for name in layout.columns), *ready])


def typed_values(block: RowBlock, layout: Layout) -> str:
    """The typed values of the layout over what raw_columns gave, as a list for SELECT."""
    return ", ".join(
        f"{f'ready_{value.name}' if value.name in block.typed else value.sql} AS typed_{value.name}"
        for value in layout.values
    )
