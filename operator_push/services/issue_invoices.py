"""Issue invoices: what was charged and is on no invoice yet becomes a draft, and a draft a final document.

Laws: an invoice goes on where the account's last one ended, up to a moment that has passed. What was posted
late, with a moment before that, is found by counting and goes on the next one. Whoever issues reads first,
without a lock, and writes in one short transaction with the number; where another was faster, he reads again.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from operator_push.domain.invoicing.charges import LATE, Charge, lines_of
from operator_push.domain.invoicing.document import (
    Document,
    DocumentKind,
    DocumentLine,
    Party,
    TaxRate,
    document_text,
    text_sha256,
)
from operator_push.domain.invoicing.periods import days_after, local_date, local_iso
from operator_push.domain.invoicing.standing import Owed, advance_of
from operator_push.domain.invoicing.taxes import DatedTax, parted_at, tax_totals, taxes_at
from operator_push.domain.invoicing.totals import totals_of
from operator_push.domain.rating.contract import Contract, RoundingAt
from operator_push.domain.rating.taxes import TAX_LINE
from operator_push.kernel.errors import MoneyInvariantError, OperatorError, ResourceError
from operator_push.kernel.instants import MICROS_PER_DAY, from_epoch_us
from operator_push.kernel.money import Rounding
from operator_push.services.account_terms import AccountTerms
from operator_push.services.billing_identity import buyer_of, parts_of

ATTEMPTS_MAX = 20  # Ours: so many others may issue for one account between our reading and our writing.
PlaceOf = Callable[[str], tuple[str, str]]


class InvoiceTerms(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's side: identity, series, zone of months and dates, days to pay, taxes, rounding.

    `place_of` tells country and network of the first digits of a number.
    """

    seller: Party
    series: str
    credit_series: str
    receipt_series: str
    zone: str
    payment_days: int
    step_micros: int
    rounding: Rounding
    taxes: tuple[DatedTax, ...]
    place_of: PlaceOf
    note: str = ""


class ChargedGroup(msgspec.Struct, frozen=True, gc=False):
    """Rows of the ledger that are alike; `digits` begin the recipients' numbers. `taxes` and `net_micros`
    where the tariff has said them, as domain.invoicing.charges.Charge has them. `late_day`: the UTC day of
    messages from before the invoice's begin that were charged when the invoice of their time was final; 0 of
    others."""

    shard: int
    day: int
    what: str
    traffic_class: str
    digits: str
    tariff: str
    unit_price_micros: int
    messages: int
    segments: int
    amount_micros: int
    taxes: tuple[TaxRate, ...] | None = None
    net_micros: int | None = None
    late_day: int = 0


class DayCount(msgspec.Struct, frozen=True, gc=False):
    """How many postings of a shard's day, and what they come to."""

    postings: int = 0
    amount_micros: int = 0

    def without(self, other: "DayCount") -> "DayCount":
        """What is here beyond another count."""
        return DayCount(self.postings - other.postings, self.amount_micros - other.amount_micros)

    def and_also(self, other: "DayCount") -> "DayCount":
        """Both together."""
        return DayCount(self.postings + other.postings, self.amount_micros + other.amount_micros)


DayCounts = Mapping[tuple[int, int], DayCount]  # (shard, day) → count
NOTHING = DayCount()


class BilledAccount(msgspec.Struct, frozen=True, kw_only=True):
    """The customer as invoices need it."""

    account_no: int
    name: str
    currency: str
    created_us: int
    terms: AccountTerms


class InvoiceBooks(Protocol):
    """One moment of the store, as an invoice is made from it."""

    account: BilledAccount
    last_until_us: int | None  # where the last invoice ended
    next_place: int  # of the next invoice among those of the account, from 1
    open_from_day: int  # before it nothing could be charged since the last invoice
    settled_until_day: int  # before it nothing can be charged from now on

    def charged(self, from_us: int, until_us: int) -> Sequence[ChargedGroup]:
        """What was charged with a moment in the period, from `open_from_day` on, in groups."""

    def counted(self, from_us: int, until_us: int) -> DayCounts:
        """The same, counted by shard and day."""

    def invoiced(self) -> DayCounts:
        """What earlier invoices hold, by shard and day, from `open_from_day` on."""

    def first_charge_us(self) -> int | None:
        """The moment of the first charge that this account ever had."""

    def owed(self) -> Sequence[Owed]:
        """Every invoice of the account, oldest first."""

    def payments_micros(self) -> int:
        """Everything that ever came in from the account."""

    def contract(self, at_us: int) -> Contract | None:
        """What the tariff that the account pays by at a moment agrees with it; None where simple rows do."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A document without a number, and what is written beside it: which postings it holds, and its place.

    `subject` names what it is about, once and for ever: no second document can have it.
    """

    document: Document
    account_no: int
    subject: str
    series: str
    from_us: int = 0
    until_us: int = 0
    settled_until_day: int = 0
    sources: tuple[tuple[int, int, int, int], ...] = ()  # shard, day, postings, micros


class FinalDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document that was issued, as it is kept."""

    number: str
    series: str
    serial: int
    document: Document
    text: str
    content_sha256: str
    account_no: int
    subject: str
    issued_us: int
    issued_by: str


class InvoiceStore(Protocol):
    """Where documents are kept."""

    def draft(self, make: Callable[[InvoiceBooks], Draft], account: str) -> Draft:
        """What `make` says of one moment of the books of an account."""

    def write(self, draft: Draft, series: str, issued_us: int, issued_by: str) -> FinalDocument | None:
        """Number and keep a draft in one transaction; None where its subject has been taken meanwhile."""


def draft_invoice(books: InvoiceBooks, terms: InvoiceTerms, until_us: int, now_us: int) -> Draft:
    """The invoice of everything charged before `until_us` that is on none yet.

    Raises:
        OperatorError: the end has not passed yet, or an invoice holds it already.
        MoneyInvariantError: the counted postings are not those of the lines.
    """
    account = books.account
    from_us = _begin(books, terms, until_us, now_us)
    sources: dict[tuple[int, int], DayCount] = dict(books.counted(from_us, until_us))
    lines = _lines(books, terms, from_us, until_us)
    on_lines = sum(line.amount_micros for line in lines)
    counted = sum(count.amount_micros for count in sources.values())
    if on_lines != counted:
        raise MoneyInvariantError(f"the lines come to {on_lines} micros, their postings to {counted}")
    late = _late(books, from_us)
    for key, count in late.items():
        sources[key] = sources.get(key, NOTHING).and_also(count)
    missed = [
        Charge(what=f"{LATE}, of {_date(day)}", amount_micros=count.amount_micros)
        for (_, day), count in sorted(late.items(), key=lambda each: each[0][::-1])
    ]
    lines += lines_of(missed, taxes_at(terms.taxes, from_us - 1, _exempt(account)))
    document = _document(books, terms, lines, from_us, until_us, now_us)
    return Draft(
        document=document,
        account_no=account.account_no,
        subject=f"invoice {books.next_place} of account {account.account_no}",
        series=terms.series,
        from_us=from_us,
        until_us=until_us,
        settled_until_day=books.settled_until_day,
        sources=tuple((*key, *msgspec.structs.astuple(count)) for key, count in sorted(sources.items())),
    )


def issue_invoice(
    store: InvoiceStore, account: str, terms: InvoiceTerms, until_us: int, now_us: int, by: str
) -> FinalDocument:
    """Make the draft and give it its number; where another issuer was faster, from its invoice on.

    Raises:
        OperatorError: as draft_invoice; also where another has issued this very period meanwhile.
        ResourceError: others were faster every time.
    """
    for _ in range(ATTEMPTS_MAX):
        draft = store.draft(lambda books: draft_invoice(books, terms, until_us, now_us), account)
        final = store.write(draft, series_of(terms.series, draft.document), now_us, by)
        if final is not None:
            return final
    raise ResourceError(f"others issued invoices for {account} all the time; try again")


def numbered(draft: Draft, series: str, serial: int, issued_us: int, issued_by: str) -> FinalDocument:
    """The final document of a draft: its number set, its text and hash made."""
    number = f"{series}-{serial:06d}"
    document = msgspec.structs.replace(draft.document, number=number)
    text = document_text(document)
    return FinalDocument(
        number=number,
        series=series,
        serial=serial,
        document=document,
        text=text,
        content_sha256=text_sha256(text),
        account_no=draft.account_no,
        subject=draft.subject,
        issued_us=issued_us,
        issued_by=issued_by,
    )


def series_of(prefix: str, document: Document) -> str:
    """The series of a document: numbers begin anew each year of its date."""
    return f"{prefix}-{document.issue_date[:4]}"


def _begin(books: InvoiceBooks, terms: InvoiceTerms, until_us: int, now_us: int) -> int:
    account = books.account
    if until_us > now_us:
        raise OperatorError(
            f"{local_iso(until_us, terms.zone)} has not passed yet; an invoice holds what was charged before"
        )
    last = books.last_until_us
    if last is not None:
        if until_us <= last:
            raise OperatorError(
                f"{account.name} has invoices until {local_iso(last, terms.zone)} already; "
                f"the next one must end later than that"
            )
        return last
    first = books.first_charge_us()
    return min(moment for moment in (first, account.created_us, until_us) if moment is not None)


def _lines(books: InvoiceBooks, terms: InvoiceTerms, from_us: int, until_us: int) -> list[DocumentLine]:
    lines: list[DocumentLine] = []
    exempt = _exempt(books.account)
    for begin_us, end_us in parted_at(terms.taxes, from_us, until_us):
        charges = [_charge(group, terms.place_of) for group in books.charged(begin_us, end_us)]
        lines += lines_of(charges, taxes_at(terms.taxes, begin_us, exempt))
    return lines


def _charge(group: ChargedGroup, place_of: PlaceOf) -> Charge:
    country, network = place_of(group.digits) if group.digits else ("", "")
    is_late = group.late_day and not group.what.startswith(TAX_LINE)
    return Charge(
        what=f"{group.what}, late, of {_date(group.late_day)}" if is_late else group.what,
        amount_micros=group.amount_micros,
        messages=group.messages,
        segments=group.segments,
        unit_price_micros=group.unit_price_micros,
        traffic_class=group.traffic_class,
        country=country,
        network=network,
        tariff=group.tariff,
        taxes=group.taxes,
        net_micros=group.net_micros,
    )


def _date(day: int) -> str:
    return from_epoch_us(day * MICROS_PER_DAY).date().isoformat()


def _late(books: InvoiceBooks, from_us: int) -> dict[tuple[int, int], DayCount]:
    """What was posted with a moment before the begin, and is on no invoice: it came after that was issued."""
    if books.last_until_us is None:
        return {}
    before, invoiced = books.counted(0, from_us), books.invoiced()
    late = {key: before.get(key, NOTHING).without(invoiced.get(key, NOTHING)) for key in {*before, *invoiced}}
    for (shard, day), count in late.items():
        if count.postings < 0 or count.amount_micros < 0:
            raise MoneyInvariantError(
                f"invoices hold {-count.postings} postings of shard {shard}, day {day} that the ledger"
                " has not; run operator-push ledger verify"
            )
    return {key: count for key, count in late.items() if count != NOTHING}


def _document(
    books: InvoiceBooks,
    terms: InvoiceTerms,
    lines: list[DocumentLine],
    from_us: int,
    until_us: int,
    now_us: int,
) -> Document:
    account = books.account
    billing = account.terms.billing or {}
    advance = advance_of(books.owed(), books.payments_micros())
    contract, step = books.contract(until_us), (terms.step_micros, terms.rounding)
    if contract is not None and contract.rounding_at is RoundingAt.INVOICE and contract.step_micros > 1:
        step = (contract.step_micros, contract.rounding)
    totals = totals_of(sum(line.amount_micros for line in lines), advance, *step)
    issued = local_date(now_us, terms.zone)
    days = int(billing.get("payment_days", terms.payment_days))
    return Document(
        kind=DocumentKind.INVOICE,
        number="",
        account=account.name,
        currency=account.currency,
        issue_date=issued.isoformat(),
        zone=terms.zone,
        seller=terms.seller,
        buyer=buyer_of(account.name, account.terms.billing),
        lines=tuple(lines),
        taxes=tax_totals(lines),
        total_micros=totals.total_micros,
        payable_micros=totals.payable_micros,
        prepaid_micros=totals.prepaid_micros,
        rounding_micros=totals.rounding_micros,
        due_date=days_after(issued, days).isoformat() if totals.payable_micros else "",
        period_from=local_iso(from_us, terms.zone),
        period_until=local_iso(until_us, terms.zone),
        exempt="; ".join(_exempt(account)),
        note=terms.note,
    )


def _exempt(account: BilledAccount) -> tuple[str, ...]:
    return parts_of((account.terms.billing or {}).get("exempt", ""))
