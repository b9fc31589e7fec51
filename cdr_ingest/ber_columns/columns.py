"""The fields of charging records that features and reconciliation use, as an Arrow table per kind of record.

Tags are those of 3GPP TS 32.298 release 16: SC-SMT and SC-SMO in section 5.2.4, MOC and MTC in 5.2.2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from cdr_ingest.ber_columns import values
from cdr_ingest.ber_columns.places import RecordPlaces, find_records
from cdr_ingest.ber_columns.scanning import Flags, Ints, Octets, scan
from cdr_ingest.ber_columns.values import Lengths, Reader
from operator_push.cdr import ber
from operator_push.cdr.ber import Tlv, context, tag_text
from operator_push.cdr.cdr_error import CdrError

Path = tuple[int, ...]  # numbers of context-specific tags, from the record inwards
BLOCK_RECORDS = 8_000  # their columns stay in a core's cache
_BEHIND = bytes(4)  # so that a header that is cut short can be looked at


@dataclass(slots=True, frozen=True)
class RecordColumns:
    """A kind of record: its tag's number, and each column's field and kind."""

    name: str
    number: int
    columns: Mapping[str, tuple[Path, Reader]]


SC_SMO = RecordColumns(
    "sCSMORecord",
    93,
    {
        "originator_msisdn": ((2, 1), values.address),
        "originator_imsi": ((2, 0), values.digits),
        "event_time": ((5,), values.moment),
        "message_reference": ((6,), values.octet_string),
        "total_number": ((7,), values.integer),
        "sequence_number": ((8,), values.integer),
        "data_coding": ((12,), values.integer),
        "local_sequence_number": ((22,), values.integer),
    },
)
SC_SMT = RecordColumns(
    "sCSMTRecord",
    94,
    {
        "recipient_msisdn": ((2, 1), values.address),
        "originator_address": ((3, 2, 1), values.text),
        "submission_time": ((5,), values.moment),
        "message_reference": ((8,), values.octet_string),
        "total_number": ((9,), values.integer),
        "sequence_number": ((10,), values.integer),
        "sms_status": ((18,), values.octet_string),
        "discharge_time": ((19,), values.moment),
    },
)
MOC = RecordColumns(
    "mOCallRecord",
    0,
    {
        "served_imsi": ((1,), values.digits),
        "served_msisdn": ((3,), values.address),
        "other_number": ((5,), values.address),
        "location_area": ((12, 0), values.octet_string),
        "cell": ((12, 1), values.octet_string),
        "answer_time": ((23,), values.moment),
        "call_duration_s": ((25,), values.integer),
        "cause_for_term": ((30,), values.integer),
    },
)
MTC = RecordColumns(
    "mTCallRecord",
    1,
    {
        "served_imsi": ((1,), values.digits),
        "served_msisdn": ((3,), values.address),
        "other_number": ((4,), values.address),
        "location_area": ((8, 0), values.octet_string),
        "cell": ((8, 1), values.octet_string),
        "answer_time": ((18,), values.moment),
        "call_duration_s": ((20,), values.integer),
        "cause_for_term": ((24,), values.integer),
    },
)
KINDS = {kind.name: kind for kind in (SC_SMO, SC_SMT, MOC, MTC)}


def read_columns(data: bytes, kind: RecordColumns) -> pa.Table:
    """The columns of all records of a kind, in the order of the octets, with `offset` of each record.

    Raises:
        CdrError: the octets are no records, or a field is not of its kind; it names the path and the octet.
    """
    found = find_records(data)
    mine = found.take(found.tag == context(kind.number))
    octets = np.frombuffer(data + _BEHIND, dtype=np.uint8)
    blocks = range(0, max(len(mine), 1), BLOCK_RECORDS)
    return pa.concat_tables(
        _read_block(data, octets, mine.take(slice(first, first + BLOCK_RECORDS)), kind) for first in blocks
    )


def _read_block(data: bytes, octets: Octets, places: RecordPlaces, kind: RecordColumns) -> pa.Table:
    columns = {name: path for name, (path, _) in kind.columns.items()}
    offset, length, is_odd = _spans(octets, places, columns)
    out: dict[str, pa.Array] = {"offset": pa.array(places.start)}
    for row, (name, (_, reader)) in enumerate(kind.columns.items()):
        out[name], wrong = reader(octets, offset[row], length[row])
        is_odd |= wrong
    if is_odd.any():
        _read_singly(data, places, kind, out, is_odd)
    return pa.table(out)


def _spans(octets: Octets, places: RecordPlaces, paths: Mapping[str, Path]) -> tuple[Ints, Lengths, Flags]:
    """Offset and length of each path's field: the record is scanned once, and each field with fields once."""
    offset: Ints = np.zeros((len(paths), len(places)), dtype=np.int64)
    length: Lengths = np.full((len(paths), len(places)), -1, dtype=np.int32)
    is_odd: Flags = np.zeros(len(places), dtype=np.bool_)

    def scan_into(start: Ints, end: Ints, columns: Sequence[tuple[int, Path]]) -> None:
        wanted = list(dict.fromkeys((path[0], len(path) > 1) for _, path in columns))
        spans = scan(octets, start, end, {field: row for row, field in enumerate(wanted)})
        np.logical_or(is_odd, spans.is_odd, out=is_odd)
        for row, (number, holds_fields) in enumerate(wanted):
            inside = [(column, path[1:]) for column, path in columns if path[0] == number]
            if holds_fields:
                first = spans.offset[row]
                scan_into(first, first + np.maximum(spans.length[row], 0), [one for one in inside if one[1]])
                continue
            for column, path in inside:
                if not path:
                    offset[column], length[column] = spans.offset[row], spans.length[row]

    scan_into(places.content, places.end, list(enumerate(paths.values())))
    return offset, length, is_odd


