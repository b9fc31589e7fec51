"""Numbering: what a subscriber's number looks like inside the product.

A `msisdn` is the international E.164 number as digits without `+` (ITU-T E.164 section 6: at most 15).
Full parsing with national rules happens at the edges with a library; here is only the shape and the mask.
"""

from dataclasses import dataclass

E164_DIGITS_MIN = 7  # Ours: the shortest complete international numbers in use (for example Saint Helena).
E164_DIGITS_MAX = 15


@dataclass(frozen=True, slots=True)
class Plmn:
    """A mobile network. Both parts are text: MNC "01" is not "001" (ITU-T E.212)."""

    mcc: str
    mnc: str


def is_msisdn(text: str) -> bool:
    """True for the digits of an international number, without `+` and without a leading zero."""
    return (
        E164_DIGITS_MIN <= len(text) <= E164_DIGITS_MAX
        and text.isascii()
        and text.isdigit()
        and text[0] != "0"
    )


def normalise_msisdn(text: str) -> str | None:
    """The msisdn in `text` with spaces, dashes, brackets and a leading + or 00 removed, or None.

    National forms (a leading 0) are None: only an edge that knows the country can complete them.
    """
    digits = text.strip()
    for mark in " -().":
        digits = digits.replace(mark, "")
    if digits.startswith("+"):
        digits = digits[1:]
    elif digits.startswith("00"):
        digits = digits[2:]
    return digits if is_msisdn(digits) else None


def msisdn_or_address(text: str) -> str:
    """The msisdn in `text` as `normalise_msisdn` finds it, or `text` as it is where it is none."""
    if text.isdigit() and text[:2] != "00":
        return text  # nothing to remove: a msisdn, or none
    return normalise_msisdn(text) or text


def mask_number(text: str) -> str:
    """A number as logs, metrics and traces may show it: the first three and the last two digits."""
    return f"{text[:3]}…{text[-2:]}" if len(text) > 6 else "…"
