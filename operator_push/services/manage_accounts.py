"""Manage accounts: add, suspend, resume, change and top up the customers of the operator."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from operator_push.domain.consent import CATEGORY_MAX
from operator_push.domain.ledger import Balances, LedgerStatus
from operator_push.domain.ledger_papers import with_digest
from operator_push.domain.message import TrafficClass
from operator_push.domain.policy import AccountPolicy, PolicyFacts
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence
from operator_push.services.account_purses import parents_of
from operator_push.services.account_terms import NO_TERMS, TERM_NAMES, AccountTerms, changed_terms
from operator_push.services.changes import Changes
from operator_push.services.ledger_rows import add_transfers
from operator_push.services.registry import Account, Registry

SYSTEM_ID_OCTETS_MAX = 15  # SMPP v3.4 section 5.2.1: 16 octets with the final NUL
KINDS = ("esme", "enterprise")
CLASSES = {member.name.lower(): member for member in TrafficClass}
TOP_UP_MICROS_MAX = 10**15  # Ours: a thousand million units; a sum of many still fits a 64-bit balance
BALANCE_MICROS_MAX = 10**18  # Ours: well within the 64 bits of a balance
COUNT_MAX = 100_000
CHANGEABLE = frozenset({"window", "max_binds", "traffic_class", "category", "senders", "any_destination"})
# What an account is given once, at its making, beside what can be changed later.
GIVEN_ONCE = frozenset({"name", "password", "kind", "brand", "prepaid_micros", "currency"})
WINDOW_DEFAULT = 100
BINDS_DEFAULT = 10


class ManageAccounts:
    """The use case; every change holds for the next submission."""

    def __init__(
        self,
        registry: Registry,
        facts: PolicyFacts,
        balances: Balances,
        ids: IdSequence,
        top_ups: dict[tuple[int, str], int],
    ) -> None:
        self._registry = registry
        self._facts = facts
        self._balances = balances
        self._ids = ids
        self._top_ups = top_ups
        # Told of every account that is added or changed, before its commit.
        self.on_changed: list[Callable[[Account], None]] = []
        # Asked whether a tariff's name is one; raises OperatorError where it is none.
        self.check_tariff: Callable[[str], None] = lambda name: None
        self.check_brand: Callable[[str], None] = lambda brand: None
        # Asked whether its tariff can price an account in another currency than the house's.
        self.check_priced: Callable[[Account], None] = lambda account: None
        # Asked whether an account may be charged online as it stands, and have money of its own.
        self.check_online: Callable[[Account], None] = lambda account: None
        self.check_own_money: Callable[[Account], None] = lambda account: None

    def add(self, asked: Mapping[str, object], password_hash: str, now_us: int, changes: Changes) -> Account:
        """Create an account from the arguments of `operator-push account add`.

        Raises:
            OperatorError: a value is missing, taken or not allowed; the message says what is.
        """
        unknown = sorted(set(asked) - CHANGEABLE - TERM_NAMES - GIVEN_ONCE)
        if unknown:  # a misspelt limit must not become no limit
            can_be = ", ".join(sorted(CHANGEABLE | TERM_NAMES | GIVEN_ONCE))
            raise OperatorError(
                f"{', '.join(unknown)}: is nothing of an account; what can be given: {can_be}"
            )
        name = str(asked.get("name", ""))
        if not name or len(name) > SYSTEM_ID_OCTETS_MAX or not name.isascii():
            raise OperatorError(f"name {name!r} must have 1..{SYSTEM_ID_OCTETS_MAX} ASCII characters")
        if self._registry.account_named(name) is not None:
            raise OperatorError(f"an account called {name!r} exists already")
        kind = _one_of(asked, "kind", KINDS, "esme")
        traffic_class = CLASSES[_one_of(asked, "traffic_class", tuple(CLASSES), "promotional")]
        brand = str(asked.get("brand") or name)
        self.check_brand(brand)
        prepaid_micros = int(str(asked.get("prepaid_micros") or 0))
        if prepaid_micros:
            _check_top_up(prepaid_micros)
        window, binds_max = _count(asked, "window", WINDOW_DEFAULT), _count(asked, "max_binds", BINDS_DEFAULT)
        category = _category(asked)
        currency = _currency(asked, self._balances.currency)
        account = Account(
            account_no=self._registry.next_account_no(),
            name=name,
            kind=kind,
            brand_no=self._registry.brand_no(brand, changes),
            password_hash=password_hash,
            active=True,
            traffic_class=int(traffic_class),
            category=category,
            allowed_sources=_senders(asked),
            any_destination=bool(asked.get("any_destination")),
            window=window,
            binds_max=binds_max,
            currency=currency,
            created_us=now_us,
            terms=self._terms(NO_TERMS, asked),
        )
        self._check(account)
        if prepaid_micros:
            self.check_own_money(account)
        if currency != self._balances.currency:
            self._balances.currencies[account.account_no] = currency
        self._put(account, changes)
        self._set_credit(account, now_us, changes)
        if prepaid_micros:
            self.top_up(name, prepaid_micros, "opening balance", now_us, changes)
        return account

    def change(
        self, asked: Mapping[str, object], password_hash: str | None, now_us: int, changes: Changes
    ) -> Account:
        """Change what `asked` names of the account `asked["name"]`; null puts a value back to its default.

        A `password_hash` of None leaves the password. Holds for the next bind and the next message; binds
        that are up stay up, whatever is changed.

        Raises:
            OperatorError: no such account, a key that cannot be changed, or a value that is not allowed;
                then nothing is changed.
        """
        account = self._registry.require_account(str(asked.get("name", "")))
        unknown = sorted(set(asked) - CHANGEABLE - TERM_NAMES - {"name", "password"})
        if unknown:
            can_be = ", ".join(sorted(CHANGEABLE | TERM_NAMES))
            raise OperatorError(f"{', '.join(unknown)}: cannot be changed; what can be: {can_be}")
        changed: dict[str, object] = {"terms": self._terms(account.terms, asked)}
        if "window" in asked:
            changed["window"] = _count(asked, "window", WINDOW_DEFAULT)
        if "max_binds" in asked:
            changed["binds_max"] = _count(asked, "max_binds", BINDS_DEFAULT)
        if "traffic_class" in asked:
            changed["traffic_class"] = int(
                CLASSES[_one_of(asked, "traffic_class", tuple(CLASSES), "promotional")]
            )
        if "category" in asked:
            changed["category"] = _category(asked)
        if "senders" in asked:
            changed["allowed_sources"] = _senders(asked)
        if "any_destination" in asked:
            changed["any_destination"] = bool(asked["any_destination"])
        if password_hash is not None:
            changed["password_hash"] = password_hash
        account = replace(account, **changed)  # type: ignore[arg-type]
        self._check(account)
        self._put(account, changes)
        self._set_credit(account, now_us, changes)
        return account

    def set_active(self, name: str, active: bool, now_us: int, changes: Changes) -> Account:
        """Suspend (False) or resume (True) an account; a suspended one is refused message by message."""
        account = replace(self._registry.require_account(name), active=active)
        self._put(account, changes)
        return account

    def top_up(
        self, name: str, amount_micros: int, client_reference: str, now_us: int, changes: Changes
    ) -> bool:
        """Add prepaid money; the client's reference makes a retry harmless. False: this reference was known.

        Raises:
            OperatorError: no such account, an amount not above 0, or a reference of another amount.
        """
        account = self._registry.require_account(name)
        _check_top_up(amount_micros)
        self.check_own_money(account)
        if not client_reference:
            raise OperatorError("reference: give one, so that a retried top-up is not counted twice")
        key = (account.account_no, client_reference)
        known = self._top_ups.get(key)
        if known is not None:
            if known != amount_micros:
                raise OperatorError(f"reference {client_reference!r} was used for another amount")
            return False
        if self._balances.available(account.account_no) + amount_micros > BALANCE_MICROS_MAX:
            raise OperatorError(
                f"{name} would have more than {BALANCE_MICROS_MAX} micros, the most there can be"
            )
        reference = self._ids.next_id(now_us)
        status, transfers = self._balances.top_up(account.account_no, reference, amount_micros, now_us)
        if status is not LedgerStatus.TOPPED_UP:
            raise OperatorError(f"the ledger answered {status.name.lower()} to this top-up")
        add_transfers(changes, transfers)
        self._top_ups[key] = amount_micros
        row: dict[str, object] = {
            "account_no": account.account_no,
            "client_reference": client_reference,
            "reference": reference,
            "amount_micros": amount_micros,
            "at_us": now_us,
        }
        changes.upserts.append(("top_up", with_digest("top_up", row)))
        return True

    def _check(self, account: Account) -> None:
        self._check_parents(account)
        self.check_online(account)
        house = self._balances.currency
        if account.currency == house:
            return
        if account.terms.reward_ppm:
            raise OperatorError(
                f"{account.name} is in {account.currency}, but subscribers' rewards are kept in {house}"
            )
        self.check_priced(account)

    def _check_parents(self, changed: Account) -> None:
        """Refuse a chain of parents that is too long or closed, the account's own or that of a child."""
        if changed.terms.parent is None:
            return

        def named(name: str) -> Account | None:
            return changed if name == changed.name else self._registry.account_named(name)

        for parent in parents_of(named, changed):
            if parent.currency != changed.currency:
                raise OperatorError(
                    f"{changed.name} is in {changed.currency} and its parent {parent.name} in "
                    f"{parent.currency}; what they share or pay for each other has one currency"
                )
        for account in self._registry.accounts():
            if account.terms.parent is not None and account.account_no != changed.account_no:
                parents_of(named, account)

    def _set_credit(self, account: Account, now_us: int, changes: Changes) -> None:
        """Post what a credit line has grown or shrunk by; what is in use of it comes back later."""
        number, limit = account.account_no, account.terms.credit_limit_micros or 0
        if limit != self._balances.credit(number):
            moved = self._balances.set_credit(number, limit, lambda: self._ids.next_id(now_us), now_us)
            add_transfers(changes, moved.transfers)

    def _terms(self, terms: AccountTerms, asked: Mapping[str, object]) -> AccountTerms:
        changed = changed_terms(terms, _terms_in(asked))
        if changed.tariff is not None and changed.tariff != terms.tariff:
            self.check_tariff(changed.tariff)
        return changed

    def _put(self, account: Account, changes: Changes) -> None:
        self._registry.put_account(account, changes)
        self._facts.accounts[account.account_no] = policy_of(account)
        for told in self.on_changed:
            told(account)


