"""Run: the whole way from an input folder to features, rejects.csv and run.json.

Laws: read = accepted + rejected + duplicates + not_permitted, per file and in all. A file counts as
ingested only by the ledger's commit; a run that dies before it leaves in force what was, and the next one
goes on from its checkpoints. Behind the door nothing holds a number.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pyarrow as pa

from cdr_ingest.door.row_filter import MomentBounds, RowFilter
from cdr_ingest.door.snapshot import PermissionSnapshot, read_key, read_snapshot
from cdr_ingest.features.compute import Computation, Computed, publish_features, write_features
from cdr_ingest.features.duckdb_engine import DuckDbEngine
from cdr_ingest.features.local_time import find_zone, local_day
from cdr_ingest.features.needs import Needs
from cdr_ingest.features_option import chosen
from cdr_ingest.formats.layouts import LAYOUTS, REFERENCE_KINDS
from cdr_ingest.ingest.file_reading import kept_schema, read_events
from cdr_ingest.ingest.file_sequence import sequence_of
from cdr_ingest.ingest.input_files import InputFolder, find_input
from cdr_ingest.ingest.keeping import EVENT_KINDS, NEVER_US, Keeping
from cdr_ingest.ingest.memory import octets_of, spilling_engine
from cdr_ingest.ingest.out_folder import OutFolder, make_durable, rejects_name
from cdr_ingest.ingest.owner_changes import write_owner_changes
from cdr_ingest.ingest.reference import read_references
from cdr_ingest.ingest.report import RunFacts, report, run_row
from cdr_ingest.ingest.run_counts import FileCounts
from cdr_ingest.ingest.settings import IngestSettings
from cdr_ingest.ingest.staging import Staging
from cdr_ingest.masking import mask_row
from cdr_ingest.progress import ProgressReport
from cdr_ingest.records.responses import check_responses
from cdr_ingest.rejects.masked_file import copy_rejects
from cdr_ingest.rejects.sealed_file import SealedReject, seal_key
from cdr_ingest.rejects.sealed_folder import SealedFolder
from cdr_ingest.store.file_ledger import FileLedger
from cdr_ingest.store.ledger_rows import FileRow, FileState, RunRow, SealedRow
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.instants import MICROS_PER_DAY, MICROS_PER_SECOND, to_epoch_us

EARLIEST_US = to_epoch_us(datetime(2000, 1, 1, tzinfo=UTC))
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


@dataclass(slots=True)
class Run:
    """A run at work: what its stages hand each other.

    `files` are all that its report tells of, `good` by file_id those whose staged rows count.
    """

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
    seal: SealedFolder
    needs: Needs
    files: list[FileCounts] = field(default_factory=list)
    references: list[FileCounts] = field(default_factory=list)
    set_aside: list[FileCounts] = field(default_factory=list)
    good: dict[int, FileCounts] = field(default_factory=dict)
    as_of_day: int = 0
    is_replay: bool = False


def ingest(
    settings: IngestSettings, now: datetime, clock: Callable[[], float], progress: ProgressReport
) -> dict[str, Any]:
    """Do one run; the content of run.json.

    Raises:
        OperatorError: an option, the snapshot, the key or the input folder is wrong; nothing was changed.
        ResourceError: a file or the disk failed, or another run is at work; nothing counts as ingested.
    """
    started_s = clock()
    with at_work(settings, now, progress) as run:
        _read(run)
        computed = merge_and_learn(run)
        files = list(run.good.values())
        for counts in files:
            counts.state = FileState.DONE
        row = finished_row(run, computed, clock() - started_s)
        sealed = run.seal.of_files(run.staging.sealed, set(run.good))
        rows = [counts.row(row.finished_at_us, run.run_no) for counts in files]
        return finish(run, computed, row, rows, Sealing(sealed, run.ledger.sealed()))


@contextmanager
def at_work(
    settings: IngestSettings, now: datetime, progress: ProgressReport, is_replay: bool = False
) -> Iterator[Run]:
    """A run that has the out folder for itself; a replay does not go on from checkpoints.

    Raises:
        OperatorError, ResourceError: as `ingest`.
    """
    find_zone(settings.zone)
    octets_of(settings.memory_limit)
    needs = chosen(settings.features, settings.out)
    key = read_key(settings.key_file)
    snapshot = read_snapshot(settings.snapshot, key)
    if settings.responses is not None:
        check_responses(settings.responses, key)
    out = OutFolder(settings.out)
    now_us = to_epoch_us(now)
    try:
        with out.locked(), FileLedger(out.ledger) as ledger, out.working() as work:
            former = ledger.last_run()
            run_no = former.run_no + 1 if former else 1
            _check_key(former, snapshot, settings)
            if is_replay:
                ledger.forget_parts()
            found = InputFolder((), ())
            if settings.input is not None:
                found = find_input(
                    settings.input, _seen(ledger.files()), run_no, settings.mappings, settings.zone
                )
            keeping = Keeping(
                out.kept,
                ledger.kept(),
                run_no,
                run_no - 1,
                _oldest_day(settings, now),
                settings.snapshot_missing_max,
            )
            staging = Staging(out.staging, ledger, now_us, settings.checkpoint_octets, key)
            try:
                yield Run(
                    settings, run_no, now_us, snapshot, key, out, work, out.reports(run_no), progress, ledger,
                    found, keeping, staging, SealedFolder(settings.out, seal_key(key)), needs,
                    is_replay=is_replay,
                )  # fmt: skip
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


def _oldest_day(settings: IngestSettings, now: datetime) -> str:
    """The first UTC day of which records are kept; empty where all are."""
    if settings.keep_records_days is None:
        return ""
    return (now.astimezone(UTC) - timedelta(days=settings.keep_records_days)).date().isoformat()


def _seen(files: dict[str, FileRow]) -> dict[str, int]:
    return {digest: row.run_no or 0 for digest, row in files.items() if row.state is FileState.DONE}


def _read(run: Run) -> None:
    """All new files through the door; rejects and what passes are staged."""
    settings = run.settings
    counts = [FileCounts(file) for file in run.input.files]
    run.references = [count for count in counts if count.file.kind in REFERENCE_KINDS]
    run.files = [count for count in counts if count.file.kind not in REFERENCE_KINDS]
    new = [count for count in run.files if not count.file.seen_in_run]
    new = _enter(run, new)
    door = door_of(run)
    run.progress.begin("reading", sum(count.file.octets for count in [*run.references, *new]))
    try:
        read_references(run.references, door, run.keeping, run.reports, run.progress)
        for kind in EVENT_KINDS:
            files = [count for count in new if count.file.kind is kind]
            if files:
                run.keeping.note_read(kind, kept_schema(kind, door))
                read_events(kind, files, door, run.staging, settings.quarantine, run.progress)
    finally:
        door.close()
    pa.default_memory_pool().release_unused()  # what blocks needed is the engines' now
    run.progress.end()
    caught = [counts for counts in new if counts.state is FileState.QUARANTINED]
    run.set_aside += caught
    run.files = [counts for counts in run.files if counts.state is not FileState.QUARANTINED]
    run.good = {counts.file_id: counts for counts in run.files if not counts.file.seen_in_run}
    copy_rejects(run.staging.rejects, run.reports / "rejects.csv", set(run.good))
    if caught:
        ids = {counts.file_id for counts in caught}
        copy_rejects(run.staging.rejects, run.reports / "quarantined-rejects.csv", ids)


def door_of(run: Run) -> RowFilter:
    """The door of this run, to be closed."""
    return RowFilter(
        run.snapshot,
        run.key,
        moment_bounds(run),
        run.settings.threads,
        run.settings.memory_limit,
        region=run.settings.region,
    )


def _enter(run: Run, found: list[FileCounts]) -> list[FileCounts]:
    """Every file gets its row in the ledger, or goes on from it; those to read."""
    known = run.ledger.files()
    file_id = max((row.file_id for row in known.values()), default=0)
    new: list[FileCounts] = []
    for counts in found:
        row = known.get(counts.file.content_sha256)
        if row is not None:
            counts.go_on_from(row)
        if counts.state in (FileState.QUARANTINED, FileState.DROPPED):
            run.set_aside.append(counts)
            continue
        if row is None or counts.state is FileState.FAILED:
            file_id += 1
            counts.start_again(file_id)
            if (found_in := sequence_of(counts.file.path)) is not None:
                counts.node, counts.sequence_number = found_in
        new.append(counts)
    run.ledger.announce([counts.row(run.now_us) for counts in new if counts.file.content_sha256 not in known])
    aside = {counts.file.content_sha256 for counts in run.set_aside}
    run.files = [counts for counts in run.files if counts.file.content_sha256 not in aside]
    return new


def moment_bounds(run: Run) -> MomentBounds:
    latest_us = run.now_us
    if run.settings.as_of is not None:
        as_of = datetime(
            run.settings.as_of.year, run.settings.as_of.month, run.settings.as_of.day, tzinfo=UTC
        )
        latest_us = max(latest_us, to_epoch_us(as_of + timedelta(days=1)))
    return MomentBounds(EARLIEST_US, latest_us + MICROS_PER_DAY)  # a day of slack: clocks and zones differ


def merge_and_learn(run: Run) -> Computed:
    """Repeats are counted, what remains is kept, features are computed from all that is kept."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": str(run.settings.threads),
            "memory_limit": spilling_engine(run.settings.memory_limit),
            "temp_directory": str(run.work / "spill"),  # rows without numbers
        },
    )
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        connection.register("snapshot_rows", run.snapshot.rows)
        connection.execute(
            f"CREATE TABLE permission AS SELECT subscriber_no, purposes, since_us, {NEVER_US} AS until_us"
            " FROM snapshot_rows"
        )
        connection.unregister("snapshot_rows")
        run.progress.begin("joining records, computing features", 0)
        run.keeping.merge(connection, run.staging, run.good)
        run.keeping.merge_responses(connection, run.settings.responses)
        run.as_of_day = _as_of_day(run, connection)
    finally:
        connection.close()
    computed = _learn(run)
    run.progress.end()
    return computed


