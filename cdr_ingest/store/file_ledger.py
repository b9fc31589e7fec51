"""File ledger: which files were read, by which run, with which counts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, create_engine, event, insert, select
from sqlalchemy.pool import NullPool

from cdr_ingest.store.migrate import upgrade
from cdr_ingest.store.schema import ingested_file, run


@dataclass(frozen=True, slots=True)
class RunRow:
    """A finished run as the ledger keeps it; columns as in `store.schema`."""

    run_no: int
    started_at_us: int
    finished_at_us: int
    as_of: str
    zone: str
    pseudonym_key_id: str
    permission_sequence: int
    read: int
    accepted: int
    rejected: int
    duplicates: int
    not_permitted: int
    profiles: int


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file that a run read."""

    content_sha256: str
    name: str
    kind: str
    octets: int
    read: int
    accepted: int
    rejected: int
    duplicates: int
    not_permitted: int


class FileLedger:
    """The ledger of one output folder; opened, used and closed by one thread."""

    def __init__(self, path: Path) -> None:
        self._engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
        event.listen(self._engine, "connect", _set_pragmas)
        with self._engine.begin() as connection:
            upgrade(connection)

    def __enter__(self) -> "FileLedger":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.dispose()

    def runs(self) -> list[RunRow]:
        """All finished runs, oldest first."""
        with self._engine.begin() as connection:
            return [RunRow(**row._mapping) for row in connection.execute(select(run).order_by(run.c.run_no))]

    def last_run(self) -> RunRow | None:
        """The run that counts, or None before the first."""
        runs = self.runs()
        return runs[-1] if runs else None

    def files_seen(self) -> dict[str, int]:
        """Content hash → number of the run that read it."""
        with self._engine.begin() as connection:
            rows = connection.execute(select(ingested_file.c.content_sha256, ingested_file.c.run_no))
            return {row.content_sha256: row.run_no for row in rows}

    def commit(self, finished: RunRow, files: Sequence[FileRow]) -> None:
        """Make a run count: its row and its files in one durable transaction."""
        with self._engine.begin() as connection:
            _write(connection, finished, files)


def _write(connection: Connection, finished: RunRow, files: Sequence[FileRow]) -> None:
    connection.execute(insert(run), asdict(finished))
    if files:
        connection.execute(
            insert(ingested_file), [asdict(file) | {"run_no": finished.run_no} for file in files]
        )


def _set_pragmas(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()
