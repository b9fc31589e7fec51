"""Billing identity: who a customer is on paper, as the term `billing` of an account keeps it.

A closed set of keys with texts; what is not said stands empty on the document.
"""

from collections.abc import Mapping
from typing import Final

from operator_push.domain.invoicing.document import Party
from operator_push.kernel.errors import OperatorError

TEXT_MAX: Final = 200
PAYMENT_DAYS_MAX: Final = 365
ADDRESS_LINES_MAX: Final = 4

# Key → what it is; documentation and help show these.
BILLING_KEYS: Final[Mapping[str, str]] = {
    "name": "legal name",
    "address": "street lines, parted by ;",
    "city": "city",
    "postcode": "postal code",
    "country": "ISO 3166-1 alpha-2, such as IN",
    "tax_id": "tax or VAT number",
    "registration": "number in the company register",
    "email": "where invoices go",
    "reference": "what the customer wants to read on its invoices",
    "payment_days": "days until an invoice is due, 0..365; left out: that of [invoices]",
    "every_month": "yes or no: whether the server closes its months, see close_months of [invoices]",
    "exempt": "names of taxes of [[invoices.tax]] that it does not bear, parted by ;",
}


def checked_billing(name: str, value: object) -> dict[str, str]:
    """The term `billing` from JSON values.

    Raises:
        OperatorError: a key that is unknown, or a text that is not allowed.
    """
    if not isinstance(value, Mapping) or not all(isinstance(each, str) for each in value.values()):
        raise OperatorError(f"{name} is not an object of texts")
    unknown = sorted(set(map(str, value)) - set(BILLING_KEYS))
    if unknown:
        raise OperatorError(f"{name}: {', '.join(unknown)} unknown; there are: {', '.join(BILLING_KEYS)}")
    for key, text in value.items():
        if not text.strip() or len(text) > TEXT_MAX or not text.isprintable():
            raise OperatorError(f"{name}: {key} must be 1..{TEXT_MAX} printable characters")
    country, days = value.get("country", "XX"), value.get("payment_days", "0")
    if not (len(country) == 2 and country.isascii() and country.isupper()):
        raise OperatorError(f"{name}: country {country!r} is not two capital letters, such as IN")
    if not (days.isascii() and days.isdecimal() and int(days) <= PAYMENT_DAYS_MAX):
        raise OperatorError(f"{name}: payment_days {days!r} is not a whole number in 0..{PAYMENT_DAYS_MAX}")
    if (every_month := value.get("every_month", "yes")) not in ("yes", "no"):
        raise OperatorError(f"{name}: every_month {every_month!r} is not yes or no")
    if len(parts_of(value.get("address", ""))) > ADDRESS_LINES_MAX:
        raise OperatorError(f"{name}: address has more than {ADDRESS_LINES_MAX} lines")
    return {key: value[key].strip() for key in BILLING_KEYS if key in value}


def buyer_of(account: str, billing: Mapping[str, str] | None) -> Party:
    """The customer as a party of a document; one that has said nothing goes by its account's name."""
    said = billing or {}
    return Party(
        name=said.get("name", account),
        address=parts_of(said.get("address", "")),
        city=said.get("city", ""),
        postcode=said.get("postcode", ""),
        country=said.get("country", ""),
        tax_id=said.get("tax_id", ""),
        registration=said.get("registration", ""),
        email=said.get("email", ""),
        reference=said.get("reference", ""),
    )


def parts_of(text: str) -> tuple[str, ...]:
    """The parts of a text between semicolons, without empty ones."""
    return tuple(part.strip() for part in text.split(";") if part.strip())
