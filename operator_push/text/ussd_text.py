"""USSD texts: what fits on the screen at once. A USSD string is at most 160 octets (TS 24.080 annex A), into
which 182 septets are packed (TS 23.038 section 6.1.2.3); it has no second part, so it is one segment.

Not here: the PDU that carries it (gateway/ussd_mapping.py).
"""

from typing import Final

from operator_push.text.data_coding import Encoding

USSD_SEPTETS_MAX: Final = 182
USSD_OCTETS_MAX: Final = 160


def ussd_problem(text_octets: bytes, encoding: Encoding) -> str:
    """Why a text, encoded for SMPP, is no USSD text; "" where it is one.

    GSM 7-bit and IA5 come a character an octet (an escape pair is two), UCS-2 two octets a character.
    """
    if encoding is Encoding.BINARY:
        return "octets that are no text cannot be shown on a screen"
    if encoding is Encoding.UCS2:
        limit, unit = USSD_OCTETS_MAX // 2, "characters of UCS-2"
        length = len(text_octets) // 2
    else:
        limit, unit, length = USSD_SEPTETS_MAX, "characters of the GSM alphabet", len(text_octets)
    if length <= limit:
        return ""
    return f"a USSD text, which is shown at once, has at most {limit} {unit}; this one has {length}"
