"""Close months: what only the whole month tells of an account that pays by a tariff document, as postings.

A bundle's monthly price is charged. All-units prices give back what earlier messages paid above the tier that
the month has reached: each message is priced once more as if it were the month's last, with its minimum,
discounts and taxes. A contact's month that messages used and none was charged for (the one that should have
paid was not delivered) is charged. Laws: a closing moves no money by itself; each posting has a reference
that names it once and for ever, so that a closing that is interrupted goes on and one that is repeated
changes nothing.
"""

from collections.abc import Iterable, Mapping

import msgspec

from operator_push.domain.rating.charge import Charge
from operator_push.domain.rating.currencies import converter_for
from operator_push.domain.rating.document import TariffDocument, Volume
from operator_push.domain.rating.taxes import TAX_LINE, tax_on, taxes_without_message
from operator_push.domain.rating.values import Usage

CHARGED, GIVEN_BACK = "charge", "credit-note"  # as ledger.post names its kinds


class MonthMessage(msgspec.Struct, frozen=True, gc=False):
    """A message of the month that was charged: to whom it went, by what, and for how many segments."""

    subscriber_no: int
    charge: Charge
    charged: int


class ClosingPosting(msgspec.Struct, frozen=True, kw_only=True):
    """One posting: `kind` CHARGED or GIVEN_BACK; taxes are in the amount, of a charge `tax_micros`."""

    kind: str
    reference: str
    amount_micros: int
    reason: str
    price: str = ""  # the all-units price that it is of
    tax_micros: int = 0


class _Tier(msgspec.Struct):
    """The charged messages of one all-units price, and how many segments they are."""

    segments: int = 0
    messages: list[Charge] = []
    counts: list[int] = []


def closing_of(
    month: str,
    end_us: int,
    tariff: TariffDocument,
    account: str,
    currency: str,
    messages: Iterable[MonthMessage],
) -> list[ClosingPosting]:
    """The postings that close an account's month ("2026-10", whose last moment is `end_us`).

    `tariff` is the version in force at its end, `messages` all of it that were charged, `currency` that of
    the account's money.
    """
    tiers: dict[str, _Tier] = {}
    # Contact price and subscriber → its month's price and the tax on it, while unpaid.
    contacts: dict[tuple[str, int], tuple[int, int]] = {}
    for message in messages:
        _count_all_units(tiers, message)
        _look_for_contacts(contacts, message)
    postings = _bundles(month, end_us, tariff, account, currency)
    postings += _contacts(month, contacts)
    for name, tier in sorted(tiers.items()):
        if posting := _all_units(month, name, tier):
            postings.append(posting)
    return postings


def _count_all_units(tiers: dict[str, _Tier], message: MonthMessage) -> None:
    plan = message.charge.plan
    if not plan.counts or not any(price.volume is Volume.ALL_UNITS for price in plan.document.price):
        return
    name = message.charge.rating(message.charged).price
    price = next(each for each in plan.document.price if each.name == name)
    if price.volume is Volume.ALL_UNITS and price.tiers:
        tier = tiers.setdefault(name, _Tier())
        tier.segments += message.charge.taken(message.charged).segments.get(name, 0)
        tier.messages.append(message.charge)
        tier.counts.append(message.charged)


def _look_for_contacts(contacts: dict[tuple[str, int], tuple[int, int]], message: MonthMessage) -> None:
    document = message.charge.plan.document
    if not document.contact or not message.subscriber_no:
        return
    whats = {line.what for line in message.charge.own_lines(message.charged)}
    for contact in document.contact:
        key = (contact.name, message.subscriber_no)
        if f"contact {contact.name}, month" in whats:
            contacts[key] = (0, 0)
        elif f"contact {contact.name}" in whats:
            request = message.charge.plan.request
            converter = converter_for(document, request.account, message.charge.at_us, request.currency)
            if converter is not None:
                fee = int(converter.convert(contact.per_month))
                contacts.setdefault(key, (fee, tax_on(fee, message.charge.plan.taxes)))


def _bundles(
    month: str, end_us: int, tariff: TariffDocument, account: str, currency: str
) -> list[ClosingPosting]:
    converter = converter_for(tariff, account, end_us, currency)
    postings = []
    for bundle in tariff.bundle:
        is_its = bundle.accounts is None or account in bundle.accounts
        if converter is None or not bundle.per_month or not is_its:
            continue
        fee = int(converter.convert(bundle.per_month))
        tax = tax_on(fee, taxes_without_message(tariff, account, end_us, bundle))
        postings.append(
            ClosingPosting(
                kind=CHARGED,
                reference=f"{month} bundle {bundle.name}",
                amount_micros=fee + tax,
                reason=f"bundle {bundle.name}, {month}",
                tax_micros=tax,
            )
        )
    return postings


def _contacts(month: str, contacts: Mapping[tuple[str, int], tuple[int, int]]) -> list[ClosingPosting]:
    owed: dict[str, list[tuple[int, int]]] = {}
    for (name, _), (fee, tax) in contacts.items():
        if fee:
            owed.setdefault(name, []).append((fee, tax))
    return [
        ClosingPosting(
            kind=CHARGED,
            reference=f"{month} contact {name}",
            amount_micros=sum(fee + tax for fee, tax in fees),
            reason=f"contact {name}, {month}: {len(fees)} whose first message was not charged",
            tax_micros=sum(tax for _, tax in fees),
        )
        for name, fees in sorted(owed.items())
    ]


def _all_units(month: str, name: str, tier: _Tier) -> ClosingPosting | None:
    amount = tax = 0
    for charge, charged in zip(tier.messages, tier.counts, strict=True):
        came = charge.parts_before
        owed, owed_tax = _at_the_end(charge, name, came + charged, tier.segments)
        before, before_tax = _at_the_end(charge, name, came, tier.segments) if came else (0, 0)
        amount += charge.amount(charged) - (owed - before)
        tax += charge.tax(charged) - (owed_tax - before_tax)
    if not amount:
        return None
    return ClosingPosting(
        kind=GIVEN_BACK if amount > 0 else CHARGED,
        reference=f"{month} all units {name}",
        amount_micros=abs(amount),
        reason=f"all units of {name} at {tier.segments}, {month}",
        price=name,
        tax_micros=0 if amount > 0 else max(0, -tax),
    )


def _at_the_end(charge: Charge, name: str, segments: int, reached: int) -> tuple[int, int]:
    """What so many segments cost, taxes included, if they were the month's last; and the taxes in it."""
    before = charge.before
    used = charge.plan.rating(segments, charge.at_us, before).usage.segments.get(name, 0)
    counted = used - before.segments.get(name, 0)
    usage = Usage(
        segments={**before.segments, name: max(0, reached - counted)},
        contact_segments=before.contact_segments,
        credit_micros=before.credit_micros,
    )
    rating = charge.plan.rating(segments, charge.at_us, usage)
    return rating.total_micros, sum(
        line.amount_micros for line in rating.lines if line.what.startswith(TAX_LINE)
    )
