"""INSERT statements name every column in order, with the placeholders of the driver."""

import pytest

from operator_push.store import schema
from operator_push.store.statements import (
    columns_statement,
    insert_statement,
    many_rows_statement,
    placeholders,
)


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
