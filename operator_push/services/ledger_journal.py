"""Ledger journal: postings as plain-text accounting, for a checker of a different house.

Beancount reads one form, ledger and hledger the other. Signs are an accountant's: what leaves a side of ours
is a debit, hence positive, what enters one a credit, hence negative; so money that a client has with us reads
as a liability, what was earned as income. Every balance that the store keeps is asserted at the end, for the
checker to rebuild and compare. Amounts have six decimals: whole micros. Not here: rows and files (cli).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from operator_push.domain.transfers import LedgerAccount, Transfer
from operator_push.kernel.instants import day_of
from operator_push.kernel.money import MICROS_PER_UNIT

FORMATS = ("beancount", "ledger", "csv")
BY = ("transfer", "day")
CSV_HEADER = "date,reference,kind,account,debit,credit,amount,currency"
_ROOTS = {
    LedgerAccount.AVAILABLE: "Liabilities",
    LedgerAccount.HELD: "Liabilities",
    LedgerAccount.REVENUE: "Income",
    LedgerAccount.FUNDING: "Assets",
    LedgerAccount.TAX: "Liabilities",
    LedgerAccount.CREDIT: "Assets",
    LedgerAccount.EARNED: "Liabilities",
    LedgerAccount.CLEARING: "Equity",
    LedgerAccount.LOSS: "Expenses",
    LedgerAccount.LEASED: "Equity",
}
_EPOCH = date(1970, 1, 1)

_Side = tuple[int, LedgerAccount]  # an account and one of its sides
# What becomes one entry: day, reference (0: a whole day), kind, account, the two sides, currency.
_Entry = tuple[int, int, str, int, LedgerAccount, LedgerAccount, str]


class LedgerJournal:
    """One export: `lines` first, to its end; it learns meanwhile what `assertions` say."""

    def __init__(self, names: Mapping[int, str], style: str, by: str) -> None:
        """`names` account_no → the operator's name for it; `style` one of FORMATS, `by` one of BY."""
        self._names = names
        self._style = style
        self._by_day = by == "day"
        self._currencies: dict[_Side, str] = {}
        self._last_day = 0

    def lines(self, transfers: Iterable[Transfer], balances: Mapping[tuple[int, int], int]) -> Iterator[str]:
        """The whole journal; `balances` (account_no, side) → micros, as the store keeps them."""
        if self._style == "csv":
            yield CSV_HEADER
        elif self._style == "beancount":
            yield 'option "title" "operator-push"'
        entries = self._days(transfers) if self._by_day else self._each(transfers)
        for entry, micros in entries:
            yield from self._entry(entry, micros)
        if self._style == "beancount":
            yield from self._opened()
            yield from self._asserted_to_beancount(balances)
        elif self._style == "ledger":
            yield from self._asserted_to_ledger(balances)

    def _each(self, transfers: Iterable[Transfer]) -> Iterator[tuple[_Entry, int]]:
        for each in transfers:
            yield self._entry_of(each, each.reference), each.amount_micros

    def _days(self, transfers: Iterable[Transfer]) -> Iterator[tuple[_Entry, int]]:
        sums: dict[_Entry, int] = {}
        for each in transfers:
            entry = self._entry_of(each, 0)
            sums[entry] = sums.get(entry, 0) + each.amount_micros
        yield from sorted(sums.items())

    def _entry_of(self, transfer: Transfer, reference: int) -> _Entry:
        day = day_of(transfer.at_us)
        self._last_day = max(self._last_day, day)
        for side in (transfer.debit, transfer.credit):
            self._currencies[transfer.account_no, side] = transfer.currency
        kind = transfer.kind.name.lower()
        return day, reference, kind, transfer.account_no, transfer.debit, transfer.credit, transfer.currency

    def _entry(self, entry: _Entry, micros: int) -> Iterator[str]:
        day, reference, kind, account_no, debit, credit, currency = entry
        left, entered = self._account(account_no, debit), self._account(account_no, credit)
        amount, back = _decimal(micros), _decimal(-micros)
        if self._style == "csv":
            yield f"{_date(day)},{reference or ''},{kind},{account_no},{left},{entered},{amount},{currency}"
            return
        if self._style == "beancount":
            tag = f" ^{reference}" if reference else ""
            yield f'{_date(day)} * "{kind}"{tag}'
        else:
            code = f" ({reference})" if reference else ""
            yield f"{_date(day)} *{code} {kind}"
        yield f"    {left}  {amount} {currency}"
        yield f"    {entered}  {back} {currency}"
        yield ""

    def _opened(self) -> Iterator[str]:
        for (account_no, side), currency in sorted(self._currencies.items()):
            yield f"1970-01-01 open {self._account(account_no, side)} {currency}"

    def _asserted_to_beancount(self, balances: Mapping[tuple[int, int], int]) -> Iterator[str]:
        for account, micros, currency in self._kept(balances):
            yield f"{_date(self._last_day + 1)} balance {account}  {_decimal(-micros)} ~ 0 {currency}"

    def _asserted_to_ledger(self, balances: Mapping[tuple[int, int], int]) -> Iterator[str]:
        kept = list(self._kept(balances))
        if kept:
            yield f"{_date(self._last_day + 1)} * balances as they are kept"
        for account, micros, currency in kept:
            yield f"    {account}  0.000000 {currency} = {_decimal(-micros)} {currency}"

    def _kept(self, balances: Mapping[tuple[int, int], int]) -> Iterator[tuple[str, int, str]]:
        for (account_no, side), micros in sorted(balances.items()):
            currency = self._currencies.get((account_no, LedgerAccount(side)))
            if currency is not None or micros:
                yield self._account(account_no, LedgerAccount(side)), micros, currency or "XXX"

    def _account(self, account_no: int, side: LedgerAccount) -> str:
        """Such as Liabilities:Chai-Point-3:Held; the number keeps names that look alike apart."""
        words = re.sub(r"[^A-Za-z0-9]+", "-", self._names.get(account_no, "")).strip("-") or "Account"
        return f"{_ROOTS[side]}:{words[0].upper()}{words[1:]}-{account_no}:{side.name.capitalize()}"


def _date(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).isoformat()


def _decimal(micros: int) -> str:
    units, rest = divmod(abs(micros), MICROS_PER_UNIT)
    return f"{'-' if micros < 0 else ''}{units}.{rest:06d}"
