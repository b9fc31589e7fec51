"""Transfers: the postings of the ledger, and which sides of an account each kind of posting joins.

Laws: a posting is never edited, what was wrong is corrected by another posting; the numbers of sides and
kinds stand in rows for years, so they are never reused. What each kind is for, told to an auditor:
docs/charging.md. Who may post what is the business of the use cases.
"""

from collections.abc import Mapping
from enum import IntEnum

import msgspec


class LedgerAccount(IntEnum):
    """The sides of an account. Balance of a side = what entered (credit) minus what left (debit)."""

    AVAILABLE = 1  # the client's money, free to be held
    HELD = 2  # the client's money, promised to messages on their way
    REVENUE = 3  # the operator's, earned from this client
    FUNDING = 4  # outside the house: where payments come from and where payouts go
    TAX = 5  # collected from this client for the state
    CREDIT = 6  # the credit line of a postpaid client: what the operator has advanced, hence never positive
    EARNED = 7  # owed to this account by the operator: its shares and rewards
    CLEARING = 8  # on the way from one account to another: zero over all accounts, reference by reference
    LOSS = 9  # the operator's: debts that it has given up, hence never positive
    LEASED = 10  # between the treasury and the owners of shards: zero over all shards


class TransferKind(IntEnum):
    """Why money moved; (reference, kind) names a transfer for ever."""

    TOP_UP = 1  # prepaid money from outside
    HOLD = 2  # the most that a message can cost
    SETTLE = 3  # what it did cost
    RELEASE = 4  # the rest
    EXPIRE = 5  # the rest of a hold that nothing has resolved in time; such holds stand on a list
    TAX = 6  # the tax in what was settled
    PAYMENT = 7  # a postpaid client pays
    CREDIT_NOTE = 8  # what was earned is given back
    WRITE_OFF = 9  # a debt that will not be paid
    CREDIT_GRANT = 10  # a credit line is opened or raised
    CREDIT_REVOKE = 11  # it is lowered or closed
    SHARE_OUT = 12  # the parents' part of what a child's message has earned, all of them together
    SHARE_IN = 13  # to the parent
    SHARE_IN_SECOND = 14  # to the parent's parent
    SHARE_IN_THIRD = 15  # and to its parent
    REWARD_OUT = 16  # the subscriber's part of what a message to it has earned
    REWARD_IN = 17
    PAY_OUT = 18  # shares or rewards leave the house
    EARNINGS_USED = 19  # shares are spent on messages
    LATE_CHARGE = 20  # delivered after all, when its hold had expired
    REFUND = 21  # unused prepaid money leaves the house
    LEASE_OUT = 22  # the treasury lends a slice to the owner of a shard; on the treasury's books
    LEASE_IN = 23  # the same on the books of the shard
    RETURN_OUT = 24  # the shard gives back what it did not use; on its books
    RETURN_IN = 25  # the same on the treasury's
    TAX_CREDIT = 26  # the tax in what a credit note gives back
    CHARGE = 27  # what is charged without a message: a monthly price, a fee
    OCS_GRANT = 28  # the operator's online charging system (OCS) has reserved more for this account
    OCS_RETURN = 29  # what it had reserved and we did not use goes back to it
    OCS_OFFLINE = 30  # advanced without its word while it does not answer; what of it was used is told later
    FAILED_REFUND = 31  # charged before its end by contract, and its end is one that the contract charges not
    TAX_BACK = 32  # the tax in that, which follows it back through revenue
    CHARGE_TAX = 33  # the tax in what is charged without a message
    SHARE_BACK = 34  # of a message that is credited: the parent's part of that
    SHARE_BACK_SECOND = 35  # the parent's parent's
    SHARE_BACK_THIRD = 36  # and its parent's
    SHARES_BACK_IN = 37  # all of them together, to the revenue that they were taken from
    REWARD_BACK = 38  # the subscriber's part
    REWARD_BACK_IN = 39  # the same, to the revenue
    INCENTIVE_OUT = 40  # a sponsor rewards a person's own act: an opt-in, a completed profile
    INCENTIVE_IN = 41  # to that person
    INCENTIVE_BACK_OUT = 42  # the person stopped while it was held back
    INCENTIVE_BACK_IN = 43  # to the sponsor
    PAY_OUT_BACK = 44  # whoever pays rewards out refused it


_AVAILABLE, _HELD, _REVENUE = LedgerAccount.AVAILABLE, LedgerAccount.HELD, LedgerAccount.REVENUE
_FUNDING, _TAX, _CREDIT = LedgerAccount.FUNDING, LedgerAccount.TAX, LedgerAccount.CREDIT
_EARNED, _CLEARING = LedgerAccount.EARNED, LedgerAccount.CLEARING
_LOSS, _LEASED = LedgerAccount.LOSS, LedgerAccount.LEASED

