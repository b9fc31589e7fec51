"""Charges: by what one message is charged from the moment it is accepted, whatever the tariff says later.

A `ChargePlan` is the price of all messages that are alike to one version of a tariff; a `Charge` is a
message's own: the plan with what the account had used before it. Laws: a charge depends on nothing but its
own values, so that it can be worked out again for ever; what is held covers every end.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from operator_push.domain.message import MessageState
from operator_push.domain.rating.contract import ChargeOn, is_charged, posts_at
from operator_push.domain.rating.document import TariffDocument, Tax
from operator_push.domain.rating.matching import facts_of, holds, select_price
from operator_push.domain.rating.pricing import rate
from operator_push.domain.rating.taxes import TAX_LINE
from operator_push.domain.rating.values import NO_USAGE, Line, Rating, RatingRequest, Unpriced, Usage
from operator_push.kernel.errors import MoneyInvariantError

_FACTS: Final = msgspec.json.Encoder()
_READ_FACTS: Final = msgspec.json.Decoder(RatingRequest)
_READ_USAGE: Final = msgspec.json.Decoder(Usage)


class ChargePlan:
    """The price of messages that are alike to one version of a tariff, within the time that `request` is of.

    `request` has one segment and, for its destination, as many leading digits as the tariff looks at.
    `counts`: whether the price depends on what was used before (tiers, bundles, contacts, credit).
    """

    __slots__ = (
        "_most",
        "_names",
        "_totals",
        "counts",
        "currency",
        "document",
        "document_no",
        "facts",
        "is_taxed",
        "posts_at",
        "request",
        "taxes",
    )

    def __init__(
        self, document_no: int, document: TariffDocument, request: RatingRequest, currency: str
    ) -> None:
        """Made by `plan_for`."""
        self.document_no = document_no
        self.document = document
        self.request = request
        self.currency = currency
        self.facts = _FACTS.encode(msgspec.structs.replace(request, at_us=0))
        self._names = _counted_names(document, request)
        self.counts = any(self._names)
        self.taxes = _taxes_on(document, request)
        self.is_taxed = bool(self.taxes)
        self.posts_at = posts_at(document.contract_of(request.account))
        self._totals: dict[int, int] = {}
        self._most: dict[int, int] = {}

    def rating(self, segments: int, at_us: int, before: Usage) -> Rating:
        """The rating of so many segments at a moment, after what was used before.

        Raises:
            MoneyInvariantError: the tariff has no price for what it priced before.
        """
        rating = rate(
            msgspec.structs.replace(self.request, segments=segments, at_us=at_us), self.document, before
        )
        if isinstance(rating, Unpriced):
            raise MoneyInvariantError(f"a message that had a price has none any more: {rating.reason}")
        return rating

    def total(self, segments: int) -> int:
        """Micros of so many segments by a plan that does not count."""
        found = self._totals.get(segments)
        if found is None:
            found = self.rating(segments, self.request.at_us, NO_USAGE).total_micros if segments else 0
            self._totals[segments] = found
        return found

    def most(self, segments: int) -> int:
        """The most that a message of so many segments can cost by a plan that does not count."""
        found = self._most.get(segments)
        if found is None:
            found = self._most[segments] = max(map(self.total, range(1, segments + 1)))
        return found

    def is_per_segment(self, segments: int) -> bool:
        """Whether such a message is charged as by a simple row: its delivered segments, one price each, and
        no tax in it."""
        contract = self.document.contract_of(self.request.account)
        if self.counts or self.is_taxed or contract.charge_on is not ChargeOn.DELIVERY or contract.states:
            return False
        return all(self.total(count) == count * self.total(1) for count in range(2, segments + 1))

    def narrowed(self, usage: Usage) -> Usage:
        """Of what an account has used, what this price looks at."""
        segments, contacts, promotions = self._names
        return Usage(
            segments=_only(usage.segments, segments),
            contact_segments=_only(usage.contact_segments, contacts),
            credit_micros=_only(usage.credit_micros, promotions),
        )


class Charge(msgspec.Struct, gc=False):
    """By what one message is charged.

    `before`: what the account had used; `parts_before`: how many segments of the same long message came
    before as messages of their own, so that the parts together cost what the whole would.
    `settled_micros`: what was posted before its end, the tax in it and on whose account; -1: nothing yet.
    """

    plan: ChargePlan
    at_us: int
    before: Usage = NO_USAGE
    parts_before: int = 0
    settled_micros: int = -1
    tax_micros: int = 0
    payer_no: int = 0

    @property
    def posts_at(self) -> ChargeOn:
        """When the charge is posted."""
        return self.plan.posts_at

    def amount(self, segments: int) -> int:
        """Micros for so many charged segments of the message."""
        plan, came = self.plan, self.parts_before
        if not segments:
            return 0
        if not plan.counts:
            return (
                plan.total(segments) if not came else max(0, plan.total(came + segments) - plan.total(came))
            )
        whole = plan.rating(came + segments, self.at_us, self.before).total_micros
        if not came:
            return whole
        return max(0, whole - plan.rating(came, self.at_us, self.before).total_micros)

    def most(self, segments: int) -> int:
        """The most that the message can cost, however many of its segments are charged."""
        if not self.plan.counts and not self.parts_before:
            return self.plan.most(segments)
        return max(map(self.amount, range(1, segments + 1)))

    def is_per_segment(self, segments: int) -> bool:
        """Whether the message is charged as by a simple row: its delivered segments, one price each."""
        return self.plan.is_per_segment(self.parts_before + segments)

    def lines(self, segments: int) -> tuple[Line, ...]:
        """The price lines of so many charged segments; they sum to `amount`."""
        if not segments:
            return ()
        lines = list(self.plan.rating(self.parts_before + segments, self.at_us, self.before).lines)
        amount = self.amount(segments)
        earlier = amount - sum(line.amount_micros for line in lines)
        if earlier:
            lines.append(Line("charged with earlier parts", 1, earlier, earlier))
        return tuple(lines)

    def own_lines(self, segments: int) -> tuple[Line, ...]:
        """The same without what earlier parts have been charged: each line is what this part adds to it."""
        if not self.parts_before or not segments:
            return self.lines(segments)
        sums: dict[str, list[int]] = {}
        earlier = self.plan.rating(self.parts_before, self.at_us, self.before).lines
        for sign, lines in ((1, self.rating(segments).lines), (-1, earlier)):
            for line in lines:
                found = sums.setdefault(line.what, [0, 0])
                found[0] += sign * line.units
                found[1] += sign * line.amount_micros
        own = [_line(what, units, amount) for what, (units, amount) in sums.items() if units or amount]
        rest = self.amount(segments) - sum(line.amount_micros for line in own)
        return (*own, Line("charged with earlier parts", 1, rest, rest)) if rest else tuple(own)

    def rating(self, segments: int) -> Rating:
        """The rating behind `amount`: that of these segments, with those of earlier parts."""
        return self.plan.rating(self.parts_before + segments, self.at_us, self.before)

    def tax(self, segments: int) -> int:
        """Micros of `amount` that are taxes; never more than it, where rounding leaves less."""
        if not segments or not self.plan.is_taxed:
            return 0
        whole = _taxes(self.rating(segments))
        if self.parts_before:
            whole -= _taxes(self.plan.rating(self.parts_before, self.at_us, self.before))
        return min(max(0, whole), self.amount(segments))

    def taken(self, segments: int) -> Usage:
        """What so many segments of the message use up, by the names of rules."""
        if not self.plan.counts or not segments:
            return NO_USAGE
        start = self._used(self.parts_before)
        end = self._used(self.parts_before + segments)
        return Usage(
            segments=_difference(end.segments, start.segments),
            contact_segments=_difference(end.contact_segments, start.contact_segments),
            credit_micros=_difference(end.credit_micros, start.credit_micros),
        )

    def is_charged(self, end: tuple[MessageState, bool]) -> bool:
        """Whether the contract charges a segment that ended so: its state, whether the SMSC had taken it."""
        return is_charged(self.plan.document.contract_of(self.plan.request.account), *end)

    def charged_segments(self, ends: Iterable[tuple[MessageState, bool]]) -> int:
        """How many segments the contract charges, of their ends as `is_charged` takes them."""
        contract = self.plan.document.contract_of(self.plan.request.account)
        return sum(is_charged(contract, state, reached) for state, reached in ends)

    def segments_before_end(self, ends: Iterable[tuple[MessageState, bool]]) -> int:
        """How many segments are charged before their end, once each was taken or has ended: of acceptance
        all, of submission those that the SMSC took, and those whose end is charged by the contract's word."""
        if self.posts_at is ChargeOn.DELIVERY:
            return 0
        if self.posts_at is ChargeOn.ACCEPTANCE:
            return sum(1 for _ in ends)
        contract = self.plan.document.contract_of(self.plan.request.account)
        return sum(reached or is_charged(contract, state, reached) for state, reached in ends)

    def owed(self, ends: Sequence[tuple[MessageState, bool]]) -> tuple[int, int]:
        """How many segments are charged by their ends, and micros; never more than was charged before."""
        charged = self.charged_segments(ends)
        amount = self.amount(charged)
        if self.posts_at is not ChargeOn.DELIVERY:
            before = self.segments_before_end(ends)
            if before != charged:  # fewer segments can cost more, in the tiers of an all-units price
                amount = min(amount, self.amount(before))
        return charged, amount

    def segments_of(self, amount_micros: int, delivered: int, segments: int) -> int:
        """How many of its segments were charged where so much was posted; 0 where no number comes to it.

        Several numbers may cost the same: what was delivered goes first where the contract charges that.
        """
        on_delivery = self.plan.document.contract_of(self.plan.request.account).charge_on is ChargeOn.DELIVERY
        likely = [delivered, segments] if on_delivery else [segments, delivered]
        numbers = (*likely, *range(1, segments + 1))
        return next((each for each in numbers if self.amount(each) == amount_micros), 0)

    def _used(self, segments: int) -> Usage:
        if not segments:
            return self.before
        return self.plan.rating(segments, self.at_us, self.before).usage


