"""Rows of charging records: a stream is cut into pieces, and every record of a piece is a row or a reject."""

import hashlib
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdr_ingest.archives.members import Octets
from cdr_ingest.archives.stream_fault import StreamFaultError
from cdr_ingest.ber_columns.columns import columns_of
from cdr_ingest.ber_columns.places import RecordPlaces
from cdr_ingest.charging_records.framing import Framed, framing_of
from cdr_ingest.charging_records.record_kinds import ROW_SOURCES, RowSource
from cdr_ingest.formats.layouts import CORRESPONDENT
from cdr_ingest.formats.reject_reasons import RejectReason
from cdr_ingest.formats.row_blocks import LINE_NO, BrokenRow, RowBlock
from cdr_ingest.formats.text_blocks import REASON_OF_FAULT
from operator_push.cdr import ber
from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.file_32297 import HEADER_OCTETS_MAX
from operator_push.cdr.records_32298 import RECORDS

PIECE_OCTETS = 8 * 1024 * 1024
ID_OCTETS = 12
_CONTEXT = 2
_COLUMNS = (
    ("record_id", pa.string()), ("kind", pa.string()), ("msisdn", pa.string()), ("other", pa.string()),
    ("at_us", pa.int64()), ("duration_s", pa.int64()), ("octets_up", pa.int64()),
    ("octets_down", pa.int64()), ("place", pa.string()), ("network", pa.string()),
    ("device_tac", pa.string()),
)  # fmt: skip
SCHEMA = pa.schema([(LINE_NO, pa.int64()), *_COLUMNS])


def _shown(column: str) -> str:
    return f"coalesce(CAST({column} AS VARCHAR), '')"


# The other side may be hidden, a name that is too long, a code with a star: it is somebody all the same. Of a
# national number that was dialled the prefix is left out.
_OTHER = (
    "CASE WHEN kind = 'DATA_SESSION' THEN ''"
    " WHEN regexp_full_match(other, '[0-9]+') AND length(ltrim(other, '0')) > 2 THEN ltrim(other, '0')"
    f" WHEN regexp_full_match(other, '{CORRESPONDENT}') THEN other ELSE 'unknown' END"
)
EXPRESSIONS = {
    "record_id": "record_id",
    "kind": "kind",
    "msisdn": "msisdn",
    "correspondent": _OTHER,
    "started_at": _shown("at_us"),
    "duration_s": _shown("duration_s"),
    "octets_up": _shown("octets_up"),
    "octets_down": _shown("octets_down"),
    "cell_id": "place",
    "network": "coalesce(network, '')",
    "device_tac": "coalesce(device_tac, '')",
}
TYPED = {"started_at_us": "at_us"}
SHOWN = {"started_at": "coalesce(strftime(make_timestamp(at_us), '%Y-%m-%dT%H:%M:%SZ'), '')"}


def read_charging_records(source: Octets, piece_octets: int = PIECE_OCTETS) -> Iterator[RowBlock]:
    """The records of a stream, piece by piece; rows count from 1 in the order of the octets.

    Raises:
        OSError: the file cannot be read.
    """
    rest = b""
    framing = None
    row_no = 1
    offset = 0
    fault: StreamFaultError | None = None
    is_last = False
    while not is_last:
        try:
            octets = source.read(piece_octets)
        except StreamFaultError as error:
            octets, fault = b"", error
        data = rest + octets
        is_last = not octets
        if framing is None:
            if len(data) < HEADER_OCTETS_MAX and not is_last:
                rest = data
                continue
            framing = framing_of(data)
        try:
            framed = framing.frame(data, is_last)
        except CdrError as error:
            yield _unreadable(data, error, row_no)
            return
        if len(framed.places) or framed.broken:
            yield _block(data, framed, row_no, offset)
        row_no += len(framed.places) + len(framed.broken)
        offset += framed.behind
        rest = data[framed.behind :]
    if fault is not None:
        block = no_records()
        detail = f"octet {fault.offset} of the file: {fault.what}"
        block.broken = [BrokenRow(row_no, REASON_OF_FAULT[fault.kind], detail, b"")]
        yield block


def no_records() -> RowBlock:
    """A block without rows, for records."""
    return RowBlock(SCHEMA.empty_table(), EXPRESSIONS, TYPED, SHOWN, is_text=False)


def _unreadable(data: bytes, error: CdrError, row_no: int) -> RowBlock:
    block = no_records()
    block.broken = [BrokenRow(row_no, RejectReason.BAD_RECORD, str(error), data[:65_536])]
    return block


