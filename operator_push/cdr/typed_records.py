"""Typed records: every field of a record of TS 32.298 as a Python value, one class for each kind of record.

The classes and what reads them are made once from the tables of tags, so that a record costs some 15 µs.
Values are str (digits, texts, names), int, bool, bytes (octet strings), aware datetimes, Address, tuples
(lists), (name, value) of a CHOICE, or records of their own; a NULL that stands there is True, what is absent
is None, and `unknown` holds (tag, octets) of what the tables do not know. Law: what is unusual (constructed
strings, the indefinite form, long tags) or wrong is read element by element; both ways give the same values.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from operator_push.cdr import ber
from operator_push.cdr.ber import NUMBER_MAX, Tlv, object_identifier_of, tag_text
from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.field_kinds import (
    ADDRESS,
    BOOLEAN,
    DIGITS,
    INTEGER,
    NULL,
    OBJECT_IDENTIFIER,
    OCTETS,
    TEXT,
    TIME_STAMP,
    Choice,
    Fields,
    Kind,
    Names,
    Primitive,
    Several,
    bcd_digits,
    time_stamp_of,
)
from operator_push.cdr.reading import record_places
from operator_push.cdr.record_fields import UNKNOWN, content_octets, elements_inside, read_record
from operator_push.cdr.records_32298 import RECORDS

Reader = Callable[[bytes, int, int], Any]
OctetsReader = Callable[[bytes], Any]
_Entry = tuple[int, Any, bool]  # place of the field, its reader, whether that reads a field with fields
_LONG_TAG, _CONSTRUCTED = 0x1F, 0x20
_TIMES_KEPT_MAX = (
    65_536  # Ours: records of an hour share their moments, and each costs a microsecond to make.
)


class Address(msgspec.Struct, frozen=True, gc=False):
    """An AddressString of TS 29.002: type of number, numbering plan, digits."""

    ton: int
    npi: int
    digits: str


class _Unusual(Exception):  # noqa: N818 (it is no error: the patient reader takes over)
    """Octets of a form that the quick readers leave to record_fields."""


def read_typed(data: bytes) -> Iterator[Any]:
    """Every record of a file of TS 32.297, or of records back to back; of unknown ones (tag, octets).

    Raises:
        CdrError: as operator_push.cdr.reading.read_records.
    """
    for start, end in record_places(data):
        yield read_typed_record(data, start, end)


def read_typed_record(data: bytes, start: int, end: int) -> Any:
    """The record whose element is data[start:end].

    Raises:
        CdrError: it cannot be read; names the field and the octet.
    """
    try:
        first = data[start]
        at = start + 1
        if first & _LONG_TAG == _LONG_TAG:
            first = first << 8 | data[at]
            at += 1
        length = data[at]
        at += 1
        if length > 0x80:
            octets = length & 0x7F
            length = int.from_bytes(data[at : at + octets], "big")
            at += octets
        elif length == 0x80:
            raise _Unusual
        stop = at + length
        if stop > end:
            raise _Unusual
        return _RECORD_READERS[first](data, at, stop)
    except (KeyError, _Unusual, ValueError, IndexError, CdrError):
        return read_patiently(data, start, end)


def record_class(name: str) -> type[msgspec.Struct]:
    """The class of a record by its name in the standard."""
    return _CLASSES[name]


def field_name(name: str) -> str:
    """A field's name of the standard as an attribute: gsm-SCFAddress → gsm_SCFAddress."""
    return name.replace("-", "_")


def read_patiently(data: bytes, start: int, end: int) -> Any:
    """As read_typed_record, element by element.

    Raises:
        CdrError: it cannot be read; names the field and the octet.
    """
    element = ber.decode(data, start, end)[0]
    field = RECORDS.get(element.tag)
    if field is None:
        return (tag_text(element.tag), ber.encode(element))
    read_record(element)  # names the field and the octet where one is wrong
    return _of_element(field.name, field.kind, element)


def _of_element(name: str, kind: Kind, element: Tlv) -> Any:
    """The typed value of an element in whatever form."""
    match kind:
        case Primitive() | Names():
            return _octets_reader(kind)(content_octets(element))
        case Several():
            return tuple(
                _of_element(name, kind.kind, one) if one.tag == kind.tag else _kept(one)
                for one in elements_inside(element)
            )
    values: dict[str, Any] = {}
    unknown: list[tuple[str, bytes]] = []
    for one in elements_inside(element):
        field = kind.by_tag.get(one.tag)
        if field is None or field_name(field.name) in values:
            unknown.append(_kept(one))
        else:
            values[field_name(field.name)] = _of_element(field.name, field.kind, one)
    if isinstance(kind, Choice):
        return next(iter(values.items()), (UNKNOWN, tuple(unknown)))
    return _class_of(name, kind)(**values, unknown=tuple(unknown))


def _kept(element: Tlv) -> tuple[str, bytes]:
    return tag_text(element.tag), ber.encode(element)


# What primitive content octets are.
def _address(octets: bytes) -> Address:
    return Address(octets[0] >> 4 & 7, octets[0] & 15, bcd_digits(octets[1:]))


_times: dict[bytes, datetime] = {}


def _time(octets: bytes) -> datetime:
    moment = _times.get(octets)
    if moment is None:
        if len(_times) >= _TIMES_KEPT_MAX:
            _times.clear()
        moment = _times[octets] = time_stamp_of(octets)
    return moment


def _integer(octets: bytes) -> int:
    if not octets:
        raise _Unusual
    return int.from_bytes(octets, "big", signed=True)


def _null(octets: bytes) -> bool:
    if octets:
        raise _Unusual
    return True


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


def _boolean(octets: bytes) -> bool:
    if len(octets) != 1:
        raise _Unusual
    return octets != b"\0"


