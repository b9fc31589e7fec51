"""Run: the whole way from an input folder to features, rejects.csv and run.json.

Laws: read = accepted + rejected + duplicates + not_permitted, per file and in all. A file counts as
ingested only by the ledger's commit; a run that dies before it leaves in force what was, and the next one
goes on from its checkpoints. Behind the door nothing holds a number.
"""

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
from cdr_ingest.features.compute import Computation, Computed, publish_features, write_features
from cdr_ingest.features.duckdb_engine import DuckDbEngine
from cdr_ingest.features.local_time import find_zone, local_day
from cdr_ingest.formats.layouts import LAYOUTS, RowKind
from cdr_ingest.ingest.file_reading import kept_schema, read_cells, read_events
from cdr_ingest.ingest.input_files import InputFolder, find_input
from cdr_ingest.ingest.keeping import EVENT_KINDS, Keeping
from cdr_ingest.ingest.out_folder import OutFolder, make_durable
from cdr_ingest.ingest.report import RunFacts, report, run_row
from cdr_ingest.ingest.run_counts import FileCounts
from cdr_ingest.ingest.settings import IngestSettings
from cdr_ingest.ingest.staging import CellRejects, Staging
from cdr_ingest.masking import mask_row
from cdr_ingest.progress import ProgressReport
from cdr_ingest.store.file_ledger import FileLedger
from cdr_ingest.store.ledger_rows import FileRow, FileState, RunRow
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.instants import MICROS_PER_DAY, MICROS_PER_SECOND, to_epoch_us

EARLIEST_US = to_epoch_us(datetime(2000, 1, 1, tzinfo=UTC))
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


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
    ledger: FileLedger
    input: InputFolder
    keeping: Keeping
    staging: Staging
    files: list[FileCounts] = field(default_factory=list)
    cells: list[FileCounts] = field(default_factory=list)
    as_of_day: int = 0

    @property
    def new(self) -> dict[int, FileCounts]:
        """The files that this run reads, by file_id."""
        return {counts.file_id: counts for counts in self.files if not counts.file.seen_in_run}


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
            kept = ledger.kept()
            found = find_input(
                settings.input, _seen(ledger.files()), run_no, settings.mappings, settings.zone
            )
            staging = Staging(out.staging, ledger, to_epoch_us(now), settings.checkpoint_octets)
            try:
                run = _Run(
                    settings, run_no, to_epoch_us(now), snapshot, key, out, work, out.reports(run_no),
                    progress, ledger, found, Keeping(out.kept, kept, run_no, run_no - 1), staging,
                )  # fmt: skip
                _read(run)
                return _finish(run, _merge_and_learn(run), clock, started_s)
            finally:
                staging.close()
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


def _seen(files: dict[str, FileRow]) -> dict[str, int]:
    return {digest: row.run_no or 0 for digest, row in files.items() if row.state is FileState.DONE}


def _read(run: _Run) -> None:
    """All new files through the door; rejects and what passes are staged."""
    settings = run.settings
    counts = [FileCounts(file) for file in run.input.files]
    run.cells = [count for count in counts if count.file.kind is RowKind.CELL]
    run.files = [count for count in counts if count.file.kind is not RowKind.CELL]
    new = [count for count in run.files if not count.file.seen_in_run]
    _enter(run, new)
    door = RowFilter(run.snapshot, run.key, _bounds(run), settings.threads, settings.memory_limit)
    run.progress.begin("reading", sum(count.file.octets for count in [*run.cells, *new]))
    try:
        _read_cells(run, door)
        for kind in EVENT_KINDS:
            files = [count for count in new if count.file.kind is kind]
            if files:
                run.keeping.note_read(kind, kept_schema(kind, door))
                read_events(kind, files, door, run.staging, run.progress)
    finally:
        door.close()
    run.staging.write_rejects(run.reports / "rejects.csv", set(run.new))
    run.progress.end()


