"""Record receipts: what the SMSC says about a segment, applied once.

A receipt finds its segment by the SMSC's id (match_receipts: in whatever form), or, where that id is not yet
known (receipt before the response, crash before the response's commit), by our correlation key. Duplicates,
orphans, doubts, late ones and contradictions are named, stored aside and change nothing.
"""

from collections.abc import Callable, Iterable, Sequence

from operator_push.domain.delivery import ReceiptOutcome, judge_receipt
from operator_push.domain.message import FINAL_STATES, MessageState, is_final
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.kernel.meters import Meters
from operator_push.services.changes import Changes
from operator_push.services.finish_message import TOLD_BY_RECEIPT, FinishMessage
from operator_push.services.match_receipts import Found, Match, MatchReceipts, Receipt
from operator_push.services.open_messages import OpenMessage, OpenMessages, OpenSegment
from operator_push.services.parked_receipts import ParkedReceipts

_SENT = MessageState.SENT
_APPLIED = ReceiptOutcome.APPLIED

# Told of a message that the SMSC says is still on its way.
OnIntermediate = Callable[[OpenMessage, int, Changes], None]
OnLate = Callable[[int, str, Receipt, int, Changes], bool]
OnDoubt = Callable[[Sequence[Found], int, Changes], None]


class RecordReceipts:
    """The use case for one shard. `match` finds the segment; `on_doubt(segments, now_us, changes)` is told of
    a receipt that may belong to each of several segments."""

    def __init__(
        self, shard: int, ids: IdSequence, messages: OpenMessages, finish: FinishMessage, meters: Meters
    ) -> None:
        self._shard = shard
        self._ids = ids
        self._messages = messages
        self._finish = finish
        self._meters = meters
        self.match = MatchReceipts(messages)
        self.on_doubt: OnDoubt = lambda doubt, now_us, changes: None
        # Asked about each receipt that no open message owns: is it one of a hold that has expired?
        self.on_late: OnLate = lambda smsc_no, smsc_message_id, receipt, now_us, changes: False
        self._parked = ParkedReceipts()
        self._of_others = ParkedReceipts()
        self.on_intermediate: OnIntermediate = lambda message, now_us, changes: None

    def record(self, smsc_no: int, receipt: Receipt, now_us: int, changes: Changes) -> ReceiptOutcome:
        """Apply or put aside one receipt; the caller acknowledges it after the commit of `changes`."""
        found = self._messages.find_by_smsc_id(smsc_no, receipt.smsc_message_id)
        match = None
        if (
            found is None
            or found[0].destination != receipt.recipient
            or not self.match.habits_of(smsc_no).forms.are_texts
        ):
            receipt = self.match.explained(smsc_no, receipt)
            match = self.match.match(smsc_no, receipt)
            found = match.found
            if found is None:
                return self._not_open(smsc_no, match, receipt, now_us, changes)
        elif found[1].state == _SENT and receipt.state in FINAL_STATES:  # as nearly all are
            self._apply(smsc_no, found, receipt, now_us, changes)
            return _APPLIED
        return self._record_found(smsc_no, found, match, receipt, now_us, changes)

    def record_answer(
        self, smsc_no: int, found: Found, receipt: Receipt, now_us: int, changes: Changes
    ) -> ReceiptOutcome:
        """What the SMSC answered to a question about this very segment (query_sm)."""
        return self._record_found(smsc_no, found, None, receipt, now_us, changes)

    def _record_found(
        self,
        smsc_no: int,
        found: Found,
        match: Match | None,
        receipt: Receipt,
        now_us: int,
        changes: Changes,
    ) -> ReceiptOutcome:
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
        early = match is not None and match.early
        if match is not None and early:
            self._messages.bind_smsc_id(smsc_no, message, segment, match.smsc_message_id)
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
        """End the segment, and those of its message that the SMSC took without naming them."""
        self._meters.count("receipt.applied")
        message, segment = found
        state, error_code, ended = receipt.state, receipt.error_code, self._finish.segment_ended
        ended(smsc_no, message, segment, state, TOLD_BY_RECEIPT, error_code, now_us, changes)
        if len(message.segments) > 1:
            for other in message.segments:
                if other.answered_us and not other.smsc_message_id and other.state == _SENT:
                    ended(smsc_no, message, other, state, TOLD_BY_RECEIPT, error_code, now_us, changes)

    def answered(self, smsc_no: int, smsc_message_id: str, now_us: int, changes: Changes) -> None:
        """A submit_sm_resp made this id known: apply a receipt that was parked for it."""
        forms = self.match.habits_of(smsc_no).forms
        forms.note(smsc_message_id)
        if self._of_others.any:
            for key, receipt in self._of_others.candidates(smsc_no, smsc_message_id, ()):
                self._of_others.take(key)
                self._meters.count("receipt.of_others")
                self.record(smsc_no, receipt, now_us, changes)
                return
        if not self._parked.any:
            return
        readings = forms.readings(smsc_message_id)
        for key, receipt in self._parked.candidates(smsc_no, smsc_message_id, readings):
            if self.match.match(smsc_no, receipt).smsc_message_id == smsc_message_id:
                self._parked.take(key)
                self._meters.count("receipt.early")
                self.record(smsc_no, receipt, now_us, changes)
                return

    def hear_of_others(self, smsc_no: int, receipt: Receipt, now_us: int, changes: Changes) -> None:
        """A receipt that came over another server's bind, and belonged to nothing there.

        Where its message is ours it is applied, at once or when the response comes that names it; otherwise
        it is left to whose it is. Only the SMSC's id can tell, in the forms that are known: no number came
        with it that could speak against a guess.
        """
        ids = self.match.habits_of(smsc_no).forms.ids(receipt.smsc_message_id)
        for identifier in ids:
            if self._messages.find_by_smsc_id(smsc_no, identifier) is not None:
                self._meters.count("receipt.of_others")
                self.record(smsc_no, receipt, now_us, changes)
                return
            if self._messages.finished_state(smsc_no, identifier) is not None:
                return
            if self.on_late(smsc_no, identifier, receipt, now_us, changes):
                return
        self._of_others.put((smsc_no, receipt.smsc_message_id), receipt, ids)

    def left_without_id(
        self, smsc_no: int, message: OpenMessage, segment: OpenSegment, now_us: int, changes: Changes
    ) -> None:
        """No id of this segment will come: its answer is lost, or the SMSC took it and named none.

        Some SMSCs name only the first segment of a message; the others then end as that one does.
        """
        self.match.left_without_id(smsc_no, message, segment)
        if segment.answered_us:
            named = next((each for each in message.segments if each.smsc_message_id), None)
            if named is not None and is_final(named.state) and not is_final(segment.state):
                state = MessageState(named.state)
                self._finish.segment_ended(
                    smsc_no, message, segment, state, TOLD_BY_RECEIPT, "", now_us, changes
                )
                return
        for key, receipt in self._parked:
            if key[0] != smsc_no or receipt.recipient != message.destination:
                continue
            match = self.match.match(smsc_no, receipt)
            if match.found is not None:
                self._parked.take(key)
                self.record(smsc_no, receipt, now_us, changes)
            elif match.doubt:
                self.on_doubt(match.doubt, now_us, changes)

    def park_again(self, smsc_no: int, receipts: Iterable[Receipt], now_us: int, changes: Changes) -> None:
        """After a restart: early receipts that were acknowledged and put aside before their response came.

        One whose response is stored by now is applied, one whose message has ended meanwhile is dropped.
        """
        for receipt in receipts:
            match = self.match.match(smsc_no, receipt)
            if match.found is not None:
                self.record(smsc_no, receipt, now_us, changes)
            elif match.finished is None and not self._parked.is_full:
                readings = self.match.habits_of(smsc_no).forms.readings(match.smsc_message_id)
                self._parked.put((smsc_no, match.smsc_message_id), receipt, readings)

    def _not_open(
        self, smsc_no: int, match: Match, receipt: Receipt, now_us: int, changes: Changes
    ) -> ReceiptOutcome:
        outcome = ReceiptOutcome.ORPHAN
        if self.on_late(smsc_no, match.smsc_message_id, receipt, now_us, changes):
            outcome = ReceiptOutcome.LATE
        elif match.finished is not None:
            outcome = judge_receipt(MessageState(match.finished), receipt.state)
        elif match.doubt:
            outcome = ReceiptOutcome.AMBIGUOUS
            self.on_doubt(match.doubt, now_us, changes)
        elif receipt.user_message_reference < 0:
            key = (smsc_no, match.smsc_message_id)
            if key not in self._parked:
                return self._park(key, receipt, now_us, changes)
        self._aside(smsc_no, receipt, outcome, now_us, changes)
        return outcome

    def _park(self, key: tuple[int, str], receipt: Receipt, now_us: int, changes: Changes) -> ReceiptOutcome:
        """Keep a receipt without correlation key until its response comes; stored aside as EARLY."""
        pushed_out = self._parked.put(key, receipt, self.match.habits_of(key[0]).forms.readings(key[1]))
        self._aside(key[0], receipt, ReceiptOutcome.EARLY, now_us, changes)
        if pushed_out is not None:
            (old_smsc, _), old = pushed_out
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
