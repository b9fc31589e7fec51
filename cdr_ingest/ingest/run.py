"""Run: the whole way from an input folder to features.parquet, rejects.csv and run.json.

Laws: read = accepted + rejected + duplicates + not_permitted, per file and in all. A file counts as
ingested only by the ledger's commit; a run that dies before it leaves in force what was. Behind the door
nothing holds a number.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from cdr_ingest.door.row_filter import MomentBounds, RowFilter
from cdr_ingest.door.snapshot import PermissionSnapshot, read_key, read_snapshot
from cdr_ingest.features.compute import write_features
from cdr_ingest.features.local_time import find_zone, local_day
from cdr_ingest.formats.layouts import LAYOUTS, RowKind
from cdr_ingest.ingest.file_reading import read_cells, read_events
from cdr_ingest.ingest.input_files import InputFolder, find_input
from cdr_ingest.ingest.out_folder import OutFolder, make_durable
from cdr_ingest.ingest.reject_file import RejectFile
from cdr_ingest.ingest.run_counts import FileCounts, row_counts
from cdr_ingest.ingest.settings import IngestSettings
from cdr_ingest.masking import mask_row
from cdr_ingest.progress import ProgressReport
from cdr_ingest.records.merging import merge_records
from cdr_ingest.store.file_ledger import FileLedger, FileRow, RunRow
from operator_push.kernel.contracts import SNAPSHOT_KEY
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.instants import MICROS_PER_DAY, MICROS_PER_SECOND, iso, to_epoch_us

EARLIEST_US = to_epoch_us(datetime(2000, 1, 1, tzinfo=UTC))
_EVENT_KINDS = (RowKind.SUBSCRIBER, RowKind.CDR, RowKind.TOP_UP)


@dataclass(slots=True)
class _Run:
    """A run at work: what its stages hand each other."""

    settings: IngestSettings
    run_no: int
    now_us: int
    snapshot: PermissionSnapshot
    key: bytes
    out: OutFolder
    work: Path
    reports: Path
    progress: ProgressReport
    input: InputFolder
    former_run_no: int
    files: list[FileCounts] = field(default_factory=list)
    cells: list[FileCounts] = field(default_factory=list)
    profiles: int = 0
    as_of_day: int = 0


def ingest(
    settings: IngestSettings, now: datetime, clock: Callable[[], float], progress: ProgressReport
) -> dict[str, Any]:
    """Do one run; the content of run.json.

    Raises:
        OperatorError: an option, the snapshot, the key or the input folder is wrong; nothing was changed.
        ResourceError: a file or the disk failed, or another run is at work; nothing counts as ingested.
    """
    started_s = clock()
    find_zone(settings.zone)
    key = read_key(settings.key_file)
    snapshot = read_snapshot(settings.snapshot, key)
    out = OutFolder(settings.out)
    try:
        with out.locked(), FileLedger(out.ledger) as ledger, out.working() as work:
            former = ledger.last_run()
            run_no = former.run_no + 1 if former else 1
            _check_key(former, snapshot, settings)
            out.kept.remove_all_but([run_no - 1])
            found = find_input(settings.input, ledger.files_seen(), run_no)
            run = _Run(
                settings, run_no, to_epoch_us(now), snapshot, key, out, work, out.reports(run_no), progress,
                found, run_no - 1,
            )  # fmt: skip
            _read(run)
            _merge_and_learn(run)
            return _finish(run, ledger, clock, started_s)
    except duckdb.OutOfMemoryException:
        raise ResourceError(
            f"{settings.memory_limit} of memory are not enough for so many people; raise --memory-limit"
        ) from None
    except duckdb.Error as error:
        # The engine's message may quote a value.
        raise ResourceError(
            f"the query engine failed: {mask_row(str(error).partition(chr(10))[0])}"
        ) from None
    except OSError as error:
        raise ResourceError(f"{error.filename}: {error.strerror}") from None


def _check_key(former: RunRow | None, snapshot: PermissionSnapshot, settings: IngestSettings) -> None:
    if former is not None and former.pseudonym_key_id != snapshot.key_id:
        raise OperatorError(
            f"the records kept there were made with pseudonym key {former.pseudonym_key_id}, this run has "
            f"{snapshot.key_id}; use a new folder and ingest the files again",
            key=f"--out {settings.out}",
        )


def _read(run: _Run) -> None:
    """All new files through the door; rejects are written, what passes waits in run.work by kind."""
    settings = run.settings
    counts = [FileCounts(file) for file in run.input.files]
    run.cells = [count for count in counts if count.file.kind is RowKind.CELL]
    run.files = [count for count in counts if count.file.kind is not RowKind.CELL]
    new = [count for count in counts if not count.file.seen_in_run]
    door = RowFilter(run.snapshot, run.key, _bounds(run), settings.threads, settings.memory_limit)
    run.progress.begin("reading", sum(count.file.octets for count in new))
    try:
        _read_cells(run, door)
        with RejectFile(run.reports / "rejects.csv") as rejects:
            for kind in _EVENT_KINDS:
                # File numbers start at 1: position 0 is that of records kept earlier.
                files = [(no, c) for no, c in enumerate(run.files, 1) if c in new and c.file.kind is kind]
                if files:
                    read_events(kind, files, door, rejects, run.work / f"{kind.value}.parquet", run.progress)
    finally:
        door.close()
    run.progress.end()


def _read_cells(run: _Run, door: RowFilter) -> None:
    """The cells of this input and those kept earlier; on the same cell_id the newest row counts."""
    known: dict[str, dict[str, Any]] = {}
    kept = run.out.kept.of_run(run.former_run_no).get(RowKind.CELL)
    tables = [pq.read_table(kept)] if kept else []
    with RejectFile(run.reports / "cell-rejects.csv") as rejects:
        for counts in run.cells:
            tables += read_cells(counts, door, rejects, run.progress)
    for table in tables:
        known |= {row["cell_id"]: row for row in table.to_pylist()}
    run.out.kept.prepare(run.run_no)
    if tables:
        pq.write_table(
            pa.Table.from_pylist(list(known.values()), tables[0].schema),
            run.out.kept.path(run.run_no, RowKind.CELL),
        )
    door.know_cells(list(known))


def _bounds(run: _Run) -> MomentBounds:
    latest_us = run.now_us
    if run.settings.as_of is not None:
        as_of = datetime(
            run.settings.as_of.year, run.settings.as_of.month, run.settings.as_of.day, tzinfo=UTC
        )
        latest_us = max(latest_us, to_epoch_us(as_of + timedelta(days=1)))
    return MomentBounds(EARLIEST_US, latest_us + MICROS_PER_DAY)  # a day of slack: clocks and zones differ


def _merge_and_learn(run: _Run) -> None:
    """Repeats are counted, what remains is kept, features are computed from all that is kept."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": str(run.settings.threads),
            "memory_limit": run.settings.memory_limit,
            "temp_directory": str(run.work / "spill"),  # rows without numbers
        },
    )
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        connection.register("snapshot_rows", run.snapshot.rows)
        connection.execute("CREATE TABLE permission AS SELECT subscriber_no, purposes FROM snapshot_rows")
        connection.unregister("snapshot_rows")
        run.progress.begin("joining records, computing features", 0)
        _merge(run, connection)
        _learn(run, connection)
        run.progress.end()
    finally:
        connection.close()


