"""Rules as SQL: parameters, quoting, placeholders per dialect."""

import sqlite3

import pytest

from operator_push.domain.audience.parser import parse
from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.audience.to_sql import SqlDialect, to_sql
from operator_push.domain.audience.tree import Attribute, IsNull


@pytest.mark.parametrize(
    ("text", "sql", "parameters"),
    [
        ("prepaid", '"prepaid"', []),
        ("true", "TRUE", []),
        ('home.city == "Pune"', '("home.city" = ?)', ["Pune"]),
        ("age != 5", '("age" <> ?)', [5]),
        ("!(age >= 18)", '(NOT ("age" >= ?))', [18]),
        ("age == null", '("age" IS NULL)', []),
        ("age != null", '("age" IS NOT NULL)', []),
        ("-age < 3", '((- "age") < ?)', [3]),
        ("age > 1.5", '(CAST("age" AS DOUBLE PRECISION) > ?)', [1.5]),
        ('plan in ["a", "b"]', '("plan" IN (?, ?))', ["a", "b"]),
        ("plan in []", "(1 = 0)", []),
        (
            "age - 1 > 2 && prepaid || plan == 'x'",
            '(((("age" - ?) > ?) AND "prepaid") OR ("plan" = ?))',
            [1, 2, "x"],
        ),
    ],
)
def test_sql(text: str, sql: str, parameters: list[object]) -> None:
    assert compile_rule(text).sql() == (sql, parameters)
    assert compile_rule(text).sql(SqlDialect.SQLITE) == (sql, parameters)


def test_postgresql_is_told_types_and_counts_its_placeholders() -> None:
    rule = compile_rule('age > 18 && spend_30d < 1.5 && plan in ["x"]')
    assert rule.sql(SqlDialect.POSTGRESQL, first_parameter=4) == (
        '(("age" > CAST($4 AS BIGINT)) AND ("spend_30d" < CAST($5 AS DOUBLE PRECISION))'
        ' AND ("plan" IN (CAST($6 AS TEXT))))',
        [18, 1.5, "x"],
    )


@pytest.mark.parametrize("hostile", ["'; DROP TABLE p; --", '" OR 1=1 --', "\\'", "?", "$1", "%s", "{0}"])
def test_no_value_ever_becomes_sql(hostile: str) -> None:
    quoted = hostile.replace("\\", "\\\\").replace('"', '\\"')
    sql, parameters = compile_rule(f'plan == "{quoted}"').sql()
    assert sql == '("plan" = ?)'
    assert parameters == [hostile]
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE p (plan TEXT)")
        connection.executemany("INSERT INTO p VALUES (?)", [(hostile,), ("gold",)])
        found = connection.execute(f"SELECT plan FROM p WHERE {sql}", parameters).fetchall()
    assert found == [(hostile,)]


def test_names_are_quoted_whatever_they_hold() -> None:
    assert to_sql(IsNull(Attribute('a" OR 1=1 --', 1), False, 1))[0] == '("a"" OR 1=1 --" IS NULL)'


def test_an_unchecked_tree_is_refused() -> None:
    with pytest.raises(TypeError, match="Call"):
        to_sql(parse("f(1)"))
