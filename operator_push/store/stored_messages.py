"""Stored messages: whole messages as the store knows them, for whoever must prove or tell what became of one.

Read in the order of the keys, five tables merged by message, a page of each in memory at a time; everything
within one `Database.read` is of one moment. Rows become values and nothing is judged.
"""

from collections.abc import Iterable, Iterator
from heapq import merge
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    FromClause,
    Select,
    Table,
    and_,
    func,
    select,
)

from operator_push.domain.message import MessageState, Verdict
from operator_push.domain.transfers import MESSAGE_KINDS, LedgerAccount, Transfer, TransferKind
from operator_push.kernel.ids import id_day
from operator_push.services.dispatch_outbox import STATUS_WITHDRAWN
from operator_push.services.finish_message import TOLD_BY_CDR, TOLD_BY_EXPIRY, TOLD_BY_RECEIPT
from operator_push.services.open_messages import WHOLE
from operator_push.services.stored_charges import PriceRow
from operator_push.store import schema
from operator_push.store.archive_reading import ArchivedDay, archived_days, is_archived, opened
from operator_push.store.document_rows import has_prices
from operator_push.store.folded import ATTEMPTS, OUTCOMES, Place, together
from operator_push.store.statements import pages

ESME_ROK = 0


class AttemptRow(msgspec.Struct, frozen=True, gc=False):
    """A send attempt with its answer; `command_status` None: nobody answered. See store.schema."""

    segment_no: int
    attempt_no: int
    link_no: int
    incarnation: int
    user_message_reference: int
    at_us: int
    command_status: int | None
    smsc_message_id: str
    answered_us: int

    @property
    def left_us(self) -> bool:
        """False only where the octets certainly stayed here."""
        return self.command_status != STATUS_WITHDRAWN


class OutcomeRow(msgspec.Struct, frozen=True, gc=False):
    """The final state of a segment."""

    segment_no: int
    state: int
    told_by: int
    smsc_message_id: str
    error_code: str
    at_us: int


class FinalRow(msgspec.Struct, frozen=True, gc=False):
    """The end of a message."""

    sequence: int
    state: int
    segments_delivered: int
    settled_micros: int
    released_micros: int
    at_us: int


class Keys(msgspec.Struct, frozen=True):
    """Some messages of one day, by their ids: what is wanted of a large store beside whole days."""

    day: int
    message_ids: list[int]


class StoredMessage(msgspec.Struct, frozen=True, gc=False):
    """One message with everything that hangs on it.

    `row` has the columns of store.schema.message by name, save `body`: what was said is not needed here.
    `price`: by what it was priced, where a tariff document priced it.
    """

    row: Any
    attempts: tuple[AttemptRow, ...]
    outcomes: tuple[OutcomeRow, ...]
    final: FinalRow | None
    transfers: tuple[Transfer, ...]
    price: PriceRow | None = None

    def attempts_of(self, segment_no: int) -> list[AttemptRow]:
        """The attempts of one segment in order; those of the WHOLE message are of each."""
        if self.row.segment_count == 1:
            return list(self.attempts)
        return [attempt for attempt in self.attempts if attempt.segment_no in (segment_no, WHOLE)]

    def outcome_of(self, segment_no: int) -> OutcomeRow | None:
        """The end of one segment; that of the WHOLE message is of each."""
        for outcome in self.outcomes:
            if outcome.segment_no == segment_no or outcome.segment_no == WHOLE:
                return outcome
        return None

    @property
    def is_whole(self) -> bool:
        """True where all segments left, or would have left, in one submit_sm; known once it has a row."""
        followers = self.attempts or self.outcomes
        return bool(followers) and followers[0].segment_no == WHOLE


def stored_messages(
    connection: Connection,
    shard: int,
    *,
    refused: bool = False,
    message_id: int | None = None,
    days: range | Keys | None = None,
) -> Iterator[StoredMessage]:
    """Messages in the order of their ids: those admitted, or with `refused` all; or one by its id.

    `days` (since 1970): only messages that were accepted then, or `Keys` of a day that is not archived.
    Archived days are read from their files.

    Raises:
        OperatorError: the file of an archived day is missing.
    """
    if message_id is not None:
        archived = is_archived(connection, shard, id_day(message_id))
        if archived is None:
            yield from _messages_in(connection, shard, refused, message_id, None)
        else:
            with opened(archived) as archive:
                yield from _messages_in(archive, shard, refused, message_id, None)
        return
    if isinstance(days, Keys):
        yield from _messages_in(connection, shard, refused, None, days)
        return
    archived_of = {
        each.day: each for each in archived_days(connection, shard) if days is None or each.day in days
    }
    hot = (
        found
        for found in _messages_in(connection, shard, refused, None, days)
        if found.row.day not in archived_of  # what is archived may still wait to be cleared away
    )
    yield from merge(_archived(archived_of.values(), shard, refused), hot, key=_id_of)