def _merge(run: _Run, connection: duckdb.DuckDBPyConnection) -> None:
    former = run.out.kept.of_run(run.former_run_no)
    for kind in _EVENT_KINDS:
        read = run.work / f"{kind.value}.parquet"
        kept = former.get(kind)
        if kept is None and not read.exists():
            continue
        target = run.out.kept.path(run.run_no, kind)
        repeats = merge_records(connection, kind, kept, [read] if read.exists() else [], target)
        for file_no, count in repeats.items():
            run.files[file_no - 1].duplicates += count


def _learn(run: _Run, connection: duckdb.DuckDBPyConnection) -> None:
    files = run.out.kept.of_run(run.run_no)
    oldest_us, newest_us = _span(connection, files)
    zone = find_zone(run.settings.zone)
    if run.settings.as_of is not None:
        run.as_of_day = run.settings.as_of.toordinal() - _EPOCH_ORDINAL
    else:
        run.as_of_day = local_day(zone, run.now_us if newest_us is None else newest_us)
    metadata = {
        SNAPSHOT_KEY.taken_at: run.snapshot.taken_at.isoformat().encode(),
        SNAPSHOT_KEY.key_id: run.snapshot.key_id.encode(),
        SNAPSHOT_KEY.permission_sequence: str(run.snapshot.permission_sequence).encode(),
    }
    oldest_us = EARLIEST_US if oldest_us is None else oldest_us
    target = run.work / "features.parquet"
    run.profiles = write_features(connection, files, zone, run.as_of_day, oldest_us, metadata, target)


