"""Segmentation: how many short messages a text needs, and their octets. A segment is the billing unit.

`plan_text` is the one answer to "how does this text go": whatever quotes, bills, shows or sends a text asks
it, or `count_segments` and `segment_user_data`, which are views of the same cut.
Laws: the parts joined are the whole; no part is over 140 octets on the air with its header (TS 23.040 section
9.2.3.24); an escape pair of GSM 7-bit and a surrogate pair of UTF-16 are never cut in two. SAR TLVs and
message_payload count as user data headers do, since the SMSC has to write these on the air.
Not here: the fields and TLVs of PDUs (gateway/message_cutting.py).
"""

from enum import Enum
from typing import Final

import msgspec

from operator_push.text.data_coding import Encoding, choose_encoding, encode_text
from operator_push.text.gsm7 import ESCAPE, encode_gsm7, is_gsm7
from operator_push.text.shift_tables import NationalLanguage
from operator_push.text.user_data_header import concatenation_element, national_elements

__all__ = [
    "LongMessages",
    "SegmentCount",
    "SegmentOptions",
    "TextPlan",
    "choose_encoding",
    "count_segments",
    "cut_user_data",
    "encode_text",
    "plan_text",
    "segment_headers",
    "segment_user_data",
    "units_max",
]

AIR_OCTETS_MAX: Final = 140
SEGMENTS_MAX: Final = 255  # one octet counts them
_CONCATENATION_OCTETS: Final = {8: 5, 16: 6}  # by the bits of the reference, without the header's length
_PACKED: Final = (Encoding.GSM7, Encoding.IA5)  # on the air septets, eight in seven octets


class LongMessages(Enum):
    """How the SMSC learns which segments belong together."""

    UDH = "udh"  # by our user data header
    SAR = "sar"  # by TLVs (SMPP v3.4 sections 5.3.2.22 to 24), from which it writes the header
    PAYLOAD = "payload"  # it gets the whole text in message_payload, and cuts


class SegmentOptions(msgspec.Struct, frozen=True):
    """How texts may be cut. `reference_bits` 8 or 16; `shift_tables` in the order of preference; `encoding`
    None chooses. National tables stand in a header of ours, so they go with UDH alone."""

    reference_bits: int = 8
    shift_tables: tuple[NationalLanguage, ...] = ()
    method: LongMessages = LongMessages.UDH
    encoding: Encoding | None = None

    def __post_init__(self) -> None:
        if self.reference_bits not in _CONCATENATION_OCTETS:
            raise ValueError(f"reference_bits {self.reference_bits} is not 8 or 16")
        if self.shift_tables and self.method is not LongMessages.UDH:
            raise ValueError(f"shift tables need method udh: {self.method.value} has no header to name them")


DEFAULT_OPTIONS: Final = SegmentOptions()


class SegmentCount(msgspec.Struct, frozen=True):
    """What a text costs on the air.

    `units` are septets (GSM7, IA5), UTF-16 code units (UCS2) or octets of the text; `units_per_segment` tells
    how many of them each segment carries, at most `units_max` each: 160 or 70 in a single one, 153 or 67 in
    each of several. `locking`, `single`: national language identifiers of the tables used, 0 the default.
    """

    encoding: Encoding
    segments: int
    units: int
    units_per_segment: tuple[int, ...]
    locking: int = 0
    single: int = 0


