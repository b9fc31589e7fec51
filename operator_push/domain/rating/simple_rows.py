"""Simple rows: the [[tariff]] rows are the smallest tariff, and say what a small document says."""

from collections.abc import Iterable

from operator_push.domain.rating.document import ClassName, Micros, Price, TariffDocument
from operator_push.domain.tariff import TariffRow
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import from_epoch_us


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
