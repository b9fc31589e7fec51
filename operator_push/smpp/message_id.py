"""Message ids: one form for ids that an SMSC writes in two ways.

Many SMSCs put a message_id as decimal digits into submit_sm_resp and as hexadecimal into the receipt, or the
other way round, with or without leading zeros. The owner knows the forms per SMSC and per place and looks up
by the canonical text.
Law: canonicalisation never fails; an id that is not of its form stays as it is.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Final

DIGITS_MAX: Final = 64  # SMPP v3.4 section 5.2.23; Python reads no number of thousands of digits
_HEXADECIMAL: Final = frozenset("0123456789abcdefABCDEF")


class MessageIdForm(Enum):
    """How one SMSC writes ids in one place (submit_sm_resp, receipt text, receipted_message_id)."""

    TEXT = "text"  # compare as it is
    DECIMAL = "decimal"
    HEXADECIMAL = "hexadecimal"
    CASELESS = "caseless"  # text in which capitals and small letters are the same


_TEXT: Final = MessageIdForm.TEXT


def canonical_message_id(message_id: str, form: MessageIdForm) -> str:
    """The id as decimal digits without leading zeros where its form is a number, else unchanged."""
    if form is _TEXT:
        return message_id
    match form:
        case MessageIdForm.DECIMAL if _is_decimal(message_id):
            return str(int(message_id))
        case MessageIdForm.HEXADECIMAL if _is_hexadecimal(message_id):
            return str(int(message_id, 16))
        case MessageIdForm.CASELESS:
            return message_id.lower()
        case _:
            return message_id


def ids_in_response(
    receipt_id: str, receipt: MessageIdForm, response: MessageIdForm, widths: Iterable[int] = ()
) -> tuple[str, ...]:
    """What the submit_sm_resp may have called the message that a receipt calls `receipt_id`; () where that is
    not of its form.

    `widths`: to how many digits this SMSC pads ids with zeros in submit_sm_resp. Hexadecimal digits come in
    both cases.
    """
    if receipt is MessageIdForm.TEXT or response is MessageIdForm.TEXT:
        return (receipt_id,)
    if MessageIdForm.CASELESS in (receipt, response):
        return tuple(dict.fromkeys((receipt_id, receipt_id.lower(), receipt_id.upper())))
    is_of_form = _is_decimal if receipt is MessageIdForm.DECIMAL else _is_hexadecimal
    if not is_of_form(receipt_id):
        return ()
    number = int(receipt_id, 10 if receipt is MessageIdForm.DECIMAL else 16)
    forms = ("d",) if response is MessageIdForm.DECIMAL else ("x", "X")
    return tuple(dict.fromkeys(f"{number:{form}}".zfill(width) for width in (0, *widths) for form in forms))


def form_pairs(response_id: str, receipt_id: str) -> frozenset[tuple[MessageIdForm, MessageIdForm]]:
    """Every (form in responses, form in receipts) by which two different texts are one id.

    Empty where no form explains both, or where the texts are equal, which tells nothing.
    """
    if response_id == receipt_id:
        return frozenset()
    numbers = (MessageIdForm.DECIMAL, MessageIdForm.HEXADECIMAL)
    found = {
        (response, receipt)
        for response in numbers
        for receipt in numbers
        if _number(response_id, response) == _number(receipt_id, receipt) != -1
    }
    if not found and response_id.lower() == receipt_id.lower():
        found.add((MessageIdForm.CASELESS, MessageIdForm.CASELESS))
    return frozenset(found)


def _number(message_id: str, form: MessageIdForm) -> int:
    """The id as a number, -1 where it is none in this form."""
    if form is MessageIdForm.DECIMAL:
        return int(message_id) if _is_decimal(message_id) else -1
    return int(message_id, 16) if _is_hexadecimal(message_id) else -1


_READ_AS: Final = (MessageIdForm.TEXT, MessageIdForm.DECIMAL, MessageIdForm.HEXADECIMAL)


def message_id_readings(message_id: str) -> tuple[str, ...]:
    """Every canonical text that this id could have when its form is unknown; the id itself comes first."""
    readings = dict.fromkeys(canonical_message_id(message_id, form) for form in _READ_AS)
    return tuple(readings)


def could_be_same_message(one: str, other: str) -> bool:
    """True if some reading of both agrees: for a person's search, too weak to settle money by."""
    return not set(message_id_readings(one)).isdisjoint(message_id_readings(other))


def _is_decimal(text: str) -> bool:
    return len(text) <= DIGITS_MAX and text.isascii() and text.isdigit()


def _is_hexadecimal(text: str) -> bool:
    return 0 < len(text) <= DIGITS_MAX and _HEXADECIMAL.issuperset(text)
