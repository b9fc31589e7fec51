"""SQLite inserts: many rows a statement, and what all of them say alike bound once.

A value costs the driver more than the database: it is looked at, bound and copied for itself. The rows of one
commit come from a few accounts, on one day, and mostly with the same outcome, so most of their columns say
the same in all of them; which ones is learnt from the batches themselves.
Law: what is stored are the rows that were given. A form is only used for rows that were compared with it.
"""

import sqlite3
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import Any, cast

from sqlalchemy import Connection, LargeBinary, Table
from sqlalchemy.exc import DBAPIError

from operator_push.store.insert_texts import insert_statement

Row = tuple[Any, ...]

ROWS_A_STATEMENT = 64  # Ours: beyond it nothing is gained; 64 rows of 30 columns stay below 32,766 values.
ROWS_TO_LEARN_FROM = 16  # Ours: in fewer too much is alike by chance, and little is saved.
BATCHES_A_FORM = 1_000  # Ours: so often a table's form is learnt anew, since it only loses columns meanwhile.
STATEMENTS_KEPT = 512  # Ours: seven sizes of batch for each form of each table.


class _Form:
    """Which columns of a table say the same in all rows of a batch: `alike`; the others are `rest`."""

    __slots__ = ("_octets", "_octets_of_rest", "alike", "rest")

    def __init__(self, table: Table, alike: tuple[int, ...]) -> None:
        octets = [isinstance(column.type, LargeBinary) for column in table.columns]
        self.alike = alike
        self.rest = tuple(place for place in range(len(octets)) if place not in alike)
        self._octets = tuple(place for place, is_octets in enumerate(octets) if is_octets)
        self._octets_of_rest = tuple(at for at, place in enumerate(self.rest) if octets[place])

    def values(self, flat: list[Any], width: int) -> list[Any]:
        """What is bound for rows one after the other that agree in `alike`: the whole first row, and of the
        others what may differ. Columns are moved, not rows: a slice costs a tenth of a loop."""
        if not self.alike:
            _make_bindable(flat, self._octets, width)
            return flat
        first, narrow = flat[:width], len(self.rest)
        _make_bindable(first, self._octets, width)
        others: list[Any] = [None] * ((len(flat) // width - 1) * narrow)
        for at, place in enumerate(self.rest):
            others[at::narrow] = flat[width + place :: width]
        _make_bindable(others, self._octets_of_rest, narrow)
        return first + others


class _Usual:
    """The form of a table's batches: learnt from one, without what another one contradicts from then on."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._plain = self._form = _Form(table, ())
        self._batches = 0

    def form_for(self, flat: list[Any], rows: int) -> _Form:
        """The form to write a batch by, whose rows stand one after the other."""
        if rows < ROWS_TO_LEARN_FROM:
            return self._plain
        width = len(flat) // rows
        self._batches += 1
        anew = self._batches % BATCHES_A_FORM == 1
        among: Sequence[int] = range(width) if anew else self._form.alike
        alike = tuple([place for place in among if flat[place::width].count(flat[place]) == rows])
        if alike != self._form.alike:
            self._form = _Form(self._table, alike)
        return self._form


@cache
def _usual(table: Table) -> _Usual:
    return _Usual(table)


def insert_on_sqlite(connection: Connection, table: Table, rows: Sequence[Row], on_conflict: str) -> None:
    """By 64, then 32, 16 … 1: seven statements a form for the driver to remember, whatever the batch.

    Raises:
        sqlalchemy.exc.IntegrityError: a key exists already; the transaction is lost.
    """
    driver_connection = cast(sqlite3.Connection, connection.connection.driver_connection)
    flat = list(chain.from_iterable(rows))
    at, count, size, width = 0, len(rows), ROWS_A_STATEMENT, len(rows[0])
    form = _usual(table).form_for(flat, count)
    while at < count:
        while size > count - at:
            size //= 2
        statement = many_rows_statement(table, size, on_conflict, form.alike)
        try:
            driver_connection.execute(statement, form.values(flat[at * width : (at + size) * width], width))
        except sqlite3.Error as error:
            raise cast(Exception, _as_sqlalchemy_tells(statement, error)) from error
        at += size


def bound_at_once(octets: bytes | None) -> bytearray | None:
    """Octets as sqlite3 takes them without asking: for `bytes` it first looks for an adapter, by way of an
    exception, which costs more than the copy; of a bytearray it knows that there is none."""
    return None if octets is None else bytearray(octets)


def _make_bindable(flat: list[Any], octets: tuple[int, ...], width: int) -> None:
    for place in octets:
        flat[place::width] = map(bound_at_once, flat[place::width])


@lru_cache(STATEMENTS_KEPT)
def many_rows_statement(table: Table, rows: int, on_conflict: str = "", alike: tuple[int, ...] = ()) -> str:
    """SQLite's INSERT of so many rows at once, every column in order; the columns `alike` of all rows are
    those of the first, and bound with it alone.

    OR FAIL: what a failed statement has written stays until the transaction is rolled back, as it always is.
    Otherwise SQLite notes every page before the statement changes it, beyond 64 KiB of them in a file. Ends
    come in another order than their messages, so one statement changes many pages: a fifth of the CPU of a
    commit's rows.
    """
    width = range(len(table.columns))
    first = f"({', '.join('?' for _ in width)})"
    other = f"({', '.join(f'?{place + 1}' if place in alike else '?' for place in width)})"
    head = insert_statement(table, "sqlite").partition(" VALUES ")[0].replace("INSERT", "INSERT OR FAIL", 1)
    return f"{head} VALUES {', '.join([first] + [other] * (rows - 1))}{on_conflict}"


def _as_sqlalchemy_tells(statement: str, error: sqlite3.Error) -> object:
    """An error of the driver as SQLAlchemy would have raised it, without values, which no log may show."""
    return DBAPIError.instance(statement, None, error, sqlite3.Error, hide_parameters=True)
