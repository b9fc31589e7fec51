"""The ledger: double entry in integer micros; money moves as hold, then settle or release, once.

Laws: every transfer leaves one side of an account and enters another, so debits equal credits; a hold is
resolved at most once; AVAILABLE never falls below zero; whatever is repeated changes nothing. Outcomes are
values; a broken law raises MoneyInvariantError. Prices do not belong here (tariff, charging), rows neither
(store). The proof that stored rows obey these laws is `domain.ledger_proof.verify`.
"""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import NamedTuple

from operator_push.domain.ledger_proof import LedgerProof, verify
from operator_push.domain.purses import Purse
from operator_push.domain.transfers import LEGS, LedgerAccount, Transfer, TransferKind
from operator_push.kernel.errors import MoneyInvariantError
from operator_push.kernel.ids import id_day, id_epoch_us

__all__ = [
    "LEGS",
    "Balances",
    "LedgerAccount",
    "LedgerProof",
    "LedgerResult",
    "LedgerStatus",
    "Transfer",
    "TransferKind",
    "verify",
]

# Ours: how many resolved references each of two generations remembers (about 8 MiB each), so that a late
# copy is known as one. What is older is refused by the store's key (shard, day, reference, kind).
RESOLVED_REMEMBERED = 100_000


class LedgerStatus(IntEnum):
    """What became of a request; only TOPPED_UP, HELD and SETTLED moved money."""

    TOPPED_UP = 1
    HELD = 2
    SETTLED = 3  # the hold is resolved: settled, released, or part and part
    OVERDRAWN = 4  # more than what is available; nothing was held
    ALREADY_SETTLED = 5
    UNKNOWN_HOLD = 6
    DUPLICATE = 7  # this top-up or hold exists already
    CONFLICT = 8  # this reference exists already with another amount
    MOVED = 9  # a correction, a credit line, a lease
    LEASING = 11  # more money is on its way from the treasury; nothing was held, the same again may be
    OVER_CAP = 10  # more than a cap of the month leaves, the account's own or a parent's; nothing was held


class LedgerResult(NamedTuple):
    """A status and the transfers to write in the same transaction as what caused them."""

    status: LedgerStatus
    transfers: tuple[Transfer, ...]


# Attributes of an Enum cost 0.1 µs each time they are looked up; these names do not.
_TOP_UP, _HOLD = TransferKind.TOP_UP, TransferKind.HOLD
_SETTLE, _RELEASE = TransferKind.SETTLE, TransferKind.RELEASE
_TOPPED_UP, _HELD, _SETTLED = LedgerStatus.TOPPED_UP, LedgerStatus.HELD, LedgerStatus.SETTLED
_OVERDRAWN, _ALREADY_SETTLED = LedgerStatus.OVERDRAWN, LedgerStatus.ALREADY_SETTLED
_UNKNOWN_HOLD, _DUPLICATE = LedgerStatus.UNKNOWN_HOLD, LedgerStatus.DUPLICATE
_CONFLICT = LedgerStatus.CONFLICT


class _Account:
    """What is remembered of one account: its sums and the open holds, reference → micros.

    `credit_micros` its credit line as posted; `reserve_micros` what of it is to be taken back as soon as it
    is there, since the line has been lowered below what is used.
    """

    __slots__ = ("available_micros", "credit_micros", "held_micros", "holds", "reserve_micros")

    def __init__(self) -> None:
        self.available_micros = 0
        self.held_micros = 0
        self.credit_micros = 0
        self.reserve_micros = 0
        self.holds: dict[int, int] = {}


