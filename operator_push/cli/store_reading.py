"""Reading the store of a configuration beside its running server: one moment of it, changing nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, make_url

from operator_push.config import Settings
from operator_push.kernel.errors import OperatorError
from operator_push.store import migrate
from operator_push.store.database import Database

T = TypeVar("T")


@contextmanager
def open_store(settings: Settings) -> Iterator[Database]:
    """The store of a configuration, for commands that also write what no server keeps in memory.

    Raises:
        OperatorError: there is no store yet, or it is one of another version.
        ResourceError: the database does not answer now.
    """
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise OperatorError(
            "there is no store yet; `operator-push serve` makes it at its first start", file=url.database
        )
    migrate.check(settings.database_url)
    database = Database.open(settings.database_url)
    try:
        yield database
    finally:
        database.close()


def read_store(settings: Settings, work: Callable[[Connection], T]) -> T:
    """What `work` answers within one reading transaction.

    Raises:
        OperatorError: there is no store yet, or it is one of another version.
        ResourceError: the database cannot be read now.
    """
    with open_store(settings) as database:
        return database.read(work)
