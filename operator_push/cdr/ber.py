"""BER (ITU-T X.690): tag, length and value, in and out, and the records of a file of them.

Tags are whole numbers, `class << 28 | number`, whether primitive or constructed; multi-octet tags and the
indefinite form are read, the definite form is written. What cannot be read raises CdrError with its octet.
What a tag means does not belong here: tags_32298.
"""

from collections.abc import Iterator, Sequence

import msgspec

from operator_push.cdr.cdr_error import CdrError

UNIVERSAL = 0
CONTEXT = 2 << 28
NUMBER_MAX = (1 << 28) - 1
# Ours: no record of TS 32.298 nests deeper than 8; a limit keeps hostile octets from the recursion's end.
DEPTH_MAX = 24
LENGTH_OCTETS_MAX = 8  # Ours: 2^64 octets are more than any file.
FILLERS = b"\x00\xff"  # TS 32.297 section 5 leaves block padding to the vendor; these two are seen.

_CONSTRUCTED = 0x20
_LONG_TAG = 0x1F
_INDEFINITE = -1


class Tlv(msgspec.Struct, frozen=True):
    """One element: its octets, or the elements inside. `offset` of its first octet."""

    tag: int
    value: "bytes | tuple[Tlv, ...]"
    offset: int = 0

    @property
    def is_constructed(self) -> bool:
        """True where it holds elements."""
        return not isinstance(self.value, bytes)


def context(number: int) -> int:
    """The tag [number] of the context-specific class."""
    return CONTEXT | number


def tag_text(tag: int) -> str:
    """A tag as ASN.1 writes it: [94], [UNIVERSAL 16], [APPLICATION 1], [PRIVATE 3]."""
    kind = ("UNIVERSAL ", "APPLICATION ", "", "PRIVATE ")[tag >> 28 & 3]
    return f"[{kind}{tag & NUMBER_MAX}]"


def read_header(data: bytes, at: int, end: int) -> tuple[int, bool, int, int]:
    """Tag, whether constructed, where the content begins, and its end or -1 for the indefinite form.

    Raises:
        CdrError: octets are missing, or a tag or length is beyond what anybody writes.
    """
    start = at
    if at >= end:
        raise CdrError("the record ends where a tag should stand", at)
    first = data[at]
    at += 1
    number = first & _LONG_TAG
    if number == _LONG_TAG:
        number = 0
        while True:
            if at >= end:
                raise CdrError("ends within a tag", start)
            octet = data[at]
            at += 1
            number = number << 7 | octet & 0x7F
            if number > NUMBER_MAX:
                raise CdrError(f"has a tag above {NUMBER_MAX}", start)
            if octet < 0x80:
                break
    tag = first >> 6 << 28 | number
    constructed = bool(first & _CONSTRUCTED)
    if at >= end:
        raise CdrError(f"{tag_text(tag)} ends before its length", start)
    length = data[at]
    at += 1
    if length == 0x80:
        if not constructed:
            raise CdrError(f"{tag_text(tag)} is primitive and has no length (X.690 section 8.1.3.2)", start)
        return tag, True, at, _INDEFINITE
    if length > 0x80:
        octets = length & 0x7F
        if octets > LENGTH_OCTETS_MAX or at + octets > end:
            raise CdrError(f"{tag_text(tag)} has a length of {octets} octets that do not follow", start)
        length = int.from_bytes(data[at : at + octets], "big")
        at += octets
    if at + length > end:
        raise CdrError(f"{tag_text(tag)} says {length} octets, {end - at} follow", start)
    return tag, constructed, at, at + length


