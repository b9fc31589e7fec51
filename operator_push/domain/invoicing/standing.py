"""Standing: what is still owed on each invoice, from payments and postings alone, and where dunning is.

Laws: money that comes in pays the oldest invoice first; a credit note lowers its own invoice first, and what
it exceeds that by is money like any other; nothing here is stored, so that it can never disagree.
"""

from collections.abc import Sequence
from enum import Enum

import msgspec


class DunningState(Enum):
    """Where an invoice stands."""

    OPEN = "open"
    OVERDUE = "overdue"
    REMINDED = "reminded"
    PAID = "paid"
    CREDITED = "credited"
    WRITTEN_OFF = "written_off"


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """An issued invoice as its standing is told from; `due_date` ISO 8601, "" for at once."""

    number: str
    payable_micros: int
    prepaid_micros: int
    due_date: str
    credited_micros: int = 0
    written_off_micros: int = 0
    reminders: int = 0


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice with what it was paid and what is left."""

    number: str
    state: DunningState
    paid_micros: int
    open_micros: int
    reminders: int


def standings(invoices: Sequence[Owed], payments_micros: int, today: str) -> list[Standing]:
    """How each invoice stands on a date, oldest first.

    `payments_micros` is everything that ever came in; what invoices show as prepaid has been used up by them.
    """
    pool = payments_micros - sum(each.prepaid_micros for each in invoices)
    pool += sum(max(0, each.credited_micros - each.payable_micros) for each in invoices)
    found = []
    for each in invoices:
        credited = min(each.credited_micros, each.payable_micros)
        written_off = min(each.written_off_micros, each.payable_micros - credited)
        owed = each.payable_micros - credited - written_off
        paid = max(0, min(pool, owed))
        pool -= paid
        left = owed - paid
        found.append(
            Standing(
                number=each.number,
                state=_state(each, left, credited, written_off, paid, today),
                paid_micros=each.prepaid_micros + paid,
                open_micros=left,
                reminders=each.reminders,
            )
        )
    return found


def advance_of(invoices: Sequence[Owed], payments_micros: int) -> int:
    """What has come in and paid no invoice yet: what the next one may show as prepaid."""
    pool = payments_micros - sum(each.prepaid_micros for each in invoices)
    for each in invoices:
        pool += each.credited_micros + each.written_off_micros - each.payable_micros
    return max(0, pool)


def _state(each: Owed, left: int, credited: int, written_off: int, paid: int, today: str) -> DunningState:
    if left:
        if each.reminders:
            return DunningState.REMINDED
        return DunningState.OVERDUE if each.due_date and each.due_date < today else DunningState.OPEN
    if written_off:
        return DunningState.WRITTEN_OFF
    return DunningState.CREDITED if credited and not paid else DunningState.PAID
