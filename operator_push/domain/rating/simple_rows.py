"""Simple rows: the [[tariff]] rows of the hot path are the smallest tariff, and a small one becomes rows.

What a row cannot say (times of day, tiers, taxes …) is refused by name and never dropped.
"""

from collections.abc import Iterable

from operator_push.domain.message import TrafficClass
from operator_push.domain.rating.contract import ChargeOn, RoundingAt
from operator_push.domain.rating.document import ClassName, Micros, Price, TariffDocument
from operator_push.domain.tariff import TariffRow
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import from_epoch_us, to_epoch_us

_ROW_CANNOT = ("network", "country", "channel", "encoding", "sender_kind", "hours", "weekdays", "accounts")
_PRICE_CANNOT = ("tiers", "minimum")
_TARIFF_CANNOT = ("bundle", "contact", "surcharge", "discount", "credit", "tax", "accounts")


def document_of_rows(rows: Iterable[TariffRow], name: str, version: int) -> TariffDocument:
    """The document that says what rows of one currency say.

    Raises:
        OperatorError: there is no row.
    """
    given = list(rows)
    if not given:
        raise OperatorError("a tariff needs at least one row", key="tariff")
    prices = tuple(
        Price(
            name=f"row {number}",
            prefix=row.prefix,
            traffic_class=ClassName(row.traffic_class.name.lower()) if row.traffic_class else None,
            per_segment=Micros(row.price_micros),
            valid_from=from_epoch_us(row.valid_from_us) if row.valid_from_us else None,
            valid_until=from_epoch_us(row.valid_until_us) if row.valid_until_us is not None else None,
        )
        for number, row in enumerate(given, start=1)
    )
    return TariffDocument(tariff=name, version=version, currency=given[0].currency, price=prices)


def rows_of_document(document: TariffDocument) -> list[TariffRow]:
    """The rows that say what a small document says; each within the validity of the document as well.

    Raises:
        OperatorError: the document says something that a row cannot; the key is named.
    """
    for key in _TARIFF_CANNOT:
        if getattr(document, key):
            raise _cannot(key)
    contract = document.contract
    if contract.charge_on is not ChargeOn.DELIVERY or contract.states:
        raise _cannot("contract.charge_on")
    if contract.rounding_at is not RoundingAt.INVOICE and contract.step_micros > 1:
        raise _cannot("contract.rounding_at")
    rows = []
    for number, price in enumerate(document.price, start=1):
        for key in (*_ROW_CANNOT, *_PRICE_CANNOT):
            if getattr(price, key) is not None:
                raise _cannot(f"price[{number}].{key}")
        rows.append(_row(price, document))
    return rows


def _row(price: Price, document: TariffDocument) -> TariffRow:
    begins = [each.valid_from for each in (price, document) if each.valid_from]
    ends = [each.valid_until for each in (price, document) if each.valid_until]
    return TariffRow(
        prefix=price.prefix or "",
        price_micros=int(price.per_segment or 0),
        currency=document.currency,
        traffic_class=TrafficClass[price.traffic_class.name] if price.traffic_class else None,
        valid_from_us=max(map(to_epoch_us, begins), default=0),
        valid_until_us=min(map(to_epoch_us, ends), default=None),
    )


def _cannot(key: str) -> OperatorError:
    return OperatorError(
        "a running server prices by prefix, traffic class and validity alone and cannot do this yet; "
        "price and simulate it with `operator-push price --tariff FILE` and `operator-push tariff simulate`",
        key=key,
    )
