"""The ledger of files and runs, and its migrations."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from cdr_ingest.store import migrate
from cdr_ingest.store.file_ledger import FileLedger
from cdr_ingest.store.ledger_rows import FileRow, FileState, KeptRow, PartRow, RunRow
from cdr_ingest.store.schema import metadata

RUN = RunRow(1, 10, 20, "2026-10-31", "Asia/Kolkata", "78c741a7", 42, 5, 2, 1, 1, 1, 2)
FILE = FileRow("a" * 64, 1, "cdr/a.csv", "cdr", 1_000)
HALF = replace(
    FILE,
    state=FileState.READING,
    octets_read=500,
    blocks_read=2,
    read=3,
    rejected=1,
    reasons=Counter(BAD_VALUE=1),
)
DONE = replace(FILE, state=FileState.DONE, run_no=1, octets_read=1_000, read=5, accepted=5)
KEPT = KeptRow("cdr", "2026-10-10", 1, 5)


def test_runs_files_and_kept_files_are_read_back(tmp_path: Path) -> None:
    with FileLedger(tmp_path / "ingest.db") as ledger:
        assert ledger.last_run() is None
        ledger.announce([FILE])
        ledger.commit(RUN, [DONE], [KEPT])
        ledger.commit(replace(RUN, run_no=2), [], [replace(KEPT, run_no=2)])
    with FileLedger(tmp_path / "ingest.db") as ledger:
        assert ledger.runs() == [RUN, replace(RUN, run_no=2)]
        assert ledger.files() == {FILE.content_sha256: DONE}
        assert ledger.kept() == [replace(KEPT, run_no=2)]


def test_a_checkpoint_says_how_far_files_are_and_a_commit_ends_it(tmp_path: Path) -> None:
    with FileLedger(tmp_path / "ingest.db") as ledger:
        other = replace(FILE, content_sha256="b" * 64, file_id=2)
        ledger.announce([FILE, other])
        ledger.checkpoint([HALF, other], PartRow(1, "cdr", (20_000, 20_001), 77))
        assert ledger.files()[FILE.content_sha256] == HALF
        assert ledger.parts() == [PartRow(1, "cdr", (20_000, 20_001), 77)]
        # A run that did not find the half read file begins it anew, since its checkpoints end here.
        ledger.commit(RUN, [replace(other, state=FileState.DONE, run_no=1)], [])
        assert ledger.parts() == []
        assert ledger.files()[FILE.content_sha256] == FILE


def test_a_run_is_committed_whole_or_not_at_all(tmp_path: Path) -> None:
    with FileLedger(tmp_path / "ingest.db") as ledger:
        ledger.announce([FILE])
        with pytest.raises(IntegrityError):
            ledger.commit(RUN, [DONE], [KEPT, KEPT])
        assert ledger.runs() == []
        assert ledger.files()[FILE.content_sha256] == FILE


def test_migrations_make_the_schema(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'ingest.db'}")
    with engine.begin() as connection:
        migrate.upgrade(connection)
        migrate.upgrade(connection)  # a second time changes nothing
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_files_of_the_first_revision_are_done(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'ingest.db'}")
    with engine.begin() as connection:
        migrate.upgrade(connection, "r0001")
        connection.execute(
            text(
                "INSERT INTO run VALUES (1, 10, 20, '2026-10-31', 'Asia/Kolkata', '78c741a7', 42,"
                " 5, 2, 1, 1, 1, 2)"
            )
        )
        connection.execute(
            text("INSERT INTO ingested_file VALUES ('aa', 1, 'cdr/a', 'cdr', 9, 5, 2, 1, 1, 1)")
        )
    engine.dispose()
    with FileLedger(tmp_path / "ingest.db") as ledger:
        assert ledger.files() == {
            "aa": FileRow("aa", 1, "cdr/a", "cdr", 9, FileState.DONE, 1, 20, 9, 0, 5, 2, 1, 1, 1)
        }
        assert ledger.runs() == [RUN]