# The two sides of each kind: (debit: left, credit: entered).
LEGS: Mapping[TransferKind, tuple[LedgerAccount, LedgerAccount]] = {
    TransferKind.TOP_UP: (_FUNDING, _AVAILABLE),
    TransferKind.HOLD: (_AVAILABLE, _HELD),
    TransferKind.SETTLE: (_HELD, _REVENUE),
    TransferKind.RELEASE: (_HELD, _AVAILABLE),
    TransferKind.EXPIRE: (_HELD, _AVAILABLE),
    TransferKind.TAX: (_REVENUE, _TAX),
    TransferKind.PAYMENT: (_FUNDING, _AVAILABLE),
    TransferKind.CREDIT_NOTE: (_REVENUE, _AVAILABLE),
    TransferKind.WRITE_OFF: (_LOSS, _AVAILABLE),
    TransferKind.CREDIT_GRANT: (_CREDIT, _AVAILABLE),
    TransferKind.CREDIT_REVOKE: (_AVAILABLE, _CREDIT),
    TransferKind.SHARE_OUT: (_REVENUE, _CLEARING),
    TransferKind.SHARE_IN: (_CLEARING, _EARNED),
    TransferKind.SHARE_IN_SECOND: (_CLEARING, _EARNED),
    TransferKind.SHARE_IN_THIRD: (_CLEARING, _EARNED),
    TransferKind.REWARD_OUT: (_REVENUE, _CLEARING),
    TransferKind.REWARD_IN: (_CLEARING, _EARNED),
    TransferKind.PAY_OUT: (_EARNED, _FUNDING),
    TransferKind.EARNINGS_USED: (_EARNED, _AVAILABLE),
    TransferKind.LATE_CHARGE: (_AVAILABLE, _REVENUE),
    TransferKind.REFUND: (_AVAILABLE, _FUNDING),
    TransferKind.LEASE_OUT: (_AVAILABLE, _LEASED),
    TransferKind.LEASE_IN: (_LEASED, _AVAILABLE),
    TransferKind.RETURN_OUT: (_AVAILABLE, _LEASED),
    TransferKind.RETURN_IN: (_LEASED, _AVAILABLE),
    TransferKind.TAX_CREDIT: (_TAX, _AVAILABLE),
    TransferKind.CHARGE: (_AVAILABLE, _REVENUE),
    TransferKind.OCS_GRANT: (_FUNDING, _AVAILABLE),
    TransferKind.OCS_RETURN: (_AVAILABLE, _FUNDING),
    TransferKind.OCS_OFFLINE: (_FUNDING, _AVAILABLE),
    TransferKind.FAILED_REFUND: (_REVENUE, _AVAILABLE),
    TransferKind.TAX_BACK: (_TAX, _REVENUE),
    TransferKind.CHARGE_TAX: (_REVENUE, _TAX),
    TransferKind.SHARE_BACK: (_EARNED, _CLEARING),
    TransferKind.SHARE_BACK_SECOND: (_EARNED, _CLEARING),
    TransferKind.SHARE_BACK_THIRD: (_EARNED, _CLEARING),
    TransferKind.SHARES_BACK_IN: (_CLEARING, _REVENUE),
    TransferKind.REWARD_BACK: (_EARNED, _CLEARING),
    TransferKind.REWARD_BACK_IN: (_CLEARING, _REVENUE),
    TransferKind.INCENTIVE_OUT: (_AVAILABLE, _CLEARING),
    TransferKind.INCENTIVE_IN: (_CLEARING, _EARNED),
    TransferKind.INCENTIVE_BACK_OUT: (_EARNED, _CLEARING),
    TransferKind.INCENTIVE_BACK_IN: (_CLEARING, _AVAILABLE),
    TransferKind.PAY_OUT_BACK: (_FUNDING, _EARNED),
}

# What resolves a hold: SETTLE, and for what is left over one of the other two; or one of the three alone.
RESOLUTIONS = (TransferKind.SETTLE, TransferKind.RELEASE, TransferKind.EXPIRE)

# Into REVENUE, and nothing that a customer is charged: what comes back of what went out of it.
BACK_TO_REVENUE = frozenset({TransferKind.TAX_BACK, TransferKind.SHARES_BACK_IN, TransferKind.REWARD_BACK_IN})

# Kinds whose reference is a message's id; the reference of every other kind is an id of its own.
MESSAGE_KINDS = frozenset(
    {
        TransferKind.HOLD,
        *RESOLUTIONS,
        TransferKind.TAX,
        TransferKind.SHARE_OUT,
        TransferKind.SHARE_IN,
        TransferKind.SHARE_IN_SECOND,
        TransferKind.SHARE_IN_THIRD,
        TransferKind.REWARD_OUT,
        TransferKind.REWARD_IN,
        TransferKind.LATE_CHARGE,
        TransferKind.FAILED_REFUND,
        TransferKind.TAX_BACK,
    }
)

# Sides that no posting may bring below zero, and those that none may bring above it.
NEVER_NEGATIVE = frozenset({_AVAILABLE, _HELD, _REVENUE, _TAX, _EARNED})
NEVER_POSITIVE = frozenset({_CREDIT, _LOSS})


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
