"""What fields hold that no row needs: networks and types of device. One that is damaged tells nothing.

They are of few different values, so each is made a text once.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from cdr_ingest.ber_columns.scanning import Flags, Ints, Octets
from cdr_ingest.ber_columns.values import Column, Lengths

_PLMN_OCTETS = 3
_TAC_OCTETS = 4
_NO_DIGIT = 0xF


def network(data: Octets, offset: Ints, length: Lengths) -> Column:
    """A PLMN of TS 24.008 section 10.5.1.3 as MCC-MNC."""
    return _of_few(data, offset, length == _PLMN_OCTETS, _PLMN_OCTETS, plmn_text)


def network_of_location(data: Octets, offset: Ints, length: Lengths) -> Column:
    """The PLMN of a userLocationInformation, which stands behind its first octet in every form."""
    return _of_few(data, offset + 1, length > _PLMN_OCTETS, _PLMN_OCTETS, plmn_text)


def device_tac(data: Octets, offset: Ints, length: Lengths) -> Column:
    """The first eight digits of an IMEI; the others are not read."""
    return _of_few(data, offset, length >= _TAC_OCTETS, _TAC_OCTETS, _digits)


def plmn_text(octets: bytes) -> str | None:
    """MCC-MNC of three octets; None where they are none."""
    first, second, third = octets
    mcc = [first & 15, first >> 4, second & 15]
    mnc = [third & 15, third >> 4, second >> 4]
    if mnc[2] == _NO_DIGIT:
        del mnc[2]
    return None if max(mcc + mnc) > 9 else f"{''.join(map(str, mcc))}-{''.join(map(str, mnc))}"


def _digits(octets: bytes) -> str | None:
    text = "".join(f"{octet & 15:x}{octet >> 4:x}" for octet in octets)
    return text if text.isdigit() else None


def _of_few(
    data: Octets, offset: Ints, known: Flags, size: int, text_of: Callable[[bytes], str | None]
) -> Column:
    at = np.flatnonzero(known)
    number = np.zeros(len(at), dtype=np.int64)
    for place in range(size):
        number = number << 8 | data[offset[at] + place]
    different, row = np.unique(number, return_inverse=True)
    texts = pa.array([text_of(one.to_bytes(size, "big")) for one in different.tolist()], pa.string())
    places = np.zeros(len(known), dtype=np.int64)
    places[at] = row
    return texts.take(pa.array(places, mask=~known)), np.zeros(len(known), dtype=np.bool_)
