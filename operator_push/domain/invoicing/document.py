"""A document: invoice, credit note or receipt as one value, and the canonical text that is kept of it.

Laws: amounts are whole micros; the text of a document is the same octets whenever it is made, so that its
SHA-256 says for ever whether it is still what was issued.
"""

import hashlib
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

import msgspec

from operator_push.kernel.errors import OperatorError

FORM: Final = 1  # of the kept text; a later form gets a number of its own


class DocumentKind(Enum):
    """What a document is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A part of a document; what is at its default is left out of the text."""


class Party(_Part, frozen=True, kw_only=True):
    """Who sells or buys. `country` ISO 3166-1 alpha-2; `registration` the number in a company register;
    `bank_account` an IBAN or what stands for one; `reference` what the buyer wants to see on its invoices."""

    name: str
    address: tuple[str, ...] = ()
    city: str = ""
    postcode: str = ""
    country: str = ""
    tax_id: str = ""
    registration: str = ""
    email: str = ""
    bank_account: str = ""
    bank_name: str = ""
    reference: str = ""


class TaxRate(_Part, frozen=True, kw_only=True):
    """A tax by its name and rate in millionths; prices include it."""

    name: str
    ppm: int


class DocumentLine(_Part, frozen=True, kw_only=True):
    """One line. `amount_micros` is what the ledger moved, its taxes included; net + taxes = amount. Where a
    tariff states its taxes, lines are net and each tax is a line of its own with a net amount of 0.

    `units` are charged segments (or 1), `unit_price_micros` what one cost with tax; units × unit price is the
    amount, save where a charge is none of segments (then units is 1).
    """

    what: str
    amount_micros: int
    net_micros: int
    units: int = 1
    unit_price_micros: int = 0
    messages: int = 0
    traffic_class: str = ""
    country: str = ""
    network: str = ""
    tariff: str = ""
    taxes: tuple[TaxRate, ...] = ()

    @property
    def tax_micros(self) -> int:
        """The taxes inside the amount."""
        return self.amount_micros - self.net_micros

    @property
    def is_tax(self) -> bool:
        """True for a line that is nothing but a tax on other lines, as tariffs with taxes make it."""
        return bool(self.taxes) and not self.net_micros and bool(self.amount_micros)

    @property
    def tax_ppm(self) -> int:
        """The rate of all its taxes together."""
        return sum(tax.ppm for tax in self.taxes)


class TaxTotal(_Part, frozen=True, kw_only=True):
    """What one tax at one rate comes to; the name "" at rate 0 is what bears no tax."""

    name: str
    ppm: int
    net_micros: int
    tax_micros: int


class Document(_Part, frozen=True, kw_only=True):
    """An invoice, a credit note or a receipt. `number` is empty in a draft.

    Dates are those of `zone`; the period runs from the first moment up to the second, itself no longer in.
    `about` names the invoice that a credit note corrects, `reason` says why in the operator's words.
    """

    kind: DocumentKind
    number: str
    account: str
    currency: str
    issue_date: str
    zone: str
    seller: Party
    buyer: Party
    lines: tuple[DocumentLine, ...]
    taxes: tuple[TaxTotal, ...]
    total_micros: int
    payable_micros: int
    prepaid_micros: int = 0
    rounding_micros: int = 0
    due_date: str = ""
    period_from: str = ""
    period_until: str = ""
    about: str = ""
    reason: str = ""
    exempt: str = ""
    note: str = ""
    form: int = FORM

    @property
    def net_micros(self) -> int:
        """The total without its taxes."""
        return sum(tax.net_micros for tax in self.taxes)

    @property
    def tax_micros(self) -> int:
        """Every tax."""
        return sum(tax.tax_micros for tax in self.taxes)

    @property
    def period_last(self) -> str:
        """The last date of the period, ISO 8601; "" without one. A period may end within its last day."""
        if not self.period_until:
            return ""
        end = datetime.fromisoformat(self.period_until)
        return (end - timedelta(microseconds=1)).date().isoformat()

    @property
    def is_final(self) -> bool:
        """True once it has its number."""
        return bool(self.number)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Document)


def document_text(document: Document) -> str:
    """The canonical JSON text: fields in the order of this page, defaults left out, UTF-8."""
    return _ENCODER.encode(document).decode()


def document_from_text(text: str) -> Document:
    """The document of a kept text.

    Raises:
        OperatorError: it is none that this version can read.
    """
    try:
        return _DECODER.decode(text)
    except msgspec.MsgspecError as error:
        raise OperatorError(f"a kept document cannot be read by this version: {error}") from error


def text_sha256(text: str) -> str:
    """The hash that is kept beside a document's text: 64 hexadecimal characters."""
    return hashlib.sha256(text.encode()).hexdigest()