def _id_of(stored: StoredMessage) -> int:
    return int(stored.row.message_id)


def _archived(days: Iterable[ArchivedDay], shard: int, refused: bool) -> Iterator[StoredMessage]:
    """Day by day, so that one file is open at a time."""
    for day in days:
        with opened(day) as archive:
            yield from _messages_in(archive, shard, refused, None, None)


def _messages_in(
    connection: Connection, shard: int, refused: bool, message_id: int | None, days: range | Keys | None
) -> Iterator[StoredMessage]:
    """The messages of one database: the store's, or those of an archive."""
    row = schema.message.c
    columns = [column for column in row if column.name != "body"]
    statement = select(*columns).where(_wanted(schema.message, shard, message_id, days))
    if not refused:
        statement = statement.where(row.verdict != int(Verdict.REFUSE))
    attempts = _Followers(connection, _attempts(shard, message_id, days))
    outcomes = _Followers(connection, _outcomes(shard, message_id, days))
    finals = _Followers(connection, _finals(shard, message_id, days))
    transfers = _Followers(connection, _transfers(shard, message_id, days))
    prices = _prices(connection, shard, message_id, days)
    for found in pages(connection, statement.order_by(row.day, row.message_id)):
        day, identifier = found.day, found.message_id
        ends = [FinalRow(*final[2:]) for final in finals.take(day, identifier)]
        yield StoredMessage(
            row=found,
            attempts=tuple([AttemptRow(*attempt[2:]) for attempt in attempts.take(day, identifier)]),
            outcomes=tuple([OutcomeRow(*outcome[2:]) for outcome in outcomes.take(day, identifier)]),
            final=ends[0] if ends else None,
            transfers=tuple([_transfer(shard, transfer) for transfer in transfers.take(day, identifier)]),
            price=next(
                (PriceRow(found.message_id, *price[2:]) for price in prices.take(day, identifier)), None
            )
            if prices is not None
            else None,
        )


def ends_of(stored: StoredMessage) -> list[tuple[MessageState, bool]]:
    """How each segment stands, as a contract asks: its state, UNKNOWN where its hold has expired, and whether
    the SMSC has taken it."""
    found = []
    for number in range(1, stored.row.segment_count + 1):
        outcome = stored.outcome_of(number)
        told = outcome is not None and outcome.told_by in (TOLD_BY_RECEIPT, TOLD_BY_CDR)
        taken = any(attempt.command_status == ESME_ROK for attempt in stored.attempts_of(number))
        silent = outcome is not None and outcome.told_by == TOLD_BY_EXPIRY
        state = MessageState.UNKNOWN if silent else segment_state_of(stored, number)
        found.append((state, told or taken))
    return found


def smsc_message_id_of(stored: StoredMessage, segment_no: int) -> str:
    """The SMSC's id of a segment: from its receipt or CDR, otherwise from the answer to its last attempt."""
    outcome = stored.outcome_of(segment_no)
    if outcome is not None and outcome.smsc_message_id:
        return outcome.smsc_message_id
    answers = [attempt.smsc_message_id for attempt in stored.attempts_of(segment_no)]
    return next((answer for answer in reversed(answers) if answer), "")


def segment_state_of(stored: StoredMessage, segment_no: int) -> MessageState:
    """A segment's state from its rows alone: UNKNOWN where an attempt has no answer."""
    left = [attempt for attempt in stored.attempts_of(segment_no) if attempt.left_us]
    unanswered = any(attempt.command_status is None for attempt in left)
    accepted = any(attempt.command_status == ESME_ROK for attempt in left)
    return _state(stored.outcome_of(segment_no), unanswered, accepted)


def _state(outcome: OutcomeRow | None, unanswered: bool, accepted: bool) -> MessageState:
    if outcome is not None:
        return _STATES[outcome.state]
    if unanswered:
        return MessageState.UNKNOWN
    return MessageState.SENT if accepted else MessageState.ACCEPTED


def _transfer(shard: int, row: Any) -> Transfer:
    day, reference, kind, account_no, debit, credit, amount, currency, at_us = row
    sides = _SIDES[debit], _SIDES[credit]
    return Transfer(shard, day, reference, _KINDS[kind], account_no, *sides, amount, currency, at_us)


