"""Story octets: the PDUs of one message as they are kept, and the documents that it stands on."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, select

from operator_push.domain.invoicing.document import DocumentKind
from operator_push.domain.ledger import Transfer, TransferKind
from operator_push.services.correct_invoices import credit_subject
from operator_push.store import schema
from operator_push.store.archive_reading import archived_days, is_archived, opened
from operator_push.store.charged_rows import CHARGES
from operator_push.store.folded import DELIVERIES, Place, together
from operator_push.store.stories import FOLLOWED_DAYS, about


class KeptPdu(msgspec.Struct, frozen=True):
    """A whole PDU with its header; `delivery_id` 0: the submit_sm as we send it, save its segmentation."""

    delivery_id: int
    octets: bytes


def kept_pdus(connection: Connection, shard: int, day: int, message_id: int) -> list[KeptPdu]:
    """The submit_sm of a message and every deliver_sm about it that its ESME was owed.

    Raises:
        OperatorError: the file of an archived day is missing.
    """
    archived = is_archived(connection, shard, day)
    if archived is None:
        found = list(_submitted(connection, shard, day, message_id))
    else:
        with opened(archived) as archive:
            found = list(_submitted(archive, shard, day, message_id))
    delivered: dict[KeptPdu, None] = {}
    for each in archived_days(connection, shard):
        if day <= each.day <= day + FOLLOWED_DAYS:
            with opened(each) as archive:
                delivered.update(dict.fromkeys(_delivered(archive, shard, day, message_id)))
    delivered.update(dict.fromkeys(_delivered(connection, shard, day, message_id)))
    return [*found, *delivered]


def invoices_with(connection: Connection, transfers: Sequence[Transfer]) -> list[str]:
    """The numbers of the invoices in whose periods the charges among these postings lie."""
    row = schema.invoice_document.c
    numbers: list[str] = []
    for transfer in transfers:
        if int(transfer.kind) in CHARGES:
            wanted = select(row.number).where(
                row.account_no == transfer.account_no,
                row.kind == DocumentKind.INVOICE.value,
                row.from_us <= transfer.at_us,
                row.until_us > transfer.at_us,
            )
            numbers += connection.execute(wanted).scalars()
    return list(dict.fromkeys(numbers))


def documents_with(connection: Connection, message_id: int, transfers: tuple[Transfer, ...]) -> list[str]:
    """The numbers of the invoices in whose periods these charges lie, and of credit notes about the message.

    A charge that is on no invoice yet has none.
    """
    row, correction = schema.invoice_document.c, schema.correction.c
    numbers = invoices_with(connection, transfers)
    about = select(correction.account_no, correction.client_reference).where(
        correction.message_id == message_id, correction.kind == int(TransferKind.CREDIT_NOTE)
    )
    for account_no, client_reference in connection.execute(about).all():
        subject = credit_subject(account_no, client_reference)
        numbers += connection.execute(select(row.number).where(row.subject == subject)).scalars()
    return list(dict.fromkeys(numbers))


def _submitted(connection: Connection, shard: int, day: int, message_id: int) -> Iterator[KeptPdu]:
    row = schema.message.c
    mine = (row.shard == shard) & (row.day == day) & (row.message_id == message_id)
    for octets in connection.execute(select(row.body).where(mine)).scalars():
        if octets:
            yield KeptPdu(0, bytes(octets))


def _delivered(connection: Connection, shard: int, day: int, message_id: int) -> Iterator[KeptPdu]:
    def mine(owed: Place) -> Select[Any]:
        named = owed.named("delivery_id", "body")
        return select(*named).select_from(owed.rows).where(*about(owed, shard, day, message_id))

    for delivery_id, octets in connection.execute(together(DELIVERIES, mine, "delivery_id")):
        yield KeptPdu(delivery_id, bytes(octets))
