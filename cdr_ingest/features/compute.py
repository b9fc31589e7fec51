"""Compute: from kept records to the features of each person who permits them, stored apart by purpose.

Stage one sums the days that are new or have changed; stage two merges the days of the windows. For each set
of purposes there is one table, and in it nobody who does not permit all of them. The manifest tells how old
the permissions behind it are.
"""

import os
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from cdr_ingest.door.snapshot import PermissionSnapshot
from cdr_ingest.features.contract import contract_at, ended_at
from cdr_ingest.features.definitions import EPOCH_ORDINAL, since_1970
from cdr_ingest.features.engine import Engine
from cdr_ingest.features.lookups import held_on, with_lookups
from cdr_ingest.features.merged import people, profiles
from cdr_ingest.features.needs import PURPOSES, Needs, needs_of
from cdr_ingest.features.partial_files import PartialFiles
from cdr_ingest.features.partials import PARTIALS, PartialForm, Table, with_local_time
from cdr_ingest.features.record_files import day_batches, days_of, record_files
from cdr_ingest.features.sources import Found, Source, kind_behind, made
from cdr_ingest.formats.layouts import LAYOUTS, REFERENCE_KINDS, RowKind
from operator_push.kernel.contracts import FEATURES_VERSION, FeaturesManifest, PurposeFiles, purpose_name
from operator_push.kernel.instants import MICROS_PER_DAY

_EVENTS = (RowKind.CDR, RowKind.TOP_UP)


@dataclass(frozen=True, slots=True)
class Computation:
    """What is computed from what.

    `kept`: the files of kept records by kind; `out` is the folder that partials and features are kept in,
    `work` one for what only this computation needs; `tag` names its files; `last_day` is the last local day
    of the windows, since 1970. `needs`: the features, and what they are made from. `responses`: the kept file
    of how people answered messages, where there is one.
    """

    kept: Mapping[RowKind, Sequence[Path]]
    permission: PermissionSnapshot
    zone: ZoneInfo
    last_day: int
    out: Path
    work: Path
    tag: str
    needs: Needs = field(default_factory=needs_of)
    responses: Path | None = None


@dataclass(frozen=True, slots=True)
class Computed:
    """What was written, and how many local days had to be summed for it."""

    manifest: FeaturesManifest
    days_summed: int

    @property
    def profiles(self) -> int:
        """How many people there are."""
        return sum(each.rows for each in self.manifest.files if not each.purposes)


def write_features(engine: Engine, asked: Computation) -> Computed:
    """Bring the partials up to date and write the features; they count once `publish_features` says so."""
    partials = PartialFiles(asked.out / "partials", asked.zone.key)
    days_summed = sum(_sum_days(engine, asked, partials, kind) for kind in _EVENTS)
    partials.commit()
    snapshot = asked.permission
    manifest = FeaturesManifest(
        FEATURES_VERSION,
        snapshot.taken_at.isoformat(),
        snapshot.key_id,
        snapshot.permission_sequence,
        date.fromordinal(EPOCH_ORDINAL + asked.last_day).isoformat(),
        asked.zone.key,
        tuple(_write_profiles(engine, asked, partials)),
        () if asked.needs.is_all else tuple(feature.name for feature in asked.needs.chosen),
    )
    return Computed(manifest, days_summed)


def publish_features(out: Path, manifest: FeaturesManifest) -> None:
    """From here on these features count; all others in the folder are removed."""
    beside = out / ".features.part"
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    os.replace(beside, out / "features.json")
    counting = {(out / path).parent for each in manifest.files for path in each.paths}
    for folder in (out / "profiles").glob("*/*"):
        if folder not in counting:
            shutil.rmtree(folder, ignore_errors=True)


