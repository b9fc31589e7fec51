"""The ledger of files and runs, and its migrations."""

from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError

from cdr_ingest.store.file_ledger import FileLedger, FileRow, RunRow
from cdr_ingest.store.migrate import upgrade
from cdr_ingest.store.schema import metadata

RUN = RunRow(1, 10, 20, "2026-10-31", "Asia/Kolkata", "78c741a7", 42, 5, 2, 1, 1, 1, 2)
FILE = FileRow("a" * 64, "cdr/a.csv", "cdr", 1_000, 5, 2, 1, 1, 1)


def test_runs_and_files_are_read_back(tmp_path: Path) -> None:
    with FileLedger(tmp_path / "ingest.db") as ledger:
        assert ledger.last_run() is None
        ledger.commit(RUN, [FILE])
        ledger.commit(replace(RUN, run_no=2), [])
    with FileLedger(tmp_path / "ingest.db") as ledger:
        assert [run.run_no for run in ledger.runs()] == [1, 2]
        assert ledger.runs()[0] == RUN
        assert ledger.files_seen() == {"a" * 64: 1}


def test_a_run_is_committed_whole_or_not_at_all(tmp_path: Path) -> None:
    with FileLedger(tmp_path / "ingest.db") as ledger:
        ledger.commit(RUN, [FILE])
        with pytest.raises(IntegrityError):
            ledger.commit(replace(RUN, run_no=2), [replace(FILE, content_sha256="b" * 64), FILE])
        assert [run.run_no for run in ledger.runs()] == [1]
        assert ledger.files_seen() == {"a" * 64: 1}


def test_migrations_make_the_schema(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'ingest.db'}")
    with engine.begin() as connection:
        upgrade(connection)
        upgrade(connection)  # a second time changes nothing
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()