class TextPlan(msgspec.Struct, frozen=True):
    """A text in its alphabet, cut: `payload` as short_message carries it, start and stop of each part."""

    encoding: Encoding
    payload: bytes
    cuts: tuple[tuple[int, int], ...]
    locking: int = 0
    single: int = 0

    @property
    def elements(self) -> bytes:
        """Information elements that every segment needs, for its shift tables."""
        return national_elements(self.locking, self.single)

    @property
    def count(self) -> SegmentCount:
        """Its figures."""
        unit_octets = 2 if self.encoding is Encoding.UCS2 else 1
        carried = tuple((stop - start) // unit_octets for start, stop in self.cuts)
        return SegmentCount(self.encoding, len(self.cuts), sum(carried), carried, self.locking, self.single)


def plan_text(text: str, options: SegmentOptions = DEFAULT_OPTIONS) -> TextPlan:
    """Choose the alphabet of a text and cut it; an empty text is one segment.

    The choice: the GSM default alphabet with its extension; where that does not hold the text, the national
    tables of `options` in which it needs the fewest segments, of equals the first; otherwise UCS2.

    Raises:
        ValueError: over 255 segments, a lone surrogate, or a character that a forced `encoding` lacks.
    """
    encoding = options.encoding
    if encoding in (None, Encoding.GSM7):
        if is_gsm7(text):
            return _plan(Encoding.GSM7, encode_gsm7(text), options)
        plans = [
            _plan(Encoding.GSM7, encode_gsm7(text, locking, single), options, locking, single)
            for locking, single in _shifts(options.shift_tables)
            if is_gsm7(text, locking, single)
        ]
        if plans:
            return min(plans, key=lambda plan: len(plan.cuts))  # of equals the first
        encoding = encoding or Encoding.UCS2
    return _plan(encoding, encode_text(text, encoding), options)


def count_segments(text: str, options: SegmentOptions = DEFAULT_OPTIONS) -> SegmentCount:
    """The figures of `plan_text`, with its errors."""
    return plan_text(text, options).count


def segment_user_data(
    payload: bytes, encoding: Encoding, reference: int, reference_bits: int = 8, elements: bytes = b""
) -> list[bytes]:
    """The short_message octets of each segment, each with its user data header if it has one.

    `reference`, `reference_bits` and `elements` as for `segment_headers`. The caller sets UDHI in esm_class
    where there is a header: with several segments, or with `elements`.

    Raises:
        ValueError: the payload needs over 255 segments.
    """
    if not elements and len(payload) <= _ALONE_OCTETS[encoding]:
        return [payload]
    parts = cut_user_data(payload, encoding, reference_bits, len(elements))
    headers = segment_headers(len(parts), reference, reference_bits, elements)
    return [header + part for header, part in zip(headers, parts, strict=True)]


def segment_headers(
    total: int, reference: int, reference_bits: int = 8, elements: bytes = b""
) -> list[bytes]:
    """The user data header of each of `total` segments, its length octet included; b"" where it needs none.

    Several segments are tied together by the lowest `reference_bits` (8 or 16) of `reference`. `elements` are
    further information elements, which every segment gets, a single one too.
    """
    if total == 1:
        return [bytes((len(elements),)) + elements if elements else b""]
    length = bytes((_CONCATENATION_OCTETS[reference_bits] + len(elements),))
    return [
        length + concatenation_element(reference, total, number, reference_bits) + elements
        for number in range(1, total + 1)
    ]


def cut_user_data(
    payload: bytes, encoding: Encoding, reference_bits: int = 8, elements_octets: int = 0
) -> list[bytes]:
    """The text octets of each segment without any header, with room left for one as `segment_user_data`.

    Raises:
        ValueError: the payload needs over 255 segments.
    """
    cuts = _cuts(payload, encoding, reference_bits, elements_octets)
    return [payload[start:stop] for start, stop in cuts]


def units_max(encoding: Encoding, header_octets: int = 0) -> int:
    """Units that a segment holds behind a header (its length octet included; 0: none).

    Septets begin on a septet's boundary behind the header, so its last fill bits are lost as well.
    """
    room = AIR_OCTETS_MAX - header_octets
    if encoding in _PACKED:
        return room * 8 // 7
    return room // 2 if encoding is Encoding.UCS2 else room


_ALONE_OCTETS: Final = {
    encoding: units_max(encoding) * (2 if encoding is Encoding.UCS2 else 1) for encoding in Encoding
}


def _plan(
    encoding: Encoding, payload: bytes, options: SegmentOptions, locking: int = 0, single: int = 0
) -> TextPlan:
    elements = national_elements(locking, single)
    cuts = _cuts(payload, encoding, options.reference_bits, len(elements))
    return TextPlan(encoding, payload, tuple(cuts), locking, single)


def _shifts(languages: tuple[NationalLanguage, ...]) -> list[tuple[int, int]]:
    """Pairs (locking, single) worth a try; a single shift alone first, since more handsets know it."""
    pairs: list[tuple[int, int]] = []
    for language in languages:
        pairs.append((0, int(language)))
        if language.has_locking_table:
            pairs += [(int(language), 0), (int(language), int(language))]
    return pairs


def _cuts(
    payload: bytes, encoding: Encoding, reference_bits: int, elements_octets: int
) -> list[tuple[int, int]]:
    """Start and stop of each part: one where the payload fits, otherwise with room for a concatenation."""
    unit_octets = 2 if encoding is Encoding.UCS2 else 1
    end = len(payload)
    alone = units_max(encoding, elements_octets + 1 if elements_octets else 0)
    if end <= alone * unit_octets:
        return [(0, end)]
    header_octets = 1 + _CONCATENATION_OCTETS[reference_bits] + elements_octets
    limit = units_max(encoding, header_octets) * unit_octets
    if limit < 2 * unit_octets:
        raise ValueError(f"a header of {header_octets} octets leaves no room for a text")
    cuts = []
    start = 0
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
