"""Tariff rows: the prices in force, read at a start; commands change them through `Changes.upserts`."""

from sqlalchemy import Connection, func, select

from operator_push.services.manage_tariff import StoredPrice, StoredTariff, price_of_row
from operator_push.store import schema
from operator_push.store.small_rows import upsert


def stored_tariff(connection: Connection) -> StoredTariff:
    """The prices that no version has ended, by number, and how far numbers and versions have come."""
    row = schema.tariff_row.c
    last_row_no, begun, ended = connection.execute(
        select(func.max(row.row_no), func.max(row.version), func.max(row.ended_version))
    ).one()
    found = connection.execute(select(schema.tariff_row).where(row.ended_version == 0).order_by(row.row_no))
    prices = tuple(price_of_row(dict(each)) for each in found.mappings())
    return StoredTariff(prices, last_row_no or 0, max(begun or 0, ended or 0))


def prices_of_version(connection: Connection, version: int) -> list[StoredPrice]:
    """The prices that were in force under a version, by number."""
    row = schema.tariff_row.c
    in_force = (row.version <= version) & ((row.ended_version == 0) | (row.ended_version > version))
    found = connection.execute(select(schema.tariff_row).where(in_force).order_by(row.row_no))
    return [price_of_row(dict(each)) for each in found.mappings()]


def write_tariff(connection: Connection, stored: StoredTariff) -> None:
    """Write the rows of a first tariff."""
    for price in stored.prices:
        upsert(connection, "tariff_row", price.as_row())
