"""Migrate: bring a store's tables to the form that this version of the product needs.

Each function opens the database by its URL and closes it again; one run is one transaction on SQLite and
PostgreSQL alike, so a failed upgrade leaves the store as it was. A server must not run meanwhile.

A revision is known by its file's name (r0001_….py is "0001"), so that a store that is up to date is known as
such without loading Alembic: half a second of every start and command.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect

from operator_push.kernel.errors import OperatorError
from operator_push.store import schema
from operator_push.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "head"
_FOLDER = Path(__file__).parent / "migrations"
_FILE_NAME = re.compile(r"r(\d{4})_\w+\.py")


def upgrade(url: str, revision: str = HEAD) -> str:
    """Run the revisions that are missing, and return the one that the store has now; harmless to repeat.

    A store without a table gets them as `schema` has them, which is what all revisions come to (a test holds
    the two together) and takes a fifth of the time.

    Raises:
        OperatorError: the URL is wrong, or the store was made by a newer version of the product.
    """

    def work(connection: Connection) -> str:
        _refuse_unknown(connection)
        stored = _stored_revision(connection)
        if stored is None and revision == HEAD and not inspect(connection).get_table_names():
            _create(connection)
        elif stored != newest():
            from alembic import command

            command.upgrade(alembic_config(connection), revision)
        return _stored_revision(connection) or ""

    database = Database.open(url)
    try:
        return database.run(work)
    finally:
        database.close()


def current(url: str) -> str | None:
    """The revision of the store's tables, None where it has none."""
    database = Database.open(url)
    try:
        return database.read(_stored_revision)
    finally:
        database.close()


def check(url: str) -> None:
    """Make sure that the store has the form that this version needs.

    Raises:
        OperatorError: it has not; the message says what to do.
    """
    database = Database.open(url)
    try:
        database.read(_refuse_other)
    finally:
        database.close()


def newest() -> str:
    """The revision that this version of the product needs."""
    return max(known())


def known() -> set[str]:
    """Every revision that this version of the product knows."""
    names = (_FILE_NAME.fullmatch(path.name) for path in (_FOLDER / "versions").iterdir())
    return {name[1] for name in names if name}


def alembic_config(connection: Connection) -> "Config":
    """Alembic's configuration for a connection that is in a transaction; users need no alembic.ini."""
    from alembic.config import Config

    if not connection.in_transaction():
        connection.begin()  # so that Alembic sees the Database's transaction, and leaves COMMIT to it
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _create(connection: Connection) -> None:
    schema.metadata.create_all(connection)
    version = Table(  # as Alembic makes it
        "alembic_version",
        MetaData(),
        Column("version_num", String(32), nullable=False),
        PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
    )
    version.create(connection)
    connection.execute(version.insert().values(version_num=newest()))


def _refuse_other(connection: Connection) -> None:
    _refuse_unknown(connection)
    stored = _stored_revision(connection)
    if stored != newest():
        has = f"revision {stored}" if stored else "no tables yet"
        raise OperatorError(
            f"the store has {has}, this version needs {newest()}: operator-push serve brings it up to date"
        )


def _refuse_unknown(connection: Connection) -> None:
    stored = _stored_revision(connection)
    if stored is not None and stored not in known():
        raise OperatorError(
            f"the store has revision {stored}, which this version does not know: "
            "it was made by a newer version of operator-push; install that one, or restore a backup"
        )


def _stored_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)
