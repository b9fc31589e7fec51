"""INSERT statements name every column in order, with the placeholders of the driver."""

from pathlib import Path

import pytest
from sqlalchemy import select

from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.insert_texts import insert_statement, placeholders
from operator_push.store.sqlite_inserts import bound_at_once, many_rows_statement
from operator_push.store.statements import columns_statement, insert_rows

RECEIPTS: dict[int, bytes | None] = {1: b"\0\1", 2: None, 3: b""}


@pytest.mark.parametrize("dialect_name", ["sqlite", "postgresql"])
@pytest.mark.parametrize("table_name", sorted(schema.metadata.tables))
def test_insert_statement_has_every_column_in_order(table_name: str, dialect_name: str) -> None:
    table = schema.metadata.tables[table_name]
    statement = insert_statement(table, dialect_name)
    head, values = statement.split(" VALUES ")
    columns = head.partition("(")[2].rstrip(")").replace('"', "").split(", ")
    marks = [mark.partition("::")[0] for mark in values.strip("()").split(", ")]
    assert columns == [column.name for column in table.columns]
    assert marks == placeholders(dialect_name, len(columns)).split(", ")


def test_insert_statement_is_compiled_once() -> None:
    assert insert_statement(schema.message, "sqlite") is insert_statement(schema.message, "sqlite")


def test_placeholders() -> None:
    assert placeholders("sqlite", 3) == "?, ?, ?"
    assert placeholders("postgresql", 3) == "$1, $2, $3"


def test_a_statement_of_many_rows_is_the_one_row_statement_repeated() -> None:
    one = insert_statement(schema.attempt, "sqlite")
    many = many_rows_statement(schema.attempt, 3)
    head, values = many.split(" VALUES ")
    assert head.replace(" OR FAIL", "") == one.split(" VALUES ")[0]
    assert values == ", ".join([f"({placeholders('sqlite', len(schema.attempt.columns))})"] * 3)


def test_a_statement_of_columns_names_the_type_of_each() -> None:
    statement = columns_statement(schema.submit_result)
    head, _, arrays = statement.partition(" SELECT * FROM ")
    assert head == insert_statement(schema.submit_result, "postgresql").split(" VALUES ")[0]
    assert arrays.startswith("unnest($1::SMALLINT[], $2::INTEGER[], $3::BIGINT[], ")
    assert arrays.count("$") == len(schema.submit_result.columns)


def test_what_to_do_on_a_conflict_ends_the_statement() -> None:
    clause = " ON CONFLICT (shard) DO NOTHING"
    assert many_rows_statement(schema.balance, 2, clause) == many_rows_statement(schema.balance, 2) + clause
    assert columns_statement(schema.balance, clause) == columns_statement(schema.balance) + clause


def test_octets_stand_where_the_schema_says_and_may_be_missing(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'store.db'}")
    table = schema.message_final
    rows = [(0, 1, no, no, 2, 1, 0, 0, 5, 1, "id", "", no, receipt) for no, receipt in RECEIPTS.items()]
    try:
        database.run(lambda connection: table.create(connection))
        database.run(lambda connection: insert_rows(connection, table, rows))
        kept = database.read(lambda connection: [tuple(row) for row in connection.execute(select(table))])
    finally:
        database.close()
    assert kept == rows


def test_octets_are_bound_without_looking_for_an_adapter() -> None:
    assert type(bound_at_once(b"x")) is bytearray
    assert bound_at_once(None) is None