def _block(data: bytes, framed: Framed, row_no: int, offset: int) -> RowBlock:
    places = framed.places
    pieces = np.array([piece.start for piece in framed.broken], dtype=np.int64)
    starts = np.concatenate([places.start, pieces])
    numbers = np.empty(len(starts), dtype=np.int64)
    numbers[np.argsort(starts, kind="stable")] = np.arange(row_no, row_no + len(starts))
    spans = zip(places.start.tolist(), places.end.tolist(), strict=True)
    octets_at = dict(zip(numbers[: len(places)].tolist(), spans, strict=True))
    block = no_records()
    block.octets_of = lambda line_no: data[slice(*octets_at[line_no])]
    for piece, number in zip(framed.broken, numbers[len(places) :].tolist(), strict=True):
        detail = f"octet {offset + piece.start}: {piece.what}"
        block.broken.append(BrokenRow(number, RejectReason.BAD_RECORD, detail, data[piece.start : piece.end]))
    tables = []
    for tag in np.unique(places.tag).tolist():
        is_mine = places.tag == tag
        mine = numbers[: len(places)][is_mine]
        source = ROW_SOURCES.get(tag & ber.NUMBER_MAX) if tag >> 28 == _CONTEXT else None
        if source is None:
            name = RECORDS[tag].name if tag in RECORDS else ber.tag_text(tag)
            _reject(block, mine.tolist(), RejectReason.UNUSED_RECORD, name)
        else:
            tables.append(_rows_of(data, places.take(is_mine), source, mine, block, offset))
    block.table = pa.concat_tables(tables) if tables else block.table
    return block


def _reject(block: RowBlock, numbers: list[int], reason: RejectReason, detail: str) -> None:
    block.broken += [BrokenRow(number, reason, detail, block.octets_of(number)) for number in numbers]


def _rows_of(
    data: bytes, places: RecordPlaces, source: RowSource, numbers: np.ndarray, block: RowBlock, offset: int
) -> pa.Table:
    found, faults = columns_of(data, places, source.columns)
    bad = _failed(found)
    detail = f"{source.columns.name}: the message did not arrive"
    _reject(block, numbers[bad].tolist(), RejectReason.UNUSED_RECORD, detail)
    for row, error in faults:
        if not bad[row]:
            bad[row] = True
            detail = f"octet {offset + error.offset}: {error.path + ': ' if error.path else ''}{error.what}"
            _reject(block, [int(numbers[row])], RejectReason.BAD_RECORD, detail)
    digests = [
        hashlib.blake2b(data[start:end], digest_size=ID_OCTETS).hexdigest()
        for start, end in zip(places.start.tolist(), places.end.tolist(), strict=True)
    ]

    table = pa.table(
        {
            LINE_NO: pa.array(numbers),
            "record_id": pa.array(digests, pa.string()),
            "kind": pa.array([source.kind] * len(places), pa.string()),
            "msisdn": _first_text(found, "msisdn"),
            "other": _first_text(found, "other_"),
            "at_us": _first_number(found, "at_"),
            "duration_s": _first_number(found, "duration_s"),
            "octets_up": _first_number(found, "octets_up", "service_up"),
            "octets_down": _first_number(found, "octets_down", "service_down"),
            "place": _place(found),
            "network": _first_text(found, "network_"),
            "device_tac": _first_text(found, "device_tac"),
        },
        schema=SCHEMA,
    )
    return table.filter(pa.array(~bad)) if bad.any() else table


def _first_text(found: pa.Table, prefix: str) -> pa.Array:
    """Of the columns that begin so, the first text that is not empty; else ""."""
    out = pa.array([""] * found.num_rows, pa.string())
    for name in reversed([name for name in found.column_names if name.startswith(prefix)]):
        column = pc.fill_null(found.column(name), "").combine_chunks()
        out = pc.if_else(pc.equal(column, ""), out, column)
    return out


def _first_number(found: pa.Table, *prefixes: str) -> pa.Array:
    """Of the columns that begin so, the first number that is there."""
    names = [name for prefix in prefixes for name in found.column_names if name.startswith(prefix)]
    if not names:
        return pa.nulls(found.num_rows, pa.int64())
    return pc.coalesce(*(found.column(name).cast(pa.int64()) for name in names))


def _failed(found: pa.Table) -> np.ndarray:
    """Where a short message did not arrive: a cause stands in it, or a status that is not 0."""
    failed = np.zeros(found.num_rows, dtype=np.bool_)
    if "failed" in found.column_names:
        failed |= pc.is_valid(found.column("failed")).to_numpy()
    if "status" in found.column_names:
        failed |= pc.fill_null(found.column("status"), 0).to_numpy() > 1
    return failed


def _place(found: pa.Table) -> pa.Array:
    """AREA-CELL in decimal numbers, "" where the record has none."""
    names = found.column_names
    if "location" in names:
        return pc.fill_null(found.column("location"), "")
    if "cell" not in names:
        return pa.array([""] * found.num_rows, pa.string())
    area, cell = (found.column(name).cast(pa.string()) for name in ("area", "cell"))
    return pc.fill_null(pc.binary_join_element_wise(area, cell, "-"), "")
