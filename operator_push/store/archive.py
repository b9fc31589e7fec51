"""Archive: days that have closed leave the hot tables, each for one SQLite file of its own.

Laws: a day is copied within one reading transaction, only when nothing of it is open or owed; the copy is
compared with the rows (counts and sums) before it gets its name; the row in `archived_day` is the moment at
which the file becomes the truth, and only then are hot rows deleted, in small batches, in an order in which a
start in between sees nothing open that has ended. Everything may be killed anywhere and run again.
What stays hot: consents (their state is a fold over all of them), MO, the vault and its audit, cases, and
the short names of messages.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    create_engine,
    delete,
    func,
    select,
    update,
)

from operator_push.domain.campaign import CampaignState
from operator_push.domain.message import Verdict
from operator_push.domain.transfers import LEGS, TransferKind
from operator_push.kernel.errors import MoneyInvariantError, OperatorError
from operator_push.store import schema
from operator_push.store.archive_reading import ArchivedDay, archived_days, opened_file
from operator_push.store.archive_tables import archived_day
from operator_push.store.database import Database
from operator_push.store.folded import DELIVERIES
from operator_push.store.seal_rows import chain_tip
from operator_push.store.statements import insert_rows, pages

# In the order in which hot rows are cleared away: a final row outlives what it closes, and an acknowledgement
# what was owed, so that a start in the middle finds nothing to do again.
ARCHIVED: tuple[Table, ...] = (
    schema.attempt,
    schema.submit_result,
    schema.segment_outcome,
    schema.message,
    schema.message_price,
    schema.deferral,
    schema.message_channel,
    schema.message_final,
    schema.esme_delivery,
    schema.esme_delivery_ack,
    schema.receipt_aside,
    schema.ledger_transfer,
    schema.ledger_seal,
)
HOT_DAYS_MIN = 3  # caps, retries and early receipts look back two days at a start
# A closed day is indexed once; who asks what was sent to them is then answered without reading it all.
BY_PERSON = "CREATE INDEX message_by_person ON message (subscriber_no)"
CLEAR_ROWS = 500  # Ours: a transaction of some milliseconds, so that a commit of the server hardly waits.
_COPY_ROWS = 10_000
_ENDED = [CampaignState.FINISHED.value, CampaignState.CANCELLED.value]

Sums = dict[str, int]


@dataclass(frozen=True, slots=True)
class Archiving:
    """How to archive. `rest` is called after each small piece of work, for whoever else needs the machine;
    where `go_on` says no, the run ends after the piece, and the next run goes on from there."""

    shard: int
    folder: Path
    hot_days: int
    rest: Callable[[], None] = lambda: None
    go_on: Callable[[], bool] = lambda: True


@dataclass(slots=True)
class ArchiveOutcome:
    """What a run did: days archived now, hot rows cleared, and why older days stay (day → reason)."""

    archived: list[int]
    cleared_rows: int
    waiting: dict[int, str]


def run_archive(database: Database, archiving: Archiving, now_us: int) -> ArchiveOutcome:
    """Archive every closed day older than the hot ones, and clear what earlier runs have left.

    Raises:
        OperatorError: the folder cannot be written, or hot_days is too small.
        MoneyInvariantError: a copy does not agree with its rows; the day stays as it is.
        ResourceError: the database is locked or gone; run it again.
    """
    if archiving.hot_days < HOT_DAYS_MIN:
        raise OperatorError(
            f"{archiving.hot_days} is too few: {HOT_DAYS_MIN} or more", key="retention.hot_days"
        )
    archiving.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    database.run(lambda connection: _found_again(connection, archiving))
    outcome = ArchiveOutcome([], 0, {})
    today = now_us // (86_400 * 1_000_000)
    for day in database.read(lambda connection: _hot_days(connection, archiving.shard)):
        if day >= today - archiving.hot_days or not archiving.go_on():
            break
        reason = database.read(partial(why_not_closed, shard=archiving.shard, day=day))
        if reason is not None:
            outcome.waiting[day] = reason
            continue
        _archive_day(database, archiving, day, now_us)
        outcome.archived.append(day)
    for archived in database.read(lambda connection: archived_days(connection, archiving.shard)):
        if not archived.cleared_us and archiving.go_on():
            outcome.cleared_rows += _clear(database, archiving, archived.day, now_us)
    return outcome


def why_not_closed(connection: Connection, shard: int, day: int) -> str | None:
    """Why a day may not leave the hot tables yet, in words; None where it may."""
    message, final = schema.message.c, schema.message_final.c
    ack = schema.esme_delivery_ack.c
    in_day = (message.shard == shard, message.day == day)
    ended = select(final.message_id).where(final.shard == shard, final.day == day)
    taken = select(ack.delivery_id).where(ack.shard == shard, ack.day == day)
    unfinished = select(schema.campaign.c.campaign_no).where(schema.campaign.c.state.not_in(_ENDED))
    cursors = select(func.min(schema.sink_cursor.c.sequence)).where(schema.sink_cursor.c.shard == shard)
    highest = select(func.max(final.sequence)).where(final.shard == shard, final.day == day)
    questions = (
        (
            "messages are open",
            select(func.count()).where(
                *in_day, message.verdict != int(Verdict.REFUSE), message.message_id.not_in(ended)
            ),
        ),
        *(
            (
                "deliveries are owed to ESMEs",
                select(func.count())
                .select_from(owed.rows)
                .where(owed.c["shard"] == shard, owed.c["day"] == day, *owed.are)
                .where(owed.c["delivery_id"].not_in(taken)),
            )
            for owed in DELIVERIES
        ),
        (
            "messages are of campaigns that have not ended",
            select(func.count()).where(*in_day, message.campaign_no.in_(unfinished)),
        ),
    )
    for words, statement in questions:
        count = connection.execute(statement).scalar_one()
        if count:
            return f"{count} {words}"
    told, last = connection.execute(cursors).scalar(), connection.execute(highest).scalar()
    if told is not None and last is not None and told < last:
        return f"a sink of delivery events has been told up to {told}, the day ends with {last}"
    return None


def sums_of(connection: Connection, shard: int, day: int) -> Sums:
    """Rows by table and micros by kind, of one day; the same question to the store and to an archive.

    A kind that the day does not have is 0.
    """
    sums: Sums = {}
    for table in ARCHIVED:
        statement = select(func.count()).select_from(table).where(*_of_day(table, shard, day))
        sums[f"rows of {table.name}"] = int(connection.execute(statement).scalar_one())
    transfer, final = schema.ledger_transfer, schema.message_final
    by_kind = (
        select(transfer.c.kind, func.sum(transfer.c.amount_micros))
        .where(*_of_day(transfer, shard, day))
        .group_by(transfer.c.kind)
    )
    micros_of = {kind: int(micros) for kind, micros in connection.execute(by_kind)}
    for kind in {*TransferKind, *micros_of}:
        name = TransferKind(kind).name if kind in LEGS else f"kind {kind}"
        sums[f"micros of {name}"] = micros_of.get(kind, 0)
    for column in (final.c.settled_micros, final.c.released_micros, final.c.sequence, final.c.receipt_id):
        statement = select(func.sum(column)).where(*_of_day(final, shard, day))
        sums[f"sum of {column.name}"] = int(connection.execute(statement).scalar() or 0)
    return sums


def _archive_day(database: Database, archiving: Archiving, day: int, now_us: int) -> None:
    date = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
    path = archiving.folder / f"operator-push-{archiving.shard}-{date:%Y-%m-%d}.db"
    part = path.with_suffix(".part")
    values = database.read(lambda connection: _copy(connection, archiving, day, part))
    os.replace(part, path)
    folder = os.open(archiving.folder, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name too
    finally:
        os.close(folder)
    row = {
        **values,
        "shard": archiving.shard,
        "day": day,
        "folder": str(path.parent),
        "file": path.name,
        "archived_us": now_us,
        "cleared_us": 0,
    }
    database.run(lambda connection: connection.execute(archived_day.insert().values(row)))


def _copy(connection: Connection, archiving: Archiving, day: int, part: Path) -> Sums:
    """Write the part file and prove it against the rows; returns what `archived_day` keeps of it."""
    shard = archiving.shard
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    engine = create_engine(f"sqlite:///{part}", hide_parameters=True)
    try:
        with engine.begin() as archive:
            schema.metadata.create_all(archive, tables=list(ARCHIVED))
            for table in ARCHIVED:
                statement = select(table).where(*_of_day(table, shard, day))
                for rows in _batches(connection, statement.order_by(*table.primary_key.columns)):
                    insert_rows(archive, table, rows)
                    archiving.rest()
            archive.exec_driver_sql(BY_PERSON)
    finally:
        engine.dispose()
    sums = sums_of(connection, shard, day)
    with opened_file(part) as archive:
        copied = sums_of(archive, shard, day)
        sound = archive.exec_driver_sql("PRAGMA integrity_check").scalar()
    if copied != sums or sound != "ok":
        wrong = sorted(name for name in sums if sums[name] != copied[name]) or [str(sound)]
        raise MoneyInvariantError(f"the archive of day {day} differs from its rows in {', '.join(wrong)}")
    held, settled = sums["micros of HOLD"], sums["micros of SETTLE"]
    released = sums["micros of RELEASE"] + sums["micros of EXPIRE"]
    if held != settled + released:
        raise MoneyInvariantError(f"day {day} held {held} micros and resolved {settled + released}")
    final = schema.message_final
    sequence = connection.execute(select(func.max(final.c.sequence)).where(*_of_day(final, shard, day)))
    return {
        "messages": sums["rows of message"],
        "row_count": sum(sums[f"rows of {table.name}"] for table in ARCHIVED),
        "held_micros": held,
        "settled_micros": settled,
        "released_micros": released,
        "highest_id": max(
            *(_highest(connection, _identifier(table), shard, day) for table in ARCHIVED),
            _highest(connection, final.c.receipt_id, shard, day),
        ),
        "highest_sequence": int(sequence.scalar() or 0),
    }


def _batches(connection: Connection, statement: Select[Any]) -> Iterator[list[tuple[object, ...]]]:
    batch: list[tuple[object, ...]] = []
    for row in pages(connection, statement):
        batch.append(tuple(row))
        if len(batch) == _COPY_ROWS:
            yield batch
            batch = []
    yield batch


def _clear(database: Database, archiving: Archiving, day: int, now_us: int) -> int:
    """Delete what is archived, a batch a transaction; returns the rows."""
    cleared = 0
    for table in ARCHIVED:
        while deleted := database.run(partial(_delete_some, table=table, shard=archiving.shard, day=day)):
            cleared += deleted
            archiving.rest()
            if not archiving.go_on():
                return cleared
    row = archived_day.c
    done = update(archived_day).where(row.shard == archiving.shard, row.day == day).values(cleared_us=now_us)
    database.run(lambda connection: connection.execute(done))
    return cleared


def _delete_some(connection: Connection, table: Table, shard: int, day: int) -> int:
    identifier = _identifier(table)
    of_day = _of_day(table, shard, day)
    if table is schema.ledger_seal:  # the next commit goes on from the last seal, however old that is
        of_day = (*of_day, identifier < chain_tip(connection, shard).seal_no)
    last = connection.execute(
        select(identifier).where(*of_day).order_by(identifier).limit(1).offset(CLEAR_ROWS)
    ).scalar()
    statement = delete(table).where(*of_day)
    if last is not None:
        statement = statement.where(identifier <= last)
    return int(connection.execute(statement).rowcount)


def _hot_days(connection: Connection, shard: int) -> list[int]:
    """Days with rows in the hot tables that are not archived yet, oldest first: one step down a tree each."""
    known = {archived.day for archived in archived_days(connection, shard)}
    found: set[int] = set()
    for table in ARCHIVED:
        day = -1
        while True:
            statement = select(func.min(table.c.day)).where(table.c.shard == shard, table.c.day > day)
            following = connection.execute(statement).scalar()
            if following is None:
                break
            day = int(following)
            found.add(day)
    return sorted(found - known)


def _found_again(connection: Connection, archiving: Archiving) -> None:
    """Files that were carried to the folder that is set now: the store learns where they are."""
    row = archived_day.c
    for archived in archived_days(connection, archiving.shard):
        moved: ArchivedDay = archived
        if not moved.path.exists() and (archiving.folder / moved.file).is_file():
            connection.execute(
                update(archived_day)
                .where(row.shard == archiving.shard, row.day == moved.day)
                .values(folder=str(archiving.folder))
            )


def _highest(connection: Connection, identifier: Column[int], shard: int, day: int) -> int:
    found = connection.execute(select(func.max(identifier)).where(*_of_day(identifier.table, shard, day)))
    return int(found.scalar() or 0)


def _identifier(table: Table) -> Column[int]:
    return list(table.primary_key.columns)[2]


def _of_day(table: FromClause, shard: int, day: int) -> tuple[ColumnElement[bool], ...]:
    return table.c.shard == shard, table.c.day == day


def resting(share: float) -> Callable[[], None]:
    """A `rest` that leaves the given share of the time to others: 0.8 works a fifth of the time."""
    last = time.monotonic()

    def rest() -> None:
        nonlocal last
        worked = time.monotonic() - last
        time.sleep(min(1.0, worked * share / (1 - share)))
        last = time.monotonic()

    return rest
