"""Message ids: one form for ids that an SMSC writes in two ways.

Many SMSCs put a message_id as decimal digits into submit_sm_resp and as hexadecimal into the receipt, or the
other way round, with or without leading zeros. The owner knows the forms per SMSC and per place and looks up
by the canonical text.
Law: canonicalisation never fails; an id that is not of its form stays as it is.
"""

from enum import Enum
from typing import Final

_HEXADECIMAL: Final = frozenset("0123456789abcdefABCDEF")


class MessageIdForm(Enum):
    """How one SMSC writes ids in one place (submit_sm_resp, receipt text, receipted_message_id)."""

    TEXT = "text"  # compare as it is
    DECIMAL = "decimal"
    HEXADECIMAL = "hexadecimal"


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
        case _:
            return message_id


def message_id_readings(message_id: str) -> tuple[str, ...]:
    """Every canonical text that this id could have when its form is unknown; the id itself comes first."""
    readings = dict.fromkeys(canonical_message_id(message_id, form) for form in MessageIdForm)
    return tuple(readings)


def could_be_same_message(one: str, other: str) -> bool:
    """True if some reading of both agrees: for a person's search, too weak to settle money by."""
    return not set(message_id_readings(one)).isdisjoint(message_id_readings(other))


def _is_decimal(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_hexadecimal(text: str) -> bool:
    return bool(text) and _HEXADECIMAL.issuperset(text)
