"""The permission proof: every message that left is held against the consent acts heard by then.

A second reading of the consent rows, simpler than the product's own (domain.permission): for the brands of
the demo a person permits a brand when the last act about it is a grant, and nothing any more after a stop of
everything. Beside it: no feature was computed that its subscriber had not permitted.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import Connection, FromClause, Select, and_, select

from operator_push.domain.consent import ConsentAction, Purpose
from operator_push.domain.message import Verdict
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME
from operator_push.kernel.ids import id_epoch_us
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.folded import ATTEMPTS, Place, together

_Acts = dict[tuple[int, int], list[tuple[int, bool]]]


@dataclass(slots=True)
class PermissionProof:
    """`checked` messages left us; of these `without` had no permission at the moment of their attempt."""

    checked: int = 0
    without: int = 0
    examples: list[str] = field(default_factory=list)


def prove_permission(database_file: Path) -> PermissionProof:
    """Check every attempt of the run whose octets may have left."""
    database = Database.open(f"sqlite:///{database_file}")
    try:
        return database.read(_prove)
    finally:
        database.close()


def _prove(connection: Connection) -> PermissionProof:
    proof = PermissionProof()
    acts, stops = _consent_acts(connection)
    message, result = schema.message.c, schema.submit_result.c

    def left(attempt: Place) -> Select[Any]:
        row, keys = attempt.c, ("shard", "day", "message_id")
        withheld = select(result.message_id).where(
            *(result[key] == row[key] for key in (*keys, "segment_no", "attempt_no")),
            result.command_status < 0,
        )
        rows: FromClause = schema.message
        if attempt.rows is not rows:
            rows = rows.join(attempt.rows, and_(*(message[key] == row[key] for key in keys)))
        return (
            select(message.message_id, message.subscriber_no, message.brand_no, row["at_us"])
            .select_from(rows)
            .where(message.verdict != int(Verdict.REFUSE), ~withheld.exists())
        )

    for message_id, subscriber_no, brand_no, at_us in connection.execute(together(ATTEMPTS, left)):
        proof.checked += 1
        stopped_us = stops.get(subscriber_no)
        granted = False
        for heard_us, grant in acts.get((subscriber_no, brand_no), ()):
            if heard_us <= at_us:
                granted = grant
        if not granted or (stopped_us is not None and stopped_us < at_us):
            proof.without += 1
            proof.examples.append(f"message {message_id}")
    return proof


def _consent_acts(connection: Connection) -> tuple[_Acts, dict[int, int]]:
    """((subscriber, brand) → acts in their order, subscriber → first stop of everything).

    An act of a file counts from the import on, and in the order of its own moment.
    """
    row = schema.consent_event.c
    statement = select(
        row.event_id, row.subscriber_no, row.brand_no, row.purpose, row.action, row.at_us
    ).order_by(row.at_us, row.event_id)
    acts: _Acts = defaultdict(list)
    stops: dict[int, int] = {}
    for event_id, subscriber_no, brand_no, purpose, action, at_us in connection.execute(statement):
        if purpose not in (Purpose.MARKETING, Purpose.SERVICE):
            continue
        if brand_no:
            granted = action == ConsentAction.GRANT
            acts[(subscriber_no, brand_no)].append((id_epoch_us(event_id), granted))
        elif action == ConsentAction.WITHDRAW:
            stops.setdefault(subscriber_no, at_us)
    return acts, stops


def features_beyond_permission(features: Path, snapshot: Path) -> int:
    """How many values stand in the features whose purpose the snapshot does not show as permitted.

    Every file below `features`, the folder of features.json, is looked into, whether or not it counts.
    """
    connection = duckdb.connect(":memory:")
    beyond = 0
    try:
        for file in sorted((features / "profiles").rglob("*.parquet")):
            rows = connection.execute("SELECT * FROM read_parquet(?) LIMIT 0", [str(file)])
            counts = [
                f'count(*) FILTER (WHERE f."{name}" IS NOT NULL'
                f" AND (coalesce(s.purposes, 0) & {need}) <> {need})"
                for name, need in ((each[0], _need(each[0])) for each in rows.description or ())
                if need
            ]
            found = connection.execute(
                f"SELECT {', '.join(counts) or '0'} FROM read_parquet(?) AS f"
                " LEFT JOIN read_parquet(?) AS s USING (subscriber_no)",
                [str(file), str(snapshot)],
            ).fetchone()
            beyond += sum(found) if found else 0
    finally:
        connection.close()
    return beyond


def _need(name: str) -> int:
    """What a column asks for; 0 of subscriber_no, and more than there is of a column that no feature has."""
    if name == "subscriber_no":
        return 0
    feature = FEATURES_BY_NAME.get(name)
    return int(feature.purpose) if feature is not None else 1 << 31
