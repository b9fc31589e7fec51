"""Keeping: what was staged joins what is kept, one UTC day after the other; only days with news are written.

A day has news where a record of it was read, or where somebody whose record it holds has withdrawn since.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from cdr_ingest.formats.layouts import LAYOUTS, RowKind
from cdr_ingest.ingest.run_counts import FileCounts
from cdr_ingest.ingest.settings import SNAPSHOT_MISSING_MAX
from cdr_ingest.ingest.staging import Staging
from cdr_ingest.records.contracts import write_contracts
from cdr_ingest.records.file_lists import quoted
from cdr_ingest.records.kept_files import KeptFiles
from cdr_ingest.records.merging import Merged, MergeSources, days_of, files_with_withdrawn, merge_records
from cdr_ingest.records.responses import RESPONSE, merge_responses
from cdr_ingest.records.statements import HANDED_OVER, STATEMENT, StatementSources, merge_statements
from cdr_ingest.store.ledger_rows import KeptRow
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.instants import MICROS_PER_DAY

EVENT_KINDS = (RowKind.SUBSCRIBER, RowKind.CDR, RowKind.TOP_UP)
"""The kinds whose rows are about people, in the order of reading."""
NEVER_US = 2**63 - 1
PERMISSION = "permission"  # what each person permitted when the run that counts ended
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_STATE_DAY = ""


class Keeping:
    """Merges of one run. `former` is what counted before it; `legacy_run_no` names the run whose files lie
    as the first version of this program left them, 0 where there is none; days before `oldest_day` (UTC,
    YYYY-MM-DD) are not kept any longer. `erased` is what is gone since, without anybody's name; `snapshots`
    and `owner_changes` are those of `statements.Stated`; `responses` counts the
    rows of a new file of responses."""

    def __init__(
        self,
        kept: KeptFiles,
        former: Sequence[KeptRow],
        run_no: int,
        legacy_run_no: int,
        oldest_day: str = _STATE_DAY,
        snapshot_missing_max: float = SNAPSHOT_MISSING_MAX,
    ) -> None:
        self._kept = kept
        self._former = {(row.kind, row.day): (kept.of(row), row) for row in former}
        self._run_no = run_no
        self._legacy_run_no = 0 if former else legacy_run_no
        self._oldest_day = oldest_day
        self._snapshot_missing_max = snapshot_missing_max
        self._has_bounds = False  # somebody's number was or will be somebody else's
        self._handed_over_on = ""  # the first UTC day of which this run learnt that it is another's
        self.snapshots: list[dict[str, Any]] = []
        self.responses: dict[str, int] = {}
        self.owner_changes: list[tuple[int, str, int]] = []
        self.rows: dict[tuple[str, str], KeptRow] = {}
        self.written: list[Path] = []
        self.erased: dict[str, Any] = {"withdrawn": {}, "records": 0, "expired_records": 0, "expired_days": 0}

    def former_reference(self, kind: RowKind) -> Path | None:
        """The reference data of a kind that were known before the run."""
        if (found := self._former.get((kind.value, _STATE_DAY))) is not None:
            return found[0]
        legacy = self._kept.legacy(kind.value, self._legacy_run_no)
        return legacy if self._legacy_run_no and legacy.exists() else None

    def keep_table(self, kind: str, table: Any) -> None:
        """Keep a small table without moments as it is."""
        path = self._kept.path(kind, _STATE_DAY, self._run_no)
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path, compression="zstd")
        self._note(kind, _STATE_DAY, path, table.num_rows)

    def note_read(self, kind: RowKind, schema: Any) -> None:
        """Files of this kind were read, so that its absence is known; keeps an empty file as evidence."""
        if LAYOUTS[kind].moment is not None and (kind.value, _STATE_DAY) not in self._former:
            self.keep_table(kind.value, schema.empty_table())

    def merge(
        self, connection: DuckDBPyConnection, staging: Staging, files: Mapping[int, FileCounts]
    ) -> None:
        """Merge every kind; repeats and withdrawals are counted in `files`, by file_id.

        `connection` has the table `permission(subscriber_no, purposes, since_us, until_us)`.
        """
        ids = pa.table({"file_id": pa.array(list(files), pa.int64())})
        connection.register("good_ids", ids)
        connection.execute("CREATE TABLE good_file AS SELECT file_id FROM good_ids")
        connection.unregister("good_ids")
        self._note_withdrawals(connection)
        merges = self._merge_contracts(connection, staging)
        self._note_hand_overs(connection)
        for kind in EVENT_KINDS:
            if LAYOUTS[kind].moment is not None:
                merges += self._merge_kind(connection, kind, staging)
        for merged in merges:
            for file_id, count in merged.repeats.items():
                files[file_id].duplicates += count
            for file_id, count in merged.withdrawn.items():
                files[file_id].not_permitted += count
        permitted = connection.sql("SELECT subscriber_no, purposes FROM permission")
        self.keep_table(PERMISSION, permitted.to_arrow_table())

    def merge_responses(self, connection: DuckDBPyConnection, told: Path | None) -> None:
        """Keep `told`, or where there is none what was known before, of those who permit it now; after
        `merge`."""
        former = self._former.get((RESPONSE, _STATE_DAY))
        if told is None and former is None:
            return
        source = told or (former[0] if former is not None else Path())
        path = self._kept.path(RESPONSE, _STATE_DAY, self._run_no)
        merged = merge_responses(connection, source, path, self._oldest_day)
        if told is not None:
            self.responses = {"rows": merged.rows, "not_permitted": merged.not_permitted}
        else:
            self.erased["records"] += merged.not_permitted
            self.erased["expired_records"] += merged.expired
        self._note(RESPONSE, _STATE_DAY, path, merged.rows)

    def responses_path(self) -> Path | None:
        """The file of responses that counts after the run."""
        row = self.rows.get((RESPONSE, _STATE_DAY))
        return None if row is None else self._kept.of(row)

    def paths(self) -> dict[RowKind, list[Path]]:
        """The files that count after the run, by kind."""
        return self._kept.by_kind(self.rows.values())

    def newest(self, kind: RowKind) -> Path | None:
        """The file of the newest day of a kind."""
        rows = [row for row in self.rows.values() if row.kind == kind.value and row.day]
        return self._kept.of(max(rows, key=lambda row: row.day)) if rows else None

    def _note_withdrawals(self, connection: DuckDBPyConnection) -> None:
        """The table `withdrawn(subscriber_no, lost)`: who permitted more when the run before ended."""
        former = self._former.get((PERMISSION, _STATE_DAY))
        rows = "SELECT 0::UINTEGER AS subscriber_no, 0::UINTEGER AS purposes LIMIT 0"
        if former is not None:
            rows = "SELECT * FROM read_parquet('" + str(former[0]).replace("'", "''") + "')"
        connection.execute(
            "CREATE TABLE withdrawn AS SELECT subscriber_no,"
            " xor(f.purposes, f.purposes & coalesce(p.purposes, 0)) AS lost"
            f" FROM ({rows}) f LEFT JOIN permission p USING (subscriber_no) WHERE lost <> 0"
        )
        for purpose in DataPurpose:
            [(count,)] = connection.execute(
                f"SELECT count(*) FROM withdrawn WHERE lost & {int(purpose)} <> 0"
            ).fetchall()
            if count:
                self.erased["withdrawn"][str(purpose.name).lower()] = count

    def _merge_kind(self, connection: DuckDBPyConnection, kind: RowKind, staging: Staging) -> list[Merged]:
        former = self._former_days(connection, kind)
        touched = {_day_text(day) for day in staging.days(kind)}
        # What was kept of a number's later days is the next owner's.
        touched |= {day for day in former if self._handed_over_on and day >= self._handed_over_on}
        lost = files_with_withdrawn(connection, kind, [path for path, _ in former.values()])
        touched |= {day for day, (path, row) in former.items() if row is None or path in lost}
        merges = []
        for day in sorted(touched | set(former)):
            path, row = former.get(day, (None, None))
            if day and day < self._oldest_day:
                self.erased["expired_records"] += row.rows if row is not None else 0
                self.erased["expired_days"] += row is not None
                continue
            if row is not None and day not in touched:
                self.rows[(kind.value, day)] = row
                continue
            number = _day_number(day)
            sources = MergeSources(
                kind,
                path,
                staging.parts(kind, number),
                number,
                staging.is_stale(kind, number) or self._has_bounds,
            )
            target = self._kept.path(kind.value, day, self._run_no)
            merges.append(merge_records(connection, sources, target))
            if path in lost and row is not None and not staging.parts(kind, number):
                self.erased["records"] += row.rows - merges[-1].rows
            if merges[-1].rows:
                self._note(kind.value, day, target, merges[-1].rows)
        return merges

    def _merge_contracts(self, connection: DuckDBPyConnection, staging: Staging) -> list[Merged]:
        """Statements of subscriber records, and the contracts that they make."""
        kind = RowKind.SUBSCRIBER
        said = self._former.get((STATEMENT, _STATE_DAY))
        contracts = self._former.get((kind.value, _STATE_DAY))
        legacy = contracts[0] if contracts is not None else None
        if legacy is None and self._legacy_run_no:
            oldest = self._kept.legacy(kind.value, self._legacy_run_no)
            legacy = oldest if oldest.exists() else None
        read = staging.parts(kind)
        if legacy is None and not read:
            return []
        if (
            said is not None
            and contracts is not None
            and not read
            and not files_with_withdrawn(connection, kind, [said[0]])
        ):
            self.rows[(STATEMENT, _STATE_DAY)] = said[1]
            self.rows[(kind.value, _STATE_DAY)] = contracts[1]
            return []
        sources = StatementSources(
            said[0] if said is not None else None,
            legacy if said is None else None,
            read,
            staging.is_stale(kind),
            self._snapshot_missing_max,
        )
        path = self._kept.path(STATEMENT, _STATE_DAY, self._run_no)
        stated = merge_statements(connection, sources, path)
        self._note(STATEMENT, _STATE_DAY, path, stated.rows)
        if said is not None and not read:
            self.erased["records"] += said[1].rows - stated.rows
        target = self._kept.path(kind.value, _STATE_DAY, self._run_no)
        self._note(kind.value, _STATE_DAY, target, write_contracts(connection, target))
        self.snapshots, self.owner_changes = stated.snapshots, stated.changes
        return [Merged(stated.rows, stated.repeats, stated.dropped)]

    def _note_hand_overs(self, connection: DuckDBPyConnection) -> None:
        """Until when numbers were their persons', by the contracts that count now."""
        if (row := self.rows.get((RowKind.SUBSCRIBER.value, _STATE_DAY))) is not None:
            connection.execute(
                "UPDATE permission SET until_us = gone_us FROM (SELECT subscriber_no, min(valid_from_us) AS"
                f" gone_us FROM read_parquet({quoted(self._kept.of(row))}) WHERE status IN {HANDED_OVER}"
                " GROUP BY subscriber_no) AS gone WHERE gone.subscriber_no = permission.subscriber_no"
            )
        [(bounded,)] = connection.execute(
            "SELECT count(*) FROM permission WHERE since_us > 0 OR until_us < ?", [NEVER_US]
        ).fetchall()
        self._has_bounds = bounded > 0
        gone = [at_us for _, change, at_us in self.owner_changes if change in HANDED_OVER]
        if gone:
            self._handed_over_on = _day_text(min(gone) // MICROS_PER_DAY)

    def _former_days(
        self, connection: DuckDBPyConnection, kind: RowKind
    ) -> dict[str, tuple[Path, KeptRow | None]]:
        """Day → file and row; a file of the first version stands for each of its days and has no row."""
        former: dict[str, tuple[Path, KeptRow | None]] = {
            day: found for (name, day), found in self._former.items() if name == kind.value
        }
        legacy = self._kept.legacy(kind.value, self._legacy_run_no)
        if self._legacy_run_no and legacy.exists():
            former = dict.fromkeys(map(_day_text, days_of(connection, kind, legacy)), (legacy, None))
            self.note_read(kind, pq.read_schema(legacy))
        return former

    def _note(self, kind: str, day: str, path: Path, rows: int) -> None:
        self.rows[(kind, day)] = KeptRow(kind, day, self._run_no, rows)
        self.written.append(path)


def _day_text(day: int) -> str:
    return date.fromordinal(_EPOCH_ORDINAL + day).isoformat()


def _day_number(day: str) -> int | None:
    return date.fromisoformat(day).toordinal() - _EPOCH_ORDINAL if day else None
