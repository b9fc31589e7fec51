"""Rows are stored as they were given, whatever the batches before them had alike."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, Text, delete, select

from operator_push.store import sqlite_inserts
from operator_push.store.database import Database
from operator_push.store.sqlite_inserts import ROWS_TO_LEARN_FROM, insert_on_sqlite, many_rows_statement

TABLE = Table(
    "thing",
    MetaData(),
    Column("shard", BigInteger()),
    Column("number", BigInteger(), primary_key=True),
    Column("name", Text()),
    Column("trail", LargeBinary()),
    Column("body", LargeBinary()),
)
Batch = list[tuple[int, int, str, bytes | None, bytes | None]]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database.open(f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.db'}")
    database.run(lambda connection: TABLE.create(connection))
    yield database
    database.close()


def kept(database: Database, batches: list[Batch]) -> Batch:
    """What the table holds after these batches, in a transaction each."""
    database.run(lambda connection: connection.execute(delete(TABLE)))
    for rows in batches:
        database.run(lambda connection, rows=rows: insert_on_sqlite(connection, TABLE, rows, ""))
    return database.read(
        lambda connection: [tuple(row) for row in connection.execute(select(TABLE).order_by("number"))]
    )


def batch(start: int, values: list[tuple[int, str, bytes | None, bytes | None]]) -> Batch:
    return [(shard, start + at, *others) for at, (shard, *others) in enumerate(values)]  # type: ignore[misc]


ONE = st.tuples(
    st.sampled_from([0, 0, 0, 1]),
    st.sampled_from(["", "a"]),
    st.sampled_from([None, b"", b"\0\1"]),
    st.sampled_from([b"x", b"y"]),
)


@settings(max_examples=60, deadline=None)
@given(
    batches=st.lists(
        st.one_of(
            st.lists(ONE, min_size=1, max_size=70),
            st.tuples(ONE, st.integers(1, 130)).map(lambda drawn: [drawn[0]] * drawn[1]),
        ),
        max_size=5,
    ),
    anew=st.booleans(),
)
def test_rows_are_stored_as_given(database: Database, batches, anew: bool) -> None:
    if anew:
        sqlite_inserts._usual.cache_clear()
    given_rows = [batch(1_000 * at, values) for at, values in enumerate(batches)]
    assert kept(database, given_rows) == [row for rows in given_rows for row in rows]


def test_what_all_rows_have_alike_is_bound_once(database: Database) -> None:
    sqlite_inserts._usual.cache_clear()
    usual = sqlite_inserts._usual(TABLE)
    rows = batch(0, [(0, "a", None, b"x")] * ROWS_TO_LEARN_FROM)
    kept(database, [rows])
    assert usual._form.alike == (0, 2, 3, 4)
    flat = [value for row in rows for value in row]
    assert len(usual._form.values(flat, 5)) == 5 + ROWS_TO_LEARN_FROM - 1


def test_a_form_only_loses_columns_until_it_is_learnt_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_inserts, "BATCHES_A_FORM", 3)
    sqlite_inserts._usual.cache_clear()
    usual = sqlite_inserts._usual(TABLE)
    same = [(0, "a", None, b"x")] * ROWS_TO_LEARN_FROM
    seen = []
    for at, values in enumerate([same, [*same, (0, "b", None, b"x")], same, same]):
        kept(database, [batch(100 * at, values)])
        seen.append(usual._form.alike)
    assert seen == [(0, 2, 3, 4), (0, 3, 4), (0, 3, 4), (0, 2, 3, 4)]


def test_a_statement_names_what_is_alike_by_its_place_in_the_first_row() -> None:
    statement = many_rows_statement(TABLE, 3, alike=(0, 2))
    rest = "(?1, ?, ?3, ?, ?)"
    assert statement.endswith(f" VALUES (?, ?, ?, ?, ?), {rest}, {rest}")