def plan_for(document_no: int, document: TariffDocument, request: RatingRequest) -> ChargePlan | Unpriced:
    """The plan of messages like `request`, whose destination may be cut to the digits that are looked at."""
    one = msgspec.structs.replace(request, segments=1, state=None)
    rating = rate(one, document)
    if isinstance(rating, Unpriced):
        return rating
    return ChargePlan(document_no, document, one, rating.currency)


def stored_plan(document_no: int, document: TariffDocument, at_us: int, facts: bytes) -> ChargePlan:
    """The plan of a stored message again, from its facts and the version that priced it.

    Raises:
        MoneyInvariantError: the facts cannot be read, or this version has no price for them.
    """
    try:
        request = msgspec.structs.replace(_READ_FACTS.decode(facts), at_us=at_us)
    except msgspec.MsgspecError as error:
        raise MoneyInvariantError(f"what a message was priced by cannot be read: {error}") from error
    plan = plan_for(document_no, document, request)
    if isinstance(plan, Unpriced):
        raise MoneyInvariantError(f"a message that had a price has none any more: {plan.reason}")
    return plan


def read_usage(octets: bytes) -> Usage:
    """What was used before, of its stored form.

    Raises:
        MoneyInvariantError: it cannot be read.
    """
    try:
        return _READ_USAGE.decode(octets) if octets else NO_USAGE
    except msgspec.MsgspecError as error:
        raise MoneyInvariantError(f"what was used before a message cannot be read: {error}") from error


