"""Opening: a file of any format as row blocks, which the door takes.

This is the one place where a format is chosen. Whatever the format, the blocks of a file, their rows and the
numbers of these are the same whenever the file is read.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import pyarrow.compute as pc

from cdr_ingest.archives.members import Member, members_of, opened
from cdr_ingest.archives.stream_fault import StreamFaultError
from cdr_ingest.charging_records.rows import PIECE_OCTETS, read_charging_records
from cdr_ingest.charging_records.tap_rows import read_tap
from cdr_ingest.formats.contract_layout import DELTA, DELTA_NEEDED
from cdr_ingest.formats.house_csv import read_house_csv
from cdr_ingest.formats.layouts import Layout, RowKind
from cdr_ingest.formats.row_blocks import LINE_NO, BrokenRow, RowBlock, empty_block
from cdr_ingest.formats.text_blocks import BLOCK_OCTETS, REASON_OF_FAULT
from cdr_ingest.mapping.mapping import FileMapping
from cdr_ingest.mapping.rows import Place, read_mapped
from cdr_ingest.reading.place import day_of, form_of, moment_of
from cdr_ingest.subscribers.entries import entries_reader
from operator_push.cdr.ber import FILLERS, read_header
from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.file_32297 import begins_as_32297
from operator_push.cdr.reading import CONTEXT_CONSTRUCTED
from operator_push.cdr.tap import is_tap

_HEAD_OCTETS = 4096


@dataclass(frozen=True, slots=True)
class HowRead:
    """What a file's octets do not tell: the mapping of a text (None: it is our own CSV), the run's zone.

    `name` is what a mapping takes for the file's name where its path does not tell it; `place` is the file's
    name below the input folder, whose folders and date say something about its rows.
    """

    mapping: FileMapping | None = None
    zone: str = "UTC"
    name: str = ""
    place: str = ""

    @property
    def form(self) -> str:
        """The form of its subscriber records."""
        return form_of(self.place) if self.mapping is None or not self.mapping.rows else self.mapping.rows

    def given(self, layout: Layout) -> dict[str, str]:
        """The layout's given columns, as expressions."""
        known = {
            "row_form": self.form,
            "file_at": moment_of(self.place, self.zone) if "file_at" in layout.given else "",
            "file_on": day_of(self.place),
        }
        return {name: f"'{known[name]}'" for name in layout.given}


def read_rows(
    path: Path, layout: Layout, how: HowRead = HowRead(), block_octets: int = BLOCK_OCTETS
) -> Iterator[RowBlock]:
    """All rows of a file, block by block, in order; those of an archive's members one after the other.

    An archive that is damaged or ends early gives what stands before, and a broken row that says where.

    Raises:
        OSError: the file cannot be read.
    """
    with opened(path) as members:
        yield from _blocks_of(members, layout, how, path.name, block_octets)


def read_octets(octets: bytes, layout: Layout, how: HowRead, name: str) -> Iterator[RowBlock]:
    """As read_rows, of octets in memory that came under this name."""
    members = members_of(BytesIO(octets), len(octets))
    yield from _blocks_of(members, layout, how, name, BLOCK_OCTETS)


def _blocks_of(
    members: Iterator[Member], layout: Layout, how: HowRead, name: str, block_octets: int
) -> Iterator[RowBlock]:
    lines = 0
    position = 0
    try:
        for member in members:
            before = lines
            for block in _rows_of(member, layout, how, name, block_octets):
                _place(block, member, before)
                if layout.given:
                    block.columns = {**block.columns, **how.given(layout)}
                block.octets, position = member.position - position, member.position
                lines = max(lines, _last_line(block))
                yield block
    except StreamFaultError as fault:
        rest = empty_block(layout.columns)
        detail = f"octet {fault.offset} of the file: {fault.what}"
        rest.broken = [BrokenRow(lines + 1, REASON_OF_FAULT[fault.kind], detail, b"")]
        yield rest


def _rows_of(
    member: Member, layout: Layout, how: HowRead, file_name: str, block_octets: int
) -> Iterator[RowBlock]:
    head = member.peek(_HEAD_OCTETS)
    if layout.kind is RowKind.CDR and is_tap(head):
        return read_tap(member, block_octets)
    if layout.kind is RowKind.CDR and is_charging_file(head):
        return read_charging_records(member, min(block_octets, PIECE_OCTETS))
    if how.mapping is None and layout.kind is RowKind.SUBSCRIBER:
        read = entries_reader(head, member.name or how.place or file_name)
        if read is not None:
            return read(member, layout)
    if how.mapping is not None:
        name = (member.name or how.name or file_name).rpartition("/")[2]
        return read_mapped(member, how.mapping, Place(name.partition(".")[0], how.zone), block_octets)
    if layout.kind is RowKind.SUBSCRIBER and how.form == DELTA:
        layout = replace(layout, optional=tuple(set(layout.own_columns) - set(DELTA_NEEDED)))
    return read_house_csv(member, layout, block_octets)


def is_charging_file(head: bytes) -> bool:
    """True where a stream that begins so holds charging records, in a file of TS 32.297 or bare.

    A text of one octet a letter may begin with a mark such as £ that is a record's tag as well; what stands
    in a record is a field, and of another class than letters.
    """
    records = head.lstrip(FILLERS)
    if begins_as_32297(head):
        return True
    if not records or records[0] not in CONTEXT_CONSTRUCTED:
        return False
    try:
        content = read_header(records, 0, 2**62)[2]
    except (CdrError, IndexError):
        return False
    return records[content : content + 1] >= b"\x80"


def _place(block: RowBlock, member: Member, lines_before: int) -> None:
    """Number the rows of a member behind those of the members before it."""
    block.member, block.lines_before = member.name, lines_before
    if not lines_before:
        return
    numbers = block.table.column(LINE_NO)
    block.table = block.table.set_column(0, LINE_NO, pc.add(numbers, lines_before))
    octets_of = block.octets_of
    block.octets_of = lambda line_no: octets_of(line_no - lines_before)
    block.broken = [
        BrokenRow(row.line_no + lines_before, row.reason, row.detail, row.octets) for row in block.broken
    ]


def _last_line(block: RowBlock) -> int:
    last = pc.max(block.table.column(LINE_NO)).as_py() or 0
    return max([last, *(row.line_no for row in block.broken)])
