"""Expire holds: money that nothing has resolved in time goes back, and stands on a list.

The rule for what comes afterwards: a message whose hold has expired is over, its end is EXPIRED. A receipt
that still says DELIVERED moves no money by itself: it is written on the list and becomes a case, and
somebody may charge what was delivered, once (`charge_late`), up to what had expired.
Not here: messages that were never sent, which end by their validity (dispatch_outbox).
"""

from collections.abc import Iterable, Iterator

import msgspec

from operator_push.domain.ledger import Balances, LedgerStatus
from operator_push.domain.message import MessageState, is_final
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence, first_id_at, id_day
from operator_push.kernel.instants import day_of
from operator_push.services.changes import Changes
from operator_push.services.finish_message import FinishMessage
from operator_push.services.ledger_rows import add_transfers
from operator_push.services.match_receipts import Receipt
from operator_push.services.open_messages import OpenMessage, OpenMessages

LOOK_EVERY_US = 60_000_000  # Ours: an expiry counts in days; a minute more is nothing.
DELIVERED_LATE = "delivered_after_expiry"


class ExpiredHold(msgspec.Struct, gc=False):
    """A row of store.money_tables.expired_hold."""

    message_id: int
    account_no: int
    expired_micros: int
    price_micros: int
    expired_us: int
    late_segments: int = 0
    late_us: int = 0
    charged_micros: int = 0
    changed_by: str = ""

    @property
    def chargeable_micros(self) -> int:
        """What may still be charged: for the segments that came late, never above what expired."""
        if self.charged_micros:
            return 0
        return min(self.expired_micros, self.late_segments * self.price_micros)


class SentSegment(msgspec.Struct, frozen=True, gc=False):
    """By what a late receipt finds a segment of an expired hold."""

    message_id: int
    segment_no: int
    smsc_no: int
    smsc_message_id: str
    destination: str
    user_message_reference: int


