"""Row blocks: what every format gives the door, whatever its files look like.

Columns are text (never null) under names of the block's own; an expression of DuckDB over them stands for
each column of the layout. Every row has a number, which is its line in a text and its place among the
records of a binary file; numbers go on from member to member of an archive.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from cdr_ingest.formats.reject_reasons import RejectReason

LINE_NO = "line_no"


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

    `octets_of` gives a row's octets (a text's in UTF-8); `is_text` says whether people can read them.
    `octets` is how much of the file on the disk the block took. `member` is the archive's member, whose first
    line is number `lines_before` + 1. `header`: octets (a text's in UTF-8) that must stand before rows of
    this block for these to be read alone; empty where none need to.
    """

    table: Any
    columns: Mapping[str, str]
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
