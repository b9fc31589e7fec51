"""GSM 7-bit: texts to and from septets, by any shift tables (3GPP TS 23.038 section 6.2.1), and the packing.

Three forms, never mixed: text (`str`), unpacked octets (one septet in each, as SMPP's short_message carries
them), packed octets (eight septets in seven octets, as on the air). An extension character is the pair of
0x1B and its code: two septets. `locking` and `single` are national language identifiers, 0 the default.
Not here: the tables (shift_tables.py), and which alphabet a message uses (data_coding.py).
"""

import codecs
from typing import Final

from operator_push.text.shift_tables import ESCAPE, shift_pair

__all__ = [
    "ESCAPE",
    "decode_gsm7",
    "encode_gsm7",
    "header_fill_bits",
    "is_gsm7",
    "pack_septets",
    "packed_octets",
    "septets_in",
    "unpack_septets",
]

_DEFAULT: Final = shift_pair()


def is_gsm7(text: str, locking: int = 0, single: int = 0) -> bool:
    """True where every character is in the alphabet or in the table behind the escape."""
    encoding = shift_pair(locking, single).encoding
    return all(ord(character) in encoding for character in set(text))


def encode_gsm7(text: str, locking: int = 0, single: int = 0) -> bytes:
    """Unpacked octets of a text.

    Raises:
        UnicodeEncodeError: a character that is in neither table (`start` tells which).
    """
    return codecs.charmap_encode(text, "strict", shift_pair(locking, single).encoding)[0]


def decode_gsm7(octets: bytes, errors: str = "strict", locking: int = 0, single: int = 0) -> str:
    """The text of unpacked octets.

    With errors "replace", what a handset does (TS 23.038 section 6.2.1.1): a code that the table behind the
    escape does not have shows its character of the alphabet, a lone escape a space; an octet over 0x7F, or
    one that a locking shift table leaves empty, becomes U+FFFD.

    Raises:
        UnicodeDecodeError: with "strict": an octet that the alphabet does not have, an escape at the end or
            before a code that the table behind it does not have.
    """
    tables = shift_pair(locking, single) if locking or single else _DEFAULT
    head, *pairs = octets.split(b"\x1b")
    parts = [codecs.charmap_decode(head, errors, tables.locking)[0]]
    at = len(head)
    for pair in pairs:
        character = tables.single.get(pair[0]) if pair else None
        if character is not None:
            parts += [character, codecs.charmap_decode(pair[1:], errors, tables.locking)[0]]
        elif errors == "strict":
            raise UnicodeDecodeError("gsm7", octets, at, at + 2, "no such extension character")
        else:
            parts.append(codecs.charmap_decode(pair, errors, tables.locking)[0] if pair else " ")
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


def septets_in(packed: bytes, fill_bits: int = 0) -> bytes:
    """All septets of packed octets whose number nobody tells, as where an SMSC packs short_message.

    Seven spare bits look like one septet more: a carriage return, or "@" (0), that fills the last octet's
    bits exactly is padding (TS 23.038 section 6.1.2.3.1) and left out.
    """
    bits = 8 * len(packed) - fill_bits
    septets = unpack_septets(packed, bits // 7, fill_bits) if bits > 0 else b""
    return septets[:-1] if bits % 7 == 0 and septets[-1:] in (b"\0", b"\r") else septets
