"""Credit notes of what was given back before its invoice was issued: disputes upheld, cases resolved.

The money has moved long since; what is made here are the documents, one each, on the invoice that holds the
charge of their message.
"""

from sqlalchemy import Connection

from operator_push.cli import invoice_corrections as corrections
from operator_push.cli.invoice_corrections import invoice_and_owed, kept
from operator_push.cli.who import who_asks
from operator_push.domain.transfers import Transfer
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import id_shard
from operator_push.services.correct_invoices import check_credit, draft_credit_note
from operator_push.services.correct_ledger import Correction
from operator_push.services.disputes import line_with_taxes_of
from operator_push.services.issue_invoices import FinalDocument, InvoiceTerms
from operator_push.store.database import Database
from operator_push.store.dispute_rows import uninvoiced_credits
from operator_push.store.invoice_credits import reserve_credit
from operator_push.store.stored_messages import stored_messages
from operator_push.store.story_octets import invoices_with


def notes_of_earlier_credits(
    database: Database, terms: InvoiceTerms, invoice: FinalDocument
) -> tuple[list[FinalDocument], list[str]]:
    """Issue the credit notes that belong to an invoice; also why one could not be, and what to do."""
    notes: list[FinalDocument] = []
    left: list[str] = []
    for credit, transfers in database.read(lambda connection: _on_it(connection, invoice)):
        try:
            notes.append(_issued(database, terms, invoice, credit, transfers))
        except OperatorError as error:
            name = credit.client_reference
            left.append(f"the credit note of {name!r} is left to you (invoice credit-note): {error}")
    return notes, left


def _issued(
    database: Database,
    terms: InvoiceTerms,
    invoice: FinalDocument,
    credit: Correction,
    transfers: tuple[Transfer, ...],
) -> FinalDocument:
    gross, now_us, by = credit.amount_micros + credit.tax_micros, corrections.now_us(), who_asks()
    name, line = credit.client_reference, line_with_taxes_of(invoice.document, transfers)
    _, owed = database.read(lambda connection: invoice_and_owed(connection, invoice.number))
    check_credit(invoice, owed, gross, line)
    database.run(lambda connection: reserve_credit(connection, invoice, name, gross, now_us, by))
    return kept(database, draft_credit_note(invoice, terms, name, gross, credit.reason, line, now_us))


def _on_it(connection: Connection, invoice: FinalDocument) -> list[tuple[Correction, tuple[Transfer, ...]]]:
    """Credits about messages whose charges the invoice holds, each with the postings of its message."""
    found = []
    for credit in uninvoiced_credits(connection, invoice.account_no):
        message_id = credit.message_id
        for stored in stored_messages(connection, id_shard(message_id), refused=True, message_id=message_id):
            if invoice.number in invoices_with(connection, stored.transfers):
                found.append((credit, tuple(stored.transfers)))
    return found
