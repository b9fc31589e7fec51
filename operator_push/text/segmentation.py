"""Segmentation: how many short messages a text needs, and their octets. A segment is the billing unit.

Laws: the parts joined are the whole; no part is over 140 octets on the air with its header (TS 23.040 section
9.2.3.24); an escape pair of GSM 7-bit and a surrogate pair of UTF-16 are never cut in two.
Not here: texts that come with a header of their own (they are one segment already).
"""

from typing import Final

import msgspec

from operator_push.text.data_coding import Encoding, choose_encoding, encode_text
from operator_push.text.gsm7 import ESCAPE
from operator_push.text.user_data_header import CONCATENATION_HEADER_OCTETS, concatenation_header

__all__ = ["SegmentCount", "choose_encoding", "count_segments", "encode_text", "segment_user_data"]

AIR_OCTETS_MAX: Final = 140
SEGMENTS_MAX: Final = 255  # one octet counts them
_SINGLE_SEPTETS: Final = 160
_PART_SEPTETS: Final = 153  # 140 octets hold 160 septets; six octets of header take seven of them
_PART_OCTETS: Final = AIR_OCTETS_MAX - CONCATENATION_HEADER_OCTETS
# encoding: (octets of short_message in a single segment, octets in each of several)
_LIMITS: Final = {
    Encoding.GSM7: (_SINGLE_SEPTETS, _PART_SEPTETS),
    Encoding.IA5: (_SINGLE_SEPTETS, _PART_SEPTETS),
    Encoding.UCS2: (AIR_OCTETS_MAX, _PART_OCTETS),
    Encoding.LATIN1: (AIR_OCTETS_MAX, _PART_OCTETS),
    Encoding.BINARY: (AIR_OCTETS_MAX, _PART_OCTETS),
}


class SegmentCount(msgspec.Struct, frozen=True):
    """What a text costs on the air.

    `units` are septets (GSM7) or UTF-16 code units (UCS2) of the text; `units_per_segment` tells how many of
    them each segment carries: at most 160 or 70 in a single one, 153 or 67 in each of several.
    """

    encoding: Encoding
    segments: int
    units: int
    units_per_segment: tuple[int, ...]


def count_segments(text: str) -> SegmentCount:
    """Count the segments of a text in the cheapest alphabet; an empty text is one segment.

    Raises:
        ValueError: over 255 segments, or a lone surrogate.
    """
    encoding = choose_encoding(text)
    payload = encode_text(text, encoding)
    unit_octets = 2 if encoding is Encoding.UCS2 else 1
    single, part = _LIMITS[encoding]
    cuts = [(0, len(payload))] if len(payload) <= single else _cuts(payload, encoding, part)
    carried = tuple((stop - start) // unit_octets for start, stop in cuts)
    return SegmentCount(encoding, len(cuts), sum(carried), carried)


def segment_user_data(payload: bytes, encoding: Encoding, reference: int) -> list[bytes]:
    """The short_message octets of each segment.

    One segment carries the payload as it is. Several begin with a six-octet user data header with the lowest
    eight bits of `reference`; the caller sets UDHI in esm_class.

    Raises:
        ValueError: the payload needs over 255 segments.
    """
    single, part = _LIMITS[encoding]
    if len(payload) <= single:
        return [payload]
    cuts = _cuts(payload, encoding, part)
    total = len(cuts)
    return [
        concatenation_header(reference, total, number) + payload[start:stop]
        for number, (start, stop) in enumerate(cuts, 1)
    ]


def _cuts(payload: bytes, encoding: Encoding, limit: int) -> list[tuple[int, int]]:
    """Start and stop of each part of at most `limit` octets."""
    cuts = []
    start = 0
    end = len(payload)
    while start < end:
        stop = min(start + limit, end)
        if stop < end:
            stop -= _octets_of_cut_pair(payload, encoding, start, stop)
        cuts.append((start, stop))
        start = stop
    if len(cuts) > SEGMENTS_MAX:
        raise ValueError(f"{end} octets need {len(cuts)} segments; at most {SEGMENTS_MAX}")
    return cuts


def _octets_of_cut_pair(payload: bytes, encoding: Encoding, start: int, stop: int) -> int:
    """How far to step back from `stop` so that no pair is cut: 0 or the octets of its first half."""
    if encoding is Encoding.GSM7:
        first = stop
        while first > start and payload[first - 1] == ESCAPE:
            first -= 1
        return (stop - first) % 2  # an even run of escapes is pairs of its own
    if encoding is Encoding.UCS2:
        return 2 if 0xD8 <= payload[stop - 2] <= 0xDB and 0xDC <= payload[stop] <= 0xDF else 0
    return 0
