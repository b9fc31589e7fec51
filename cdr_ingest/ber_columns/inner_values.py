"""What fields hold that are read one after the other: lists of volumes, addresses of TS 23.040, locations.

They take part in a column like those of `values`; each record costs some microseconds of Python.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from cdr_ingest.ber_columns.scanning import Ints, Octets
from cdr_ingest.ber_columns.values import Column, Lengths, Reader
from operator_push.cdr import ber
from operator_push.cdr.ber import context
from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.field_kinds import bcd_digits
from operator_push.text.gsm7 import decode_gsm7, unpack_septets

_ALPHANUMERIC = 0x50  # TS 23.040 section 9.1.2.5: type of number 101
_PLMN_OCTETS = 3
# TS 29.274 section 8.21, in the order in which they stand: (flag, octets, is what a cell is told by).
_LOCATIONS = ((0x01, 7, "area"), (0x02, 7, "area"), (0x04, 7, ""), (0x08, 5, ""), (0x10, 7, "eutran"))
_TRACKING_FLAG, _EUTRAN_FLAG = 0x08, 0x10
_OLD_LOCATION_OCTETS = 8  # TS 29.060 section 7.7.51: the type of location and seven octets


def one_by_one(read: Callable[[bytes], object], kind: pa.DataType) -> Reader:
    """A reader that asks `read` for each field; ValueError and CdrError are what the kind does not allow."""

    def column(data: Octets, offset: Ints, length: Lengths) -> Column:
        out: list[object] = []
        is_odd = np.zeros(len(length), dtype=np.bool_)
        for row, (at, octets) in enumerate(zip(offset.tolist(), length.tolist(), strict=True)):
            if octets < 0:
                out.append(None)
                continue
            try:
                out.append(read(data[at : at + octets].tobytes()))
            except (ValueError, CdrError, IndexError):
                is_odd[row] = True
                out.append(None)
        return pa.array(out, kind), is_odd

    return column


def elements(octets: bytes) -> Sequence[ber.Tlv]:
    """The elements that stand in content octets."""
    out, at = [], 0
    while at < len(octets):
        element, at = ber.decode(octets, at)
        out.append(element)
    return out


def _fields(element: ber.Tlv) -> Sequence[ber.Tlv]:
    return () if isinstance(element.value, bytes) else element.value


def sum_in_list(number: int) -> Reader:
    """The sum of field [number] over the elements of a list."""

    def read(octets: bytes) -> int:
        total = 0
        for entry in elements(octets):
            for field in _fields(entry):
                if field.tag == context(number) and isinstance(field.value, bytes):
                    total += ber.integer_of(field.value)
        return total

    return one_by_one(read, pa.int64())


def first_party() -> Reader:
    """Of a list of RecipientInfo: the first one's number or address, "" where it has none."""

    def read(octets: bytes) -> str:
        for entry in elements(octets):
            fields = {field.tag: field for field in _fields(entry)}
            number = fields.get(context(1))
            if number is not None and isinstance(number.value, bytes) and len(number.value) > 1:
                return bcd_digits(number.value[1:])
            for place in (2, 4):
                address = fields.get(context(place))
                if address is not None and not isinstance(address.value, bytes):
                    found = [one.value for one in address.value if one.tag == context(1)]
                    if found and isinstance(found[0], bytes):
                        return found[0].decode()
        return ""

    return one_by_one(read, pa.string())


def short_message_address() -> Reader:
    """An address field of TS 23.040 (section 9.1.2.5: digits, type, value), or an AddressString."""

    def read(octets: bytes) -> str:
        if len(octets) < 2:
            raise ValueError("is no address")
        if octets[0] < 0x80 and octets[1] & 0x80 and (octets[0] + 1) // 2 == len(octets) - 2:
            digits, octets = octets[0], octets[1:]
            if octets[0] & 0x70 == _ALPHANUMERIC:
                return decode_gsm7(unpack_septets(octets[1:], digits * 4 // 7))
        return bcd_digits(octets[1:])

    return one_by_one(read, pa.string())


def cell_of_location() -> Reader:
    """userLocationInformation: AREA-CELL in decimal numbers, "" where no cell can be told by it."""

    def read(octets: bytes) -> str:
        if len(octets) == _OLD_LOCATION_OCTETS and octets[0] in (0, 1):
            return _area_and_cell(octets[1 + _PLMN_OCTETS :])
        flags, at = octets[0] if octets else 0, 1
        tracking = b""
        for flag, size, what in _LOCATIONS:
            if not flags & flag:
                continue
            place, at = octets[at : at + size], at + size
            if len(place) < size:
                return ""
            if flag == _TRACKING_FLAG:
                tracking = place[_PLMN_OCTETS:]
            elif what == "area":
                return _area_and_cell(place[_PLMN_OCTETS:])
            elif flag == _EUTRAN_FLAG:
                cell = int.from_bytes(place[_PLMN_OCTETS:], "big") & 0x0FFF_FFFF
                return f"{int.from_bytes(tracking, 'big')}-{cell}" if tracking else str(cell)
        return ""

    return one_by_one(read, pa.string())


def _area_and_cell(octets: bytes) -> str:
    return f"{int.from_bytes(octets[:2], 'big')}-{int.from_bytes(octets[2:4], 'big')}"
