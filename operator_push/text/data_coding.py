"""Data coding: which alphabet SMPP's data_coding octet selects, and texts to and from its octets.

Laws: `encoding_of` has an answer for every octet (SMPP v3.4 section 5.2.19; what that section reserves is
read as 3GPP TS 23.038 section 4, which SMSCs pass through); `decode_text` never fails.
Not here: septets (gsm7.py), segments (segmentation.py). The dcs octet of TS 23.038 is another number.
"""

from enum import Enum
from typing import Final

from operator_push.text.gsm7 import decode_gsm7, encode_gsm7, is_gsm7


class Encoding(Enum):
    """How the octets of a message stand for characters."""

    GSM7 = "gsm7"  # default alphabet and extension, unpacked: one septet per octet
    UCS2 = "ucs2"  # UTF-16BE: surrogate pairs for what lies beyond 16 bits, as handsets read it
    LATIN1 = "latin1"  # ISO 8859-1
    IA5 = "ia5"  # ASCII: one septet per octet; the SMSC maps it onto the default alphabet
    BINARY = "binary"  # octets whose meaning we do not know


_BY_TABLE: Final = {
    0: Encoding.GSM7,  # "SMSC default alphabet"
    1: Encoding.IA5,
    3: Encoding.LATIN1,
    8: Encoding.UCS2,
}
_TABLE_MAX: Final = 0x0F
_DATA_CODINGS: Final = {
    Encoding.GSM7: 0,
    Encoding.IA5: 1,
    Encoding.LATIN1: 3,
    Encoding.BINARY: 4,
    Encoding.UCS2: 8,
}


def encoding_of(data_coding: int) -> Encoding:
    """The alphabet of a data_coding octet; BINARY for those that we do not read (JIS, Cyrillic, reserved)."""
    if data_coding <= _TABLE_MAX:
        return _BY_TABLE.get(data_coding, Encoding.BINARY)
    group = data_coding >> 4
    if group < 8:  # TS 23.038: general and automatic-deletion groups; bit 5 tells of compression
        compressed = data_coding & 0x20
        alphabet = data_coding >> 2 & 3
        known = (Encoding.GSM7, Encoding.BINARY, Encoding.UCS2, Encoding.BINARY)[alphabet]
        return Encoding.BINARY if compressed else known
    if group in (0xC, 0xD):  # message waiting, GSM 7-bit
        return Encoding.GSM7
    if group == 0xE:  # message waiting, UCS2
        return Encoding.UCS2
    if group == 0xF:  # data coding and message class
        return Encoding.BINARY if data_coding & 4 else Encoding.GSM7
    return Encoding.BINARY


def data_coding_of(encoding: Encoding) -> int:
    """The data_coding octet that we write for an alphabet."""
    return _DATA_CODINGS[encoding]


def choose_encoding(text: str) -> Encoding:
    """The cheapest alphabet that holds the text: GSM7 where it can, otherwise UCS2."""
    return Encoding.GSM7 if is_gsm7(text) else Encoding.UCS2


def encode_text(text: str, encoding: Encoding) -> bytes:
    """The octets of a text as short_message carries them: unpacked GSM 7-bit, UTF-16BE, or one per character.

    Raises:
        UnicodeEncodeError: the alphabet lacks a character; of UCS2 only lone surrogates are missing. BINARY
            takes U+0000..U+00FF as octets.
    """
    match encoding:
        case Encoding.GSM7:
            return encode_gsm7(text)
        case Encoding.UCS2:
            return text.encode("utf-16-be")
        case Encoding.IA5:
            return text.encode("ascii")
        case _:
            return text.encode("latin-1")


def decode_text(octets: bytes, encoding: Encoding) -> str:
    """The text of short_message octets; what the alphabet does not have becomes U+FFFD."""
    match encoding:
        case Encoding.GSM7:
            return decode_gsm7(octets, "replace")
        case Encoding.UCS2:
            return octets.decode("utf-16-be", "replace")
        case Encoding.IA5:
            return octets.decode("ascii", "replace")
        case _:
            return octets.decode("latin-1")