class Balances:
    """The balances of one shard's accounts, with their open holds; each account is in one currency.

    The owner of the shard keeps it in memory and writes every transfer that it returns; at start it is filled
    by `restore`. `at_us` 0 stands for the moment inside the reference. No lock: one thread owns this.
    """

    def __init__(self, shard: int = 0, currency: str = "INR") -> None:
        self._shard = shard
        self.currency = currency  # ISO 4217, of the house: of every account that has no other one
        self._accounts: dict[int, _Account] = {}
        self._top_ups: dict[int, int] = {}  # reference → micros; few, so all of them
        self._resolved: set[int] = set()
        self._resolved_before: set[int] = set()
        # Of the accounts that have one; on a house without such accounts both stay empty, and the two
        # look-ups of a message cost next to nothing.
        self.purses: dict[int, Purse] = {}
        self.payers: dict[int, int] = {}  # reference → whose money is held, where that is another account
        # Account → its currency, of those that have another one than the house.
        self.currencies: dict[int, str] = {}
        # Asked where a payer that leases its money has less than is needed: (payer, micros that are missing)
        # → True where more is here by now or on its way.
        self.on_short: Callable[[int, int], bool] = lambda payer_no, missing_micros: False
        self.on_moved: Callable[[Purse], object] = lambda purse: None
        self.on_overdrawn: Callable[[Purse], object] = lambda purse: None

    @property
    def differ(self) -> bool:
        """False where every account pays for itself, in the currency of the house, under no cap."""
        return bool(self.purses or self.payers or self.currencies)

    def currency_of(self, account_no: int) -> str:
        """ISO 4217 code of the amounts of an account."""
        return self.currencies.get(account_no, self.currency)

    def available(self, account_no: int) -> int:
        """Micros that can be held now; 0 for an account without money."""
        account = self._accounts.get(account_no)
        return account.available_micros if account else 0

    def held(self, account_no: int) -> int:
        """Micros in open holds."""
        account = self._accounts.get(account_no)
        return account.held_micros if account else 0

    def credit(self, account_no: int) -> int:
        """Micros of the credit line that is posted; 0 for a prepaid account."""
        account = self._accounts.get(account_no)
        return account.credit_micros if account else 0

    def spendable(self, account_no: int, at_us: int) -> int:
        """Micros that a message of this account can cost now: what its payer has, within every cap."""
        purse = self.purses.get(account_no)
        if purse is None:
            return self.available(account_no)
        account = self._accounts.get(purse.payer_no) or self._account(purse.payer_no)
        spendable = account.available_micros - account.reserve_micros
        room = purse.room_micros(at_us)
        return spendable if room is None else min(spendable, room)

    def open_holds(self, account_no: int) -> Mapping[int, int]:
        """The open holds of an account, reference → micros; not to be changed."""
        account = self._accounts.get(account_no)
        return account.holds if account else {}

    def top_up(self, account_no: int, reference: int, amount_micros: int, at_us: int = 0) -> LedgerResult:
        """Money from outside becomes available: TOPPED_UP, or DUPLICATE | CONFLICT for a known reference.

        Raises:
            MoneyInvariantError: the amount is not positive.
        """
        if amount_micros <= 0:
            raise MoneyInvariantError(f"top-up {reference} of {amount_micros} micros is not positive")
        known = self._top_ups.get(reference)
        if known is not None:
            same = known == amount_micros
            return LedgerResult(_DUPLICATE if same else _CONFLICT, ())
        transfer = self._transfer(_TOP_UP, account_no, reference, amount_micros, at_us)
        self._top_ups[reference] = amount_micros
        self._account(account_no).available_micros += amount_micros
        return LedgerResult(_TOPPED_UP, (transfer,))

    def hold(self, account_no: int, reference: int, amount_micros: int, at_us: int = 0) -> LedgerResult:
        """`place_hold` with the transfer to write."""
        status = self.place_hold(account_no, reference, amount_micros)
        if status is not _HELD:
            return LedgerResult(status, ())
        payer_no = self.payers.get(reference, account_no)
        return LedgerResult(status, (self._transfer(_HOLD, payer_no, reference, amount_micros, at_us),))

    def place_hold(self, account_no: int, reference: int, amount_micros: int) -> LedgerStatus:
        """Promise the most that a message can cost: HELD, OVERDRAWN, or DUPLICATE | CONFLICT when repeated.

        An amount of 0 (a free message) is held like any other, so that every message has its hold. Where it
        is HELD the caller writes the one transfer of LEGS[HOLD], on the account in `payers` where the money
        is another's. OVER_CAP where a cap of the account's purse leaves less.

        Raises:
            MoneyInvariantError: the amount is negative.
        """
        if amount_micros < 0:
            raise MoneyInvariantError(f"hold {reference} of {amount_micros} micros is negative")
        if self.purses and (purse := self.purses.get(account_no)) is not None:
            return self._place_by_purse(purse, reference, amount_micros)
        account = self._accounts.get(account_no) or self._account(account_no)
        holds = account.holds
        if reference in holds:
            return _DUPLICATE if holds[reference] == amount_micros else _CONFLICT
        if reference in self._resolved or reference in self._resolved_before:
            return _DUPLICATE
        if amount_micros > account.available_micros:
            return _OVERDRAWN
        account.available_micros -= amount_micros
        account.held_micros += amount_micros
        holds[reference] = amount_micros
        return _HELD

    def _place_by_purse(self, purse: Purse, reference: int, amount_micros: int) -> LedgerStatus:
        """`place_hold` for an account with a purse: on its payer's money, within the caps of the chain."""
        payer_no = purse.payer_no
        account = self._accounts.get(payer_no) or self._account(payer_no)
        known = account.holds.get(reference)
        if known is not None:
            return _DUPLICATE if known == amount_micros else _CONFLICT
        if reference in self._resolved or reference in self._resolved_before:
            return _DUPLICATE
        room = purse.room_micros(id_epoch_us(reference)) if purse.caps else None
        if room is not None and amount_micros > room:
            return LedgerStatus.OVER_CAP
        missing = amount_micros - (account.available_micros - account.reserve_micros)
        if missing > 0 and amount_micros:
            if purse.lease_slice_micros is None or not self.on_short(payer_no, missing):
                self.on_overdrawn(purse)
                return _OVERDRAWN
            if amount_micros > account.available_micros - account.reserve_micros:
                return LedgerStatus.LEASING
        account.available_micros -= amount_micros
        account.held_micros += amount_micros
        account.holds[reference] = amount_micros
        purse.spend(amount_micros)
        if payer_no != purse.account_no:
            self.payers[reference] = payer_no
        self.on_moved(purse)
        return _HELD

    def settle(
        self, account_no: int, reference: int, held_micros: int, settled_micros: int, at_us: int = 0
    ) -> LedgerResult:
        """`resolve_hold` with the transfers to write: one of LEGS[SETTLE], one of LEGS[RELEASE], or both."""
        payer_no = self.payers.get(reference, account_no)
        status = self.resolve_hold(account_no, reference, held_micros, settled_micros)
        if status is not _SETTLED:
            return LedgerResult(status, ())
        account_no = payer_no
        transfers: tuple[Transfer, ...] = ()
        if settled_micros or not held_micros:
            transfers = (self._transfer(_SETTLE, account_no, reference, settled_micros, at_us),)
        if released := held_micros - settled_micros:
            transfers += (self._transfer(_RELEASE, account_no, reference, released, at_us),)
        return LedgerResult(_SETTLED, transfers)

    def resolve_hold(
        self, account_no: int, reference: int, held_micros: int, settled_micros: int
    ) -> LedgerStatus:
        """Resolve a hold: `settled_micros` is earned, the rest is released.

        The money is that of the account in `payers`, read before this call, where it is another's. SETTLED,
        ALREADY_SETTLED for a late copy, UNKNOWN_HOLD where nothing is held under this reference.
        Where it is SETTLED the caller writes the transfers: a settle of 0 only for a hold of 0.

        Raises:
            MoneyInvariantError: `held_micros` is not what is held, or settled is not in 0..held.
        """
        payer_no = self.payers.get(reference, account_no) if self.payers else account_no
        account = self._accounts.get(payer_no) or self._account(payer_no)
        held = account.holds.get(reference)
        if held is None:
            late = reference in self._resolved or reference in self._resolved_before
            return _ALREADY_SETTLED if late else _UNKNOWN_HOLD
        if held != held_micros:
            raise MoneyInvariantError(f"hold {reference} is {held} micros, its message says {held_micros}")
        if not 0 <= settled_micros <= held:
            raise MoneyInvariantError(f"hold {reference} of {held} micros cannot settle {settled_micros}")
        del account.holds[reference]
        self._resolved.add(reference)
        if len(self._resolved) >= RESOLVED_REMEMBERED:
            self._resolved_before, self._resolved = self._resolved, set()
        account.held_micros -= held
        account.available_micros += held - settled_micros
        if self.purses and (purse := self.purses.get(account_no)) is not None:
            purse.give_back(reference, held - settled_micros)
            self.payers.pop(reference, None)
            self.on_moved(purse)
        return _SETTLED

    def move(
        self, kind: TransferKind, account_no: int, reference: int, amount_micros: int, at_us: int = 0
    ) -> LedgerResult:
        """A posting that is no hold: MOVED, or OVERDRAWN where it takes more than is available.

        Whether it may be posted at all, and that it is posted once, is for the caller to see to.

        Raises:
            MoneyInvariantError: the amount is not positive.
        """
        if amount_micros <= 0:
            raise MoneyInvariantError(
                f"{kind.name.lower()} {reference} of {amount_micros} micros is no posting"
            )
        account = self._account(account_no)
        debit, credit = LEGS[kind]
        if debit is LedgerAccount.AVAILABLE:
            if amount_micros > account.available_micros:
                return LedgerResult(_OVERDRAWN, ())
            account.available_micros -= amount_micros
        elif credit is LedgerAccount.AVAILABLE:
            account.available_micros += amount_micros
        transfer = self._transfer(kind, account_no, reference, amount_micros, at_us)
        return LedgerResult(LedgerStatus.MOVED, (transfer,))

    def lent(self, account_no: int, micros: int) -> None:
        """A slice of leased money has come (above 0), or is on its way back (below); it is posted elsewhere.

        Raises:
            MoneyInvariantError: more would go back than is available.
        """
        account = self._account(account_no)
        if account.available_micros + micros < 0:
            raise MoneyInvariantError(f"account {account_no} has less than {-micros} micros to give back")
        account.available_micros += micros

    def set_credit(
        self, account_no: int, limit_micros: int, next_reference: Callable[[], int], at_us: int = 0
    ) -> LedgerResult:
        """Bring the credit line to `limit_micros`; what is in use of a lowered one follows as it comes back.

        Until then it is kept in reserve, so that no message spends it. To be called again now and then while
        `reserve` is above 0; MOVED without a transfer where nothing could be posted.
        """
        account = self._account(account_no)
        by_micros = limit_micros - account.credit_micros
        kind = TransferKind.CREDIT_GRANT if by_micros > 0 else TransferKind.CREDIT_REVOKE
        amount = by_micros if by_micros > 0 else min(-by_micros, account.available_micros)
        moved = LedgerResult(LedgerStatus.MOVED, ())
        if amount > 0:
            moved = self.move(kind, account_no, next_reference(), amount, at_us)
            account.credit_micros += amount if by_micros > 0 else -amount
        self.limit_credit(account_no, limit_micros)
        return moved

    def limit_credit(self, account_no: int, limit_micros: int) -> None:
        """Keep in reserve what is posted of a credit line beyond `limit_micros`; posts nothing."""
        account = self._account(account_no)
        account.reserve_micros = max(0, account.credit_micros - limit_micros)

    def keep_back(self, account_no: int, reserve_micros: int) -> None:
        """Let no message of a purse spend the last `reserve_micros` of an account that has no credit line."""
        self._account(account_no).reserve_micros = reserve_micros

    def reserve(self, account_no: int) -> int:
        """Micros that no message may spend: of a lowered credit line still in use, or kept back."""
        account = self._accounts.get(account_no)
        return account.reserve_micros if account else 0

    def restore(
        self,
        account_no: int,
        available_micros: int,
        holds: Mapping[int, int],
        top_ups: Mapping[int, int] | None = None,
        credit_micros: int = 0,
    ) -> None:
        """Set an account as the store knows it: its sum, its open holds, its top-ups by reference, its line.

        Raises:
            MoneyInvariantError: the available sum or a hold is negative.
        """
        if available_micros < 0 or any(amount < 0 for amount in holds.values()):
            raise MoneyInvariantError(f"account {account_no} cannot be restored with a negative amount")
        account = _Account()
        account.available_micros = available_micros
        account.credit_micros = credit_micros
        account.holds = dict(holds)
        account.held_micros = sum(account.holds.values())
        self._accounts[account_no] = account
        self._top_ups.update(top_ups or {})

    def _account(self, account_no: int) -> _Account:
        account = self._accounts.get(account_no)
        if account is None:
            account = self._accounts[account_no] = _Account()
        return account

    def _transfer(
        self, kind: TransferKind, account_no: int, reference: int, amount_micros: int, at_us: int
    ) -> Transfer:
        debit, credit = LEGS[kind]
        return Transfer(
            self._shard,
            id_day(reference),
            reference,
            kind,
            account_no,
            debit,
            credit,
            amount_micros,
            self.currencies.get(account_no, self.currency),
            at_us or id_epoch_us(reference),
        )