# Looked up, not called: an enumeration's call costs more than the rest of the row.
_KINDS = {int(kind): kind for kind in TransferKind}
_SIDES = {int(side): side for side in LedgerAccount}
_STATES = {int(state): state for state in MessageState}


def _plain(
    table: Table, order: str, shard: int, message_id: int | None, days: range | Keys | None
) -> Select[Any]:
    """The rows of a table, (day, message_id) first, then its columns after the key's shard, day and id."""
    columns = list(table.c)[3:]
    statement = select(table.c.day, table.c.message_id, *columns)
    statement = statement.where(_wanted(table, shard, message_id, days))
    return statement.order_by(table.c.day, table.c.message_id, table.c[order])


def _wanted(
    table: FromClause, shard: int, message_id: int | None, days: range | Keys | None
) -> ColumnElement[bool]:
    """All rows of the shard, those of some days, or those of one message, found by the key."""
    day, identifier = list(table.c)[1:3]
    if isinstance(days, Keys):
        return and_(table.c.shard == shard, day == days.day, identifier.in_(days.message_ids))
    if message_id is None and days is not None:
        return and_(table.c.shard == shard, day >= days.start, day < days.stop)
    if message_id is None:
        return table.c.shard == shard
    return and_(table.c.shard == shard, day == id_day(message_id), identifier == message_id)


def _attempts(shard: int, message_id: int | None, days: range | Keys | None) -> CompoundSelect[Any]:
    result = schema.submit_result
    keys = ("day", "message_id", "segment_no", "attempt_no")
    names = (*keys, "link_no", "incarnation", "user_message_reference", "at_us")

    def answered(attempt: Place) -> Select[Any]:
        same = and_(*(attempt.c[name] == result.c[name] for name in ("shard", *keys)))
        return (
            select(
                *attempt.named(*names),
                result.c.command_status,
                func.coalesce(result.c.smsc_message_id, ""),
                func.coalesce(result.c.at_us, 0),
            )
            .select_from(attempt.rows.outerjoin(result, same))
            .where(_wanted(attempt.rows, shard, message_id, days))
        )

    return together(ATTEMPTS, answered, *keys)


def _outcomes(shard: int, message_id: int | None, days: range | Keys | None) -> CompoundSelect[Any]:
    keys = ("day", "message_id", "segment_no")
    names = (*keys, *OutcomeRow.__struct_fields__[1:])

    def ended(outcome: Place) -> Select[Any]:
        wanted = _wanted(outcome.rows, shard, message_id, days)
        return select(*outcome.named(*names)).select_from(outcome.rows).where(wanted)

    return together(OUTCOMES, ended, *keys)


def _finals(shard: int, message_id: int | None, days: range | Keys | None) -> Select[Any]:
    row = schema.message_final.c
    columns = (row[name] for name in FinalRow.__struct_fields__)
    wanted = _wanted(schema.message_final, shard, message_id, days)
    return select(row.day, row.message_id, *columns).where(wanted).order_by(row.day, row.message_id)


def _transfers(shard: int, message_id: int | None, days: range | Keys | None) -> Select[Any]:
    transfer = schema.ledger_transfer
    row = transfer.c
    statement = select(row.day, row.reference, *(column for column in row if column.name not in _KEYED))
    statement = statement.where(_wanted(transfer, shard, message_id, days), row.kind.in_(_MESSAGE_KINDS))
    return statement.order_by(row.day, row.reference, row.kind)


def _prices(
    connection: Connection, shard: int, message_id: int | None, days: range | Keys | None
) -> "_Followers | None":
    """None in an archive from before there were documents."""
    if not has_prices(connection):
        return None
    return _Followers(connection, _plain(schema.message_price, "message_id", shard, message_id, days))


_KEYED = ("shard", "day", "reference")
_MESSAGE_KINDS = sorted(int(kind) for kind in MESSAGE_KINDS)


class _Followers:
    """Rows that belong to messages, (day, message_id) first, read in step with them."""

    def __init__(self, connection: Connection, statement: Select[Any] | CompoundSelect[Any]) -> None:
        self._rows = pages(connection, statement)
        self._next = next(self._rows, None)

    def take(self, day: int, message_id: int) -> list[Any]:
        """The rows of this message; those of earlier keys, whose message is not wanted, are passed over."""
        row, found = self._next, []
        while row is not None and (row[1] <= message_id if row[0] == day else row[0] < day):
            if row[1] == message_id:
                found.append(row)
            row = next(self._rows, None)
        self._next = row
        return found
