"""GSM 7-bit: the default alphabet with its extension table (3GPP TS 23.038 section 6.2.1), and the packing.

Three forms, never mixed: text (`str`), unpacked octets (one septet in each, as SMPP's short_message carries
them), packed octets (eight septets in seven octets, as on the air). An extension character is the pair of
0x1B and its code: two septets.
Not here: national shift tables, and which alphabet a message uses (data_coding.py).
"""

import codecs
from typing import Final

ESCAPE: Final = 0x1B
# TS 23.038 table 6.2.1.1, by code; 0x1B (escape) holds a character that no text contains.
_DEFAULT_ALPHABET: Final = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\ufffeÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
# TS 23.038 table 6.2.1.2
_EXTENSION: Final = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_UNDEFINED: Final = "\ufffe"
_DECODING: Final = _DEFAULT_ALPHABET + _UNDEFINED * 128
_ENCODING: Final[dict[int, bytes]] = {
    ord(character): bytes((code,))
    for code, character in enumerate(_DEFAULT_ALPHABET)
    if character != _UNDEFINED
} | {ord(character): bytes((ESCAPE, code)) for code, character in _EXTENSION.items()}


def is_gsm7(text: str) -> bool:
    """True where every character is in the default alphabet or its extension."""
    return all(ord(character) in _ENCODING for character in set(text))


def encode_gsm7(text: str) -> bytes:
    """Unpacked octets of a text.

    Raises:
        UnicodeEncodeError: a character that is in neither table (`start` tells which).
    """
    return codecs.charmap_encode(text, "strict", _ENCODING)[0]


def decode_gsm7(octets: bytes, errors: str = "strict") -> str:
    """The text of unpacked octets.

    With errors "replace", what a handset does (TS 23.038 section 6.2.1.1): an unknown extension code shows
    its default character, a lone escape a space; an octet over 0x7F becomes U+FFFD.

    Raises:
        UnicodeDecodeError: with "strict": an octet over 0x7F, an escape at the end or before a code that the
            extension table does not have.
    """
    head, *pairs = octets.split(b"\x1b")
    parts = [_default_text(head, errors)]
    at = len(head)
    for pair in pairs:
        character = _EXTENSION.get(pair[0]) if pair else None
        if character is not None:
            parts += [character, _default_text(pair[1:], errors)]
        elif errors == "strict":
            raise UnicodeDecodeError("gsm7", octets, at, at + 2, "no such extension character")
        else:
            parts.append(_default_text(pair, errors) if pair else " ")
        at += 1 + len(pair)
    return "".join(parts)


def pack_septets(septets: bytes, fill_bits: int = 0) -> bytes:
    """Packed octets of unpacked ones; `fill_bits` zero bits come first (behind a user data header, 0..6).

    TS 23.038 section 6.1.2.1: the first septet stands in the lowest bits. Bits over the seventh are dropped.
    """
    value = 0
    shift = fill_bits
    for septet in septets:
        value |= (septet & 0x7F) << shift
        shift += 7
    return value.to_bytes((shift + 7) // 8, "little")


def unpack_septets(packed: bytes, count: int, fill_bits: int = 0) -> bytes:
    """Unpacked octets of the first `count` septets behind `fill_bits` bits.

    Raises:
        ValueError: `packed` holds fewer septets.
    """
    if fill_bits + 7 * count > 8 * len(packed):
        raise ValueError(f"{len(packed)} octets hold less than {count} septets behind {fill_bits} bits")
    value = int.from_bytes(packed, "little") >> fill_bits
    return bytes(value >> (7 * index) & 0x7F for index in range(count))


def packed_octets(septet_count: int, fill_bits: int = 0) -> int:
    """How many octets that many septets take on the air."""
    return (fill_bits + 7 * septet_count + 7) // 8


def header_fill_bits(header_octets: int) -> int:
    """Bits between a user data header (its length octet included) and the next septet boundary, 0..6."""
    return -8 * header_octets % 7


def _default_text(octets: bytes, errors: str) -> str:
    return codecs.charmap_decode(octets, errors, _DECODING)[0]