class ExpireHolds:
    """The use case for one shard; `expired` and `sent` as an earlier run has left them.

    `hot_days` how many days stay open to late charges before they are archived, 0 for all.
    """

    def __init__(
        self,
        shard: int,
        ids: IdSequence,
        messages: OpenMessages,
        finish: FinishMessage,
        balances: Balances,
        expires_after_us: int,
        hot_days: int = 0,
        expired: Iterable[ExpiredHold] = (),
        sent: Iterable[SentSegment] = (),
    ) -> None:
        self._shard = shard
        self._ids = ids
        self._messages = messages
        self._finish = finish
        self._balances = balances
        self._after_us = expires_after_us
        self._hot_days = hot_days
        self._next_look_us = 0
        self.expired = {hold.message_id: hold for hold in expired}
        self._by_smsc_id: dict[tuple[int, str], tuple[int, int]] = {}
        self._by_reference: dict[tuple[str, int], tuple[int, int]] = {}
        self._late: set[tuple[int, int]] = set()
        for segment in sent:
            self._remember(segment)
        finish.on_expired = self._note

    def expire(self, now_us: int, changes: Changes, patient_us: int | None = None) -> int:
        """End every message that was sent, and of which nothing has been heard for so long; their number.

        `patient_us`: by what that is measured, where the wall clock may have been stepped.
        """
        every_us = min(LOOK_EVERY_US, self._after_us // 10)
        if self._next_look_us - every_us <= now_us < self._next_look_us:  # below that the clock was stepped
            return 0
        self._next_look_us = now_us + every_us
        before_us = (now_us if patient_us is None else patient_us) - self._after_us
        stale = [message for message in self._older_than(before_us) if _is_silent(message, before_us)]
        for message in stale:
            for segment in message.segments:
                if not is_final(segment.state):
                    self._remember(
                        SentSegment(
                            message.message_id,
                            segment.segment_no,
                            message.smsc_no,
                            segment.smsc_message_id,
                            message.destination,
                            segment.user_message_reference,
                        )
                    )
            self._finish.expire(message.smsc_no, message, now_us, changes)
        return len(stale)

    def heard_late(
        self, smsc_no: int, smsc_message_id: str, receipt: Receipt, now_us: int, changes: Changes
    ) -> bool:
        """A receipt that belongs to no open message: True where it is about a hold that has expired."""
        if not self.expired:
            return False
        found = self._by_smsc_id.get((smsc_no, smsc_message_id))
        if found is None:
            found = self._by_reference.get((receipt.recipient, receipt.user_message_reference))
        if found is None:
            return False
        hold = self.expired.get(found[0])
        if hold is None:
            return (
                True  # charged before its end, which kept it: nothing expired, and nothing is to be charged
            )
        # Where nothing expired (a contract charges what nobody has spoken of) nothing is left to be charged.
        worth = receipt.state == MessageState.DELIVERED and hold.expired_micros
        if worth and found not in self._late:
            self._late.add(found)
            hold.late_segments += 1
            hold.late_us = now_us
            self._put(hold, changes)
            case_id = self._ids.next_id(now_us)
            detail = f"delivered after its hold of {hold.expired_micros} micros had expired"
            row = (self._shard, id_day(case_id), case_id, DELIVERED_LATE, *found, detail, now_us)
            changes.reconciliation_case.append(row)
        return True

    def charge_late(self, message_id: int, by: str, now_us: int, changes: Changes) -> int:
        """Charge what was delivered after its hold had expired, once; micros.

        Raises:
            OperatorError: there is nothing to charge, it is charged already, or there is not so much money.
        """
        hold = self.expired.get(message_id)
        if hold is None:
            raise OperatorError(f"message {message_id} is not on the list of expired holds")
        if hold.charged_micros:
            raise OperatorError(f"message {message_id} is charged already, {hold.charged_micros} micros")
        if self._hot_days and id_day(message_id) <= day_of(now_us) - self._hot_days:
            raise OperatorError(
                f"the day of message {message_id} is archived or about to be, so nothing is added to it;"
                " charge it with: operator-push ledger charge"
            )
        micros = hold.chargeable_micros
        if not micros:
            raise OperatorError(f"nothing of message {message_id} was delivered after its hold had expired")
        moved = self._balances.move(TransferKind.LATE_CHARGE, hold.account_no, message_id, micros, now_us)
        if moved.status is not LedgerStatus.MOVED:
            raise OperatorError(f"the account has less than {micros} micros available; nothing is charged")
        add_transfers(changes, moved.transfers)
        hold.charged_micros = micros
        hold.changed_by = by
        self._put(hold, changes)
        return micros

    def _older_than(self, before_us: int) -> Iterator[OpenMessage]:
        """Ids ascend with time and messages stand in their order, so the first young one ends the search."""
        first_young = first_id_at(before_us)
        for message_id, message in self._messages.by_id.items():
            if message_id >= first_young:
                return
            yield message

    def _note(self, message: OpenMessage, payer_no: int, micros: int, now_us: int, changes: Changes) -> None:
        price = message.price_micros
        if message.charge is not None:  # priced by a document: what expired, shared by what had no end
            price = -(-micros // max(1, message.segment_count - message.count_in(MessageState.DELIVERED)))
        hold = ExpiredHold(message.message_id, payer_no, micros, price, now_us)
        self.expired[message.message_id] = hold
        self._put(hold, changes)

    def _remember(self, segment: SentSegment) -> None:
        found = (segment.message_id, segment.segment_no)
        if segment.smsc_message_id:
            self._by_smsc_id[(segment.smsc_no, segment.smsc_message_id)] = found
        if segment.user_message_reference >= 0:
            self._by_reference[(segment.destination, segment.user_message_reference)] = found

    def _put(self, hold: ExpiredHold, changes: Changes) -> None:
        row = {name: getattr(hold, name) for name in hold.__struct_fields__}
        changes.upserts.append(("expired_hold", {"shard": self._shard, **row}))


def _is_silent(message: OpenMessage, before_us: int) -> bool:
    """True where everything of it has left, and the last of it before that moment."""
    if any(segment.state == MessageState.ACCEPTED for segment in message.segments):
        return False
    return max(segment.attempted_us for segment in message.segments) < before_us
