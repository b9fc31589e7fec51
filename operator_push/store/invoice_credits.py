"""Invoice credits: what of an invoice is given back, reserved before the ledger moves it.

Law: reservations and credit notes on an invoice never exceed its total, however many are made at the same
time. A reservation is named by the client's reference, so that whoever was interrupted goes on.
"""

from sqlalchemy import Connection, select, update

from operator_push.domain.invoicing.document import DocumentKind
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import format_micros
from operator_push.services.correct_invoices import credit_subject
from operator_push.services.issue_invoices import FinalDocument
from operator_push.store import schema
from operator_push.store.correction_rows import known_correction
from operator_push.store.invoice_rows import add_event

RESERVED = "credit_reserved"  # with a negative amount: given up, because nothing was posted


def reserve_credit(
    connection: Connection, invoice: FinalDocument, reference: str, amount_micros: int, at_us: int, by: str
) -> bool:
    """Keep so much of an invoice for the credit note of a reference; False where it was kept before.

    Raises:
        OperatorError: it is more than is left, or the reference has reserved another amount.
    """
    # The row is locked until the commit: others who credit this invoice wait, and then count this one.
    row = schema.invoice_series
    connection.execute(
        update(row).where(row.c.series == invoice.series).values(last_serial=row.c.last_serial)
    )
    reserved = _reserved(connection, invoice.number)
    known = reserved.get(reference, 0)
    if known == amount_micros:
        return False
    if known:
        raise OperatorError(
            f"reference {reference!r} is of a credit of {format_micros(known)} on {invoice.number}"
        )
    taken = reserved | _credited(connection, invoice, reserved)
    left = invoice.document.total_micros - sum(taken.values())
    if not 0 < amount_micros <= left:
        raise OperatorError(
            f"{format_micros(amount_micros)} cannot be credited on {invoice.number}: "
            f"{format_micros(left)} of it is left"
        )
    add_event(connection, invoice.number, RESERVED, amount_micros, reference, at_us, by)
    return True


def give_up_credit(
    connection: Connection, invoice: FinalDocument, reference: str, at_us: int, by: str
) -> None:
    """Reserve no longer what the ledger has refused to post; what it has posted after all stays."""
    if known_correction(connection, invoice.account_no, reference) is not None:
        return
    if known := _reserved(connection, invoice.number).get(reference, 0):
        add_event(connection, invoice.number, RESERVED, -known, reference, at_us, by)


def _reserved(connection: Connection, number: str) -> dict[str, int]:
    row = schema.invoice_event.c
    found: dict[str, int] = {}
    statement = select(row.note, row.amount_micros).where(row.number == number, row.kind == RESERVED)
    for reference, amount in connection.execute(statement):
        found[reference] = found.get(reference, 0) + amount
    return {reference: amount for reference, amount in found.items() if amount}


def _credited(connection: Connection, invoice: FinalDocument, reserved: dict[str, int]) -> dict[str, int]:
    """Credit notes that nothing was reserved for, by their subjects."""
    row = schema.invoice_document.c
    own = {credit_subject(invoice.account_no, reference) for reference in reserved}
    statement = select(row.subject, row.total_micros).where(
        row.about == invoice.number, row.kind == DocumentKind.CREDIT_NOTE.value
    )
    return {subject: total for subject, total in connection.execute(statement) if subject not in own}