def _as_of_day(run: Run, connection: duckdb.DuckDBPyConnection) -> int:
    if run.settings.as_of is not None:
        return run.settings.as_of.toordinal() - _EPOCH_ORDINAL
    newest_us = _newest_us(run, connection)
    return local_day(find_zone(run.settings.zone), run.now_us if newest_us is None else newest_us)


def _learn(run: Run) -> Computed:
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
        needs=run.needs,
        responses=run.keeping.responses_path(),
    )
    with DuckDbEngine(run.work / "spill", settings.threads, spilling_engine(settings.memory_limit)) as engine:
        return write_features(engine, asked)


def _newest_us(run: Run, connection: duckdb.DuckDBPyConnection) -> int | None:
    """The newest moment of all kept events."""
    found: list[int] = []
    for kind in EVENT_KINDS:
        if (newest := run.keeping.newest(kind)) is not None:
            found += connection.execute(
                f"SELECT max({LAYOUTS[kind].moment}) FROM read_parquet(?)", [str(newest)]
            ).fetchall()[0]
    return max(found, default=None)


@dataclass(frozen=True, slots=True)
class Sealing:
    """`rejects` are those of this run; `former` the sealed files that still count beside them, and `since_us`
    when the oldest of `rejects` was rejected (None: by this run)."""

    rejects: Iterable[SealedReject]
    former: Sequence[SealedRow]
    since_us: int | None = None


