"""Account purses: what was agreed about money, made ready for the ledger, and told when a soft limit is met.

Laws: a purse is made anew whenever the terms of any account change, since a child's stands on its parents';
what a cap has counted is kept; a limit that is met is told once, until it has gone.
Not here: how a purse decides (domain.purses), what the rows of a month come to (store.purse_rows).
"""

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NamedTuple

from operator_push.domain.ledger import Balances
from operator_push.domain.purses import ANCESTORS_MAX, MonthCap, Purse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import Rounding
from operator_push.services.account_terms import AccountTerms
from operator_push.services.registry import Account, Registry


class Warned(NamedTuple):
    """A soft limit that is met: `kind` low_balance, monthly_cap or credit_line; what is used or left, and of
    what limit, in micros."""

    account_no: int
    kind: str
    micros: int
    limit_micros: int


def parents_of(named: Callable[[str], Account | None], account: Account) -> list[Account]:
    """The account's parent, its parent and so on, the nearest first; `named` finds an account by its name.

    Raises:
        OperatorError: a parent is missing, the chain comes back to the account, or it is longer than three.
    """
    found: list[Account] = []
    name = account.terms.parent
    while name is not None:
        parent = account if name == account.name else named(name)
        if parent is None:
            raise OperatorError(f"parent {name!r} of {account.name} is no account")
        if parent.account_no == account.account_no or parent in found:
            raise OperatorError(f"{account.name} would be a parent of itself")
        found.append(parent)
        if len(found) > ANCESTORS_MAX:
            raise OperatorError(f"{account.name} would have more than {ANCESTORS_MAX} parents above it")
        name = parent.terms.parent
    return found


def family_of(accounts: Iterable[Account], account: Account) -> list[str]:
    """The names of all accounts under the topmost parent of this one, and its own."""
    named = {each.name: each for each in accounts}

    def top(one: Account) -> str:
        above = parents_of(named.get, one)
        return above[-1].name if above else one.name

    whose = top(account)
    return [each.name for each in named.values() if top(each) == whose]


class AccountPurses:
    """The purses of those accounts that need one; they lie in `balances.purses`, where messages look."""

    def __init__(self, registry: Registry, balances: Balances) -> None:
        self._registry = registry
        self._balances = balances
        self._caps: dict[int, MonthCap] = {}
        self.on_warning: list[Callable[[Warned], object]] = []
        balances.on_moved = self._look

    def apply(self, now_us: int) -> list[MonthCap]:
        """Make every purse anew; the caps that begin to count only now, for `count_earlier`."""
        begun = self._make_caps(now_us)
        needed = set(self._balances.purses) | {
            account.account_no for account in self._registry.accounts() if _has_money_terms(account.terms)
        }
        for number in sorted(needed):
            account = self._registry.account(number)
            if account is not None:
                self._balances.purses[number] = self._purse(account)
        return begun

    def members_of(self, cap: MonthCap) -> list[int]:
        """The accounts whose messages count under a cap: its own and those of its descendants."""
        purses = self._balances.purses.values()
        return sorted(purse.account_no for purse in purses if cap in purse.caps)

    def warnings(self, account_no: int, now_us: int) -> list[Warned]:
        """The soft limits that an account meets now."""
        purse = self._balances.purses.get(account_no)
        return [] if purse is None else list(self._met(purse, now_us))

    def usage(self, account_no: int, now_us: int) -> dict[str, object]:
        """For show: what a month's cap has counted, the credit line, and the warnings that stand."""
        purse = self._balances.purses.get(account_no)
        if purse is None:
            return {}
        own = self._caps.get(account_no)
        used = None if own is None else own.limit_micros - own.room_micros(now_us)
        credit = self._balances.credit(account_no)
        return {
            "month_used_micros": used,
            "credit_micros": credit or None,
            "pays": getattr(self._registry.account(purse.payer_no), "name", ""),
            "spendable_micros": self._balances.spendable(account_no, now_us),
            "warnings": [
                {"kind": each.kind, "micros": each.micros, "limit_micros": each.limit_micros}
                for each in self._met(purse, now_us)
            ],
        }

    def _make_caps(self, now_us: int) -> list[MonthCap]:
        begun = []
        for account in self._registry.accounts():
            terms, number = account.terms, account.account_no
            if terms.monthly_cap_micros is None:
                self._caps.pop(number, None)
                continue
            cap = self._caps.get(number)
            if cap is None or cap.zone != terms.quota_zone:
                cap = self._caps[number] = MonthCap(
                    number, terms.monthly_cap_micros, terms.quota_zone, now_us
                )
                begun.append(cap)
            cap.limit_micros = terms.monthly_cap_micros
        return begun

    def _purse(self, account: Account) -> Purse:
        chain = [account, *parents_of(self._registry.account_named, account)]
        payer = account
        for parent in chain[1:]:
            if payer.terms.pays_from != "parent":
                break
            payer = parent
        number, terms = account.account_no, account.terms
        shares = [(parent.account_no, child.terms.parent_share_ppm or 0) for child, parent in pairwise(chain)]
        if terms.credit_limit_micros is not None or self._balances.credit(number):
            self._balances.limit_credit(number, terms.credit_limit_micros or 0)
        before = self._balances.purses.get(number)
        purse = Purse(
            number,
            payer.account_no,
            [self._caps[each.account_no] for each in chain if each.account_no in self._caps],
            shares,
            terms.reward_ppm or 0,
            Rounding(terms.share_rounding or Rounding.DOWN.value),
            terms.credit_limit_micros,
            terms.warn_below_micros,
            terms.warn_at_percent,
            payer.terms.lease_slice_micros,
        )
        purse.told = before.told if before else set()
        return purse

    def _look(self, purse: Purse) -> None:
        """After a hold or its end: tell of what is newly met, along the chain's caps as well."""
        watched = [purse]
        for number in (purse.payer_no, *(cap.account_no for cap in purse.caps)):
            other = self._balances.purses.get(number)
            if other is not None and other not in watched:
                watched.append(other)
        for each in watched:
            if each.warn_below_micros is None and each.warn_at_percent is None:
                continue
            met = list(self._met(each, 0))
            for warned in met:
                if warned.kind not in each.told:
                    for told in self.on_warning:
                        told(warned)
            each.told = {warned.kind for warned in met}

    def _met(self, purse: Purse, now_us: int) -> Iterable[Warned]:
        number = purse.account_no
        available = self._balances.available(number)
        if purse.warn_below_micros is not None and available < purse.warn_below_micros:
            yield Warned(number, "low_balance", available, purse.warn_below_micros)
        if purse.warn_at_percent is None:
            return
        cap = self._caps.get(number)
        if cap is not None:
            if now_us:
                cap.room_micros(now_us)
            if cap.used_micros * 100 >= cap.limit_micros * purse.warn_at_percent:
                yield Warned(number, "monthly_cap", cap.used_micros, cap.limit_micros)
        limit = purse.credit_limit_micros
        if limit is not None:
            used = self._balances.credit(number) - available
            if used > 0 and used * 100 >= limit * purse.warn_at_percent:
                yield Warned(number, "credit_line", used, limit)


def _has_money_terms(terms: AccountTerms) -> bool:
    return any(
        getattr(terms, name) is not None
        for name in (
            "parent",
            "reward_ppm",
            "credit_limit_micros",
            "monthly_cap_micros",
            "warn_below_micros",
            "warn_at_percent",
            "lease_slice_micros",
            "online_charging",
        )
    )
