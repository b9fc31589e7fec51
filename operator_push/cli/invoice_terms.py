"""Invoice terms: settings, networks and numbering plans as services take them.

Networks are those of the store, by which routing goes too; the [[network]] tables only fill it.
"""

from collections.abc import Sequence
from functools import cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from operator_push.cli.store_reading import read_store
from operator_push.config import NetworkSettings, Settings
from operator_push.config.routing_settings import network_settings
from operator_push.kernel.errors import OperatorError
from operator_push.services.issue_invoices import InvoiceTerms, PlaceOf
from operator_push.services.manage_routes import RoutingKind
from operator_push.services.number_country import NO_COUNTRY, country_of
from operator_push.store.charged_rows import PREFIX_DIGITS
from operator_push.store.routing_rows import routing_rows


def invoice_terms(settings: Settings, *, issuing: bool = False) -> InvoiceTerms:
    """The operator's side of documents.

    Raises:
        OperatorError: documents are to be issued, and the operator has no name.
    """
    invoices = settings.invoices
    if issuing and not invoices.name:
        raise OperatorError("is empty: say who issues, the legal name of the operator", key="invoices.name")
    return InvoiceTerms(
        seller=invoices.seller,
        series=invoices.series,
        credit_series=invoices.credit_series,
        receipt_series=invoices.receipt_series,
        zone=invoices.zone,
        payment_days=invoices.payment_days,
        step_micros=invoices.step_micros,
        rounding=invoices.rounding_rule,
        taxes=tuple(tax.as_tax() for tax in invoices.tax),
        place_of=place_of(settings),
        note=invoices.note,
    )


def prefix_digits(settings: Settings) -> int:
    """How many first digits of a number tell its network apart."""
    return max([PREFIX_DIGITS, *(len(network.prefix) for network in _networks(settings))])


def place_of(settings: Settings) -> PlaceOf:
    """Country (ISO 3166) and network (MCC-MNC, "" where no network row says) of a number."""
    networks = {row.prefix: f"{row.mcc}-{row.mnc}" for row in _networks(settings)}
    longest = max(map(len, networks), default=0)

    def place(number: str) -> tuple[str, str]:
        lengths = range(min(longest, len(number)), 0, -1)
        network = next((networks[number[:n]] for n in lengths if number[:n] in networks), "")
        return _country(number) or "", network

    return place


def _networks(settings: Settings) -> Sequence[NetworkSettings]:
    """The network rows in force; the configuration's where no server has filled the store with them yet."""
    stored = [row for row in read_store(settings, routing_rows) if row.kind is RoutingKind.NETWORK]
    if not stored:
        return settings.network
    return [network_settings(row.values) for row in stored if not row.removed_us]


def _country(number: str) -> str | None:
    """As country_of; a calling code that is one country's alone needs no parsing."""
    for length in (1, 2, 3):
        regions = _regions().get(number[:length])
        if regions is not None:
            alone = len(regions) == 1 and regions[0] != NO_COUNTRY
            return regions[0] if alone else country_of(number)
    return None


@cache
def _regions() -> dict[str, tuple[str, ...]]:
    return {str(code): regions for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()}
