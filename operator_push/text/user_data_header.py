"""User data header: the information elements before a short message's text (3GPP TS 23.040 section 9.2.3.24).

Laws: of a repeated element, and of the two that exclude each other (8-bit and 16-bit concatenation), the
last one counts; unknown elements are passed over; a concatenation that cannot be (part 0, or over the total)
is none.
Not here: how long a header leaves a segment (segmentation.py).
"""

from typing import Final

import msgspec

CONCATENATION_8_BIT: Final = 0x00
CONCATENATION_16_BIT: Final = 0x08
NATIONAL_SINGLE_SHIFT: Final = 0x24  # section 9.2.3.24.15
NATIONAL_LOCKING_SHIFT: Final = 0x25  # section 9.2.3.24.16
CONCATENATION_HEADER_OCTETS: Final = 6

InformationElement = tuple[int, bytes]  # identifier, data


class Concatenation(msgspec.Struct, frozen=True, gc=False):
    """One part of a long message; `element` is the identifier that said so."""

    reference: int
    total: int
    part: int
    element: int = CONCATENATION_8_BIT


def parse_information_elements(octets: bytes) -> tuple[InformationElement, ...]:
    """The elements of a header without its length octet, in their order.

    Raises:
        ValueError: an element's length runs past the end, or a single octet is left over.
    """
    found = []
    at = 0
    while at < len(octets):
        if at + 2 > len(octets):
            raise ValueError("one octet left after the last information element")
        stop = at + 2 + octets[at + 1]
        if stop > len(octets):
            raise ValueError(
                f"information element 0x{octets[at]:02x} runs {stop - len(octets)} octets past the end"
            )
        found.append((octets[at], octets[at + 2 : stop]))
        at = stop
    return tuple(found)


def split_user_data(user_data: bytes) -> tuple[tuple[InformationElement, ...], bytes]:
    """The elements and the text octets of user data that begins with a header (esm_class says so).

    Raises:
        ValueError: empty, the header is longer than the user data, or its elements do not fit it.
    """
    if not user_data or user_data[0] + 1 > len(user_data):
        raise ValueError("the user data header is longer than the user data")
    end = user_data[0] + 1
    return parse_information_elements(user_data[1:end]), user_data[end:]


def concatenation(elements: tuple[InformationElement, ...]) -> Concatenation | None:
    """The concatenation that the elements declare, or None."""
    found = None
    for identifier, data in elements:
        if identifier == CONCATENATION_8_BIT and len(data) == 3:
            found = Concatenation(data[0], data[1], data[2], identifier)
        elif identifier == CONCATENATION_16_BIT and len(data) == 4:
            found = Concatenation(data[0] << 8 | data[1], data[2], data[3], identifier)
    return found if found is not None and 1 <= found.part <= found.total else None


def concatenation_header(reference: int, total: int, part: int) -> bytes:
    """The six octets of an 8-bit concatenation header with its length octet; `reference` is cut to 8 bits."""
    return bytes((5, CONCATENATION_8_BIT, 3, reference & 0xFF, total, part))


def concatenation_element(reference: int, total: int, part: int, reference_bits: int = 8) -> bytes:
    """The information element of one part; `reference` is cut to 8 or 16 bits."""
    if reference_bits == 16:
        return bytes((CONCATENATION_16_BIT, 4, reference >> 8 & 0xFF, reference & 0xFF, total, part))
    return bytes((CONCATENATION_8_BIT, 3, reference & 0xFF, total, part))


def national_language(elements: tuple[InformationElement, ...]) -> tuple[int, int]:
    """The national language identifiers (locking, single) that the elements tell; 0 where they tell none."""
    locking = single = 0
    for identifier, data in elements:
        if identifier == NATIONAL_LOCKING_SHIFT and len(data) == 1:
            locking = data[0]
        elif identifier == NATIONAL_SINGLE_SHIFT and len(data) == 1:
            single = data[0]
    return locking, single


def national_elements(locking: int, single: int) -> bytes:
    """The information elements of shift tables: three octets for each that is not the default."""
    octets = bytes((NATIONAL_LOCKING_SHIFT, 1, locking)) if locking else b""
    return octets + bytes((NATIONAL_SINGLE_SHIFT, 1, single)) if single else octets
