"""Price by documents: what a message costs by the tariff of its account, held, counted and settled.

The price is fixed when the message is accepted: by the version in force, and by what its account has used or
reserved until then. `AcceptSubmissions` asks only where `active`, so that simple rows cost nothing more.
"""

from collections.abc import Callable

import msgspec

from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.concatenated_parts import PartGroup
from operator_push.domain.message import MessageState, Submission
from operator_push.domain.rating.charge import Charge, ChargePlan, usage_octets
from operator_push.domain.rating.plans import Asked, CountryOf, PortedNetworkOf, TariffPlans
from operator_push.domain.rating.taxes import tax_on, taxes_without_message
from operator_push.domain.rating.values import NO_USAGE, Unpriced, Usage
from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes, Row
from operator_push.services.manage_documents import ROWS, ManageDocuments
from operator_push.services.number_country import country_of
from operator_push.services.open_messages import OpenMessage
from operator_push.services.registry import Account, Registry
from operator_push.services.usage_book import UsageBook, month_of
from operator_push.text.data_coding import Encoding

EncodingOf = Callable[[], Encoding]
NO_PLANS = TariffPlans([])  # by which nothing has a price


class PriceByDocuments:
    """The use case of one shard.

    `attributes_of` tells which attributes a campaign's audience rule uses; `house_currency` is that of the
    simple rows, "" where it does not matter. They price no account that is in another one.
    """

    def __init__(
        self,
        documents: ManageDocuments,
        registry: Registry,
        book: UsageBook,
        attributes_of: Callable[[int], tuple[str, ...]] = lambda campaign_no: (),
        ported_network_of: PortedNetworkOf = lambda msisdn, at_us: None,
        country: CountryOf = country_of,
        house_currency: str = "",
    ) -> None:
        self.documents = documents
        self.book = book
        self.ported_network_of = ported_network_of
        self._registry = registry
        self._attributes_of = attributes_of
        self._country = country
        self._plans: dict[str, TariffPlans] = {}
        self._by_account: dict[int, TariffPlans | None] = {}
        self._house = house_currency
        self.active = False
        self.on_active: Callable[[], None] = lambda: None  # told that `active` may be another
        documents.on_changed.append(self.changed)
        self.changed()

    def ask_of_ported(self, ported_network_of: PortedNetworkOf) -> None:
        """Ask here from now on which numbers were ported."""
        self.ported_network_of = ported_network_of
        self.changed()

    def account_changed(self) -> None:
        """The terms of an account are others now, or there is a new one."""
        self._by_account.clear()
        self._look()

    def changed(self) -> None:
        """Documents or the choice among them are others now."""
        self._by_account.clear()
        self._plans = {
            name: TariffPlans(self.documents.versions(name), self._country, self.ported_network_of)
            for name in self.documents.names()
        }
        self._look()

    def check_priced(self, account: Account) -> None:
        """Refuse an account in a currency that its tariff neither has nor converts to.

        Raises:
            OperatorError: with what to do.
        """
        named = account.terms.tariff or self.documents.chosen
        if named == ROWS:
            raise OperatorError(
                f"{account.name} is in {account.currency} and the simple rows are in {self._house}; "
                f"name a tariff that prices in {account.currency}: --tariff"
            )
        versions = [document for _, document in self.documents.versions(named)]
        if not any(document.has_currency(account.currency) for document in versions):
            raise OperatorError(
                f"{account.name} is in {account.currency}, but no version of tariff {named!r} is, or has an "
                f"[[exchange_rate]] to {account.currency}"
            )

    def _look(self) -> None:
        foreign = self._house and self._registry.currencies_but(self._house)
        self.active = bool(self._plans or foreign)
        self.on_active()

    def plans_of(self, account_no: int) -> TariffPlans | None:
        """The plans of the tariff that an account pays by; None where it pays by simple rows."""
        try:
            return self._by_account[account_no]
        except KeyError:
            account = self._registry.account(account_no)
            named = (account.terms.tariff if account else None) or self.documents.chosen
            found = None if named == ROWS else self._plans.get(named)
            if found is None and account is not None and self._house not in ("", account.currency):
                found = NO_PLANS
            self._by_account[account_no] = found
            return found

    def tax_beside(self, account_no: int, net_micros: int, at_us: int) -> int:
        """The taxes that an account's tariff states on what is charged without a message, beside its net
        amount; 0 where it states none, so that those of [[invoices.tax]] are inside."""
        account, plans = self._registry.account(account_no), self.plans_of(account_no)
        version = None if plans is None else plans.version_at(at_us)
        if account is None or version is None:
            return 0
        return tax_on(net_micros, taxes_without_message(version[1], account.name, at_us))

    def asked_of(self, submission: Submission, encoding: EncodingOf) -> Asked:
        """A submission as a tariff sees it; `encoding` tells the alphabet in which its text leaves."""
        account = self._registry.account(submission.account_no)
        campaign_no = submission.campaign_no
        return Asked(
            account.name if account else "",
            account.currency if account else None,
            submission.destination,
            submission.traffic_class,
            submission.source,
            encoding,
            submission.channel,
            attributes=self._attributes_of(campaign_no) if campaign_no else (),
        )

    def quote(
        self,
        plans: TariffPlans,
        submission: Submission,
        encoding: EncodingOf,
        at_us: int,
        group: PartGroup | None = None,
    ) -> Charge | None:
        """The charge of a message that is accepted at a moment; None where nothing prices it.

        `group`: the long message of which it is a further part; all of them have one price.
        Nothing is counted yet: that is `take`, once the money is held.
        """
        if group is not None and group.charge is not None:
            first = group.charge
            return Charge(first.plan, first.at_us, first.before, group.segments_priced)
        asked = self.asked_of(submission, encoding)
        return self.charge(plans, asked, submission.account_no, submission.subscriber_no, at_us)

    def charge(
        self, plans: TariffPlans, asked: Asked, account_no: int, subscriber_no: int, at_us: int
    ) -> Charge | None:
        """The charge of a message on top of what is used by now; None where nothing prices it."""
        plan = plans.plan(asked, at_us)
        if isinstance(plan, Unpriced):
            return None
        if not plan.counts:
            return Charge(plan, at_us)
        return Charge(plan, at_us, self.used(plan, account_no, subscriber_no, at_us))

    def used(self, plan: ChargePlan, account_no: int, subscriber_no: int, at_us: int) -> Usage:
        """What an account and a contact have used, as far as a plan looks at it."""
        month = month_of(plan.document, at_us)
        return plan.narrowed(self.book.usage(account_no, plan.document.tariff, month, subscriber_no))

    def take(
        self,
        charge: Charge,
        account_no: int,
        subscriber_no: int,
        segments: int,
        key: tuple[int, int, int],
        changes: Changes,
    ) -> None:
        """Stage the price row of an accepted message, and count what it uses; `key` is (shard, day, id)."""
        plan = charge.plan
        changes.message_price.append(price_row(key, charge))
        if plan.counts:
            month = month_of(plan.document, charge.at_us)
            taken = charge.taken(segments)
            self.book.take(account_no, plan.document.tariff, month, subscriber_no, taken, changes)


