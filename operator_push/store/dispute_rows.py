"""Dispute rows: disputes in the store, opened and walked by commands; no server keeps them in memory."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from operator_push.domain.transfers import TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.services.correct_invoices import credit_subject
from operator_push.services.correct_ledger import Correction
from operator_push.services.disputes import Dispute, DisputeEvent, DisputeState, check_step
from operator_push.store import schema
from operator_push.store.statements import insert_into

_ABOUT_MESSAGES = (int(TransferKind.CREDIT_NOTE), int(TransferKind.CHARGE))


def add_dispute(connection: Connection, asked: Dispute, first: DisputeEvent) -> Dispute:
    """Open a dispute with its first event: `asked` gets its number and its place among those of its message.

    The same client reference of the same account again finds the dispute that it opened.

    Raises:
        OperatorError: the message has a dispute that has not ended, or the reference is of another message.
    """
    row = schema.dispute
    while True:
        earlier = disputes(connection, account_no=asked.account_no)
        known = next(
            (
                each
                for each in earlier
                if asked.client_reference and each.client_reference == asked.client_reference
            ),
            None,
        )
        if known is not None and known.message_id == asked.message_id:
            return known
        if known is not None:
            raise OperatorError(f"reference {known.client_reference!r} is of dispute {known.dispute_no}")
        of_message = [each for each in earlier if each.message_id == asked.message_id]
        if of_message and not of_message[-1].state.is_end:
            last = of_message[-1]
            raise OperatorError(
                f"message {asked.message_id} is disputed already: dispute {last.dispute_no}, "
                f"{last.state.value.replace('_', ' ')}"
            )
        greatest = connection.execute(select(func.coalesce(func.max(row.c.dispute_no), 0))).scalar_one()
        number = int(greatest) + 1
        values = {name: getattr(asked, name) for name in row.c.keys()}  # noqa: SIM118
        values |= {"dispute_no": number, "round_no": len(of_message) + 1}
        # Where another takes the number or the place meanwhile, this waits for its commit and looks again.
        statement = insert_into(connection, row).values(**values).on_conflict_do_nothing()
        if connection.execute(statement.returning(row.c.dispute_no)).first() is not None:
            return add_dispute_event(connection, number, first)


def disputes(
    connection: Connection,
    states: Sequence[DisputeState] = (),
    *,
    account_no: int | None = None,
    dispute_no: int | None = None,
    message_id: int | None = None,
) -> list[Dispute]:
    """Disputes with their events, in the order of their numbers: all, or only those that are asked for."""
    row, event = schema.dispute.c, schema.dispute_event.c
    statement = select(schema.dispute).order_by(row.dispute_no)
    wanted = select(schema.dispute_event).order_by(event.dispute_no, event.event_no)
    if account_no is not None:
        statement = statement.where(row.account_no == account_no)
    if message_id is not None:
        statement = statement.where(row.message_id == message_id)
    if dispute_no is not None:
        statement = statement.where(row.dispute_no == dispute_no)
        wanted = wanted.where(event.dispute_no == dispute_no)
    events: dict[int, list[DisputeEvent]] = {}
    for number, _, state, *rest in connection.execute(wanted):
        events.setdefault(number, []).append(DisputeEvent(DisputeState(state), *rest))
    found = (
        Dispute(**each, events=tuple(events.get(each["dispute_no"], ())))
        for each in connection.execute(statement).mappings()
    )
    return [each for each in found if not states or each.state in states]


def dispute_numbered(connection: Connection, dispute_no: int) -> Dispute:
    """One dispute.

    Raises:
        OperatorError: there is none of that number.
    """
    found = disputes(connection, dispute_no=dispute_no)
    if not found:
        raise OperatorError(f"there is no dispute {dispute_no}; `operator-push dispute list` shows them")
    return found[0]


def add_dispute_event(connection: Connection, dispute_no: int, event: DisputeEvent) -> Dispute:
    """Write the next event of a dispute, and return the dispute with it.

    Raises:
        OperatorError: the dispute cannot take this step, or another took one at the same moment.
    """
    found = dispute_numbered(connection, dispute_no)
    check_step(found, event.state)
    values = {
        "dispute_no": dispute_no,
        "event_no": len(found.events),
        "state": event.state.value,
        "who": event.who,
        "note": event.note,
        "at_us": event.at_us,
        "amount_micros": event.amount_micros,
        "posting": event.posting,
        "document": event.document,
    }
    row = schema.dispute_event
    statement = insert_into(connection, row).values(**values).on_conflict_do_nothing()
    if connection.execute(statement.returning(row.c.event_no)).first() is None:
        raise OperatorError(f"dispute {dispute_no} was changed by somebody else meanwhile; look at it again")
    return dispute_numbered(connection, dispute_no)


def corrections_about(connection: Connection, message_id: int) -> list[Correction]:
    """Credit notes and charges that were posted by hand about a message, oldest first."""
    row = schema.correction.c
    statement = (
        select(*(row[name] for name in Correction.__struct_fields__))
        .where(row.message_id == message_id, row.kind.in_(_ABOUT_MESSAGES))
        .order_by(row.at_us, row.reference)
    )
    return [Correction(*found) for found in connection.execute(statement)]


def uninvoiced_credits(connection: Connection, account_no: int) -> list[Correction]:
    """Credit notes about messages that an account was given and that no document tells of."""
    row, document = schema.correction.c, schema.invoice_document.c
    statement = (
        select(*(row[name] for name in Correction.__struct_fields__))
        .where(row.account_no == account_no, row.kind == int(TransferKind.CREDIT_NOTE), row.message_id != 0)
        .order_by(row.at_us, row.reference)
    )
    told = set(
        connection.execute(select(document.subject).where(document.account_no == account_no)).scalars()
    )
    found = (Correction(*each) for each in connection.execute(statement))
    return [each for each in found if credit_subject(account_no, each.client_reference) not in told]