def _sum_days(engine: Engine, asked: Computation, partials: PartialFiles, kind: RowKind) -> int:
    """Stage one for one kind of record; how many days were summed."""
    moment = LAYOUTS[kind].moment or ""
    files = record_files(asked.kept.get(kind, ()), moment)
    possible = days_of(files, asked.zone)
    summed: set[int] = set()
    for partial, form in PARTIALS.items():
        if form.kind is not kind:
            continue
        partials.keep_only(partial, possible)
        if (need := asked.needs.partials.get(partial)) is None:
            continue
        wanted = {day: digest for day, digest in possible.items() if need.covers(day, asked.last_day)}
        if stale := partials.stale(partial, wanted, need.columns):
            made = asked.work / "partials" / partial.value
            batches = day_batches(files, stale, asked.zone, engine.batch_records)
            engine.write_days(_sums(asked.zone, moment, stale, form, need.columns), batches, made)
            partials.take(partial, {day: wanted[day] for day in stale}, need.columns, made, asked.tag)
            summed |= {*stale}
    return len(summed)


def _sums(
    zone: ZoneInfo, moment: str, days: Sequence[int], form: PartialForm, columns: Collection[str]
) -> Callable[[Table], Table]:
    """From records to a partial of these days."""
    # A day of slack on both sides covers every offset.
    first_us, last_us = (days[0] - 1) * MICROS_PER_DAY, (days[-1] + 2) * MICROS_PER_DAY
    return lambda records: form.make(with_local_time(records, moment, zone, first_us, last_us), columns)


def _write_profiles(engine: Engine, asked: Computation, partials: PartialFiles) -> list[PurposeFiles]:
    """Stage two; empty where there is no record at all."""
    tables = {}
    for partial, need in asked.needs.partials.items():
        if files := partials.files(partial, need, asked.last_day):
            tables[partial] = engine.read_days(files)
    states = {
        kind: engine.read(asked.kept[kind])
        for kind in (RowKind.SUBSCRIBER, *REFERENCE_KINDS)
        if asked.kept.get(kind)
    }
    seen = [engine.read(asked.kept[kind]) for kind in (RowKind.SUBSCRIBER, *_EVENTS) if asked.kept.get(kind)]
    responses = None
    if asked.responses is not None:
        told = engine.read([asked.responses])
        responses = told.mutate(
            subscriber_no=told.subscriber_no.cast("int64"), day=since_1970(told.day).cast("int64")
        )
        seen.append(told)
    if not seen:
        return []
    permission = asked.work / "permission.parquet"
    whole = pa.schema([("subscriber_no", pa.int64()), ("purposes", pa.int64())])
    pq.write_table(asked.permission.rows.select(whole.names).cast(whole), permission)
    contracts, last_day = states.get(RowKind.SUBSCRIBER), asked.last_day
    contract, cells = None, states.get(RowKind.CELL)
    if contracts is not None:
        contract = with_lookups(
            contract_at(contracts, asked.zone, last_day),
            states.get(RowKind.DEVICE),
            states.get(RowKind.PLAN),
            last_day,
        )
    if cells is not None:
        cells = held_on(cells, "cell_id", last_day)
    from_what = Found(tables, contract, cells, last_day, responses)
    found = {}
    for view, columns in asked.needs.columns.items():
        if (rows := made(view, columns, from_what)) is not None:
            found[view] = engine.named(rows)
    # Written once, since every table begins with it.
    everybody = people(engine.read([permission]), seen)
    if contracts is not None:  # whose contract has ended has no profile, whatever is kept
        everybody = everybody.anti_join(ended_at(contracts, asked.zone, last_day), "subscriber_no")
    everybody = engine.read(engine.write(everybody, asked.work / "people"))
    written = [_write(engine, asked, 0, everybody.select("subscriber_no"))]
    known = {
        source
        for source in Source
        if (asked.responses if (kind := kind_behind(source)) is None else asked.kept.get(kind))
    }
    for purposes in PURPOSES:
        features = [feature for feature in asked.needs.chosen if int(feature.purpose) == purposes]
        table = profiles(engine, everybody, purposes, features, found, known, last_day)
        written.append(_write(engine, asked, purposes, table))
    return written


def _write(engine: Engine, asked: Computation, purposes: int, rows: Table) -> PurposeFiles:
    folder = asked.out / "profiles" / purpose_name(purposes) / asked.tag
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    files = engine.write(rows, folder)
    return PurposeFiles(
        purposes,
        tuple(file.relative_to(asked.out).as_posix() for file in files),
        sum(pq.read_metadata(file).num_rows for file in files),
    )