def decode(data: bytes, at: int = 0, end: int | None = None, depth: int = 0) -> tuple[Tlv, int]:
    """The element at an octet, and the octet behind it.

    Raises:
        CdrError: it cannot be read, or nests deeper than DEPTH_MAX.
    """
    limit = len(data) if end is None else end
    tag, constructed, content, content_end = read_header(data, at, limit)
    if not constructed:
        return Tlv(tag, data[content:content_end], at), content_end
    if depth >= DEPTH_MAX:
        raise CdrError(f"nests deeper than {DEPTH_MAX}", at)
    inside: list[Tlv] = []
    if content_end == _INDEFINITE:
        place = content
        while data[place : place + 2] != b"\x00\x00" or place + 2 > limit:
            element, place = decode(data, place, limit, depth + 1)
            inside.append(element)
        return Tlv(tag, tuple(inside), at), place + 2
    place = content
    while place < content_end:
        element, place = decode(data, place, content_end, depth + 1)
        inside.append(element)
    return Tlv(tag, tuple(inside), at), content_end


def records(data: bytes, at: int = 0, end: int | None = None) -> Iterator[Tlv]:
    """Records back to back, with filler of 0x00 and 0xFF between them passed over.

    Raises:
        CdrError: a record cannot be read; where the next one begins is not known then.
    """
    limit = len(data) if end is None else end
    while at < limit:
        if data[at] in FILLERS:
            at += 1
            continue
        element, at = decode(data, at, limit)
        yield element


def encode(element: Tlv) -> bytes:
    """An element in the definite form."""
    if isinstance(element.value, bytes):
        return primitive(element.tag, element.value)
    return constructed(element.tag, [encode(inner) for inner in element.value])


def primitive(tag: int, value: bytes) -> bytes:
    """A primitive element."""
    return _identifier(tag, 0) + _length(len(value)) + value


def constructed(tag: int, inside: Sequence[bytes]) -> bytes:
    """A constructed element around elements that are encoded already."""
    value = b"".join(inside)
    return _identifier(tag, _CONSTRUCTED) + _length(len(value)) + value


def integer_octets(value: int) -> bytes:
    """The content octets of an INTEGER (X.690 section 8.3): two's complement, as few as can be."""
    return value.to_bytes(((value if value >= 0 else ~value).bit_length() >> 3) + 1, "big", signed=True)


def integer_of(octets: bytes) -> int:
    """The value of an INTEGER's content octets."""
    return int.from_bytes(octets, "big", signed=True)


def object_identifier_octets(dotted: str) -> bytes:
    """The content octets of an OBJECT IDENTIFIER (X.690 section 8.19).

    Raises:
        ValueError: it is no dotted identifier of at least two arcs.
    """
    arcs = [int(arc) for arc in dotted.split(".")]
    if len(arcs) < 2 or arcs[0] > 2 or (arcs[0] < 2 and arcs[1] > 39) or min(arcs) < 0:
        raise ValueError(f"{dotted!r} is not an object identifier")
    octets = bytearray()
    for arc in (arcs[0] * 40 + arcs[1], *arcs[2:]):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | 0x80)
        octets += bytes(reversed(groups))
    return bytes(octets)


def object_identifier_of(octets: bytes) -> str:
    """An OBJECT IDENTIFIER's content octets in dotted form.

    Raises:
        ValueError: empty, or the last arc is not finished.
    """
    if not octets or octets[-1] >= 0x80:
        raise ValueError("is not an object identifier")
    arcs: list[int] = []
    arc = 0
    for octet in octets:
        arc = arc << 7 | octet & 0x7F
        if octet < 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(number) for number in (first, arcs[0] - first * 40, *arcs[1:]))


def _identifier(tag: int, form: int) -> bytes:
    first, number = (tag >> 28) << 6 | form, tag & NUMBER_MAX
    if number < _LONG_TAG:
        return bytes((first | number,))
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.append(number & 0x7F | 0x80)
    return bytes((first | _LONG_TAG, *reversed(octets)))


def _length(octets: int) -> bytes:
    if octets < 0x80:
        return bytes((octets,))
    size = (octets.bit_length() + 7) >> 3
    return bytes((0x80 | size,)) + octets.to_bytes(size, "big")