def policy_of(account: Account) -> AccountPolicy:
    """What the rules need to know of an account."""
    return AccountPolicy(
        account_no=account.account_no,
        brand_no=account.brand_no,
        active=account.active,
        allowed_sources=frozenset(account.allowed_sources) or None,
        traffic_class=TrafficClass(account.traffic_class),
        any_destination=account.any_destination,
    )


def _check_top_up(amount_micros: int) -> None:
    if not 0 < amount_micros <= TOP_UP_MICROS_MAX:
        raise OperatorError(f"a top-up of {amount_micros} micros is not in 1..{TOP_UP_MICROS_MAX}")


def _currency(asked: Mapping[str, object], house: str) -> str:
    currency = str(asked.get("currency") or house)
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        raise OperatorError(f"currency {currency!r} is not a code of ISO 4217 such as {house}")
    return currency


def _terms_in(asked: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in asked.items() if name in TERM_NAMES}


def _category(asked: Mapping[str, object]) -> int:
    category = int(str(asked.get("category") or 0))
    if not 0 <= category <= CATEGORY_MAX:
        raise OperatorError(f"category {category} is not in 1..{CATEGORY_MAX}; leave it out for none")
    return category


def _senders(asked: Mapping[str, object]) -> tuple[str, ...]:
    senders = asked.get("senders") or ()
    if not isinstance(senders, list | tuple):
        raise OperatorError(f"senders {senders!r} is not a list of addresses")
    return tuple(str(each) for each in senders)


def _count(asked: Mapping[str, object], key: str, default: int) -> int:
    value = asked.get(key)
    text = str(default if value is None else value)
    if not text.isdecimal() or not 1 <= int(text) <= COUNT_MAX:
        raise OperatorError(f"{key} {text!r} is not a whole number in 1..{COUNT_MAX}")
    return int(text)


def _one_of(asked: Mapping[str, object], key: str, allowed: tuple[str, ...], default: str) -> str:
    value = str(asked.get(key) or default)
    if value not in allowed:
        raise OperatorError(f"{key} {value!r} is not one of {', '.join(allowed)}")
    return value
