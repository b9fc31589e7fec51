"""Memory: OUT/triggers/triggers.db, what is known of people by their subscriber number, and how far all is.

SQLite, one connection, one thread. Law: everything that one arrival changes is one durable transaction, the
position in its source and the events that it gave among it. Events wait here until the journal has them.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from operator_push.kernel.errors import OperatorError

_VERSION = 1
_SCHEMA = """
CREATE TABLE known (  -- the last value of a person: areas, network, balance, tac, os, plan
    subscriber_no INTEGER, what TEXT, value TEXT NOT NULL, at_us INTEGER NOT NULL, purposes INTEGER NOT NULL,
    PRIMARY KEY (subscriber_no, what)) WITHOUT ROWID;
CREATE TABLE told (  -- when something was told of a person last, for its rest
    subscriber_no INTEGER, trigger TEXT, key TEXT, at_us INTEGER NOT NULL, purposes INTEGER NOT NULL,
    PRIMARY KEY (subscriber_no, trigger, key)) WITHOUT ROWID;
CREATE TABLE seen (  -- records that set something off, for as long as another copy of one could
    subscriber_no INTEGER, record_key INTEGER, what TEXT, at_us INTEGER NOT NULL,
    PRIMARY KEY (subscriber_no, record_key, what)) WITHOUT ROWID;
