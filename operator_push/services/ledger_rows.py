"""Ledger rows: transfers of the domain as rows, and the balances that they move."""

from collections.abc import Iterable

from operator_push.domain.ledger import LEGS, Transfer, TransferKind
from operator_push.services.changes import Changes

_HOLD, _SETTLE, _RELEASE = int(TransferKind.HOLD), int(TransferKind.SETTLE), int(TransferKind.RELEASE)
_TAX = int(TransferKind.TAX)
_TAXED = tuple(map(int, LEGS[TransferKind.TAX]))
_FROM_AVAILABLE, _TO_HELD = map(int, LEGS[TransferKind.HOLD])
_FROM_HELD, _TO_REVENUE = map(int, LEGS[TransferKind.SETTLE])
_TO_AVAILABLE = int(LEGS[TransferKind.RELEASE][1])


def add_hold(
    changes: Changes,
    key: tuple[int, int, int],
    account_no: int,
    amount_micros: int,
    currency: str,
    at_us: int,
) -> None:
    """Stage the transfer of a placed hold; `key` is (shard, day, reference). One per message, so a tuple."""
    shard, day, reference = key  # not `*key`: a tuple with a star in it is made by way of a list
    changes.ledger_transfer.append(
        (
            shard,
            day,
            reference,
            _HOLD,
            account_no,
            _FROM_AVAILABLE,
            _TO_HELD,
            amount_micros,
            currency,
            at_us,
        )
    )
    moved = changes.balance_micros
    left, entered = (account_no, _FROM_AVAILABLE), (account_no, _TO_HELD)
    moved[left] = moved.get(left, 0) - amount_micros
    moved[entered] = moved.get(entered, 0) + amount_micros


def add_settlement(
    changes: Changes,
    key: tuple[int, int, int],
    account_no: int,
    settled_micros: int,
    released_micros: int,
    currency: str,
    at_us: int,
    released_as: int = _RELEASE,
) -> None:
    """Stage the transfers of a resolved hold; `key` is (shard, day, reference).

    `released_as` RELEASE, or EXPIRE, which joins the same sides.
    """
    moved = changes.balance_micros
    held = (account_no, _FROM_HELD)
    moved[held] = moved.get(held, 0) - settled_micros - released_micros
    if settled_micros or not released_micros:
        shard, day, reference = key
        changes.ledger_transfer.append(
            (
                shard,
                day,
                reference,
                _SETTLE,
                account_no,
                _FROM_HELD,
                _TO_REVENUE,
                settled_micros,
                currency,
                at_us,
            )
        )
        revenue = (account_no, _TO_REVENUE)
        moved[revenue] = moved.get(revenue, 0) + settled_micros
    if released_micros:
        changes.ledger_transfer.append(
            (*key, released_as, account_no, _FROM_HELD, _TO_AVAILABLE, released_micros, currency, at_us)
        )
        available = (account_no, _TO_AVAILABLE)
        moved[available] = moved.get(available, 0) + released_micros


def add_tax(
    changes: Changes,
    key: tuple[int, int, int],
    account_no: int,
    amount_micros: int,
    currency: str,
    at_us: int,
) -> None:
    """Stage the tax in what was settled: out of revenue, to what is collected for the state."""
    changes.ledger_transfer.append((*key, _TAX, account_no, *_TAXED, amount_micros, currency, at_us))
    changes.move(account_no, _TAXED[0], -amount_micros)
    changes.move(account_no, _TAXED[1], amount_micros)


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
