"""Transfers: the postings of the ledger, and which sides of an account each kind of posting joins."""

from collections.abc import Mapping
from enum import IntEnum

import msgspec


class LedgerAccount(IntEnum):
    """The sides of an account. Balance of a side = what entered (credit) minus what left (debit)."""

    AVAILABLE = 1  # the client's money, free to be held
    HELD = 2  # the client's money, promised to messages on their way
    REVENUE = 3  # the operator's, earned from this client
    FUNDING = 4  # outside the house: where top-ups come from, hence never positive


class TransferKind(IntEnum):
    """Why money moved; (reference, kind) names a transfer for ever."""

    TOP_UP = 1
    HOLD = 2
    SETTLE = 3
    RELEASE = 4


# The two sides of each kind: (debit: left, credit: entered).
LEGS: Mapping[TransferKind, tuple[LedgerAccount, LedgerAccount]] = {
    TransferKind.TOP_UP: (LedgerAccount.FUNDING, LedgerAccount.AVAILABLE),
    TransferKind.HOLD: (LedgerAccount.AVAILABLE, LedgerAccount.HELD),
    TransferKind.SETTLE: (LedgerAccount.HELD, LedgerAccount.REVENUE),
    TransferKind.RELEASE: (LedgerAccount.HELD, LedgerAccount.AVAILABLE),
}


class Transfer(msgspec.Struct, frozen=True, gc=False):
    """One posting: `amount_micros` leaves `debit` and enters `credit` of one account.

    `day` is the UTC day inside `reference`, not the day of `at_us`: all transfers of one message share it,
    so that the store's key refuses a second settle whenever it comes.
    """

    shard: int
    day: int
    reference: int
    kind: TransferKind
    account_no: int
    debit: LedgerAccount
    credit: LedgerAccount
    amount_micros: int
    currency: str
    at_us: int