def finished_row(run: Run, computed: Computed, seconds: float) -> RunRow:
    """The run's row in the ledger."""
    facts = RunFacts(
        run.run_no,
        run.now_us,
        run.now_us + int(seconds * MICROS_PER_SECOND),
        date.fromordinal(_EPOCH_ORDINAL + run.as_of_day).isoformat(),
        run.settings.zone,
        run.snapshot,
        computed.profiles,
        run.is_replay,
    )
    return run_row(facts, run.files)


def finish(
    run: Run, computed: Computed, row: RunRow, files: Sequence[FileRow], sealing: Sealing
) -> dict[str, Any]:
    """Commit, then put the results in place; what is superseded is removed. The content of run.json."""
    make_durable(run.keeping.written)
    for kind in REFERENCE_KINDS:
        if not any(counts.rejected for counts in run.references if counts.file.kind is kind):
            (run.reports / rejects_name(kind.value)).unlink(missing_ok=True)
    content = report(row, run.snapshot, run.files, run.references, run.input.ignored)
    content["erased"] = run.keeping.erased
    content["snapshots"] = run.keeping.snapshots
    content["responses"] = run.keeping.responses
    content["owner_changes"] = len(run.keeping.owner_changes)
    write_owner_changes(run.reports, run.keeping.owner_changes)
    content["quarantined_files"] = [counts.as_set_aside() for counts in run.set_aside]
    (run.reports / "run.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"
    )
    # What was rejected long ago is forgotten.
    oldest_us = run.now_us - run.settings.keep_rejects_days * MICROS_PER_DAY
    sealed = [former for former in sealing.former if former.sealed_at_us >= oldest_us]
    if count := run.seal.write(run.run_no, sealing.rejects):
        sealed.append(SealedRow(run.run_no, count, sealing.since_us or run.now_us))
    kept = list(run.keeping.rows.values())
    run.ledger.commit(row, files, kept, sealed)
    run.out.kept.publish(kept)
    publish_features(run.out.root, computed.manifest)
    run.out.publish(run.reports)
    run.out.kept.remove_all_but(map(run.out.kept.of, kept))
    run.seal.remove_all_but(sealed)
    run.staging.clear()
    return content
