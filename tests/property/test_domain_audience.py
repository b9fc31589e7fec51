"""A rule means the same as SQL and as Python, for any rule and any person, known or not."""

import asyncio
import json
import random
import sqlite3
from collections.abc import Callable, Iterator

import asyncpg
import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from operator_push.domain.audience.built_ins import set_text
from operator_push.domain.audience.lexer import tokenise
from operator_push.domain.audience.rule import Rule, compile_rule
from operator_push.domain.audience.rule_error import RuleError
from operator_push.domain.audience.to_sql import SqlDialect
from operator_push.domain.audience.vocabulary import Vocabulary
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.feature_catalogue import FEATURES, Feature, FeatureType

Profile = dict[str, bool | int | float | str | None]
Answers = list[bool | None]

PLACE = DataPurpose.LOCATION
CATALOGUE = {
    each.name: each
    for each in (
        *FEATURES,
        Feature("test.seen_at", FeatureType.TIMESTAMP, "", PLACE, "A moment."),
        Feature("test.joined_on", FeatureType.DATE, "", PLACE, "A day."),
        Feature("test.interests", FeatureType.SET, "", PLACE, "A set."),
        Feature("home.lat", FeatureType.DOUBLE, "degrees", PLACE, "Latitude."),
        Feature("home.lon", FeatureType.DOUBLE, "degrees", PLACE, "Longitude."),
    )
}
VOCABULARY = Vocabulary(CATALOGUE, zone="Asia/Kolkata")
NOW_US = 1_800_000_000_123_456
NAMES = {kind: [each.name for each in CATALOGUE.values() if each.type is kind] for kind in FeatureType}
STRINGS = ["Pune", "Mumbai", "", "it's", '"', "पुणे", "gold", "a\\b", "%", "?"]
INTS = [-3, 0, 1, 2, 17, 18, 30, 999, 1 << 31, 1 << 53]
DOUBLES = [-2.5, -0.0, 0.0, 0.1, 0.2, 0.30000000000000004, 1.0, 2.0, 17.5, 18.0, 1e15, 9007199254740992.0]
SQL_TYPES = {
    FeatureType.BOOL: "BOOLEAN",
    FeatureType.INT: "BIGINT",
    FeatureType.DOUBLE: "DOUBLE PRECISION",
    FeatureType.STRING: "TEXT",
    FeatureType.DATE: "BIGINT",
    FeatureType.TIMESTAMP: "BIGINT",
    FeatureType.SET: "TEXT",
}
SETS = ("list:vip", "received:it's", "bought:x")
COORDINATES = [18.52, 73.86, 18.5, 73.9, 0.0, 1e-200, -0.001, 179.99, -179.99, 180.0, 90.0, 1e300, 1e5]


def some_profiles(count: int) -> list[Profile]:
    """People with edge values, a third of each one's attributes missing."""
    chance = random.Random(20)
    values = {
        FeatureType.BOOL: [True, False],
        FeatureType.INT: INTS,
        FeatureType.DOUBLE: DOUBLES,
        FeatureType.STRING: STRINGS,
        FeatureType.DATE: [0, 20_000, 20_833, 20_834, -30_000],
        FeatureType.TIMESTAMP: [0, NOW_US, NOW_US - 86_400_000_000, NOW_US + 1, -(10**15)],
        FeatureType.SET: [set_text(items) for items in ([], ["Pune"], ["gold", "it's"], ["", "a\\b"])],
    }
    return [
        {
            **{
                name: chance.choice(COORDINATES if name in ("home.lat", "home.lon") else values[each.type])
                if chance.random() > 0.33
                else None
                for name, each in CATALOGUE.items()
            },
            **{key: True for key in SETS if chance.random() > 0.5},
        }
        for _ in range(count)
    ]


PROFILES = some_profiles(120)
NOBODY: Profile = {}


def table_of_profiles() -> tuple[str, list[list[object]]]:
    columns = ", ".join(f'"{each.name}" {SQL_TYPES[each.type]}' for each in CATALOGUE.values())
    rows = [[number, *(profile[name] for name in CATALOGUE)] for number, profile in enumerate(PROFILES)]
    return f"CREATE TABLE profile (subscriber_no BIGINT, {columns})", rows


CREATE_MEMBERSHIP = "CREATE TABLE membership (set_key TEXT, subscriber_no BIGINT)"
MEMBERSHIP: list[tuple[str, int]] = [
    (key, number) for number, profile in enumerate(PROFILES) for key in SETS if key in profile
]