def _enter(run: _Run, new: list[FileCounts]) -> None:
    """Every file gets its row in the ledger, or goes on from it."""
    known = run.ledger.files()
    file_id = max((row.file_id for row in known.values()), default=0)
    for counts in new:
        if (row := known.get(counts.file.content_sha256)) is not None:
            counts.go_on_from(row)
        else:
            file_id += 1
            counts.file_id = file_id
    run.ledger.announce([counts.row(run.now_us) for counts in new if counts.file.content_sha256 not in known])


def _read_cells(run: _Run, door: RowFilter) -> None:
    """The cells of this input and those kept earlier; on the same cell_id the newest row counts."""
    known: dict[str, dict[str, Any]] = {}
    former = run.keeping.former_cells()
    tables = [pq.read_table(former)] if former else []
    rejects = CellRejects(run.reports / "cell-rejects.csv")
    try:
        for counts in run.cells:
            tables += read_cells(counts, door, rejects, run.progress)
    finally:
        rejects.close()
    for table in tables:
        known |= {row["cell_id"]: row for row in table.to_pylist()}
    if tables:
        run.keeping.keep_table(
            RowKind.CELL.value, pa.Table.from_pylist(list(known.values()), tables[0].schema)
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


def _merge_and_learn(run: _Run) -> Computed:
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
        run.keeping.merge(connection, run.staging, run.new)
        run.as_of_day = _as_of_day(run, connection)
    finally:
        connection.close()
    computed = _learn(run)
    run.progress.end()
    return computed


def _as_of_day(run: _Run, connection: duckdb.DuckDBPyConnection) -> int:
    if run.settings.as_of is not None:
        return run.settings.as_of.toordinal() - _EPOCH_ORDINAL
    newest_us = _newest_us(run, connection)
    return local_day(find_zone(run.settings.zone), run.now_us if newest_us is None else newest_us)


def _learn(run: _Run) -> Computed:
    """Features of all that is kept."""
    settings = run.settings
    asked = Computation(
        kept=run.keeping.paths(),
        permission=run.snapshot,
        zone=find_zone(settings.zone),
        last_day=run.as_of_day,
        out=run.out.root,
        work=run.work,
        tag=f"{run.run_no:06d}",
    )
    with DuckDbEngine(run.work / "spill", settings.threads, settings.memory_limit) as engine:
        return write_features(engine, asked)


def _newest_us(run: _Run, connection: duckdb.DuckDBPyConnection) -> int | None:
    """The newest moment of all kept events."""
    found: list[int] = []
    for kind in EVENT_KINDS:
        if (newest := run.keeping.newest(kind)) is not None:
            found += connection.execute(
                f"SELECT max({LAYOUTS[kind].moment}) FROM read_parquet(?)", [str(newest)]
            ).fetchall()[0]
    return max(found, default=None)


def _finish(run: _Run, computed: Computed, clock: Callable[[], float], started_s: float) -> dict[str, Any]:
    """Commit, then put the results in place; what the former run kept and is superseded is removed."""
    make_durable(run.keeping.written)
    if not any(counts.rejected for counts in run.cells):
        (run.reports / "cell-rejects.csv").unlink()
    seconds = clock() - started_s
    as_of = date.fromordinal(_EPOCH_ORDINAL + run.as_of_day).isoformat()
    finished_at_us = run.now_us + int(seconds * MICROS_PER_SECOND)
    facts = RunFacts(
        run.run_no, run.now_us, finished_at_us, as_of, run.settings.zone, run.snapshot, computed.profiles
    )
    row = run_row(facts, run.files)
    content = report(row, run.snapshot, run.files, run.cells, run.input.ignored, seconds)
    (run.reports / "run.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"
    )
    for counts in run.new.values():
        counts.state = FileState.DONE
    kept = list(run.keeping.rows.values())
    run.ledger.commit(row, [counts.row(finished_at_us, run.run_no) for counts in run.new.values()], kept)
    run.out.kept.publish(kept)
    publish_features(run.out.root, computed.manifest)
    run.out.publish(run.reports)
    run.out.kept.remove_all_but(map(run.out.kept.of, kept))
    run.staging.clear()
    return content
