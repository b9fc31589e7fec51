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
    holding_fields: frozenset[str] = frozenset()  # columns whose reader takes a field with its fields


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
    "moCallRecord",
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
    "mtCallRecord",
    1,
    {
        "served_imsi": ((1,), values.digits),
        "served_msisdn": ((3,), values.address),
        "other_number": ((4,), values.address),
        "location_area": ((9, 0), values.octet_string),
        "cell": ((9, 1), values.octet_string),
        "answer_time": ((20,), values.moment),
        "call_duration_s": ((22,), values.integer),
        "cause_for_term": ((27,), values.integer),
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
    table, faults = columns_of(data, mine, kind)
    if faults:
        raise faults[0][1]
    return table


def columns_of(
    data: bytes, places: RecordPlaces, kind: RecordColumns
) -> tuple[pa.Table, list[tuple[int, CdrError]]]:
    """The columns of these records, all of the kind; (row, what is wrong) of those that cannot be read."""
    octets = np.frombuffer(data + _BEHIND, dtype=np.uint8)
    tables: list[pa.Table] = []
    faults: list[tuple[int, CdrError]] = []
    for first in range(0, max(len(places), 1), BLOCK_RECORDS):
        table, found = _read_block(data, octets, places.take(slice(first, first + BLOCK_RECORDS)), kind)
        tables.append(table)
        faults += [(first + row, error) for row, error in found]
    return pa.concat_tables(tables), faults


def _read_block(
    data: bytes, octets: Octets, places: RecordPlaces, kind: RecordColumns
) -> tuple[pa.Table, list[tuple[int, CdrError]]]:
    offset, length, is_odd = _spans(octets, places, kind)
    out: dict[str, pa.Array] = {"offset": pa.array(places.start)}
    for row, (name, (_, reader)) in enumerate(kind.columns.items()):
        out[name], wrong = reader(octets, offset[row], length[row])
        is_odd |= wrong
    faults = _read_singly(data, places, kind, out, is_odd) if is_odd.any() else []
    return pa.table(out), faults


def _spans(octets: Octets, places: RecordPlaces, kind: RecordColumns) -> tuple[Ints, Lengths, Flags]:
    """Offset and length of each column's field: the record is scanned once, each field with fields once."""
    columns_in_all = [(path, name in kind.holding_fields) for name, (path, _) in kind.columns.items()]
    offset: Ints = np.zeros((len(columns_in_all), len(places)), dtype=np.int64)
    length: Lengths = np.full((len(columns_in_all), len(places)), -1, dtype=np.int32)
    is_odd: Flags = np.zeros(len(places), dtype=np.bool_)

    def scan_into(start: Ints, end: Ints, columns: Sequence[tuple[int, Path, bool]]) -> None:
        wanted = list(dict.fromkeys((path[0], len(path) > 1 or holds) for _, path, holds in columns))
        spans = scan(octets, start, end, {field: row for row, field in enumerate(wanted)})
        np.logical_or(is_odd, spans.is_odd, out=is_odd)
        for row, (number, holds_fields) in enumerate(wanted):
            inside: list[tuple[int, Path, bool]] = []
            for column, path, holds in columns:
                if path[0] != number or (len(path) > 1 or holds) != holds_fields:
                    continue
                if len(path) == 1:
                    offset[column], length[column] = spans.offset[row], spans.length[row]
                else:
                    inside.append((column, path[1:], holds))
            if inside:
                first = spans.offset[row]
                scan_into(first, first + np.maximum(spans.length[row], 0), inside)

    every = [(column, path, holds) for column, (path, holds) in enumerate(columns_in_all)]
    scan_into(places.content, places.end, every)
    return offset, length, is_odd


def _read_singly(
    data: bytes,
    places: RecordPlaces,
    kind: RecordColumns,
    out: dict[str, pa.Array],
    is_odd: Flags,
) -> list[tuple[int, CdrError]]:
    """Reads the unusual records element by element and puts their values in; says what is wrong in words."""
    rows = np.flatnonzero(is_odd)
    faults: dict[int, CdrError] = {}
    elements: list[Tlv | None] = []
    for row in rows.tolist():
        try:
            elements.append(ber.decode(data, int(places.start[row]), _limit(places, row))[0])
        except CdrError as error:
            faults[row] = error
            elements.append(None)
    for name, (path, reader) in kind.columns.items():
        found = []
        for row, element in zip(rows.tolist(), elements, strict=True):
            field = None if element is None else _field(element, path, name in kind.holding_fields)
            value, wrong = _of(field, reader)
            if wrong:
                where = " ".join(tag_text(context(number)) for number in path)
                what = f"{kind.name} {where} ({name}) is not of its kind"
                faults.setdefault(row, CdrError(what, field.offset if field else 0))
            found.append(value)
        column = out[name]
        patch = pa.concat_arrays(found)
        order = np.arange(len(column))
        order[rows] = len(column) + np.arange(len(rows))
        out[name] = pa.concat_arrays([column, patch.cast(column.type)]).take(pa.array(order))
    return sorted(faults.items(), key=lambda one: one[0])


def _limit(places: RecordPlaces, row: int) -> int:
    """Where a record must end, with the end-of-contents that `end` leaves out."""
    return int(places.end[row]) + 2


def _of(field: Tlv | None, reader: Reader) -> tuple[pa.Array, bool]:
    if field is None:
        octets = b""
    elif isinstance(field.value, bytes):
        octets = field.value
    else:
        octets = b"".join(ber.encode(inner) for inner in field.value)
    length = np.array([-1 if field is None else len(octets)], dtype=np.int32)
    value, wrong = reader(
        np.frombuffer(octets + _BEHIND, dtype=np.uint8), np.zeros(1, dtype=np.int64), length
    )
    return value, bool(wrong[0])


def _field(element: Tlv, path: Path, holds_fields: bool) -> Tlv | None:
    for depth, number in enumerate(path, start=1):
        inside = element.value if not isinstance(element.value, bytes) else ()
        is_inner = depth < len(path) or holds_fields
        found = next((one for one in inside if _is(one, number, is_inner)), None)
        if found is None:
            return None
        element = found
    return element


def _is(element: Tlv, number: int, holds_fields: bool) -> bool:
    return element.tag == context(number) and element.is_constructed == holds_fields
