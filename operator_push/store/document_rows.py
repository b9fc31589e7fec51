"""Document rows: tariff documents with the choice among them, and by what each message was priced."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, inspect, select

from operator_push.domain.rating.document import TariffDocument
from operator_push.services.manage_documents import ROWS, StoredDocument, document_from_row
from operator_push.services.stored_charges import PriceRow
from operator_push.store import schema
from operator_push.store.since import EVERYTHING, Since
from operator_push.store.statements import pages


def stored_documents(connection: Connection) -> list[StoredDocument]:
    """Every version, by number."""
    found = connection.execute(select(schema.tariff_document).order_by(schema.tariff_document.c.document_no))
    return [document_from_row(dict(row)) for row in found.mappings()]


def document_numbered(connection: Connection, document_no: int) -> TariffDocument | None:
    """One version by its number."""
    row = schema.tariff_document
    found = connection.execute(select(row).where(row.c.document_no == document_no)).mappings().first()
    return document_from_row(dict(found)).document if found else None


def chosen_tariff(connection: Connection) -> str:
    """The tariff by which accounts pay whose terms name none."""
    return str(connection.execute(select(schema.tariff_choice.c.tariff)).scalar() or ROWS)


def tariff_at(connection: Connection, named: str | None, at_us: int) -> TariffDocument | None:
    """The version in force at a moment of the tariff that an account's terms name, else of the chosen one;
    None where simple rows count or no version is valid then."""
    tariff = named or chosen_tariff(connection)
    row = schema.tariff_document
    found = connection.execute(select(row).where(row.c.tariff == tariff)).mappings()
    documents = [document_from_row(dict(each)).document for each in found]
    valid = [each for each in documents if each.is_valid_at(at_us)]
    return max(valid, key=lambda each: each.version, default=None)


def open_prices(connection: Connection, shard: int, since: Since = EVERYTHING) -> Iterator[PriceRow]:
    """Those of messages without a final row, in the order of their keys."""
    price, final = schema.message_price, schema.message_final
    ended = exists().where(and_(*(final.c[key] == price.c[key] for key in ("shard", "day", "message_id"))))
    statement = _prices().where(price.c.shard == shard, ~ended).order_by(price.c.day, price.c.message_id)
    for span in since.messages(price.c):
        for found in pages(connection, statement.where(span)):
            yield PriceRow(*found)


def has_prices(connection: Connection) -> bool:
    """False for an archive from before there were documents."""
    return inspect(connection).has_table(schema.message_price.name)


def _prices() -> Select[Any]:
    row = schema.message_price.c
    return select(row.message_id, row.priced_us, row.document_no, row.parts_before, row.facts, row.usage)