def _read_singly(
    data: bytes,
    places: RecordPlaces,
    kind: RecordColumns,
    out: dict[str, pa.Array],
    is_odd: Flags,
) -> None:
    """Reads the unusual records element by element and puts their values in; says what is wrong in words."""
    rows = np.flatnonzero(is_odd)
    elements = [ber.decode(data, int(places.start[row]), len(data))[0] for row in rows]
    for name, (path, reader) in kind.columns.items():
        found = []
        for element in elements:
            field = _field(element, path)
            value, wrong = _of(field, reader)
            if wrong:
                where = " ".join(tag_text(context(number)) for number in path)
                raise CdrError(
                    f"{kind.name} {where} ({name}) is not of its kind", field.offset if field else 0
                )
            found.append(value)
        column = out[name]
        patch = pa.concat_arrays(found)
        order = np.arange(len(column))
        order[rows] = len(column) + np.arange(len(rows))
        out[name] = pa.concat_arrays([column, patch.cast(column.type)]).take(pa.array(order))


def _of(field: Tlv | None, reader: Reader) -> tuple[pa.Array, bool]:
    octets = field.value if field is not None and isinstance(field.value, bytes) else b""
    missing = field is None or not isinstance(field.value, bytes)
    length = np.array([-1 if missing else len(octets)], dtype=np.int32)
    value, wrong = reader(
        np.frombuffer(octets + _BEHIND, dtype=np.uint8), np.zeros(1, dtype=np.int64), length
    )
    return value, bool(wrong[0])


def _field(element: Tlv, path: Path) -> Tlv | None:
    for depth, number in enumerate(path, start=1):
        inside = element.value if not isinstance(element.value, bytes) else ()
        found = next((one for one in inside if _is(one, number, depth < len(path))), None)
        if found is None:
            return None
        element = found
    return element


def _is(element: Tlv, number: int, holds_fields: bool) -> bool:
    return element.tag == context(number) and element.is_constructed == holds_fields
