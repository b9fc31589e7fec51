"""What fields hold, a column at a time: digits, integers, moments, texts and octets.

A value is null where its record has no such field. `is_odd` comes back for what the kind does not allow: such
records are read one by one, where the error has words.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cdr_ingest.ber_columns.scanning import Flags, Ints, Octets

Lengths = NDArray[np.int32]
Column = tuple[pa.Array, Flags]
Reader = Callable[[Octets, Ints, Lengths], Column]

_MARKS = np.frombuffer(b"0123456789*#abcf", dtype=np.uint8)
_FILLER = 0xF
_DAY_S, _EPOCH_CORRECTION = 86_400, 719_468
_TIME_STAMP_OCTETS = 9
_NATIONAL = 2  # TS 29.002: nature of address, national significant number


def digits(data: Octets, offset: Ints, length: Lengths) -> Column:
    """TBCD digits as text: the low half of each octet first, a filler at the end left out."""
    return _digits(data, offset, length)


def address(data: Octets, offset: Ints, length: Lengths) -> Column:
    """The digits of an AddressString, without its octet of type and plan."""
    column, is_odd = _digits(data, offset + 1, np.where(length < 0, -1, length - 1).astype(np.int32))
    return column, is_odd | (length == 0)


def _digits(data: Octets, offset: Ints, length: Lengths) -> Column:
    missing = length < 0
    size = np.where(missing, 0, length).astype(np.int64)
    octets = data[_places(offset, size)]
    halves = np.empty(2 * len(octets), dtype=np.uint8)
    halves[0::2], halves[1::2] = octets & 0xF, octets >> 4
    ends = np.cumsum(2 * size)
    filled = np.zeros(len(size), dtype=np.bool_)
    some = size > 0
    filled[some] = halves[ends[some] - 1] == _FILLER
    is_filler = halves == _FILLER
    is_odd = np.zeros(len(size), dtype=np.bool_)
    if is_filler.sum() > filled.sum():  # Somewhere a filler stands before the end.
        kept = np.flatnonzero(is_filler)
        of = np.searchsorted(ends, kept, side="right")
        is_odd[of[kept != ends[of] - 1]] = True
    text = _MARKS[halves[~is_filler]]
    sizes = 2 * size - filled
    if is_odd.any():
        sizes -= (
            np.bincount(np.searchsorted(ends, np.flatnonzero(is_filler), side="right"), minlength=len(size))
            - filled
        )
    return _text_array(text, sizes, missing), is_odd


def integer(data: Octets, offset: Ints, length: Lengths) -> Column:
    """A signed INTEGER of up to eight octets."""
    missing = length < 0
    is_odd = ~missing & ((length == 0) | (length > 8))
    value = np.zeros(len(length), dtype=np.int64)
    some = ~missing & ~is_odd
    first = data[offset[some]].astype(np.int8).astype(np.int64)
    value[some] = first
    for place in range(1, int(length[some].max(initial=1))):
        more = np.flatnonzero(some & (length > place))
        value[more] = value[more] << 8 | data[offset[more] + place]
    return pa.array(value, mask=missing | is_odd), is_odd


def unsigned(data: Octets, offset: Ints, length: Lengths) -> Column:
    """An OCTET STRING of up to four octets as the number that it is."""
    missing = length < 0
    is_odd = ~missing & ((length == 0) | (length > 4))
    value = np.zeros(len(length), dtype=np.int64)
    some = ~missing & ~is_odd
    for place in range(int(length[some].max(initial=0))):
        more = np.flatnonzero(some & (length > place))
        value[more] = value[more] << 8 | data[offset[more] + place]
    return pa.array(value, mask=missing | is_odd), is_odd


def called_number(data: Octets, offset: Ints, length: Lengths) -> Column:
    """The digits of an AddressString; a national number (its type says so) has a 0 in front."""
    column, is_odd = address(data, offset, length)
    types = np.where(length > 0, data[offset] >> 4 & 7, 0)
    national = types == _NATIONAL
    if national.any():
        column = pc.if_else(pa.array(national), pc.binary_join_element_wise("0", column, ""), column)
    return column, is_odd


def moment(data: Octets, offset: Ints, length: Lengths) -> Column:
    """A TimeStamp (BCD YYMMDDhhmmss, sign, BCD hhmm of the zone; 20YY) as microseconds since 1970, UTC."""
    missing = length < 0
    is_odd = ~missing & (length != _TIME_STAMP_OCTETS)
    at = np.flatnonzero(~missing & ~is_odd)
    octets = data[offset[at][:, None] + np.arange(_TIME_STAMP_OCTETS)]
    high, low = octets >> 4, octets & 0xF
    bad = ((high > 9) | (low > 9))[:, [0, 1, 2, 3, 4, 5, 7, 8]].any(axis=1)
    year, month, day, hour, minute, second, _, zone_h, zone_m = (high * 10 + low).astype(np.int64).T
    plus, minus = octets[:, 6] == ord("+"), octets[:, 6] == ord("-")
    bad |= ~(plus | minus) | (month < 1) | (month > 12) | (hour > 23) | (minute > 59) | (second > 59)
    bad |= (
        (zone_h * 60 + zone_m >= _DAY_S // 60) | (day < 1) | (day > _days_of(year, np.where(bad, 1, month)))
    )
    seconds = (_days(year + 2000, month, day) * 24 + hour) * 3600 + minute * 60 + second
    seconds -= np.where(plus, 1, -1) * (zone_h * 3600 + zone_m * 60)
    value = np.zeros(len(length), dtype=np.int64)
    value[at] = seconds * 1_000_000
    is_odd[at[bad]] = True
    return pa.array(value, mask=missing | is_odd).view(pa.timestamp("us", "UTC")), is_odd


def octet_string(data: Octets, offset: Ints, length: Lengths) -> Column:
    """An OCTET STRING as it is."""
    missing = length < 0
    size = np.where(missing, 0, length).astype(np.int64)
    array = _array(pa.binary(), data[_places(offset, size)], size, missing)
    return array, np.zeros(len(length), dtype=np.bool_)


def text(data: Octets, offset: Ints, length: Lengths) -> Column:
    """Text in UTF-8."""
    column, _ = octet_string(data, offset, length)
    try:
        return column.cast(pa.string()), np.zeros(len(length), dtype=np.bool_)
    except pa.ArrowInvalid:
        bad = np.array(
            [value is not None and not _is_utf8(value) for value in column.to_pylist()], dtype=np.bool_
        )
        return pa.array(np.asarray(column), mask=bad | (length < 0)).cast(pa.string()), bad


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True


def _places(offset: Ints, size: Ints) -> Ints:
    """The places of all octets of fields, one field behind the other."""
    ends = np.cumsum(size)
    whole = int(ends[-1]) if len(ends) else 0
    places: Ints = np.arange(whole) + np.repeat(offset - (ends - size), size)
    return places


def _text_array(octets: Octets, sizes: Ints, missing: Flags) -> pa.Array:
    return _array(pa.string(), octets, sizes, missing)


def _array(kind: pa.DataType, octets: Octets, sizes: Ints, missing: Flags) -> pa.Array:
    offsets = np.zeros(len(sizes) + 1, dtype=np.int32)
    np.cumsum(sizes, out=offsets[1:])
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little").tobytes()) if missing.any() else None
    buffers = [valid, pa.py_buffer(offsets.tobytes()), pa.py_buffer(np.ascontiguousarray(octets).tobytes())]
    return pa.Array.from_buffers(kind, len(sizes), buffers)


def _days_of(year: Ints, month: Ints) -> Ints:
    """Days of a month of 2000 to 2099."""
    lengths = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    days: Ints = lengths[np.clip(month, 1, 12) - 1] + ((month == 2) & (year % 4 == 0))
    return days


def _days(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970-01-01, by years that begin in March."""
    year = year - (month <= 2)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return 365 * year + year // 4 - year // 100 + year // 400 + of_year - _EPOCH_CORRECTION
