"""Ledger rows: transfers of the domain as rows, and the balances that they move."""

from collections.abc import Iterable

from operator_push.domain.ledger import Transfer
from operator_push.services.changes import Changes


def add_transfers(changes: Changes, transfers: Iterable[Transfer]) -> None:
    """Stage transfers and the balance updates that belong into the same transaction."""
    for transfer in transfers:
        changes.ledger_transfer.append(
            (
                transfer.shard,
                transfer.day,
                transfer.reference,
                int(transfer.kind),
                transfer.account_no,
                int(transfer.debit),
                int(transfer.credit),
                transfer.amount_micros,
                transfer.currency,
                transfer.at_us,
            )
        )
        changes.move(transfer.account_no, int(transfer.debit), -transfer.amount_micros)
        changes.move(transfer.account_no, int(transfer.credit), transfer.amount_micros)
