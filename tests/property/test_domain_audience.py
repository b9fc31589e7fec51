"""A rule means the same as SQL and as Python, for any rule and any person, known or not."""

import asyncio
import json
import random
import re
import sqlite3
from collections.abc import Callable, Iterator

import asyncpg
import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from operator_push.domain.audience.lexer import tokenise
from operator_push.domain.audience.rule import Rule, compile_rule
from operator_push.domain.audience.rule_error import RuleError
from operator_push.domain.audience.to_sql import SqlDialect
from operator_push.kernel.feature_catalogue import FEATURES, FEATURES_BY_NAME, FeatureType

Profile = dict[str, bool | int | float | str | None]
Answers = list[bool | None]

NAMES = {kind: [each.name for each in FEATURES if each.type is kind] for kind in FeatureType}
STRINGS = ["Pune", "Mumbai", "", "it's", '"', "पुणे", "gold", "a\\b", "%", "?"]
INTS = [-3, 0, 1, 2, 17, 18, 30, 999, 1 << 31, 1 << 53]
DOUBLES = [-2.5, -0.0, 0.0, 0.1, 0.2, 0.30000000000000004, 1.0, 2.0, 17.5, 18.0, 1e15, 9007199254740992.0]
SQL_TYPES = {
    FeatureType.BOOL: "BOOLEAN",
    FeatureType.INT: "BIGINT",
    FeatureType.DOUBLE: "DOUBLE PRECISION",
    FeatureType.STRING: "TEXT",
}


def some_profiles(count: int) -> list[Profile]:
    """People with edge values, a third of each one's attributes missing."""
    chance = random.Random(20)
    values = {
        FeatureType.BOOL: [True, False],
        FeatureType.INT: INTS,
        FeatureType.DOUBLE: DOUBLES,
        FeatureType.STRING: STRINGS,
    }
    return [
        {each.name: chance.choice(values[each.type]) if chance.random() > 0.33 else None for each in FEATURES}
        for _ in range(count)
    ]


PROFILES = some_profiles(120)
NOBODY: Profile = {}


def table_of_profiles() -> tuple[str, list[list[object]]]:
    columns = ", ".join(f'"{each.name}" {SQL_TYPES[each.type]}' for each in FEATURES)
    rows = [[number, *(profile[each.name] for each in FEATURES)] for number, profile in enumerate(PROFILES)]
    return f"CREATE TABLE profile (number INTEGER, {columns})", rows


@pytest.fixture(scope="module")
def ask_sqlite() -> Iterator[Callable[[Rule], Answers]]:
    create, rows = table_of_profiles()
    with sqlite3.connect(":memory:") as connection:
        connection.execute(create)
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO profile VALUES ({marks})", rows)

        def ask(rule: Rule) -> Answers:
            condition, parameters = rule.sql(SqlDialect.SQLITE)
            found = connection.execute(f"SELECT {condition} FROM profile ORDER BY number", parameters)
            return [None if answer is None else bool(answer) for (answer,) in found]

        yield ask


@pytest.fixture(scope="module")
def ask_duckdb() -> Iterator[Callable[[Rule], Answers]]:
    create, rows = table_of_profiles()
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.execute(create)
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO profile VALUES ({marks})", rows)

        def ask(rule: Rule) -> Answers:
            condition, parameters = rule.sql(SqlDialect.DUCKDB)
            found = connection.execute(f"SELECT {condition} FROM profile ORDER BY number", parameters)
            return [answer for (answer,) in found.fetchall()]

        yield ask


@pytest.fixture(scope="module")
def ask_postgresql(postgresql_url: str) -> Iterator[Callable[[Rule], Answers]]:
    create, rows = table_of_profiles()
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(postgresql_url))
    loop.run_until_complete(connection.execute(create))
    marks = ", ".join(f"${number}" for number in range(1, len(rows[0]) + 1))
    loop.run_until_complete(connection.executemany(f"INSERT INTO profile VALUES ({marks})", rows))

    def ask(rule: Rule) -> Answers:
        condition, parameters = rule.sql(SqlDialect.POSTGRESQL)
        query = f"SELECT {condition} FROM profile ORDER BY number"
        return [row[0] for row in loop.run_until_complete(connection.fetch(query, *parameters))]

    yield ask
    loop.run_until_complete(connection.close())
    loop.close()


def written_string(text: str) -> str:
    quote = "'" if '"' in text else '"'
    return quote + text.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote


def lists_of(written: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(written, max_size=4).map(lambda items: "[" + ", ".join(items) + "]")


STRING_LITERALS = st.sampled_from(STRINGS).map(written_string)
NUMBER_LITERALS = st.one_of(st.sampled_from(INTS).map(str), st.sampled_from(DOUBLES).map(repr))
NUMBER_NAMES = st.sampled_from(NAMES[FeatureType.INT] + NAMES[FeatureType.DOUBLE])
STRING_VALUES = st.one_of(st.sampled_from(NAMES[FeatureType.STRING]), STRING_LITERALS)
NUMBERS = st.recursive(
    st.one_of(NUMBER_NAMES, NUMBER_NAMES, NUMBER_LITERALS),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-"), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda number: f"-({number})"),
    ),
    max_leaves=4,
)
EQUALITIES = st.sampled_from(["==", "!="])
COMPARISONS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])


def joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(" ".join)


SIMPLE_CONDITIONS = st.one_of(
    joined(NUMBERS, COMPARISONS, NUMBERS),
    joined(STRING_VALUES, EQUALITIES, STRING_VALUES),
    joined(st.sampled_from(NAMES[FeatureType.STRING]), st.just("in"), lists_of(STRING_LITERALS)),
    joined(NUMBER_NAMES, st.just("in"), lists_of(NUMBER_LITERALS)),
    joined(st.sampled_from(list(FEATURES_BY_NAME)), EQUALITIES, st.just("null")),
    st.sampled_from([*NAMES[FeatureType.BOOL], "true", "false"]),
)
CONDITIONS = st.recursive(
    SIMPLE_CONDITIONS,
    lambda inner: st.one_of(
        inner.map(lambda one: f"!({one})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda many: "(" + ") && (".join(many) + ")"),
        st.lists(inner, min_size=2, max_size=3).map(lambda many: "(" + ") || (".join(many) + ")"),
        st.tuples(inner, EQUALITIES, inner).map(lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"),
        inner.map(lambda one: f"({one}) == null"),
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=CONDITIONS)
@example(text="tenure_days + 1 == 9007199254740992.0")  # an int that no double holds
@example(text="age in [18, 30.0]")
@example(text="2147483647 + 2147483647 > age")
def test_sql_and_python_agree(
    text: str, ask_sqlite: Callable[[Rule], Answers], ask_duckdb: Callable[[Rule], Answers]
) -> None:
    rule = compile_rule(text)
    function = rule.function()
    in_python = [function(profile) for profile in PROFILES]
    assert in_python == ask_sqlite(rule), text
    assert in_python == ask_duckdb(rule), text


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=CONDITIONS)
def test_postgresql_agrees_too(text: str, ask_postgresql: Callable[[Rule], Answers]) -> None:
    rule = compile_rule(text)
    function = rule.function()
    assert [function(profile) for profile in PROFILES] == ask_postgresql(rule), text


@settings(max_examples=100, deadline=None)
@given(text=CONDITIONS)
def test_every_rule_can_be_said_in_words_and_asked_of_nobody(text: str) -> None:
    rule = compile_rule(text)
    assert rule.words().startswith("people ")
    assert rule.function()(NOBODY) in (True, False, None)
    assert {each.name for each in rule.attributes} <= {token for token in FEATURES_BY_NAME if token in text}
    json.dumps(rule.sql()[1])


WORDS = re.findall(
    r"\S+", """age plan prepaid && || ! ( ) [ ] , in == < - + 3 2.5 "x" 'y' null true . home.city f("""
)


def outcome_of(text: str) -> Rule | RuleError:
    try:
        return compile_rule(text)
    except RuleError as error:
        return error


@settings(max_examples=300, deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(WORDS),
            max_size=12,
        ).map(" ".join),
    )
)
def test_any_text_is_a_rule_or_an_error_with_a_column(text: str) -> None:
    outcome = outcome_of(text)
    if isinstance(outcome, RuleError):
        assert 1 <= outcome.column <= len(text) + 1
        assert outcome.message
        return
    assert outcome.function()(NOBODY) in (True, False, None)
    assert compile_rule(" \n" + text).sql() == outcome.sql()


@given(text=st.text(st.characters(exclude_characters="\n\0", exclude_categories=["Cs"]), max_size=40))
def test_a_string_survives_being_written_and_read(text: str) -> None:
    assert tokenise(written_string(text))[0].value == text
