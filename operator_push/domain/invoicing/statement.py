"""A statement of account: what the customer's money was, what moved it day by day, and what it is.

Law: opening + entries = closing, to the micro. The customer's money is AVAILABLE, HELD and what is leased to
shards, less its credit line; what it owes on that line is a balance below zero.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from operator_push.domain.invoicing.periods import local_date
from operator_push.domain.ledger import LEGS, LedgerAccount, TransferKind

OWN: Final = frozenset(
    {LedgerAccount.AVAILABLE, LedgerAccount.HELD, LedgerAccount.LEASED, LedgerAccount.CREDIT}
)
# What each kind of posting adds to the customer's money (+1) or takes from it (-1); others move it within.
DIRECTION: Final[Mapping[TransferKind, int]] = {
    kind: 1 if credit in OWN else -1
    for kind, (debit, credit) in LEGS.items()
    if (debit in OWN) is not (credit in OWN)
}


class Moved(msgspec.Struct, frozen=True):
    """Postings of one kind within some minutes that begin at `at_us`."""

    at_us: int
    kind: TransferKind
    postings: int
    amount_micros: int


class Entry(msgspec.Struct, frozen=True):
    """One kind of posting on one local day, signed, and the balance after it."""

    date: str
    what: str
    postings: int
    amount_micros: int
    balance_micros: int


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement over the half-open period."""

    account: str
    currency: str
    zone: str
    period_from: str
    period_until: str
    opening_micros: int
    entries: tuple[Entry, ...]
    closing_micros: int


def entries_of(opening_micros: int, moved: Iterable[Moved], zone: str) -> tuple[Entry, ...]:
    """The entries by local day and kind, in the order of days, with running balances."""
    sums: dict[tuple[str, TransferKind], list[int]] = {}
    for each in moved:
        entry = sums.setdefault((local_date(each.at_us, zone).isoformat(), each.kind), [0, 0])
        entry[0] += each.postings
        entry[1] += DIRECTION[each.kind] * each.amount_micros
    balance, entries = opening_micros, []
    for (day, kind), (postings, amount) in sorted(sums.items()):
        balance += amount
        entries.append(Entry(day, kind.name.lower().replace("_", " "), postings, amount, balance))
    return tuple(entries)
