"""Record fields: an element of BER as named values by a table of tags, and back.

Law: nothing is lost. What the table does not know, and a field that comes a second time, are kept as octets
under "unknown" and written again behind the others, so that reading what was written gives the same values.
"""

from collections.abc import Mapping, Sequence

import msgspec

from operator_push.cdr import ber
from operator_push.cdr.ber import Tlv, tag_text
from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.field_kinds import (
    INTEGER,
    Choice,
    Field,
    Fields,
    Kind,
    Names,
    Primitive,
    Several,
    Value,
)
from operator_push.cdr.records_32298 import RECORDS

UNKNOWN = "unknown"


class CdrRecord(msgspec.Struct, frozen=True):
    """A record: its name in the standard, its fields by name, and the octet where it begins.

    `name` "" where the table does not know its tag: `fields` then holds it whole under "unknown".
    """

    name: str
    fields: Mapping[str, Value]
    offset: int = 0

    def as_json(self) -> dict[str, object]:
        """The record as JSON values."""
        return {"record": self.name, "offset": self.offset, "fields": dict(self.fields)}


def read_record(element: Tlv, table: Mapping[int, Field] = RECORDS) -> CdrRecord:
    """The named values of a record.

    Raises:
        CdrError: a field is not of its kind; the error names its path and octet.
    """
    field = table.get(element.tag)
    if field is None:
        return CdrRecord("", {UNKNOWN: [_kept(element)]}, element.offset)
    value = _read(field, element)
    return CdrRecord(field.name, value if isinstance(value, dict) else {}, element.offset)


def write_record(record: CdrRecord, table: Mapping[int, Field] = RECORDS) -> bytes:
    """The record's octets, fields in the order of the table.

    Raises:
        ValueError: a name is not in the table, or a value is not of its field's kind.
    """
    if not record.name:
        return b"".join(_unknown_octets(record.fields))
    for tag, field in table.items():
        if field.name == record.name:
            return _write(tag, field, record.fields)
    raise ValueError(f"{record.name!r} is none of {', '.join(field.name for field in table.values())}")


def _read(field: Field, element: Tlv) -> Value:
    try:
        return _read_kind(field.kind, element)
    except CdrError as error:
        raise error.within(field.name) from error
    except (ValueError, OverflowError) as error:
        raise CdrError(str(error), element.offset, path=field.name) from error


def _read_kind(kind: Kind, element: Tlv) -> Value:
    match kind:
        case Primitive():
            return kind.read(content_octets(element))
        case Names():
            number = int(str(INTEGER.read(content_octets(element))))
            return kind.names.get(number, number)
        case Several():
            return [_read_one(kind, place, inner) for place, inner in enumerate(elements_inside(element))]
        case Fields() | Choice():
            return _read_fields(kind, element)


def _read_one(kind: Several, place: int, element: Tlv) -> Value:
    if element.tag != kind.tag:
        return {UNKNOWN: [_kept(element)]}
    return _read(Field(f"[{place}]", kind.kind), element)


def _read_fields(kind: Fields | Choice, element: Tlv) -> dict[str, Value]:
    values: dict[str, Value] = {}
    unknown: list[dict[str, str]] = []
    for inner in elements_inside(element):
        field = kind.by_tag.get(inner.tag)
        if field is None or field.name in values:
            unknown.append(_kept(inner))
        else:
            values[field.name] = _read(field, inner)
    if unknown:
        values[UNKNOWN] = unknown
    return values


def elements_inside(element: Tlv) -> Sequence[Tlv]:
    """The elements of a field that holds fields.

    Raises:
        CdrError: it holds octets.
    """
    if isinstance(element.value, bytes):
        if element.value:
            raise CdrError(f"{tag_text(element.tag)} is primitive where elements belong", element.offset)
        return ()
    return element.value


def content_octets(element: Tlv) -> bytes:
    """Content octets; a string may be cut into segments (X.690 section 8.7.3).

    Raises:
        CdrError: it holds fields.
    """
    if isinstance(element.value, bytes):
        return element.value
    if any(inner.tag >> 28 or inner.is_constructed for inner in element.value):
        raise CdrError(f"{tag_text(element.tag)} is constructed where a value belongs", element.offset)
    return b"".join(content_octets(inner) for inner in element.value)


def _kept(element: Tlv) -> dict[str, str]:
    return {"tag": tag_text(element.tag), "octets": ber.encode(element).hex()}


def _write(tag: int, field: Field, value: Value) -> bytes:
    match field.kind:
        case Primitive():
            return ber.primitive(tag, field.kind.write(value))
        case Names():
            numbers = {name: number for number, name in field.kind.names.items()}
            number = value if isinstance(value, int) else numbers.get(str(value))
            if number is None:
                raise ValueError(f"{field.name}: {value!r} is none of {', '.join(numbers)}")
            return ber.primitive(tag, ber.integer_octets(number))
        case Several():
            if not isinstance(value, Sequence):
                raise ValueError(f"{field.name}: {value!r} is not a list")
            return ber.constructed(tag, [_write_one(field.kind, each) for each in value])
        case Fields() | Choice():
            return ber.constructed(tag, _fields_octets(field, field.kind, value))


def _write_one(kind: Several, value: Value) -> bytes:
    if isinstance(value, Mapping) and set(value) == {UNKNOWN}:
        return b"".join(_unknown_octets(value))
    return _write(kind.tag, Field("element", kind.kind), value)


def _fields_octets(field: Field, kind: Fields | Choice, value: Value) -> list[bytes]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{field.name}: {value!r} is not an object of fields")
    names = {inner.name for inner in kind.by_tag.values()}
    if strange := set(value) - names - {UNKNOWN}:
        raise ValueError(f"{field.name}: has no field {', '.join(sorted(map(str, strange)))}")
    known = [
        _write(tag, inner, value[inner.name]) for tag, inner in kind.by_tag.items() if inner.name in value
    ]
    return known + _unknown_octets(value)


def _unknown_octets(value: Mapping[str, Value]) -> list[bytes]:
    kept = value.get(UNKNOWN, [])
    if not isinstance(kept, Sequence):
        raise ValueError(f"{UNKNOWN}: {kept!r} is not a list")
    return [bytes.fromhex(str(each["octets"])) for each in kept]
