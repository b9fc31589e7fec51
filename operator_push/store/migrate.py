"""Migrate: bring a store's tables to the form that this version of the product needs.

Each function opens the database by its URL and closes it again; one run is one transaction on SQLite and
PostgreSQL alike, so a failed upgrade leaves the store as it was. A server must not run meanwhile.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from operator_push.kernel.errors import OperatorError
from operator_push.store.database import Database

_FOLDER = Path(__file__).parent / "migrations"


def upgrade(url: str, revision: str = "head") -> str:
    """Run the revisions that are missing, and return the one that the store has now; harmless to repeat.

    Raises:
        OperatorError: the URL is wrong, or the store was made by a newer version of the product.
    """

    def work(connection: Connection) -> str:
        _refuse_unknown(connection)
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
    return str(ScriptDirectory(str(_FOLDER)).get_current_head())


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for a connection that is in a transaction; users need no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


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
    known = {script.revision for script in ScriptDirectory(str(_FOLDER)).walk_revisions()}
    if stored is not None and stored not in known:
        raise OperatorError(
            f"the store has revision {stored}, which this version does not know: "
            "it was made by a newer version of operator-push; install that one, or restore a backup"
        )


def _stored_revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
