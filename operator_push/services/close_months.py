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
from operator_push.domain.rating.values import Usage

CHARGED, GIVEN_BACK = "charge", "credit-note"  # as ledger.post names its kinds


class MonthMessage(msgspec.Struct, frozen=True, gc=False):
    """A message of the month that was charged: to whom it went, by what, and for how many segments."""

    subscriber_no: int
    charge: Charge
    charged: int


class ClosingPosting(msgspec.Struct, frozen=True, kw_only=True):
    """One posting: `kind` CHARGED or GIVEN_BACK; taxes are in the amount."""

    kind: str
    reference: str
    amount_micros: int
    reason: str
    price: str = ""  # the all-units price that it is of


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
    contacts: dict[tuple[str, int], int] = {}  # contact price and subscriber → its month's price while unpaid
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


def _look_for_contacts(contacts: dict[tuple[str, int], int], message: MonthMessage) -> None:
    document = message.charge.plan.document
    if not document.contact or not message.subscriber_no:
        return
    whats = {line.what for line in message.charge.own_lines(message.charged)}
    for contact in document.contact:
        key = (contact.name, message.subscriber_no)
        if f"contact {contact.name}, month" in whats:
            contacts[key] = 0
        elif f"contact {contact.name}" in whats:
            request = message.charge.plan.request
            converter = converter_for(document, request.account, message.charge.at_us, request.currency)
            if converter is not None:
                contacts.setdefault(key, converter.convert(contact.per_month))


def _bundles(
    month: str, end_us: int, tariff: TariffDocument, account: str, currency: str
) -> list[ClosingPosting]:
    converter = converter_for(tariff, account, end_us, currency)
    return [
        ClosingPosting(
            kind=CHARGED,
            reference=f"{month} bundle {bundle.name}",
            amount_micros=int(converter.convert(bundle.per_month)),
            reason=f"bundle {bundle.name}, {month}",
        )
        for bundle in tariff.bundle
        if converter is not None
        and bundle.per_month
        and (bundle.accounts is None or account in bundle.accounts)
    ]


def _contacts(month: str, contacts: Mapping[tuple[str, int], int]) -> list[ClosingPosting]:
    owed: dict[str, list[int]] = {}
    for (name, _), micros in contacts.items():
        if micros:
            owed.setdefault(name, []).append(micros)
    return [
        ClosingPosting(
            kind=CHARGED,
            reference=f"{month} contact {name}",
            amount_micros=int(sum(fees)),
            reason=f"contact {name}, {month}: {len(fees)} whose first message was not charged",
        )
        for name, fees in sorted(owed.items())
    ]


def _all_units(month: str, name: str, tier: _Tier) -> ClosingPosting | None:
    amount = 0
    for charge, charged in zip(tier.messages, tier.counts, strict=True):
        came = charge.parts_before
        owed = _at_the_end(charge, name, came + charged, tier.segments)
        owed -= _at_the_end(charge, name, came, tier.segments) if came else 0
        amount += charge.amount(charged) - owed
    if not amount:
        return None
    return ClosingPosting(
        kind=GIVEN_BACK if amount > 0 else CHARGED,
        reference=f"{month} all units {name}",
        amount_micros=abs(amount),
        reason=f"all units of {name} at {tier.segments}, {month}",
        price=name,
    )


def _at_the_end(charge: Charge, name: str, segments: int, reached: int) -> int:
    """What so many segments cost, taxes included, if they were the month's last."""
    before = charge.before
    used = charge.plan.rating(segments, charge.at_us, before).usage.segments.get(name, 0)
    counted = used - before.segments.get(name, 0)
    usage = Usage(
        segments={**before.segments, name: max(0, reached - counted)},
        contact_segments=before.contact_segments,
        credit_micros=before.credit_micros,
    )
    return charge.plan.rating(segments, charge.at_us, usage).total_micros