def attributes_of_rule(text: str) -> tuple[str, ...]:
    """The targeting attributes that an audience rule uses, none where it is no rule of this version."""
    try:
        return tuple(feature.name for feature in compile_rule(text).attributes)
    except OperatorError:
        return ()  # a campaign may be ordered without a rule, for people who were chosen otherwise


def price_row(key: tuple[int, int, int], charge: Charge) -> Row:
    """The row of store.schema.message_price."""
    plan = charge.plan
    usage = usage_octets(charge.before)
    return (*key, charge.at_us, plan.document_no, charge.parts_before, plan.facts, usage)


def settle_charge(
    message: OpenMessage, charge: Charge, book: UsageBook | None, changes: Changes
) -> tuple[int, int]:
    """Micros that an ended message owes by its contract, and the tax in them; what it was not charged for is
    counted no longer."""
    charged, amount = charge.owed(ends_of_message(message))
    if charge.plan.counts and book is not None and charged < message.segment_count:
        all_of_it, owed = charge.taken(message.segment_count), charge.taken(charged)
        tariff = charge.plan.document
        book.give_back(
            message.account_no,
            tariff.tariff,
            month_of(tariff, charge.at_us),
            message.subscriber_no,
            _rest(all_of_it, owed),
            changes,
        )
    return amount, min(charge.tax(charged), amount)


def ends_of_message(message: OpenMessage) -> list[tuple[MessageState, bool]]:
    """How each segment stands, as they are billed: its state, and whether the SMSC has taken it.

    What has ended because its hold expired stands as UNKNOWN: a contract has a word of its own for that.
    """
    each = message.segment_count // len(message.segments)
    return [
        (MessageState.UNKNOWN if segment.silent else MessageState(segment.state), segment.answered_us > 0)
        for segment in message.segments
        for _ in range(each)
    ]


def _rest(whole: Usage, part: Usage) -> Usage:
    if part is NO_USAGE:
        return whole
    fields = {
        name: {
            rule: amount - getattr(part, name).get(rule, 0) for rule, amount in getattr(whole, name).items()
        }
        for name in Usage.__struct_fields__
    }
    return msgspec.convert(fields, Usage)
