"""The ledger's proof: rebuilds every balance and every hold from stored transfers and trusts nothing else.

Works on transfers in any order and shares no arithmetic with `domain.ledger`, so that the two can disagree.
"""

from collections.abc import Iterable, Mapping

import msgspec

from operator_push.domain.transfers import (
    LEGS,
    NEVER_NEGATIVE,
    NEVER_POSITIVE,
    RESOLUTIONS,
    LedgerAccount,
    Transfer,
    TransferKind,
)
from operator_push.kernel.ids import id_day

# What is named first: a row that is wrong in itself, before the holds and balances that suffer from it.
_IN_A_ROW, _IN_A_HOLD, _IN_A_BALANCE = range(3)
_HOLD, _EXPIRE, _LATE_CHARGE = TransferKind.HOLD, TransferKind.EXPIRE, TransferKind.LATE_CHARGE
_FAILED_REFUND, _TAX_BACK = TransferKind.FAILED_REFUND, TransferKind.TAX_BACK
_OF_A_HOLD = frozenset({_HOLD, *RESOLUTIONS, _LATE_CHARGE, TransferKind.TAX, _FAILED_REFUND, _TAX_BACK})
# What may follow a posting of a message, and what it must be within: the sum of these of the same message.
_WITHIN = (
    (_LATE_CHARGE, (_EXPIRE, _FAILED_REFUND), "is charged {0} micros late, and no expired hold covers that"),
    (_FAILED_REFUND, (TransferKind.SETTLE,), "gives back {0} micros that were not charged"),
    (_TAX_BACK, (TransferKind.TAX,), "gives back {0} micros of tax that were not collected"),
)


class LedgerProof(msgspec.Struct, frozen=True):
    """What the transfers come to.

    `balances` (account_no, side) → micros; `open_holds` (account_no, reference) → micros. `imbalance_micros`:
    money that the laws cannot explain, summed without sign, 0 in a sound ledger. `first_error` names the
    earliest row that breaks a law, failing that a hold, then a balance, in words; `errors` counts them all.
    `currencies` account_no → the one currency of its postings; amounts of different ones are never added up.
    """

    ok: bool
    postings: int
    accounts: int
    balances: dict[tuple[int, LedgerAccount], int]
    open_holds: dict[tuple[int, int], int]
    imbalance_micros: int
    first_error: str | None
    errors: int
    currencies: dict[int, str] = {}

    def total(self, side: LedgerAccount, currency: str | None = None) -> int:
        """The sum of one side over all accounts of a currency, micros; None where there is but one."""
        return sum(
            micros
            for (account_no, found), micros in self.balances.items()
            if found == side and (currency is None or self.currencies.get(account_no) == currency)
        )

    def open_micros(self, currency: str) -> int:
        """The sum of the open holds in a currency."""
        return sum(
            micros
            for (account_no, _), micros in self.open_holds.items()
            if self.currencies.get(account_no) == currency
        )

    @property
    def open_holds_micros(self) -> int:
        """The sum of the open holds."""
        return sum(self.open_holds.values())


class _Hold:
    """What the rows say about one reference: micros by kind, where they were seen."""

    __slots__ = ("at_us", "by_kind")

    def __init__(self, at_us: int) -> None:
        self.at_us = at_us
        self.by_kind: dict[TransferKind, int] = {}


class _Findings:
    """Errors with their moment and the money that they leave unexplained."""

    def __init__(self) -> None:
        self.count = 0
        self.micros = 0
        self._first: tuple[int, int, int, str] | None = None

    def add(self, rank: int, at_us: int, reference: int, what: str, micros: int) -> None:
        self.count += 1
        self.micros += abs(micros)
        found = (rank, at_us, reference, what)
        if self._first is None or found < self._first:
            self._first = found

    @property
    def first(self) -> str | None:
        return None if self._first is None else self._first[3]


