"""Case rows: the queue of reconciliation cases in the store.

Cases are written by the running server (what it cannot tell apart) and by `operator-push reconcile`; events
only by commands. No server keeps either in memory, save which (message, segment) it has opened itself.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, func, select

from operator_push.domain.transfers import TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.services.reconciliation_cases import CORRECTED, Case, CaseEvent, CaseState
from operator_push.store import schema
from operator_push.store.statements import insert_rows

# Set in the counter of ids that a command makes, so that they are never those of the running server, which
# would have to make 8,192 in one millisecond.
COMMAND_COUNTER_BIT = 1 << 13


def add_cases(
    connection: Connection, shard: int, found: Iterable[tuple[str, int, int, str, int, int]], now_us: int
) -> int:
    """Open a case for each (class, message_id, segment_no, detail, charged_micros, due_micros) without one.

    A segment whose case of that class is open already, or was dismissed, gets no second one; nor does one
    whose case was resolved by a correction, as long as nothing more is wrong than was then. Returns how many
    were opened.
    """
    stored = cases(connection, shard)
    known = {
        (case.found, case.message_id, case.segment_no)
        for case in stored
        if case.state is not CaseState.RESOLVED
    }
    corrected = {
        (case.found, case.message_id, case.segment_no): case.at_risk_micros
        for case in stored
        if case.state is CaseState.RESOLVED and case.events[-1].how in CORRECTED
    }
    ids, rows, events = IdSequence(shard), [], []
    for name, message_id, segment_no, detail, charged_micros, due_micros in found:
        key = (name, message_id, segment_no)
        if key in known or abs(charged_micros - due_micros) <= corrected.get(key, -1):
            continue
        known.add(key)
        case_id = ids.next_id(now_us) | COMMAND_COUNTER_BIT
        rows.append((shard, id_day(case_id), case_id, name, message_id, segment_no, detail, now_us))
        events.append(
            (shard, case_id, 0, CaseState.OPEN.value, "", "", "", "", 0, charged_micros, due_micros, now_us)
        )
    insert_rows(connection, schema.reconciliation_case, rows)
    insert_rows(connection, schema.reconciliation_case_event, events)
    return len(rows)


def cases(
    connection: Connection, shard: int, states: Sequence[CaseState] = (), case_id: int | None = None
) -> list[Case]:
    """Cases with their events, oldest first: those in one of the states, or all; or one by its id."""
    row, event = schema.reconciliation_case.c, schema.reconciliation_case_event.c
    wanted = select(event.case_id, *list(event)[3:]).where(event.shard == shard)
    statement = select(row.case_id, row["class"], row.message_id, row.segment_no, row.detail, row.at_us)
    statement = statement.where(row.shard == shard).order_by(row.day, row.case_id)
    if case_id is not None:
        wanted = wanted.where(event.case_id == case_id)
        statement = statement.where(row.day == id_day(case_id), row.case_id == case_id)
    events: dict[int, list[CaseEvent]] = {}
    for found in connection.execute(wanted.order_by(event.case_id, event.event_no)):
        values = dict(found._mapping)
        identifier = values.pop("case_id")
        events.setdefault(identifier, []).append(CaseEvent(**{**values, "state": CaseState(values["state"])}))
    every = (
        Case(*found, events=tuple(events.get(found.case_id, ()))) for found in connection.execute(statement)
    )
    return [case for case in every if not states or case.state in states]


def case_of(connection: Connection, shard: int, case_id: int) -> Case:
    """One case.

    Raises:
        OperatorError: there is none of that id.
    """
    found = cases(connection, shard, case_id=case_id)
    if not found:
        raise OperatorError(f"there is no case {case_id}; `operator-push case list` shows them")
    return found[0]


def add_event(connection: Connection, shard: int, case: Case, event: CaseEvent) -> None:
    """Write the next event of a case."""
    next_no = select(func.coalesce(func.max(schema.reconciliation_case_event.c.event_no), -1)).where(
        schema.reconciliation_case_event.c.shard == shard,
        schema.reconciliation_case_event.c.case_id == case.case_id,
    )
    event_no = int(connection.execute(next_no).scalar_one()) + 1
    row = (
        shard,
        case.case_id,
        event_no,
        event.state.value,
        event.who,
        event.assignee,
        event.how,
        event.note,
        event.posting,
        event.charged_micros,
        event.due_micros,
        event.at_us,
    )
    insert_rows(connection, schema.reconciliation_case_event, [row])


def postings_of(connection: Connection, shard: int, reference: int) -> dict[TransferKind, int]:
    """kind → micros of the postings with a reference; {} where the ledger has none."""
    row = schema.ledger_transfer.c
    found = connection.execute(
        select(row.kind, row.amount_micros).where(
            row.shard == shard, row.day == id_day(reference), row.reference == reference
        )
    )
    return {TransferKind(kind): amount for kind, amount in found}
