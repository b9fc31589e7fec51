"""Charging records made by hand for tests: of each kind that becomes a row, and files around them."""

from operator_push.cdr.ber import constructed, context, integer_octets, primitive
from operator_push.cdr.field_kinds import bcd_octets
from operator_push.cdr.file_32297 import FileHeader, Release, header_time, write_file

ASHA, BINA = "919845000001", "919811111111"
MOMENT = bytes.fromhex("261010120000") + b"+\x05\x30"  # 2026-10-10 12:00:00+05:30
AT = "2026-10-10T06:30:00Z"


def address(digits: str, kind: int = 0x91) -> bytes:
    """An AddressString; `kind` is its type and plan."""
    return bytes((kind,)) + bcd_octets(digits)


def record(number: int, kind: int, *fields: bytes, indefinite: bool = False) -> bytes:
    """A record of a tag, with its recordType before its fields."""
    inside = [primitive(context(0), integer_octets(kind)), *fields]
    whole = constructed(context(number), inside)
    if not indefinite:
        return whole
    tag = whole[:1] if number < 31 else whole[:2]
    return tag + b"\x80" + b"".join(inside) + b"\x00\x00"


def octets(number: int, value: bytes) -> bytes:
    """A primitive field."""
    return primitive(context(number), value)


def place(number: int, area: int = 100, cell: int = 7) -> bytes:
    """A location."""
    inside = [octets(0, area.to_bytes(2, "big")), octets(1, cell.to_bytes(2, "big"))]
    return constructed(context(number), inside)


def mo_call(seconds: int = 60, msisdn: str = ASHA, *, indefinite: bool = False) -> bytes:
    """A call that somebody made, with an extension field that nobody knows."""
    return record(
        0, 0, octets(3, address(msisdn)), octets(5, address("09811111111", 0x81)), place(12),
        octets(22, MOMENT), octets(23, MOMENT), octets(25, integer_octets(seconds)), octets(99, b"\x01\x02"),
        indefinite=indefinite,
    )  # fmt: skip


def mt_call() -> bytes:
    """A call that somebody took."""
    return record(
        1, 1, octets(3, address(ASHA)), octets(4, address(BINA)), place(9), octets(20, MOMENT),
        octets(22, integer_octets(61)),
    )  # fmt: skip


def party(*fields: bytes) -> bytes:
    """The content of an OriginatorInfo or a RecipientInfo with a number."""
    return b"".join(fields)


def volumes(*pairs: tuple[int, int]) -> list[bytes]:
    """Traffic volumes: (up, down) each."""
    return [
        b"\x30" + bytes((len(inside),)) + inside
        for up, down in pairs
        for inside in [octets(3, integer_octets(up)) + octets(4, integer_octets(down))]
    ]


def p_gateway() -> bytes:
    """A data session of a P-GW: two volumes, at an E-UTRAN cell."""
    location = b"\x18" + bytes.fromhex("04f4450064") + bytes.fromhex("04f44500001234")
    return record(
        79, 85, octets(22, address(ASHA)), constructed(context(12), volumes((10, 200), (1, 2))),
        octets(13, MOMENT), octets(14, integer_octets(30)), octets(32, location),
    )  # fmt: skip


def file_of(records: list[bytes]) -> bytes:
    """A file of TS 32.297."""
    at = header_time(10, 10, 12, 0)
    return write_file(FileHeader(Release(16, 3), Release(16, 3), at, at, len(records), 7), records)