CREATE TABLE event (sequence INTEGER PRIMARY KEY AUTOINCREMENT, read_us INTEGER NOT NULL, line BLOB NOT NULL);
CREATE TABLE source (name TEXT PRIMARY KEY, cursor TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE arrived (
    source TEXT, name TEXT, version TEXT, PRIMARY KEY (source, name, version)) WITHOUT ROWID;
CREATE TABLE said (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_KEYS_MAX = 500  # Ours: parameters of one statement


class Known(NamedTuple):
    """A row of `known`."""

    subscriber_no: int
    what: str
    value: str
    at_us: int
    purposes: int


class ToldRow(NamedTuple):
    """A row of `told`."""

    subscriber_no: int
    trigger: str
    key: str
    at_us: int
    purposes: int


class Memory:
    """The database of one out folder."""

    def __init__(self, path: Path) -> None:
        """Open it, or make it.

        Raises:
            OperatorError: a later version of this program made it.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version > _VERSION:
            raise OperatorError(f"was made by a later version of cdr-ingest ({version})", file=str(path))
        if not version:
            self._connection.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version = {_VERSION};COMMIT;")

    def __enter__(self) -> Self:
        self._connection.execute("BEGIN IMMEDIATE")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The transaction ends: durable, or as if it had not begun."""
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    # -- people ------------------------------------------------------------------------------------------

    def known(self, people: Iterable[int]) -> dict[tuple[int, str], Known]:
        """Everything that is known of these people."""
        asked = "SELECT subscriber_no, what, value, at_us, purposes FROM known WHERE subscriber_no IN"
        rows = (Known(*row) for row in self._of(people, asked))
        return {(row.subscriber_no, row.what): row for row in rows}

    def told(self, people: Iterable[int]) -> dict[tuple[int, str, str], int]:
        """(who, trigger, key) → when it was told last."""
        asked = "SELECT subscriber_no, trigger, key, at_us FROM told WHERE subscriber_no IN"
        return {(who, trigger, key): at_us for who, trigger, key, at_us in self._of(people, asked)}

    def saw(self, subscriber_no: int, record_key: int, what: str, at_us: int) -> bool:
        """Remember a record; False where it is remembered already."""
        # Unsigned keys of 64 bits; SQLite's are signed.
        row = subscriber_no, record_key - (1 << 63), what, at_us
        return self._connection.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?)", row).rowcount > 0

    def learn(self, known: Sequence[Known], told: Sequence[ToldRow]) -> None:
        """Put rows in the place of what there was."""
        self._connection.executemany("INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?, ?)", known)
        self._connection.executemany("INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?, ?)", told)

    def plans_ending(self, first_day: int, last_day: int, limit: int, after: int) -> list[Known]:
        """People behind number `after` whose plan ends in these days (since 1970), by their numbers."""
        asked = (
            "SELECT subscriber_no, what, value, at_us, purposes FROM known WHERE subscriber_no > ?"
            " AND what = 'plan' AND CAST(value AS INTEGER) BETWEEN ? AND ? ORDER BY subscriber_no LIMIT ?"
        )
        rows = self._connection.execute(asked, [after, first_day, last_day, limit])
        return [Known(*row) for row in rows]

    def keep_only(self, permits: Any) -> int:
        """Forget what people do not permit any more; how many rows. `permits`: an array of purposes by
        subscriber number, 0 beyond its end."""
        gone = 0
        for table in ("known", "told"):
            asked = f"SELECT DISTINCT subscriber_no, purposes FROM {table}"
            bad = [
                (number, purposes)
                for number, purposes in self._connection.execute(asked)
                if number >= len(permits) or int(permits[number]) & purposes != purposes
            ]
            statement = f"DELETE FROM {table} WHERE subscriber_no = ? AND purposes = ?"
            gone += max(0, self._connection.executemany(statement, bad).rowcount) if bad else 0
        return gone

    # -- events ------------------------------------------------------------------------------------------

    def last_sequence(self) -> int:
        """That of the newest event, whether it still waits or not."""
        asked = "SELECT seq FROM sqlite_sequence WHERE name = 'event'"
        found = self._connection.execute(asked).fetchone()
        return int(found[0]) if found else 0

    def add_events(self, rows: Sequence[tuple[int, int, bytes]]) -> None:
        """New events: (sequence, read_us, line)."""
        self._connection.executemany("INSERT INTO event VALUES (?, ?, ?)", rows)

    def events_after(self, sequence: int, limit: int) -> list[tuple[int, int, bytes]]:
        """(sequence, read_us, line) of events that wait, in order."""
        asked = "SELECT sequence, read_us, line FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?"
        return self._connection.execute(asked, [sequence, limit]).fetchall()

    def forget_events(self, until: int) -> None:
        """The journal has these."""
        self._connection.execute("DELETE FROM event WHERE sequence <= ?", [until])

    # -- sources -----------------------------------------------------------------------------------------

    def cursor(self, source: str) -> str:
        """How far a source is read; empty before its first arrival."""
        asked = "SELECT cursor FROM source WHERE name = ?"
        found = self._connection.execute(asked, [source]).fetchone()
        return found[0] if found else ""

    def has(self, source: str, name: str, version: str) -> bool:
        """Whether an arrival was read already."""
        asked = "SELECT 1 FROM arrived WHERE source = ? AND name = ? AND version = ?"
        return self._connection.execute(asked, [source, name, version]).fetchone() is not None

    def note(self, source: str, name: str, version: str, cursor: str) -> None:
        """An arrival was read. A source with positions needs no list of what it gave."""
        if cursor:
            self._connection.execute("INSERT OR REPLACE INTO source VALUES (?, ?)", [source, cursor])
        else:
            self._connection.execute(
                "INSERT OR IGNORE INTO arrived VALUES (?, ?, ?)", [source, name, version]
            )

    # -- upkeep ------------------------------------------------------------------------------------------

    def said(self, key: str) -> str:
        """A word of upkeep, such as the day of the last look at plans."""
        found = self._connection.execute("SELECT value FROM said WHERE key = ?", [key]).fetchone()
        return found[0] if found else ""

    def say(self, key: str, value: str) -> None:
        """Keep a word of upkeep."""
        self._connection.execute("INSERT OR REPLACE INTO said VALUES (?, ?)", [key, value])

    def forget_old(self, seen_before_us: int, told_before_us: int) -> None:
        """Forget records of which no copy can set anything off, and rests that are over."""
        self._connection.execute("DELETE FROM seen WHERE at_us < ?", [seen_before_us])
        self._connection.execute("DELETE FROM told WHERE at_us < ?", [told_before_us])

    def _of(self, people: Iterable[int], asked: str) -> Iterable[Any]:
        numbers = list(people)
        for first in range(0, len(numbers), _KEYS_MAX):
            some = numbers[first : first + _KEYS_MAX]
            marks = ",".join("?" * len(some))
            yield from self._connection.execute(f"{asked} ({marks})", some)
