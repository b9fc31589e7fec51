"""Correction rows: why postings by hand were made, and what the sides of an account come to."""

from typing import Any

from sqlalchemy import Column, Connection, func, select

from operator_push.domain.transfers import LedgerAccount, TransferKind
from operator_push.kernel.ids import id_shard
from operator_push.services.correct_ledger import Correction, Sides
from operator_push.services.credited_shares import BACK, CreditedMessage, SharedPart
from operator_push.store import schema
from operator_push.store.stored_messages import stored_messages

# What of a message's postings is earned, and what is taken from that.
_EARNED = {
    TransferKind.SETTLE: 1,
    TransferKind.LATE_CHARGE: 1,
    TransferKind.TAX_BACK: 1,
    TransferKind.TAX: -1,
    TransferKind.FAILED_REFUND: -1,
}


def sides_of(connection: Connection, shard: int, account_no: int) -> Sides:
    """The balances of one account, as they are on disk."""
    row = schema.balance.c
    statement = select(row.side, row.amount_micros).where(row.shard == shard, row.account_no == account_no)
    return {LedgerAccount(side): micros for side, micros in connection.execute(statement)}


def known_correction(connection: Connection, account_no: int, client_reference: str) -> Correction | None:
    """The correction that was made under a client's reference."""
    row = schema.correction.c
    statement = select(*_columns()).where(
        row.account_no == account_no, row.client_reference == client_reference
    )
    found = connection.execute(statement).first()
    return None if found is None else Correction(*found)


def credited_message(connection: Connection, message_id: int) -> CreditedMessage | None:
    """The money of a message that a credit note is about, with who had a part of it and what each is owed by
    now; None where there is no such message, or nothing was charged for it.

    Raises:
        OperatorError: the file of its archived day is missing.
    """
    shard = id_shard(message_id)
    stored = next(stored_messages(connection, shard, refused=True, message_id=message_id), None)
    charged = [each for each in stored.transfers if each.kind in _EARNED] if stored is not None else []
    if stored is None or not charged:
        return None
    shared = [each for each in stored.transfers if each.kind in BACK]
    row = schema.correction.c
    about = (row.message_id == message_id) & (row.kind == int(TransferKind.CREDIT_NOTE))
    credited = connection.execute(select(func.sum(row.amount_micros)).where(about)).scalar()
    return CreditedMessage(
        message_id,
        shard,
        charged[0].account_no,
        charged[0].currency,
        sum(_EARNED[each.kind] * each.amount_micros for each in charged),
        int(credited or 0),
        tuple(
            SharedPart(
                each.kind,
                each.account_no,
                each.amount_micros,
                sides_of(connection, shard, each.account_no).get(LedgerAccount.EARNED, 0),
            )
            for each in shared
        ),
    )


def corrections(connection: Connection, account_no: int | None, limit: int) -> list[Correction]:
    """The newest corrections, newest first; of one account or of all."""
    row = schema.correction.c
    statement = select(*_columns()).order_by(row.reference.desc()).limit(limit)
    if account_no is not None:
        statement = statement.where(row.account_no == account_no)
    return [Correction(*found) for found in connection.execute(statement)]


def corrected_by_message(connection: Connection) -> dict[int, int]:
    """message_id → what corrections about it have charged, or below 0 given back, taxes included; micros."""
    row = schema.correction.c
    amount, tax = func.sum(row.amount_micros), func.sum(row.tax_micros)
    statement = select(row.message_id, row.kind, amount, tax).where(row.message_id != 0)
    found: dict[int, int] = {}
    for message_id, kind, micros, tax_micros in connection.execute(
        statement.group_by(row.message_id, row.kind)
    ):
        if kind == TransferKind.CHARGE:
            found[message_id] = found.get(message_id, 0) + int(micros)
        elif kind == TransferKind.CREDIT_NOTE:
            found[message_id] = found.get(message_id, 0) - int(micros) - int(tax_micros)
    return found


def _columns() -> list[Column[Any]]:
    return [schema.correction.c[name] for name in Correction.__struct_fields__]