def _span(connection: duckdb.DuckDBPyConnection, files: dict[RowKind, Path]) -> tuple[int | None, int | None]:
    """The oldest and newest moment of all kept events."""
    oldest: list[int] = []
    newest: list[int] = []
    for kind, path in files.items():
        moment = LAYOUTS[kind].moment
        if moment is not None:
            found = connection.execute(
                f"SELECT min({moment}), max({moment}) FROM read_parquet(?)", [str(path)]
            )
            low, high = found.fetchall()[0]
            if low is not None:
                oldest.append(low)
                newest.append(high)
    return min(oldest, default=None), max(newest, default=None)


def _finish(run: _Run, ledger: FileLedger, clock: Callable[[], float], started_s: float) -> dict[str, Any]:
    """Commit, then put the results in place; what the former run kept is removed."""
    make_durable(run.out.kept.path(run.run_no, RowKind.CDR).parent)
    if not any(counts.rejected for counts in run.cells):
        (run.reports / "cell-rejects.csv").unlink()
    seconds = clock() - started_s
    row = _run_row(run, run.now_us + int(seconds * MICROS_PER_SECOND))
    report = _report(run, row, seconds)
    (run.reports / "run.json").write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    ledger.commit(row, [_file_row(counts) for counts in run.files if not counts.file.seen_in_run])
    run.out.publish(run.reports, run.work / "features.parquet")
    run.out.kept.remove_all_but([run.run_no])
    return report


def _run_row(run: _Run, finished_at_us: int) -> RunRow:
    return RunRow(
        run_no=run.run_no,
        started_at_us=run.now_us,
        finished_at_us=finished_at_us,
        as_of=date.fromordinal(_EPOCH_ORDINAL + run.as_of_day).isoformat(),
        zone=run.settings.zone,
        pseudonym_key_id=run.snapshot.key_id,
        permission_sequence=run.snapshot.permission_sequence,
        profiles=run.profiles,
        **row_counts(run.files),
    )


def _file_row(counts: FileCounts) -> FileRow:
    file = counts.file
    return FileRow(file.content_sha256, file.name, file.kind.value, file.octets, **row_counts([counts]))


def _report(run: _Run, row: RunRow, seconds: float) -> dict[str, Any]:
    """The content of run.json; the columns are explained in docs/cdr-ingest.md."""
    reasons = sum((counts.reasons for counts in run.files), Counter())
    return {
        "run": row.run_no,
        **row_counts(run.files),
        "profiles": row.profiles,
        "rejected_by_reason": dict(sorted(reasons.items())),
        "by_kind": {
            kind.value: row_counts([counts for counts in run.files if counts.file.kind is kind])
            for kind in _EVENT_KINDS
        },
        "cells": row_counts(run.cells),
        "files": [counts.as_dict() for counts in run.files],
        "ignored_files": list(run.input.ignored),
        "already_ingested_files": sum(1 for counts in run.files if counts.file.seen_in_run),
        "as_of": row.as_of,
        "zone": row.zone,
        "started_at": iso(row.started_at_us),
        "permission_sequence": row.permission_sequence,
        "permission_taken_at": iso(to_epoch_us(run.snapshot.taken_at)),
        "pseudonym_key_id": row.pseudonym_key_id,
        "seconds": round(seconds, 3),
        "rows_per_second": round(row.read / seconds) if seconds > 0 else 0,
    }


_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
