"""Link text: what one link's SMSC makes of octets, and how it wants long messages.

SMPP leaves data_coding 0 to the SMSC ("SMSC default alphabet", v3.4 section 5.2.19), so a link has to say
what its SMSC means; `read_user_data` reads what comes from it, `DefaultAlphabet.write` is the way back.
Not here: which octets a message is cut into (segmentation.py).
"""

from contextlib import suppress
from enum import Enum

import msgspec

from operator_push.text.data_coding import Encoding, decode_text, encoding_of
from operator_push.text.gsm7 import decode_gsm7, header_fill_bits, pack_septets, septets_in
from operator_push.text.segmentation import SegmentOptions
from operator_push.text.user_data_header import InformationElement, national_language, split_user_data

SMSC_DEFAULT = 0  # the data_coding that means whatever the SMSC means


class DefaultAlphabet(Enum):
    """What an SMSC means by data_coding 0."""

    GSM7 = "gsm7"  # GSM 7-bit, one septet per octet: the rule
    GSM7_PACKED = "gsm7-packed"  # eight septets in seven octets, as on the air
    LATIN1 = "latin1"  # ISO 8859-1, which the SMSC maps onto GSM 7-bit
    ASCII = "ascii"  # the same with ASCII

    def write(self, septets: bytes, header_octets: int = 0) -> bytes | None:
        """Unpacked GSM 7-bit octets as this SMSC reads them; None where it has no such character.

        `header_octets`: of the user data header before them, its length octet included; packed septets begin
        on the next septet's boundary.
        """
        match self:
            case DefaultAlphabet.GSM7:
                return septets
            case DefaultAlphabet.GSM7_PACKED:
                fill_bits = header_fill_bits(header_octets) if header_octets else 0
                if (fill_bits + 7 * len(septets)) % 8 == 1:
                    septets += b"\r"  # 7 spare bits would read as "@" (TS 23.038 section 6.1.2.3.1)
                return pack_septets(septets, fill_bits)
        try:
            return decode_gsm7(septets).encode("latin-1" if self is DefaultAlphabet.LATIN1 else "ascii")
        except UnicodeError:
            return None


class LinkText(msgspec.Struct, frozen=True):
    """How one link wants texts."""

    default_alphabet: DefaultAlphabet = DefaultAlphabet.GSM7
    options: SegmentOptions = SegmentOptions()


PLAIN_LINK = LinkText()


def read_user_data(
    user_data: bytes, data_coding: int, has_header: bool, default_alphabet: DefaultAlphabet
) -> str:
    """The text of user data as it came from an SMSC; what cannot be read becomes U+FFFD, it never fails.

    A header's national language elements (0x24, 0x25) say which shift tables hold; they mean septets also
    where data_coding 0 is otherwise another alphabet.
    """
    elements: tuple[InformationElement, ...] = ()
    text = user_data
    if has_header and user_data:
        text = user_data[user_data[0] + 1 :]
        with suppress(ValueError):  # whatever its elements are, its length says where the text begins
            elements, text = split_user_data(user_data)
    encoding = encoding_of(data_coding)
    if encoding is not Encoding.GSM7:
        return decode_text(text, encoding)
    locking, single = national_language(elements)
    if default_alphabet is DefaultAlphabet.GSM7_PACKED:
        header_octets = len(user_data) - len(text)
        text = septets_in(text, header_fill_bits(header_octets) if header_octets else 0)
    elif data_coding == SMSC_DEFAULT and not (locking or single):
        if default_alphabet is DefaultAlphabet.LATIN1:
            return decode_text(text, Encoding.LATIN1)
        if default_alphabet is DefaultAlphabet.ASCII:
            return decode_text(text, Encoding.IA5)
    return decode_gsm7(text, "replace", locking, single)