def verify(
    transfers: Iterable[Transfer],
    stored_balances: Mapping[tuple[int, int], int] | None = None,
    *,
    in_key_order: bool = False,
) -> LedgerProof:
    """Prove the laws of the ledger from rows, in any order.

    `in_key_order` promises that the rows of a reference follow each other; each is then forgotten when the
    next comes, so that memory grows with open holds alone.

    Checked: known kind, its two sides, the day of its reference, no negative amount, one currency per
    account; (reference, kind) once; every resolution has its hold, on the same account, and resolves all of
    it; what expires is not released too, a late charge is within what expired or was given back, and what is
    given back within what was charged; what goes
    from account to account arrives, reference by reference; no side is below or above zero that must not be;
    HELD equals the open holds; all sides together are zero; where `stored_balances` (account_no, side) →
    micros are given, that they are what the rows come to.
    """
    findings = _Findings()
    balances: dict[tuple[int, LedgerAccount], int] = {}
    holds: dict[tuple[int, int], _Hold] = {}
    seen: set[tuple[int, int]] = set()
    currencies: dict[int, str] = {}
    clearing: dict[tuple[int, str], int] = {}
    open_holds: dict[tuple[int, int], int] = {}
    postings = reference = 0
    for row in transfers:
        postings += 1
        if in_key_order and row.reference != reference:
            reference = row.reference
            open_holds |= _open_holds(holds, findings)
            _check_clearing(clearing, findings)
            for forgotten in (holds, clearing, seen):
                forgotten.clear()
        error = _illegal(row, currencies)
        if error is None:
            key = (row.reference, row.kind)
            error = "is posted twice" if key in seen else None
            seen.add(key)
        if error is not None:
            findings.add(_IN_A_ROW, row.at_us, row.reference, f"{_name(row)} {error}", row.amount_micros)
        debit, credit = (row.account_no, row.debit), (row.account_no, row.credit)
        balances[debit] = balances.get(debit, 0) - row.amount_micros
        balances[credit] = balances.get(credit, 0) + row.amount_micros
        if row.kind in _OF_A_HOLD:
            hold = holds.setdefault((row.account_no, row.reference), _Hold(row.at_us))
            hold.at_us = min(hold.at_us, row.at_us)
            hold.by_kind[row.kind] = hold.by_kind.get(row.kind, 0) + row.amount_micros
        elif row.debit == LedgerAccount.CLEARING or row.credit == LedgerAccount.CLEARING:
            by_micros = row.amount_micros if row.credit == LedgerAccount.CLEARING else -row.amount_micros
            way = (row.reference, row.currency)
            clearing[way] = clearing.get(way, 0) + by_micros
    open_holds |= _open_holds(holds, findings)
    _check_clearing(clearing, findings)
    _check_balances(balances, open_holds, currencies, findings)
    if stored_balances is not None:
        _check_stored(balances, stored_balances, findings)
    return LedgerProof(
        ok=findings.count == 0,
        postings=postings,
        accounts=len(currencies),
        balances=balances,
        open_holds=open_holds,
        imbalance_micros=findings.micros,
        first_error=findings.first,
        errors=findings.count,
        currencies=currencies,
    )


def _name(row: Transfer) -> str:
    known = row.kind in LEGS
    kind = TransferKind(row.kind).name.lower() if known else f"transfer of kind {row.kind}"
    return f"account {row.account_no}: {kind} {row.reference}"


def _illegal(row: Transfer, currencies: dict[int, str]) -> str | None:
    """What is wrong with a row in itself."""
    legs = LEGS.get(row.kind)
    if legs is None:
        return "is of no known kind"
    if (row.debit, row.credit) != legs:
        return f"moves from side {row.debit} to {row.credit}, not from {legs[0]} to {legs[1]}"
    if row.day != id_day(row.reference):
        return f"is filed under day {row.day}, not {id_day(row.reference)}"
    if row.amount_micros < 0:
        return f"moves {row.amount_micros} micros, less than nothing"
    currency = currencies.setdefault(row.account_no, row.currency)
    if currency != row.currency:
        return f"is in {row.currency} on an account in {currency}"
    return None


