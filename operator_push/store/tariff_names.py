"""Tariff names: which tariff and version priced a message, as an invoice says it."""

from sqlalchemy import Connection, select

from operator_push.store import schema


class TariffNames:
    """The documents and rows of every version, read once."""

    def __init__(self, connection: Connection) -> None:
        document, row = schema.tariff_document.c, schema.tariff_row.c
        self._documents = {
            number: f"{tariff} version {version}"
            for number, tariff, version in connection.execute(
                select(document.document_no, document.tariff, document.version)
            )
        }
        self._rows: dict[int, list[tuple[str, int, int]]] = {}
        found = connection.execute(select(row.price_micros, row.prefix, row.traffic_class, row.version))
        for price, prefix, traffic_class, version in found:
            self._rows.setdefault(price, []).append((prefix, traffic_class, version))

    def document_name(self, document_no: int) -> str:
        """The tariff and version of a document."""
        return self._documents.get(document_no, f"document {document_no}")

    def row_name(self, traffic_class: int, price_micros: int, destination: str) -> str:
        """The versions that began a row of this price for such a message; "" where none did.

        A message by rows keeps its price and not its row: where one price came in several versions all are
        named.
        """
        fits = [
            (prefix, version)
            for prefix, row_class, version in self._rows.get(price_micros, [])
            if destination.startswith(prefix) and row_class in (0, traffic_class)
        ]
        longest = max((len(prefix) for prefix, _ in fits), default=0)
        versions = sorted({version for prefix, version in fits if len(prefix) == longest})
        if not versions:
            return ""
        return f"tariff version{'s' if len(versions) > 1 else ''} {', '.join(map(str, versions))}"
