"""Record receipts: what the SMSC says about a segment, applied once.

A receipt finds its segment by the SMSC's id, or, where that id is not known yet (receipt before the
response, crash before the response's commit), by our correlation key. Duplicates, orphans, late ones and
contradictions are named, stored aside and change nothing.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable

import msgspec

from operator_push.domain.delivery import ReceiptOutcome, judge_receipt
from operator_push.domain.message import MessageState, is_final
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.kernel.meters import Meters
from operator_push.services.changes import Changes
from operator_push.services.finish_message import TOLD_BY_RECEIPT, FinishMessage
from operator_push.services.open_messages import OpenMessage, OpenMessages, OpenSegment

_SENT = MessageState.SENT
PARKED_MAX = 50_000  # Ours: receipts that wait for their submit_sm_resp; beyond it the oldest is an orphan.


# Told of a message that the SMSC says is still on its way.
OnIntermediate = Callable[[OpenMessage, int, Changes], None]


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """What a delivery receipt means. `smsc_message_id` canonical; `recipient` the msisdn that it speaks of;
    `user_message_reference` -1 where the SMSC does not echo it."""

    smsc_message_id: str
    state: MessageState
    error_code: str
    recipient: str
    user_message_reference: int


class RecordReceipts:
    """The use case for one shard; `outcomes` counts by name for reports."""

    def __init__(
        self, shard: int, ids: IdSequence, messages: OpenMessages, finish: FinishMessage, meters: Meters
    ) -> None:
        self._shard = shard
        self._ids = ids
        self._messages = messages
        self._finish = finish
        self._meters = meters
        self._parked: OrderedDict[tuple[int, str], Receipt] = OrderedDict()
        self.on_intermediate: OnIntermediate = lambda message, now_us, changes: None

    def record(self, smsc_no: int, receipt: Receipt, now_us: int, changes: Changes) -> ReceiptOutcome:
        """Apply or put aside one receipt; the caller acknowledges it after the commit of `changes`."""
        found = self._messages.find_by_smsc_id(smsc_no, receipt.smsc_message_id)
        if found is not None and found[1].state == _SENT and is_final(receipt.state):
            self._apply(smsc_no, found, receipt, now_us, changes)  # as nearly all are
            return ReceiptOutcome.APPLIED
        early = False
        known = self._messages.finished_state(smsc_no, receipt.smsc_message_id)
        if found is None and known is None and receipt.user_message_reference >= 0:
            found = self._by_reference(receipt)
            early = found is not None
        if found is None:
            return self._not_open(smsc_no, receipt, now_us, changes)
        message, segment = found
        outcome = judge_receipt(MessageState(segment.state), receipt.state)
        if outcome is not ReceiptOutcome.APPLIED:
            self._aside(smsc_no, receipt, outcome, now_us, changes)
            return outcome
        if not is_final(receipt.state):
            self._meters.count("receipt.intermediate")
            if receipt.state == MessageState.SENT:
                self.on_intermediate(message, now_us, changes)
            return outcome
        if early:
            self._messages.bind_smsc_id(smsc_no, message, segment, receipt.smsc_message_id)
            self._meters.count("receipt.early")
        self._apply(smsc_no, found, receipt, now_us, changes)
        return ReceiptOutcome.EARLY if early else ReceiptOutcome.APPLIED

    def _apply(
        self,
        smsc_no: int,
        found: tuple[OpenMessage, OpenSegment],
        receipt: Receipt,
        now_us: int,
        changes: Changes,
    ) -> None:
        self._meters.count("receipt.applied")
        message, segment = found
        self._finish.segment_ended(
            smsc_no, message, segment, receipt.state, TOLD_BY_RECEIPT, receipt.error_code, now_us, changes
        )

    def answered(self, smsc_no: int, smsc_message_id: str, now_us: int, changes: Changes) -> None:
        """A submit_sm_resp made this id known: apply a receipt that was parked for it."""
        receipt = self._parked.pop((smsc_no, smsc_message_id), None) if self._parked else None
        if receipt is not None:
            self._meters.count("receipt.early")
            self.record(smsc_no, receipt, now_us, changes)

    def park_again(self, smsc_no: int, receipts: Iterable[Receipt], now_us: int, changes: Changes) -> None:
        """After a restart: early receipts that were acknowledged and put aside before their response came.

        One whose response is stored by now is applied, one whose message has ended meanwhile is dropped.
        """
        for receipt in receipts:
            if self._messages.finished_state(smsc_no, receipt.smsc_message_id) is not None:
                continue
            if self._messages.find_by_smsc_id(smsc_no, receipt.smsc_message_id) is not None:
                self.record(smsc_no, receipt, now_us, changes)
            elif len(self._parked) < PARKED_MAX:
                self._parked[(smsc_no, receipt.smsc_message_id)] = receipt

    def _by_reference(self, receipt: Receipt) -> tuple[OpenMessage, OpenSegment] | None:
        found = self._messages.find_by_reference(receipt.recipient, receipt.user_message_reference)
        if found is None:
            return None
        segment = found[1]
        awaited = segment.state in (MessageState.SENT, MessageState.UNKNOWN)
        return found if awaited and not segment.smsc_message_id else None

    def _not_open(self, smsc_no: int, receipt: Receipt, now_us: int, changes: Changes) -> ReceiptOutcome:
        known = self._messages.finished_state(smsc_no, receipt.smsc_message_id)
        if known is not None:
            outcome = judge_receipt(MessageState(known), receipt.state)
            self._aside(smsc_no, receipt, outcome, now_us, changes)
            return outcome
        if receipt.user_message_reference < 0 and (smsc_no, receipt.smsc_message_id) not in self._parked:
            return self._park(smsc_no, receipt, now_us, changes)
        self._aside(smsc_no, receipt, ReceiptOutcome.ORPHAN, now_us, changes)
        return ReceiptOutcome.ORPHAN

    def _park(self, smsc_no: int, receipt: Receipt, now_us: int, changes: Changes) -> ReceiptOutcome:
        """Keep a receipt without correlation key until its response comes; stored aside as EARLY."""
        self._parked[(smsc_no, receipt.smsc_message_id)] = receipt
        self._aside(smsc_no, receipt, ReceiptOutcome.EARLY, now_us, changes)
        if len(self._parked) > PARKED_MAX:
            (old_smsc, _), old = self._parked.popitem(last=False)
            self._aside(old_smsc, old, ReceiptOutcome.ORPHAN, now_us, changes)
        return ReceiptOutcome.EARLY

    def _aside(
        self, smsc_no: int, receipt: Receipt, outcome: ReceiptOutcome, now_us: int, changes: Changes
    ) -> None:
        self._meters.count(f"receipt.{outcome.name.lower()}")
        receipt_id = self._ids.next_id(now_us)
        changes.receipt_aside.append(
            (
                self._shard,
                id_day(receipt_id),
                receipt_id,
                smsc_no,
                receipt.smsc_message_id,
                int(receipt.state),
                int(outcome),
                now_us,
            )
        )
