"""The money of a dispute: what an upheld one gives back, posted by the running server with a credit note."""

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from operator_push.cli.invoice_postings import Credit, credit_invoice
from operator_push.cli.settings_option import server_of
from operator_push.cli.store_reading import open_store
from operator_push.config import Settings
from operator_push.domain.transfers import Transfer
from operator_push.kernel.errors import OperatorError
from operator_push.services.correct_ledger import REASON_MAX, Correction
from operator_push.services.disputes import (
    Dispute,
    DisputeEvent,
    MessageMoney,
    amount_to_give,
    check_step,
    is_upheld_so,
    line_with_taxes_of,
    money_of,
    tax_to_give,
)
from operator_push.store.correction_rows import known_correction
from operator_push.store.database import Database
from operator_push.store.dispute_rows import add_dispute_event, corrections_about, dispute_numbered
from operator_push.store.invoice_rows import document_numbered
from operator_push.store.proof_rows import account_names
from operator_push.store.stored_messages import stored_messages
from operator_push.store.story_octets import invoices_with


@dataclass(frozen=True, slots=True)
class DisputeFacts:
    """A dispute with the money of its message; `money` leaves out what the dispute itself has given back."""

    dispute: Dispute
    transfers: tuple[Transfer, ...]
    money: MessageMoney | None
    posted: Correction | None
    payer: str
    invoices: tuple[str, ...]


def facts_of(connection: Connection, dispute_no: int) -> DisputeFacts:
    """What is known of a dispute's money.

    Raises:
        OperatorError: there is no such dispute.
    """
    dispute = dispute_numbered(connection, dispute_no)
    stored = next(
        stored_messages(connection, dispute.shard, refused=True, message_id=dispute.message_id), None
    )
    transfers = tuple(stored.transfers) if stored is not None else ()
    corrections = corrections_about(connection, dispute.message_id)
    others = [each for each in corrections if each.client_reference != dispute.reference]
    money = money_of(transfers, others)
    payer_no = money.payer_no if money is not None else dispute.account_no
    return DisputeFacts(
        dispute,
        transfers,
        money,
        known_correction(connection, payer_no, dispute.reference),
        account_names(connection).get(payer_no, ""),
        tuple(invoices_with(connection, transfers)),
    )


def check_nothing_posted(facts: DisputeFacts) -> None:
    """That a dispute can end without money.

    Raises:
        OperatorError: its credit note was posted, by an earlier try that was interrupted.
    """
    if facts.posted is not None:
        raise OperatorError(
            f"dispute {facts.dispute.dispute_no} has given money back already (posting "
            f"{facts.posted.reference}); resolve it as upheld"
        )


def uphold(
    settings: Settings, dispute_no: int, event: DisputeEvent, amount: int | None, line: int | None
) -> Dispute:
    """Give the money of a dispute back, once, and note it; `amount` None: all that the message was charged.

    Interrupted or repeated, it goes on with the posting that was made.

    Raises:
        OperatorError: the dispute has ended otherwise, the amount is more than what is left, or the server
            refuses the posting.
    """
    with open_store(settings) as database:
        facts = database.read(lambda connection: facts_of(connection, dispute_no))
        if is_upheld_so(facts.dispute, amount):
            return facts.dispute
        check_step(facts.dispute, event.state)
        given = facts.posted
        if given is not None and amount is None:
            amount = given.amount_micros + given.tax_micros
        micros = amount_to_give(facts.money, amount)
        posting, document = 0, ""
        if micros:
            posting, document = _give_back(settings, database, facts, micros, event, line)
        done = msgspec.structs.replace(event, amount_micros=micros, posting=posting, document=document)
        return database.run(lambda connection: add_dispute_event(connection, dispute_no, done))


def _give_back(
    settings: Settings,
    database: Database,
    facts: DisputeFacts,
    micros: int,
    event: DisputeEvent,
    line: int | None,
) -> tuple[int, str]:
    """The reference of the posting and the number of its credit note, "" while there is no invoice."""
    dispute = facts.dispute
    reason = f"{dispute.reference}: {event.note}"[:REASON_MAX]
    with server_of(settings) as server:
        if facts.invoices:
            number = facts.invoices[0]
            if line is None:
                invoice = database.read(lambda connection: document_numbered(connection, number))
                line = line_with_taxes_of(invoice.document, facts.transfers)
            credit = Credit(number, micros, reason, dispute.reference, dispute.message_id, line)
            final = credit_invoice(settings, database, server, credit)
            account_no = final.account_no
            made = database.read(
                lambda connection: known_correction(connection, account_no, dispute.reference)
            )
            return (made.reference if made is not None else 0), final.number
        tax = tax_to_give(facts.transfers, micros)
        told = server.call(
            "ledger.post",
            kind="credit-note",
            account=facts.payer,
            reference=dispute.reference,
            amount_micros=micros - tax,
            tax_micros=tax,
            message_id=dispute.message_id,
            reason=reason,
            by=event.who,
        )
        return int(told["posting"]), ""
