"""Archive reading: the rows of archived days, through the same functions that read the hot ones.

An archive is one SQLite file for one day of one shard, with the tables of store.archive.ARCHIVED in the form
that they had in the store on that day. It is opened read-only and never waits for anybody; columns that
tables have got since are there for its readers, with what stands in them for older rows.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Column, Connection, DefaultClause, Table, create_engine, func, select
from sqlalchemy.pool import NullPool

from operator_push.kernel.errors import OperatorError
from operator_push.store import schema
from operator_push.store.archive_tables import archived_day

T = TypeVar("T")


class ArchivedDay(msgspec.Struct, frozen=True):
    """A day whose rows are in a file. `day` counts from 1970; sums are those of its messages."""

    day: int
    folder: str
    file: str
    messages: int
    row_count: int
    held_micros: int
    settled_micros: int
    released_micros: int
    archived_us: int
    cleared_us: int

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.folder) / self.file


def archived_days(connection: Connection, shard: int) -> list[ArchivedDay]:
    """Every archived day of a shard, oldest first; [] in an archive itself, which knows of no other."""
    if connection.info.get("is_archive"):
        return []
    row = archived_day.c
    names = ArchivedDay.__struct_fields__
    statement = select(*(row[name] for name in names)).where(row.shard == shard).order_by(row.day)
    return [ArchivedDay(*found) for found in connection.execute(statement)]


def is_archived(connection: Connection, shard: int, day: int) -> ArchivedDay | None:
    """The archive of one day, None where the day is hot."""
    row = archived_day.c
    names = ArchivedDay.__struct_fields__
    statement = select(*(row[name] for name in names)).where(row.shard == shard, row.day == day)
    found = connection.execute(statement).first()
    return ArchivedDay(*found) if found is not None else None


def highest_archived(connection: Connection, shard: int) -> tuple[int, int]:
    """(id, sequence) above which everything that the archives hold lies not; (0, 0) without archives."""
    row = archived_day.c
    statement = select(func.max(row.highest_id), func.max(row.highest_sequence)).where(row.shard == shard)
    identifier, sequence = connection.execute(statement).one()
    return int(identifier or 0), int(sequence or 0)


# Reads rows of the days from the first, up to but not including the second; None: all that follow.
ReadDays = Callable[[Connection, int, int | None], Iterator[T]]


def in_day_order(connection: Connection, shard: int, read: ReadDays[T]) -> Iterator[T]:
    """What `read` finds, day after day, hot or archived; what waits to be cleared is skipped.

    Raises:
        OperatorError: the file of an archived day is missing.
    """
    from_day = 0
    for archived in archived_days(connection, shard):
        yield from read(connection, from_day, archived.day)
        from_day = archived.day + 1
        with opened(archived) as archive:
            yield from read(archive, archived.day, from_day)
    yield from read(connection, from_day, None)


def _in_todays_form(connection: Connection, table: Table) -> None:
    """Lay a view over the table of an older archive, for this connection only, with the columns of now."""
    described = connection.exec_driver_sql(f"PRAGMA main.table_info({table.name})").all()
    known = {name for _, name, *_ in described}
    later = [column for column in table.columns if column.name not in known]
    if known and later:
        columns = ", ".join(f"{_default_of(column)} AS {column.name}" for column in later)
        connection.exec_driver_sql(
            f"CREATE TEMP VIEW {table.name} AS SELECT *, {columns} FROM main.{table.name}"
        )


def _default_of(column: Column[Any]) -> str:
    default = column.server_default
    return str(default.arg) if isinstance(default, DefaultClause) else "NULL"


@contextmanager
def opened(archived: ArchivedDay) -> Iterator[Connection]:
    """A reading connection to the archive of one day.

    Raises:
        OperatorError: the file is not where the store says that it is.
    """
    path = archived.path
    if not path.is_file():
        raise OperatorError(
            "this archived day is missing; put the file back, or set archive_dir of [retention] to its "
            "folder and run `operator-push archive run`",
            file=str(path),
        )
    with opened_file(path) as connection:
        yield connection


@contextmanager
def opened_file(path: Path) -> Iterator[Connection]:
    """A reading connection to an archive file."""
    # immutable: nobody writes it any more, so neither locks nor a log beside it are looked for.
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True),
        poolclass=NullPool,
        hide_parameters=True,
    )
    try:
        with engine.connect() as connection:
            connection.info["is_archive"] = True
            for table in (schema.message, schema.message_final):
                _in_todays_form(connection, table)
            yield connection
    finally:
        engine.dispose()