def _octets_reader(kind: Primitive | Names) -> OctetsReader:
    if isinstance(kind, Names):
        names = {
            number.to_bytes(2 if number > 127 else 1, "big"): name for number, name in kind.names.items()
        }
        return lambda octets: names.get(octets) or _integer(octets)
    return next(read for known, read in _PRIMITIVES if known is kind)


_PRIMITIVES: tuple[tuple[Primitive, OctetsReader], ...] = (
    (ADDRESS, _address),
    (BOOLEAN, _boolean),
    (DIGITS, bcd_digits),
    (INTEGER, _integer),
    (NULL, _null),
    (OBJECT_IDENTIFIER, object_identifier_of),
    (OCTETS, bytes),
    (TEXT, _text),
    (TIME_STAMP, _time),
)


# The quick readers.
def _reader(name: str, kind: Kind) -> Reader:
    """What reads the content octets of a field that holds fields."""
    match kind:
        case Fields():
            return _fields_reader(_class_of(name, kind), kind)
        case Several():
            return _list_reader(kind.tag, name, kind.kind)
        case Choice():
            return _choice_reader(kind)
    raise TypeError(f"{name} holds no fields")


def _entries(kind: Fields | Choice) -> dict[int, _Entry]:
    """By the identifier octets as one number: place, reader, whether it holds fields."""
    entries: dict[int, _Entry] = {}
    for place, (tag, field) in enumerate(kind.by_tag.items()):
        is_primitive = isinstance(field.kind, Primitive | Names)
        read: Any = _octets_reader(field.kind) if is_primitive else _reader(field.name, field.kind)  # type: ignore[arg-type]
        plain, holding = _identifier(tag, 0), _identifier(tag, _CONSTRUCTED)
        entries[plain if is_primitive else holding] = (place, read, not is_primitive)
        # The other form of a known tag is for the patient reader.
        entries[holding if is_primitive else plain] = (place, _refuse, False)
    return entries


def _refuse(_octets: bytes) -> None:
    raise _Unusual


def _identifier(tag: int, form: int) -> int:
    first, number = tag >> 28 << 6 | form, tag & NUMBER_MAX
    return first | number if number < _LONG_TAG else (first | _LONG_TAG) << 8 | number


def _fields_reader(record: type[msgspec.Struct], kind: Fields) -> Reader:
    entries = _entries(kind)
    empty: list[Any] = [None] * len(kind.by_tag)
    find = entries.get

    def read(data: bytes, at: int, end: int) -> Any:
        values = empty.copy()
        unknown: tuple[tuple[str, bytes], ...] = ()
        while at < end:
            start = at
            key = data[at]
            at += 1
            if key & 31 == 31:
                key = key << 8 | data[at]
                if key & 0x80:
                    raise _Unusual
                at += 1
            length = data[at]
            at += 1
            if length > 127:
                if length == 0x81:
                    length = data[at]
                    at += 1
                elif length == 0x82:
                    length = data[at] << 8 | data[at + 1]
                    at += 2
                else:
                    raise _Unusual
            stop = at + length
            if stop > end:
                raise _Unusual
            entry = find(key)
            if entry is None or values[entry[0]] is not None:
                unknown = (*unknown, _kept(ber.decode(data, start, end)[0]))
            elif entry[2]:
                values[entry[0]] = entry[1](data, at, stop)
            else:
                values[entry[0]] = entry[1](data[at:stop])
            at = stop
        return record(*values, unknown)

    return read


def _list_reader(tag: int, name: str, kind: Kind) -> Reader:
    is_primitive = isinstance(kind, Primitive | Names)
    read: Any = _octets_reader(kind) if is_primitive else _reader(name, kind)  # type: ignore[arg-type]
    expected = _identifier(tag, 0 if is_primitive else _CONSTRUCTED)

    def read_list(data: bytes, at: int, end: int) -> Any:
        out = []
        while at < end:
            if data[at] != expected or data[at + 1] > 127:
                raise _Unusual
            stop = at + 2 + data[at + 1]
            if stop > end:
                raise _Unusual
            out.append(read(data[at + 2 : stop]) if is_primitive else read(data, at + 2, stop))
            at = stop
        return tuple(out)

    return read_list


def _choice_reader(kind: Choice) -> Reader:
    entries = _entries(kind)
    names = [field_name(field.name) for field in kind.by_tag.values()]

    def read(data: bytes, at: int, end: int) -> Any:
        entry = entries.get(data[at])
        length = data[at + 1]
        if entry is None or length > 127 or at + 2 + length != end:
            raise _Unusual
        value = entry[1](data, at + 2, end) if entry[2] else entry[1](data[at + 2 : end])
        return names[entry[0]], value

    return read


_classes: dict[int, type[msgspec.Struct]] = {}


def _class_of(name: str, kind: Fields) -> type[msgspec.Struct]:
    """The class of a set of fields; the same table is the same class."""
    found = _classes.get(id(kind))
    if found is None:
        fields = [(field_name(field.name), Any, None) for field in kind.by_tag.values()]
        title = name[:1].upper() + field_name(name[1:])
        found = msgspec.defstruct(title, [*fields, ("unknown", tuple, ())], frozen=True, gc=False)
        _classes[id(kind)] = found
    return found


def _fields_of(kind: Kind) -> Fields:
    if not isinstance(kind, Fields):
        raise TypeError("a record is a set of fields")
    return kind


_CLASSES = {field.name: _class_of(field.name, _fields_of(field.kind)) for field in RECORDS.values()}
_RECORD_READERS: dict[int, Reader] = {
    _identifier(tag, _CONSTRUCTED): _reader(field.name, field.kind) for tag, field in RECORDS.items()
}