@pytest.fixture(scope="module")
def ask_sqlite() -> Iterator[Callable[[Rule], Answers]]:
    create, rows = table_of_profiles()
    with sqlite3.connect(":memory:") as connection:
        connection.execute(create)
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO profile VALUES ({marks})", rows)
        connection.execute(CREATE_MEMBERSHIP)
        connection.executemany("INSERT INTO membership VALUES (?, ?)", MEMBERSHIP)

        def ask(rule: Rule) -> Answers:
            condition, parameters = rule.sql(SqlDialect.SQLITE, now_us=NOW_US)
            found = connection.execute(f"SELECT {condition} FROM profile ORDER BY subscriber_no", parameters)
            return [None if answer is None else bool(answer) for (answer,) in found]

        yield ask


@pytest.fixture(scope="module")
def ask_duckdb() -> Iterator[Callable[[Rule], Answers]]:
    create, rows = table_of_profiles()
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.execute(create)
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO profile VALUES ({marks})", rows)
        connection.execute(CREATE_MEMBERSHIP)
        connection.executemany("INSERT INTO membership VALUES (?, ?)", MEMBERSHIP)

        def ask(rule: Rule) -> Answers:
            condition, parameters = rule.sql(SqlDialect.DUCKDB, now_us=NOW_US)
            found = connection.execute(f"SELECT {condition} FROM profile ORDER BY subscriber_no", parameters)
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
    loop.run_until_complete(connection.execute(CREATE_MEMBERSHIP))
    loop.run_until_complete(connection.executemany("INSERT INTO membership VALUES ($1, $2)", MEMBERSHIP))

    def ask(rule: Rule) -> Answers:
        condition, parameters = rule.sql(SqlDialect.POSTGRESQL, now_us=NOW_US)
        query = f"SELECT {condition} FROM profile ORDER BY subscriber_no"
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
DURATION_LITERALS = st.sampled_from(["0s", "24h", "1h30m", "-1.5s", "30d"]).map(
    lambda text: f'duration("{text}")'
)
MOMENTS = st.one_of(
    st.sampled_from(NAMES[FeatureType.TIMESTAMP]),
    st.sampled_from(["now()", 'timestamp("2027-01-15T08:00:00Z")', 'timestamp("1970-01-01T05:30:00+05:30")']),
)
DURATIONS = st.one_of(
    DURATION_LITERALS,
    st.tuples(MOMENTS, MOMENTS).map(lambda two: f"({two[0]} - {two[1]})"),
    st.tuples(DURATION_LITERALS, DURATION_LITERALS).map(" + ".join).map("({})".format),
)
DATES = st.one_of(
    st.sampled_from(NAMES[FeatureType.DATE]),
    st.sampled_from(['date("2027-01-15")', "today()", 'today("America/New_York")']),
)
STRING_VALUES = st.recursive(
    st.one_of(st.sampled_from(NAMES[FeatureType.STRING]), STRING_LITERALS),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} + {two[1]})"),
        st.tuples(inner, st.sampled_from(["lowerAscii", "upperAscii"])).map(
            lambda two: f"{two[0]}.{two[1]}()"
        ),
    ),
    max_leaves=2,
)
CHOICES = st.sampled_from(["prepaid", "age > 18", 'in_list("vip")'])


def numbers(leaves: st.SearchStrategy[str], signs: str) -> st.SearchStrategy[str]:
    """Arithmetic of one type of numbers."""
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(signs), inner)
            .filter(lambda parts: parts[1] not in "/%" or parts[2] not in ("0", "0.0", "-0.0"))
            .map(lambda parts: f"({' '.join(parts)})"),
            inner.map(lambda number: f"-({number})"),
            st.tuples(CHOICES, inner, inner).map(lambda three: f"({three[0]} ? {three[1]} : {three[2]})"),
        ),
        max_leaves=4,
    )


INT_NUMBERS = numbers(
    st.one_of(
        st.sampled_from(NAMES[FeatureType.INT]),
        st.sampled_from(INTS).map(str),
        STRING_VALUES.map(lambda text: f"size({text})"),
        st.sampled_from(NAMES[FeatureType.DOUBLE]).map(lambda name: f"int({name})"),
        st.tuples(DURATIONS, st.sampled_from(["getHours", "getMinutes"])).map(
            lambda two: f"({two[0]}).{two[1]}()"
        ),
        st.sampled_from(
            [
                "days_since(test.joined_on)",
                "days_since(test.seen_at)",
                'days_since("top_up")',
                'now().getHours("Asia/Kolkata")',
                "now().getDayOfWeek()",
                "test.interests.size()",
            ]
        ),
    ),
    "+-*/%",
)
DOUBLE_NUMBERS = numbers(
    st.one_of(
        st.sampled_from(NAMES[FeatureType.DOUBLE]),
        st.sampled_from(DOUBLES).map(repr),
        st.sampled_from(["1e300", "1e-300", "1e100", "1e-100", "-1e-101"]),
        st.sampled_from(NAMES[FeatureType.INT]).map(lambda name: f"double({name})"),
    ),
    "+-*/",
)
NUMBERS = st.one_of(INT_NUMBERS, DOUBLE_NUMBERS)
EQUALITIES = st.sampled_from(["==", "!="])
COMPARISONS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])


def joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(" ".join)


SIMPLE_CONDITIONS = st.one_of(
    joined(NUMBERS, COMPARISONS, NUMBERS),
    joined(STRING_VALUES, COMPARISONS, STRING_VALUES),
    joined(MOMENTS, COMPARISONS, MOMENTS),
    joined(DURATIONS, COMPARISONS, DURATIONS),
    joined(DATES, COMPARISONS, DATES),
    st.tuples(STRING_VALUES, st.sampled_from(["startsWith", "endsWith", "contains"]), STRING_VALUES).map(
        lambda parts: f"{parts[0]}.{parts[1]}({parts[2]})"
    ),
    joined(STRING_VALUES, st.just("in test.interests")),
    joined(st.sampled_from(NAMES[FeatureType.STRING]), st.just("in [plan,"), STRING_VALUES, st.just("]")),
    st.sampled_from(
        [
            'within("Pune", 10)',
            "within(0.0, 180, 500)",
            "within(0, 0, 1.5)",
            'did("top_up", 2, "30d")',
            'in_list("vip")',
            """received("it's")""",
            'bought("x")',
            "has(home.city)",
            'sets.intersects(test.interests, ["gold", "tea"])',
            'sets.contains(test.interests, ["gold", plan])',
            '["P", "M"].exists(x, home.city.startsWith(x))',
            "[1, age].all(x, x > tenure_days)",
        ]
    ),
    joined(st.sampled_from(NAMES[FeatureType.STRING]), st.just("in"), lists_of(STRING_LITERALS)),
    joined(NUMBER_NAMES, st.just("in"), lists_of(NUMBER_LITERALS)),
    joined(st.sampled_from(list(CATALOGUE)), EQUALITIES, st.just("null")),
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
        st.tuples(inner, inner, inner).map(lambda three: f"(({three[0]}) ? ({three[1]}) : ({three[2]}))"),
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=CONDITIONS)
@example(text="tenure_days + 1 == 9007199254740992.0")
@example(text="tenure_days * tenure_days > 5")
@example(text="spend_30d * 1e300 * 1e300 > 5.0")
@example(text="data_mb_30d * 1e-300 < 5.0")  # an int that no double holds
@example(text="age in [18, 30.0]")
@example(text="2147483647 + 2147483647 > age")
def test_sql_and_python_agree(
    text: str, ask_sqlite: Callable[[Rule], Answers], ask_duckdb: Callable[[Rule], Answers]
) -> None:
    rule = compile_rule(text, VOCABULARY)
    function = rule.function()
    in_python = [function(profile, NOW_US) for profile in PROFILES]
    assert in_python == ask_sqlite(rule), text
    assert in_python == ask_duckdb(rule), text


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=CONDITIONS)
def test_postgresql_agrees_too(text: str, ask_postgresql: Callable[[Rule], Answers]) -> None:
    rule = compile_rule(text, VOCABULARY)
    function = rule.function()
    assert [function(profile, NOW_US) for profile in PROFILES] == ask_postgresql(rule), text


@settings(max_examples=100, deadline=None)
@given(text=CONDITIONS)
def test_every_rule_can_be_said_in_words_and_asked_of_nobody(text: str) -> None:
    rule = compile_rule(text, VOCABULARY)
    assert rule.words().startswith("people ")
    assert rule.function()(NOBODY, NOW_US) in (True, False, None)
    json.dumps(rule.sql(now_us=NOW_US)[1])


WORDS = [
    "age",
    "plan",
    "prepaid",
    "&&",
    "||",
    "!",
    "(",
    ")",
    "[",
    "]",
    ",",
    "in",
    "==",
    "<",
    "-",
    "+",
    "*",
    "/",
    "%",
    "?",
    ":",
    "3",
    "2.5",
    '"x"',
    "'y'",
    "null",
    "true",
    ".",
    "home.city",
    "f(",
    "has(",
    "size(",
    ".exists(x,",
    "days_since(",
    "did(",
    '"30d"',
    "now()",
]


def outcome_of(text: str) -> Rule | RuleError:
    try:
        return compile_rule(text, VOCABULARY)
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
    assert outcome.function()(NOBODY, NOW_US) in (True, False, None)
    assert compile_rule(" \n" + text, VOCABULARY).sql(now_us=NOW_US) == outcome.sql(now_us=NOW_US)


@given(text=st.text(st.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"]), max_size=40))
def test_a_string_survives_being_written_and_read(text: str) -> None:
    assert tokenise(written_string(text))[0].value == text
