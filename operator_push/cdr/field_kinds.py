"""Field kinds: how the content octets of TS 32.298's few kinds of field read and are written.

A value is what JSON knows: numbers, texts, booleans, objects and lists; octet strings are hexadecimal text.
A kind's `read` raises ValueError with what is wrong; who calls it knows which field and octet.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone

import msgspec

from operator_push.cdr.ber import integer_octets, object_identifier_octets, object_identifier_of

Value = object

TIME_STAMP_OCTETS = 9
_DIGITS = "0123456789*#abc"  # TS 29.002 TBCD-STRING; 0xF is the filler
_SEMI_OCTETS = {mark: number for number, mark in enumerate(_DIGITS)}


class Primitive(msgspec.Struct, frozen=True):
    """A kind of field without fields inside."""

    read: Callable[[bytes], Value]
    write: Callable[[Value], bytes]


class Names(msgspec.Struct, frozen=True):
    """An ENUMERATED, or an INTEGER with names; a number without a name stays a number."""

    names: Mapping[int, str]


class Fields(msgspec.Struct, frozen=True):
    """A SEQUENCE or SET: fields by tag, in any order."""

    by_tag: Mapping[int, "Field"]


class Choice(msgspec.Struct, frozen=True):
    """A CHOICE under a tag of its own: one field inside."""

    by_tag: Mapping[int, "Field"]


class Several(msgspec.Struct, frozen=True):
    """A SEQUENCE OF or SET OF; `tag` of each element inside."""

    tag: int
    kind: "Kind"


Kind = Primitive | Names | Fields | Choice | Several


class Field(msgspec.Struct, frozen=True):
    """A field by its name in TS 32.298."""

    name: str
    kind: Kind


_HALVES_SWAPPED = bytes(octet >> 4 | octet << 4 & 0xF0 for octet in range(256))


def bcd_digits(octets: bytes) -> str:
    """The digits of a TBCD string: the low half of each octet first, 0xF fills up.

    Raises:
        ValueError: a filler stands before the end.
    """
    marks = octets.translate(_HALVES_SWAPPED).hex().removesuffix("f")
    if marks.isdecimal():  # nearly all
        return marks
    if "f" in marks:
        raise ValueError("has a filler 0xF before its last digit")
    return "".join(_DIGITS[int(mark, 16)] for mark in marks)


def bcd_octets(digits: str) -> bytes:
    """Digits as TBCD.

    Raises:
        ValueError: a character is no digit, *, #, a, b or c.
    """
    try:
        halves = [_SEMI_OCTETS[mark] for mark in digits]
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} is not one of {_DIGITS}") from error
    if len(halves) % 2:
        halves.append(15)
    return bytes(halves[place] | halves[place + 1] << 4 for place in range(0, len(halves), 2))


def time_stamp_of(octets: bytes) -> datetime:
    """TS 32.298 TimeStamp: BCD YYMMDDhhmmss, the sign's character, BCD hhmm of the zone. Years are 20YY.

    Raises:
        ValueError: not nine octets, no such day or time, or no sign.
    """
    if len(octets) != TIME_STAMP_OCTETS:
        raise ValueError(f"has {len(octets)} octets, a TimeStamp has {TIME_STAMP_OCTETS}")
    text = octets[:6].hex() + octets[7:].hex()
    if not text.isdigit() or octets[6] not in b"+-":
        raise ValueError("is no BCD time with a sign")
    year, month, day, hour, minute, second, zone_h, zone_m = (
        int(text[place : place + 2]) for place in range(0, 16, 2)
    )
    offset = timedelta(hours=zone_h, minutes=zone_m)
    zone = timezone(offset if octets[6:7] == b"+" else -offset)
    return datetime(2000 + year, month, day, hour, minute, second, tzinfo=zone)


def time_stamp_octets(moment: datetime) -> bytes:
    """A moment with its zone as TimeStamp; parts of a second are left out, as the standard has no place.

    Raises:
        ValueError: without a zone, or the year is not 2000 to 2099.
    """
    offset = moment.utcoffset()
    if offset is None or not 2000 <= moment.year <= 2099:
        raise ValueError(f"{moment.isoformat()} is no moment of 2000 to 2099 with its zone")
    minutes = int(offset.total_seconds()) // 60
    sign, minutes = (b"+", minutes) if minutes >= 0 else (b"-", -minutes)
    head = bytes.fromhex(moment.strftime("%y%m%d%H%M%S"))
    return head + sign + bytes.fromhex(f"{minutes // 60:02d}{minutes % 60:02d}")


def _read_address(octets: bytes) -> Value:
    if not octets:
        raise ValueError("is empty, an AddressString begins with its TON/NPI octet")
    return {"ton": octets[0] >> 4 & 7, "npi": octets[0] & 15, "digits": bcd_digits(octets[1:])}


def _write_address(value: Value) -> bytes:
    if not isinstance(value, Mapping):
        raise ValueError(f"{value!r} is not an object of ton, npi and digits")
    return bytes((0x80 | int(value["ton"]) << 4 | int(value["npi"]),)) + bcd_octets(str(value["digits"]))


def _read_integer(octets: bytes) -> Value:
    if not octets:
        raise ValueError("is an INTEGER without octets")
    return int.from_bytes(octets, "big", signed=True)


def _read_boolean(octets: bytes) -> Value:
    if len(octets) != 1:
        raise ValueError(f"has {len(octets)} octets, a BOOLEAN has one")
    return octets != b"\x00"


def _read_null(octets: bytes) -> Value:
    if octets:
        raise ValueError("is a NULL with content")
    return None


def _write_integer(value: Value) -> bytes:
    return integer_octets(int(str(value)))


INTEGER = Primitive(_read_integer, _write_integer)
BOOLEAN = Primitive(_read_boolean, lambda value: b"\xff" if value else b"\x00")
NULL = Primitive(_read_null, lambda _: b"")
OCTETS = Primitive(lambda octets: octets.hex(), lambda value: bytes.fromhex(str(value)))
# GraphicString, IA5String: written by people; octets that are no UTF-8 are kept and shown escaped.
TEXT = Primitive(
    lambda octets: octets.decode("utf-8", "surrogateescape"),
    lambda value: str(value).encode("utf-8", "surrogateescape"),
)
DIGITS = Primitive(bcd_digits, lambda value: bcd_octets(str(value)))
ADDRESS = Primitive(_read_address, _write_address)
TIME_STAMP = Primitive(
    lambda octets: time_stamp_of(octets).isoformat(),
    lambda value: time_stamp_octets(datetime.fromisoformat(str(value))),
)
OBJECT_IDENTIFIER = Primitive(object_identifier_of, lambda value: object_identifier_octets(str(value)))
