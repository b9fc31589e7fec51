"""Fields of many records at once: every step reads one more tag and length of all records that go on.

What is unusual (a tag of three octets and more, a length of four or without end, a field that runs out of its
record) is not read here: such a record is flagged, and whoever asked reads it one field after the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Octets = NDArray[np.uint8]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_ONE_OCTET_TAGS = 256
_KEYS = _ONE_OCTET_TAGS + 2 * 128  # behind them two-octet tags [31] to [127], primitive, then constructed
_LONG_TAG, _CONSTRUCTED, _CONTEXT = 0x1F, 0x20, 0x80


Wanted = tuple[int, bool]  # the number of a context-specific tag up to 127, and whether it holds fields


@dataclass(slots=True)
class Spans:
    """Where fields lie: a row per wanted field, a column per record; `length` -1 where a record has none."""

    offset: Ints
    length: NDArray[np.int32]
    is_odd: Flags


def scan(data: Octets, start: Ints, end: Ints, wanted: Mapping[Wanted, int]) -> Spans:
    """Where the fields of `wanted` (→ row) lie within start to end.

    A field that comes twice is the first one. `data` needs four octets of any kind behind the last record.
    """
    rows = max(wanted.values(), default=-1) + 1
    offset = np.zeros((rows, len(start)), dtype=np.int64)
    length = np.full((rows, len(start)), -1, dtype=np.int32)
    is_odd = np.zeros(len(start), dtype=np.bool_)
    row_of = _row_of(wanted)
    record = np.flatnonzero(start < end)
    at, stop = start[record], end[record]
    while len(record):
        first = data[at]
        key, length_at = first, at + 1
        is_long = first & _LONG_TAG == _LONG_TAG
        odd = np.zeros(len(record), dtype=np.bool_)
        if is_long.any():
            second = data[length_at]
            long_key = second.astype(np.int16) + (
                _ONE_OCTET_TAGS + ((first & _CONSTRUCTED).astype(np.int16) << 2)
            )
            key = np.where(is_long, long_key, first)
            length_at = length_at + is_long
            odd = is_long & ((second > 127) | (first & 0xDF != 0x9F))
            key[odd] = 0
        size = data[length_at].astype(np.int64)
        content = length_at + 1
        if size.max() > 127:
            one, two = size == 0x81, size == 0x82
            odd |= (size > 127) & ~one & ~two
            size = np.where(one, data[content], size)
            size = np.where(two, data[content].astype(np.int64) << 8 | data[content + 1], size)
            content = content + one + 2 * two
        behind = content + size
        odd |= behind > stop
        row = row_of[key]
        hits = np.flatnonzero(row >= 0)
        if len(hits):
            which, of = row[hits], record[hits]
            fresh = length[which, of] < 0
            if not fresh.all():
                which, of, hits = which[fresh], of[fresh], hits[fresh]
            offset[which, of] = content[hits]
            length[which, of] = size[hits]
        on = behind < stop
        if odd.any():
            is_odd[record[odd]] = True
            on &= ~odd
        if on.all():
            at = behind
        else:
            record, at, stop = record[on], behind[on], stop[on]
    if is_odd.any():
        length[:, is_odd] = -1  # Half of what they hold is no more use than nothing.
    return Spans(offset, length, is_odd)


def _row_of(wanted: Mapping[Wanted, int]) -> NDArray[np.int16]:
    """By the key of a tag: its row, or -1."""
    out = np.full(_KEYS, -1, dtype=np.int16)
    for (number, constructed), row in wanted.items():
        out[_ONE_OCTET_TAGS + number + 128 * constructed] = row  # also where one octet would have done
        if number < _LONG_TAG:
            out[_CONTEXT | _CONSTRUCTED * constructed | number] = row
    return out
