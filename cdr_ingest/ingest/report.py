"""Report: the row of a run in the ledger, and run.json."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdr_ingest.door.snapshot import PermissionSnapshot
from cdr_ingest.formats.layouts import REFERENCE_KINDS
from cdr_ingest.ingest.keeping import EVENT_KINDS
from cdr_ingest.ingest.run_counts import FileCounts, row_counts
from cdr_ingest.store.ledger_rows import RunRow
from operator_push.kernel.instants import MICROS_PER_SECOND, iso, to_epoch_us


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a report tells beside the counts of its files; `as_of` is YYYY-MM-DD."""

    run_no: int
    started_at_us: int
    finished_at_us: int
    as_of: str
    zone: str
    snapshot: PermissionSnapshot
    profiles: int
    is_replay: bool = False


def run_row(facts: RunFacts, files: Sequence[FileCounts]) -> RunRow:
    """The run's row in the ledger."""
    return RunRow(
        run_no=facts.run_no,
        started_at_us=facts.started_at_us,
        finished_at_us=facts.finished_at_us,
        as_of=facts.as_of,
        zone=facts.zone,
        pseudonym_key_id=facts.snapshot.key_id,
        permission_sequence=facts.snapshot.permission_sequence,
        profiles=facts.profiles,
        is_replay=facts.is_replay,
        **row_counts(files),
    )


def report(
    row: RunRow,
    snapshot: PermissionSnapshot,
    files: Sequence[FileCounts],
    references: Sequence[FileCounts],
    ignored: Sequence[str],
) -> dict[str, Any]:
    """The content of run.json; the columns are explained in docs/cdr-ingest.md."""
    seconds = (row.finished_at_us - row.started_at_us) / MICROS_PER_SECOND
    reasons = sum((counts.reasons for counts in files), Counter())
    return {
        "run": row.run_no,
        "is_replay": row.is_replay,
        **row_counts(files),
        "profiles": row.profiles,
        "rejected_by_reason": dict(sorted(reasons.items())),
        "by_kind": {
            kind.value: row_counts(counts for counts in files if counts.file.kind is kind)
            for kind in EVENT_KINDS
        },
        **{
            f"{kind.value}s": row_counts(counts for counts in references if counts.file.kind is kind)
            for kind in REFERENCE_KINDS
        },
        "files": [counts.as_dict() for counts in files],
        "ignored_files": list(ignored),
        "already_ingested_files": sum(1 for counts in files if counts.file.seen_in_run),
        "as_of": row.as_of,
        "zone": row.zone,
        "started_at": iso(row.started_at_us),
        "permission_sequence": row.permission_sequence,
        "permission_taken_at": iso(to_epoch_us(snapshot.taken_at)),
        "pseudonym_key_id": row.pseudonym_key_id,
        "seconds": round(seconds, 3),
        "rows_per_second": round(row.read / seconds) if seconds > 0 else 0,
    }