def _open_holds(holds: Mapping[tuple[int, int], _Hold], findings: _Findings) -> dict[tuple[int, int], int]:
    """Holds without a resolution; every other one must be resolved to the micro."""
    open_holds: dict[tuple[int, int], int] = {}
    for (account_no, reference), hold in holds.items():
        held = hold.by_kind.get(_HOLD)
        resolutions = [hold.by_kind[kind] for kind in RESOLUTIONS if kind in hold.by_kind]
        where = f"account {account_no}: reference {reference}"
        if held is None:
            what = f"{where} resolves {sum(resolutions)} micros that were never held"
            findings.add(_IN_A_HOLD, hold.at_us, reference, what, sum(resolutions))
        elif not resolutions:
            open_holds[(account_no, reference)] = held
        elif sum(resolutions) != held:
            what = f"{where} held {held} micros and resolved {sum(resolutions)}"
            findings.add(_IN_A_HOLD, hold.at_us, reference, what, held - sum(resolutions))
        elif _EXPIRE in hold.by_kind and TransferKind.RELEASE in hold.by_kind:
            what = f"{where} expired and was released as well"
            findings.add(_IN_A_HOLD, hold.at_us, reference, what, held)
        for kind, covers, told in _WITHIN:
            amount = hold.by_kind.get(kind)
            if amount is not None and amount > sum(hold.by_kind.get(each, 0) for each in covers):
                what = f"{where} {told.format(amount)}"
                findings.add(_IN_A_HOLD, hold.at_us, reference, what, amount)
    return open_holds


def _check_clearing(clearing: Mapping[tuple[int, str], int], findings: _Findings) -> None:
    for (reference, currency), micros in clearing.items():
        if micros:
            where = f"reference {reference} in {currency}"
            what = f"{where}: {micros} micros left one account and did not arrive at another"
            findings.add(_IN_A_HOLD, 0, reference, what, micros)


def _check_balances(
    balances: Mapping[tuple[int, LedgerAccount], int],
    open_holds: Mapping[tuple[int, int], int],
    currencies: Mapping[int, str],
    findings: _Findings,
) -> None:
    held_open: dict[int, int] = {}
    for (account_no, _), micros in open_holds.items():
        held_open[account_no] = held_open.get(account_no, 0) + micros
    for (account_no, side), micros in balances.items():
        if (micros < 0 and side in NEVER_NEGATIVE) or (micros > 0 and side in NEVER_POSITIVE):
            name = LedgerAccount(side).name.lower()
            what = (
                f"account {account_no}: {name} is {micros} micros, {'below' if micros < 0 else 'above'} zero"
            )
            findings.add(_IN_A_BALANCE, 0, account_no, what, micros)
        if side == LedgerAccount.HELD and micros != held_open.get(account_no, 0):
            opened = held_open.get(account_no, 0)
            what = f"account {account_no}: held is {micros} micros, the open holds are {opened}"
            findings.add(_IN_A_BALANCE, 0, account_no, what, micros - opened)
    totals: dict[str, int] = {}
    for (account_no, _), micros in balances.items():
        currency = currencies.get(account_no, "")
        totals[currency] = totals.get(currency, 0) + micros
    for currency, total in totals.items():
        if total:
            what = f"all sides of {currency} together are {total} micros, not 0"
            findings.add(_IN_A_BALANCE, 0, 0, what, total)


def _check_stored(
    balances: Mapping[tuple[int, LedgerAccount], int],
    stored: Mapping[tuple[int, int], int],
    findings: _Findings,
) -> None:
    for account_no, side in sorted({*balances, *stored}):
        proved, kept = balances.get((account_no, LedgerAccount(side)), 0), stored.get((account_no, side), 0)
        if proved != kept:
            what = f"account {account_no}: side {side} is stored as {kept} micros, its rows come to {proved}"
            findings.add(_IN_A_BALANCE, 0, account_no, what, proved - kept)
