"""The CSV of this house: UTF-8 with a header line that names the layout's columns, in any order."""

from collections.abc import Iterator

from cdr_ingest.archives.members import Octets
from cdr_ingest.formats.columns import BlockLines, column_name, split_block, uneven_rows
from cdr_ingest.formats.layouts import Layout
from cdr_ingest.formats.reject_reasons import RejectReason
from cdr_ingest.formats.row_blocks import BrokenRow, RowBlock, empty_block
from cdr_ingest.formats.text_blocks import BLOCK_OCTETS, TextBlock, read_blocks


def read_house_csv(source: Octets, layout: Layout, block_octets: int = BLOCK_OCTETS) -> Iterator[RowBlock]:
    """The rows of a stream, block by block.

    Raises:
        OSError: the file cannot be read.
    """
    header: list[str] | None = None
    missing, header_line = "", b""
    for block in read_blocks(source, block_octets=block_octets):
        if header is None:
            first = block.first_row()
            header = first[1] if first is not None and first[0] == 1 else []
            needed = (name for name in layout.own_columns if name not in layout.optional)
            lacking = ", ".join(name for name in needed if name not in header)
            missing = f"the header lacks {lacking}; `cdr-ingest sniff` proposes a mapping" if lacking else ""
            if not missing:
                header_line = BlockLines(block)(1) + b"\n"
                block.drop_first_row()
        if missing:
            yield rejected_rows(block, layout, missing)
        else:
            rows = house_rows(block, layout, header)
            rows.header = header_line
            yield rows


def house_rows(block: TextBlock, layout: Layout, header: list[str]) -> RowBlock:
    """The rows of a block without its header."""
    split = split_block(block, len(header))
    columns = dict.fromkeys(layout.optional, "''") | dict(layout.given)
    columns |= {name: column_name(header.index(name)) for name in layout.own_columns if name in header}
    broken = block.broken + uneven_rows(block, split.uneven, len(header))
    return RowBlock(split.table, columns, broken=broken, octets_of=BlockLines(block))


def rejected_rows(block: TextBlock, layout: Layout, detail: str) -> RowBlock:
    """Every row of a file with a foreign header is rejected, its first line, too: it may be data."""
    octets_of = BlockLines(block)
    lines = [*range(block.first_line_no, block.first_line_no + block.plain_count)]
    lines += [line_no for line_no, _, _ in block.rows]
    rows = empty_block(layout.columns)
    rows.broken = [
        BrokenRow(line_no, RejectReason.UNKNOWN_HEADER, detail, octets_of(line_no)) for line_no in lines
    ]
    rows.broken += [
        BrokenRow(row.line_no, RejectReason.UNKNOWN_HEADER, row.detail or detail, row.octets)
        for row in block.broken
    ]
    return rows
