"""File ledger: which files were seen, how far each is read, which runs ended, which record files count."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, create_engine, delete, event, func, insert, select, update
from sqlalchemy.pool import NullPool

from cdr_ingest.store.collected_files import CollectedFiles
from cdr_ingest.store.ledger_rows import FileRow, FileState, KeptRow, PartRow, RunRow, SealedRow
from cdr_ingest.store.migrate import upgrade
from cdr_ingest.store.schema import kept_file, part, run, sealed_file, source_file

_DETAIL_CHARACTERS_MAX = 1024
_COUNTS = ("read", "accepted", "rejected", "duplicates", "not_permitted")
_UNREAD: dict[str, Any] = dict.fromkeys(("octets_read", "blocks_read", *_COUNTS), 0)


class FileLedger:
    """The ledger of one output folder; opened, used and closed by one thread.

    Law: every change is one durable transaction, and `commit` alone makes a run count.
    """

    def __init__(self, path: Path) -> None:
        self._engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
        event.listen(self._engine, "connect", _set_pragmas)
        event.listen(self._engine, "begin", _begin)
        with self._engine.begin() as connection:
            upgrade(connection)
        self.collected = CollectedFiles(self._engine)

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

    def files(self) -> dict[str, FileRow]:
        """Content hash → file, in the order in which they were first seen."""
        with self._engine.begin() as connection:
            rows = connection.execute(select(source_file).order_by(source_file.c.file_id)).all()
        return {row.content_sha256: _file_row(row) for row in rows}

    def parts(self) -> list[PartRow]:
        """The checkpoints of the run at work, in their order."""
        with self._engine.begin() as connection:
            rows = connection.execute(select(part).order_by(part.c.part_no)).all()
        return [
            PartRow(
                row.part_no,
                row.kind,
                tuple(map(int, row.days.split(","))) if row.days else (),
                row.reject_octets,
                row.sealed_octets,
            )
            for row in rows
        ]

    def kept(self) -> list[KeptRow]:
        """The files of records that count, by kind and day."""
        with self._engine.begin() as connection:
            rows = connection.execute(select(kept_file).order_by(kept_file.c.kind, kept_file.c.day))
            return [KeptRow(**row._mapping) for row in rows]

    def announce(self, files: Sequence[FileRow]) -> None:
        """Files seen for the first time."""
        if files:
            with self._engine.begin() as connection:
                connection.execute(insert(source_file), [_values(file) for file in files])

    def change(self, files: Sequence[FileRow]) -> None:
        """Write the rows of files anew; each is found by its content."""
        with self._engine.begin() as connection:
            _update(connection, files)

    def decide(self, file: FileRow, state: FileState, now_us: int) -> FileRow:
        """What a person decided about a file in quarantine; nothing that was read of it counts."""
        with self._engine.begin() as connection:
            newest = connection.execute(select(func.max(source_file.c.file_id))).scalar_one()
            # A new file_id: rows that were staged under the former one belong to nobody.
            decided = replace(
                file, file_id=newest + 1, state=state, changed_at_us=now_us, reasons=Counter(), detail="",
                released=True, **_UNREAD,
            )  # fmt: skip
            _update(connection, [decided])
        return decided

    def checkpoint(self, files: Sequence[FileRow], new_part: PartRow) -> None:
        """The files are read so far; `new_part` holds what passed the door since the checkpoint before."""
        with self._engine.begin() as connection:
            _update(connection, files)
            values = asdict(new_part) | {"days": ",".join(map(str, new_part.days))}
            connection.execute(insert(part), values)

    def sealed(self) -> list[SealedRow]:
        """The sealed files whose rejects can be replayed, oldest first."""
        with self._engine.begin() as connection:
            rows = connection.execute(select(sealed_file).order_by(sealed_file.c.run_no))
            return [SealedRow(**row._mapping) for row in rows]

    def forget_sealed(self, run_nos: Sequence[int]) -> None:
        """These sealed files are gone."""
        with self._engine.begin() as connection:
            connection.execute(delete(sealed_file).where(sealed_file.c.run_no.in_(run_nos)))

    def forget_parts(self) -> None:
        """Files half read wait again, from their first row on."""
        with self._engine.begin() as connection:
            _forget_parts(connection)

    def commit(
        self,
        finished: RunRow,
        files: Sequence[FileRow],
        kept: Sequence[KeptRow],
        sealed: Sequence[SealedRow] = (),
    ) -> None:
        """Make a run count: its row, its files, and all record and sealed files from now on, at once.

        Files half read that are not among `files` wait again: their checkpoints end with the run.
        """
        with self._engine.begin() as connection:
            connection.execute(insert(run), asdict(finished))
            _update(connection, files)
            _forget_parts(connection)
            for table, rows in ((kept_file, kept), (sealed_file, sealed)):
                connection.execute(delete(table))
                if rows:
                    connection.execute(insert(table), [asdict(row) for row in rows])


def _forget_parts(connection: Connection) -> None:
    connection.execute(delete(part))
    half_read = source_file.c.state.in_([FileState.READING.value, FileState.READ.value])
    connection.execute(
        update(source_file).where(half_read).values(state=FileState.WAITING.value, reasons="{}", **_UNREAD)
    )


def _values(file: FileRow) -> dict[str, Any]:
    return asdict(file) | {
        "state": file.state.value,
        "reasons": json.dumps(dict(sorted(file.reasons.items()))),
        "detail": file.detail[:_DETAIL_CHARACTERS_MAX],
    }


def _update(connection: Connection, files: Sequence[FileRow]) -> None:
    for file in files:
        found = source_file.c.content_sha256 == file.content_sha256
        connection.execute(update(source_file).where(found), _values(file))


def _file_row(row: Any) -> FileRow:
    values = dict(row._mapping)
    values["state"] = FileState(values["state"])
    values["reasons"] = Counter(json.loads(values["reasons"]))
    return FileRow(**values)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _set_pragmas(connection: Any, _record: object) -> None:
    # Python's driver commits before it changes a schema, so that a migration could be left half done; we
    # say ourselves where a transaction begins.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()
