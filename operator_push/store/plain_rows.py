"""Plain rows: what nearly every message needs for its proof, one row an attempt, joined by the database.

Our side of services.plain_segments, read within one `Database.read`. Whatever does not fit into one row (more
attempts, postings of other kinds, archived days) is read whole by proof_rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, case, false, func, or_, select

from operator_push.domain.message import Verdict
from operator_push.domain.transfers import TransferKind
from operator_push.services.plain_segments import SegmentRow
from operator_push.services.reconciliation import OurMessage
from operator_push.services.stored_charges import StoredCharges
from operator_push.store import schema
from operator_push.store.archive_reading import archived_days
from operator_push.store.correction_rows import corrected_by_message
from operator_push.store.document_rows import stored_documents
from operator_push.store.folded import FIRST
from operator_push.store.proof_rows import account_names, house_currency, our_message
from operator_push.store.statements import pages
from operator_push.store.stored_messages import Keys, stored_messages

# Kinds that change what was earned and have no column in a SegmentRow.
_UNUSUAL = tuple(map(int, (TransferKind.EXPIRE, TransferKind.LATE_CHARGE, TransferKind.FAILED_REFUND)))


class PlainRows:
    """services.plain_segments.OurRows over one connection; with `days`, of messages accepted then."""

    def __init__(self, connection: Connection, shard: int, days: range | None = None) -> None:
        self._connection = connection
        self._shard = shard
        self._days = days
        self._names = account_names(connection)
        self._house = house_currency(connection)
        versions = {each.document_no: each.document for each in stored_documents(connection)}
        self.charges = StoredCharges(versions.__getitem__)
        self._corrected = corrected_by_message(connection)
        self._archived = {
            each.day for each in archived_days(connection, shard) if days is None or each.day in days
        }

    def rows(self) -> Iterator[SegmentRow]:
        """See OurRows; days that are archived are left out."""
        for row in pages(self._connection, self._statement()):
            if row[0] not in self._archived:
                yield row

    def unusual(self) -> set[int]:
        """See OurRows."""
        row = schema.ledger_transfer.c
        unusual = or_(row.kind.in_(_UNUSUAL), row.currency != self._house if self._house else false())
        statement = select(row.reference).where(row.shard == self._shard, unusual)
        if self._days is not None:
            statement = statement.where(row.day >= self._days.start, row.day < self._days.stop)
        return {found[0] for found in pages(self._connection, statement)}.union(self._corrected)

    def messages(self, keys: Sequence[tuple[int, int]]) -> Iterable[OurMessage]:
        """See OurRows; keys are in their order."""
        for day, of_day in groupby(keys, itemgetter(0)):
            wanted = Keys(day, [message_id for _, message_id in of_day])
            for stored in stored_messages(self._connection, self._shard, days=wanted):
                yield our_message(stored, self._names, self.charges, self._house, self._corrected)

    def others(self) -> Iterable[OurMessage]:
        """See OurRows."""
        for day in sorted(self._archived):
            for stored in stored_messages(self._connection, self._shard, days=range(day, day + 1)):
                yield our_message(stored, self._names, self.charges, self._house, self._corrected)

    def _statement(self) -> Any:
        message, attempt, result = schema.message, schema.attempt, schema.submit_result
        outcome, final, price = schema.segment_outcome, schema.message_final, schema.message_price
        hold, settle, release = (schema.ledger_transfer.alias(name) for name in ("h", "s", "r"))
        row, tried, ended = message.c, attempt.c, final.c
        joined: Any = message.outerjoin(attempt, _same(message, attempt))
        # What has no row of its own is the first of a message of one segment: store.folded.
        answers = (
            result.c[name] == func.coalesce(tried[name], FIRST) for name in ("segment_no", "attempt_no")
        )
        joined = joined.outerjoin(result, and_(_same(message, result), *answers))
        joined = joined.outerjoin(
            outcome, and_(_same(message, outcome), outcome.c.segment_no == tried.segment_no)
        )
        # A folded attempt and others in rows: it was tried again, and without a number it is read whole.
        segment_no = case((row.sent_link_no == 0, tried.segment_no), (tried.segment_no.is_(None), FIRST))
        is_folded = ended.told_by != 0
        joined = joined.outerjoin(final, _same(message, final)).outerjoin(price, _same(message, price))
        for transfer, kind in (
            (hold, TransferKind.HOLD),
            (settle, TransferKind.SETTLE),
            (release, TransferKind.RELEASE),
        ):
            same = and_(
                transfer.c.shard == row.shard,
                transfer.c.day == row.day,
                transfer.c.reference == row.message_id,
                transfer.c.kind == int(kind),
            )
            joined = joined.outerjoin(transfer, same)
        statement = (
            select(
                row.day,
                row.message_id,
                row.destination,
                row.segment_count,
                row.price_micros,
                segment_no,
                func.coalesce(tried.user_message_reference, row.sent_reference),
                result.c.command_status,
                result.c.smsc_message_id,
                func.coalesce(outcome.c.state, case((is_folded, ended.state))),
                func.coalesce(outcome.c.smsc_message_id, case((is_folded, ended.smsc_message_id))),
                ended.state,
                hold.c.amount_micros,
                settle.c.amount_micros,
                release.c.amount_micros,
                price.c.priced_us,
                price.c.document_no,
                price.c.parts_before,
                price.c.facts,
                price.c.usage,
            )
            .select_from(joined)
            .where(row.shard == self._shard, row.verdict != int(Verdict.REFUSE))
        )
        if self._days is not None:
            statement = statement.where(row.day >= self._days.start, row.day < self._days.stop)
        return statement.order_by(row.day, row.message_id, attempt.c.segment_no, attempt.c.attempt_no)


def _same(message: Table, other: Table) -> ColumnElement[bool]:
    """Rows of one message."""
    return and_(*(other.c[key] == message.c[key] for key in ("shard", "day", "message_id")))
