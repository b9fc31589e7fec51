"""Database: one facade over SQLite and PostgreSQL, so that each store function is written once.

Laws: a store function is a plain function over `sqlalchemy.Connection`; `run` is one transaction, durable
when it returns. A Database belongs to the thread that opened it: the connection and, on PostgreSQL, the
event loop that drives it live there, so it must not be opened where another event loop runs (the reactor's
thread). No table, statement or retry is known here.
"""

import asyncio
import os
import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from sqlalchemy import URL, Connection, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from operator_push.kernel.errors import OperatorError
from operator_push.store.database_errors import (
    POSTGRESQL_CONNECT_ERRORS,
    postgresql_connect_error,
    postgresql_error,
    sqlite_error,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")

URL_FORMS = "sqlite:////absolute/path/file.db or postgresql://user:password@host:5432/database"
SQLITE_BUSY_TIMEOUT_MS = 10_000  # Ours: longer than any of our own transactions holds the write lock.
# Ours: 64 MiB of log. SQLite's own 1,000 pages would checkpoint all the time under load.
SQLITE_CHECKPOINT_PAGES = 16_000
SQLITE_STATEMENTS_KEPT = 512  # Ours: seven sizes of batch for each table, and everything else.
POSTGRESQL_CONNECT_TIMEOUT_S = 10


class Database(ABC):
    """A database of the store; made by `Database.open`."""

    dialect_name: ClassVar[str]

    def __init__(self, url: URL) -> None:
        self._shown_url = url.render_as_string(hide_password=True)
        self._owner = threading.get_ident()

    @classmethod
    def open(cls, url: str) -> "Database":
        """Connect to `sqlite:////path/file.db` (made where missing) or `postgresql://user@host:port/db`.

        Raises:
            OperatorError: the URL, the folder, the login or the database is wrong.
            ResourceError: the database does not answer now.
        """
        parsed = _parse_url(url)
        database: Database
        if parsed.get_backend_name() == "sqlite":
            database = _SqliteDatabase(parsed)
        else:
            database = _PostgresqlDatabase(parsed)
        try:
            database.read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar())
        except BaseException:
            database.close()
            raise
        return database

    def run(self, work: Callable[[Connection], T]) -> T:
        """One transaction: committed and durable on return, rolled back where `work` raises.

        Raises:
            ResourceError: locked, full or gone. Where the connection broke in COMMIT itself nobody knows
                whether it happened; the same rows written again are then refused by their keys.
        """
        self._check_owner()
        return self._transact(work, writes=True)

    def read(self, work: Callable[[Connection], T]) -> T:
        """One transaction that sees one state of the database throughout and cannot write.

        Raises:
            ResourceError: the database is locked or gone.
        """
        self._check_owner()
        return self._transact(work, writes=False)

    @abstractmethod
    def close(self) -> None:
        """Close the connection; a second call does nothing."""

    @abstractmethod
    def _transact(self, work: Callable[[Connection], T], *, writes: bool) -> T: ...

    def _check_owner(self) -> None:
        if threading.get_ident() != self._owner:
            raise RuntimeError("this Database belongs to another thread; each thread opens its own")


