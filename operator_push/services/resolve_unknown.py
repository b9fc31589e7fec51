"""Resolve unknown: what the SMSC's closed CDR period says about attempts that nobody answered.

The match is made by the reconciler in its own process; here its findings are applied to segments that are
still open. A segment that the closed period does not know never arrived, so it alone may be sent again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from operator_push.domain.message import MessageState, is_final
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.services.changes import Changes
from operator_push.services.dispatch_outbox import DispatchOutbox
from operator_push.services.finish_message import TOLD_BY_CDR, FinishMessage
from operator_push.services.open_messages import OpenMessages

FOUND = "found"
NEVER_ARRIVED = "never_arrived"
AMBIGUOUS = "ambiguous"


class ResolveUnknown:
    """The use case for one shard. `outbox_of` gives the queue of the link that made an attempt, `open_cases`
    the (message_id, segment_no) that are a case already."""

    def __init__(
        self,
        shard: int,
        ids: IdSequence,
        messages: OpenMessages,
        finish: FinishMessage,
        outbox_of: Callable[[int], DispatchOutbox],
        open_cases: Iterable[tuple[int, int]] = (),
    ) -> None:
        self._shard = shard
        self._ids = ids
        self._messages = messages
        self._finish = finish
        self._outbox_of = outbox_of
        self._open_cases = set(open_cases)

    def resolve(
        self, findings: Sequence[Mapping[str, object]], now_us: int, changes: Changes
    ) -> dict[str, int]:
        """Apply findings; returns how many of each kind took effect, and how many came too late ("moot").

        A finding: {"message_id", "segment_no", "link_no", "kind": found | never_arrived | ambiguous,
        "state": name of a final MessageState, "smsc_message_id", "error_code", "detail", "attempt_no": of
        never_arrived, the last attempt that was looked for}.

        Raises:
            OperatorError: a finding has a kind or a state that does not exist.
        """
        counts = {FOUND: 0, NEVER_ARRIVED: 0, AMBIGUOUS: 0, "moot": 0}
        for finding in findings:
            kind = str(finding["kind"])
            if kind not in counts:
                raise OperatorError(f"kind {kind!r} is not {FOUND}, {NEVER_ARRIVED} or {AMBIGUOUS}")
            counts[kind if self._apply(kind, finding, now_us, changes) else "moot"] += 1
        return counts

    def _apply(self, kind: str, finding: Mapping[str, object], now_us: int, changes: Changes) -> bool:
        message_id, segment_no = int(str(finding["message_id"])), int(str(finding["segment_no"]))
        outbox = self._outbox_of(int(str(finding["link_no"])))
        message = self._messages.by_id.get(message_id)
        segment = None if message is None else message.segment(segment_no)
        if message is None or segment is None:
            return False
        if is_final(segment.state) or segment.state == MessageState.ACCEPTED:
            return False
        if kind == AMBIGUOUS:
            self.open_case(message_id, segment_no, str(finding.get("detail", "")), now_us, changes)
            return True
        if kind == NEVER_ARRIVED:
            if segment.smsc_message_id or segment.state != MessageState.UNKNOWN:
                return False  # the SMSC has answered for it, or its answer may still come
            if segment.attempt_no != int(str(finding.get("attempt_no", 0))):
                return False  # it was sent again meanwhile, and nobody has looked for that attempt
            outbox.never_arrived(message, segment, now_us, changes)
            return True
        state = _final_state(str(finding["state"]))
        smsc_id = str(finding.get("smsc_message_id", ""))
        if smsc_id and not segment.smsc_message_id:
            self._messages.bind_smsc_id(outbox.smsc_no, message, segment, smsc_id)
        self._finish.segment_ended(
            outbox.smsc_no,
            message,
            segment,
            state,
            TOLD_BY_CDR,
            str(finding.get("error_code", "")),
            now_us,
            changes,
        )
        return True

    def open_case(self, message_id: int, segment_no: int, detail: str, now_us: int, changes: Changes) -> None:
        """What no machine can decide about a segment; the same doubt again changes nothing."""
        if (message_id, segment_no) in self._open_cases:
            return
        self._open_cases.add((message_id, segment_no))
        case_id = self._ids.next_id(now_us)
        changes.reconciliation_case.append(
            (self._shard, id_day(case_id), case_id, AMBIGUOUS, message_id, segment_no, detail, now_us)
        )


def _final_state(name: str) -> MessageState:
    state = MessageState.__members__.get(name)
    if state is None or not is_final(state):
        raise OperatorError(f"state {name!r} is not a final state")
    return state