def usage_octets(usage: Usage) -> bytes:
    """What was used before, as it is stored; nothing for nothing."""
    return b"" if usage is NO_USAGE else _FACTS.encode(usage)


def _counted_names(
    document: TariffDocument, request: RatingRequest
) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """The names under which such a message counts: price and bundles, contact price, credits."""
    facts = facts_of(request, document)
    price, _ = select_price(document, facts)
    bundles = [each.name for each in document.bundle if holds(each, facts)]
    contact = [each.name for each in document.contact if holds(each, facts)][:1]
    promotions = [each.name for each in document.credit if holds(each, facts)]
    priced = [price.name] if price is not None and price.tiers else []
    return priced + bundles, contact, promotions


def _taxes_on(document: TariffDocument, request: RatingRequest) -> tuple[Tax, ...]:
    part, facts = document.accounts.get(request.account), facts_of(request, document)
    exempt = part.exempt if part else ()
    return tuple(tax for tax in document.tax if tax.name not in exempt and holds(tax, facts))


def _line(what: str, units: int, amount: int) -> Line:
    if units > 0 and amount % units == 0:
        return Line(what, units, amount // units, amount)
    return Line(what, 1, amount, amount)


def _taxes(rating: Rating) -> int:
    return sum(line.amount_micros for line in rating.lines if line.what.startswith(TAX_LINE))


def _only(found: Mapping[str, int], names: Iterable[str]) -> dict[str, int]:
    return {name: found[name] for name in names if name in found}


def _difference(end: Mapping[str, int], start: Mapping[str, int]) -> dict[str, int]:
    return {name: value - start.get(name, 0) for name, value in end.items() if value != start.get(name, 0)}