class _SqliteDatabase(Database):
    """One connection for the whole life: taking it from a pool costs as much as a small transaction."""

    dialect_name = "sqlite"

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        self._query_only = False
        self._connection: Connection | None = None
        _make_sqlite_file(Path(cast(str, url.database)))
        # The thread is checked by ourselves, and closing at the end of a program may happen elsewhere.
        self._engine = create_engine(
            url,
            connect_args={"check_same_thread": False, "cached_statements": SQLITE_STATEMENTS_KEPT},
            hide_parameters=True,  # rows hold numbers and texts, which no log may show
        )
        event.listen(self._engine, "connect", _prepare_sqlite)

    def _transact(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        # The driver is told BEGIN and COMMIT by ourselves: SQLAlchemy's objects and events for a transaction
        # cost a commit of the hot path, whose statements go past SQLAlchemy, more than its balances do.
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            driver_connection = cast(sqlite3.Connection, self._connection.connection.driver_connection)
            self._begin(driver_connection, writes)
            try:
                outcome = work(self._connection)
                if self._connection.in_transaction():
                    self._connection.commit()  # what SQLAlchemy began for itself, which ends ours too
                else:
                    driver_connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                driver_connection.rollback()
                raise
            return outcome
        except (DBAPIError, sqlite3.Error) as error:
            raise sqlite_error(error, self._shown_url, writes) from error

    def _begin(self, driver_connection: sqlite3.Connection, writes: bool) -> None:
        query_only = not writes
        if query_only != self._query_only:
            driver_connection.execute(f"PRAGMA query_only={int(query_only)}")
            self._query_only = query_only
        # IMMEDIATE takes the write lock at once: a transaction that reads first and writes later would fail
        # where another process wrote in between, whatever the busy time-out.
        driver_connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._engine.dispose()


class _PostgresqlDatabase(Database):
    dialect_name = "postgresql"

    def __init__(self, url: URL) -> None:
        # It brings the whole ORM along: time that a start on SQLite need not spend.
        from sqlalchemy.ext.asyncio import create_async_engine

        super().__init__(url)
        self._loop = _new_event_loop()
        self._engine: AsyncEngine = create_async_engine(
            url.set(drivername="postgresql+asyncpg"),
            pool_size=1,
            max_overflow=0,
            hide_parameters=True,
            connect_args={
                "timeout": POSTGRESQL_CONNECT_TIMEOUT_S,
                "server_settings": {
                    "application_name": "operator-push",
                    "synchronous_commit": "on",
                    "timezone": "UTC",
                    "jit": "off",  # the driver's look-ups of types cost seconds under JIT
                },
            },
        )

    def _transact(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        return self._loop.run_until_complete(self._transact_in_loop(work, writes))

    async def _transact_in_loop(self, work: Callable[[Connection], T], writes: bool) -> T:
        connection = await self._connect()
        try:
            if not writes:
                await connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            async with connection.begin():
                return await connection.run_sync(work)
        except (DBAPIError, ConnectionError) as error:
            raise postgresql_error(error, self._shown_url) from error
        finally:
            await connection.close()

    async def _connect(self) -> "AsyncConnection":
        try:
            return await self._engine.connect()
        except POSTGRESQL_CONNECT_ERRORS as error:
            raise postgresql_connect_error(error, self._shown_url) from error

    def close(self) -> None:
        if not self._loop.is_closed():
            self._loop.run_until_complete(self._engine.dispose())
            self._loop.close()


def _parse_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        without_login = url.rpartition("@")[2]
        raise OperatorError(f"{without_login!r} is not a database URL; write {URL_FORMS}") from error
    if parsed.drivername in ("sqlite", "postgresql") and parsed.database and parsed.database != ":memory:":
        return parsed
    shown = parsed.render_as_string(hide_password=True)
    raise OperatorError(f"{shown} is not a database that we can use; write {URL_FORMS}")


def _make_sqlite_file(path: Path) -> None:
    """Make the file with rights for its owner alone: it holds who is who. SQLite's log inherits them.

    One that is there is never opened here: to close it again would drop every POSIX lock that this process
    has on it. The next program that closes the store would take itself for the last, and remove the log into
    which a connection of ours still writes.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        if path.is_dir() or not os.access(path, os.R_OK | os.W_OK):
            raise OperatorError(
                "cannot open the database file: it is a folder, or not ours to write", file=str(path)
            ) from None
    except OSError as error:
        raise OperatorError(f"cannot open the database file: {error.strerror}", file=str(path)) from error


def _prepare_sqlite(driver_connection: sqlite3.Connection, record: object) -> None:
    driver_connection.isolation_level = None  # transactions begin where we say so, DDL included
    driver_connection.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_TIMEOUT_MS}")
    (mode,) = driver_connection.execute("PRAGMA journal_mode=WAL").fetchone()
    if mode != "wal":
        raise OperatorError(
            f"SQLite cannot keep a write-ahead log here (journal_mode is {mode}); "
            "use a local disk, or PostgreSQL"
        )
    driver_connection.execute("PRAGMA synchronous=FULL")
    driver_connection.execute("PRAGMA foreign_keys=ON")
    driver_connection.execute(f"PRAGMA wal_autocheckpoint={SQLITE_CHECKPOINT_PAGES}")


def _new_event_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop  # a tenth less CPU per batch; absent on some platforms
    except ImportError:
        return asyncio.new_event_loop()
    return cast(asyncio.AbstractEventLoop, uvloop.new_event_loop())
