"""Dispatch the outbox: what waits becomes send attempts while the link has room.

Laws 3 and 4 live here: an attempt is a row before its octets leave, and permission is read last, once when
the attempt is staged and once more when its commit is done and the octets are about to go. A segment with an
open attempt is never attempted again until the SMSC has spoken.
"""

from collections.abc import Iterable, Mapping

import msgspec

from operator_push.domain.delivery import (
    DISPOSITION_BY_STATUS,
    SubmitDisposition,
    retry_after_us,
    submit_disposition,
)
from operator_push.domain.message import MessageState, Verdict, is_final
from operator_push.domain.policy import Policy, stored_refusal
from operator_push.kernel.ids import id_epoch_us
from operator_push.services.changes import Changes
from operator_push.services.finish_message import TOLD_BY_RESPONSE, TOLD_BY_US, FinishMessage
from operator_push.services.holds import TrafficHolds
from operator_push.services.open_messages import OpenMessage, OpenMessages, OpenSegment, submission_of
from operator_push.services.outbox_queue import OutboxQueue
from operator_push.services.release_pace import ReleasePace

MINUTE_US = 60_000_000
STATUS_WITHDRAWN = -2
STATUS_NEVER_ARRIVED = -3
_NEVER_US = 1 << 62
_AT_ONCE_US = 0
# Attributes of an Enum cost 0.1 µs each time they are looked up; these names do not.
_ACCEPTED, _SENT = MessageState.ACCEPTED, MessageState.SENT
_ADMITTED, _REFUSED, _DEFERRED = Verdict.ADMIT, Verdict.REFUSE, Verdict.DEFER
_TAKEN = SubmitDisposition.SENT
LIFETIME_US = 48 * 3_600_000_000  # Ours: of a message whose ESME states no validity period.


class Attempt(msgspec.Struct, gc=False):
    """A staged send attempt; its octets may leave once the changes that hold its row are committed."""

    message: OpenMessage
    segment: OpenSegment
    attempt_no: int
    user_message_reference: int


class DispatchOutbox:
    """The queue of one link."""

    def __init__(
        self,
        shard: int,
        link_no: int,
        smsc_no: int,
        incarnation: int,
        policy: Policy,
        messages: OpenMessages,
        finish: FinishMessage,
        *,
        in_order: bool = True,
        dispositions: Mapping[int, SubmitDisposition] = DISPOSITION_BY_STATUS,
        lifetime_us: int = LIFETIME_US,
        holds: TrafficHolds | None = None,
        pace: ReleasePace | None = None,
    ) -> None:
        """`in_order`: see OutboxQueue; `dispositions`: what this SMSC's statuses mean; `lifetime_us`: after
        which an unsent message ends, where it has no validity period of its own; `holds`: what is stopped;
        `pace`: of promotional messages that waited for a moment, one for all links."""
        self._shard = shard
        self.link_no = link_no
        self.smsc_no = smsc_no  # ids and receipts are the SMSC's, whichever of its links carried them
        self._incarnation = incarnation
        self._policy = policy
        self._messages = messages
        self._finish = finish
        self.waiting = OutboxQueue(in_order, pace)
        self._dispositions = dispositions
        self._lifetime_us = lifetime_us
        self._holds = holds or TrafficHolds()
        self._earliest_end_us = _NEVER_US  # no waiting message ends before
        self._refused = ""  # what the last message was refused for immediately before it would have left
        self.withdrawn = 0
        self.expired = 0

    def __len__(self) -> int:
        return len(self.waiting)

    def queue(self, message: OpenMessage, segments: Iterable[OpenSegment] | None = None) -> None:
        """Put the unattempted segments of a message, or some of them, in line; its life then has an end."""
        if not message.expires_us or message.expires_us < self._earliest_end_us:
            self._note_end(message)
        if message.not_before_us:
            self._note_too_late(message)
        for segment in message.segments if segments is None else segments:
            if segment.state == _ACCEPTED:
                self.waiting.add(message, segment, max(message.not_before_us, segment.retry_at_us))

    def next_due_us(self) -> int | None:
        """When the first deferred segment is due; None where none waits."""
        return self.waiting.next_due_us()

    def fill(self, room: int, now_us: int, changes: Changes, urgent_room: int | None = None) -> list[Attempt]:
        """Stage up to `room` attempts; messages whose permission has gone end as WITHDRAWN instead.

        `urgent_room` (default `room`) bounds all attempts together: what it is above `room` is kept for
        transactional messages.
        """
        waiting = self.waiting
        waiting.wake(now_us)
        left = room if urgent_room is None else urgent_room
        kept = left - room
        holds = self._holds
        attempts: list[Attempt] = []
        standing = self._policy.standing(now_us)
        while left > 0 and (found := waiting.take_some(left - kept, left)):
            for message, segment in found:
                if segment.state != _ACCEPTED:
                    waiting.answered(message)  # ended together with its message while it waited
                    continue
                if message.expires_us <= now_us:
                    waiting.answered(message)
                    self._expire(message, now_us, changes)
                    continue
                if holds.active and holds.stops(message):
                    waiting.answered(message)
                    holds.set_aside(message, segment)
                    continue
                if message.standing == standing:
                    verdict = _ADMITTED
                else:
                    verdict = self._decide_again(message, now_us, changes)
                if verdict is _ADMITTED:
                    attempts.append(self._attempt(message, segment, now_us, changes))
                    left -= 1
                elif verdict is _REFUSED:
                    waiting.answered(message)
                    self._withdraw(message, now_us, changes)
                else:
                    waiting.answered(message)
                    waiting.add(message, segment, message.not_before_us)
                    self._note_too_late(message)
        return attempts

    def leaving(self, attempts: list[Attempt], now_us: int, changes: Changes) -> list[Attempt]:
        """Those of the committed attempts that `may_leave`; where nothing changed since, all of them."""
        standing = self._policy.standing(now_us)
        return [
            attempt
            for attempt in attempts
            if (attempt.message.standing == standing and attempt.message.expires_us > now_us)
            or self.may_leave(attempt, now_us, changes)
        ]

    def may_leave(self, attempt: Attempt, now_us: int, changes: Changes) -> bool:
        """The last look before the octets go; a refusal here is stored as the attempt's result."""
        if self._holds.active and self._holds.stops(attempt.message):
            self._result(attempt, STATUS_WITHDRAWN, "", now_us, changes)
            attempt.segment.state = MessageState.ACCEPTED
            self.waiting.answered(attempt.message)
            self._holds.set_aside(attempt.message, attempt.segment)
            return False
        is_over = attempt.message.expires_us <= now_us  # since its attempt was staged
        verdict = _REFUSED if is_over else self._decide_again(attempt.message, now_us, changes)
        if verdict is _ADMITTED:
            return True
        self._result(attempt, STATUS_WITHDRAWN, "", now_us, changes)
        attempt.segment.state = MessageState.ACCEPTED
        self.waiting.answered(attempt.message)
        if verdict is _DEFERRED:
            self.waiting.add(attempt.message, attempt.segment, attempt.message.not_before_us)
        elif is_over:
            self._expire(attempt.message, now_us, changes)
        else:
            self._withdraw(attempt.message, now_us, changes)
        return False

    def awaits(self, attempt: Attempt) -> bool:
        """True while this attempt is the segment's last and the SMSC has not answered it."""
        segment = attempt.segment
        return (
            segment.attempt_no == attempt.attempt_no
            and segment.state == MessageState.UNKNOWN
            and not segment.smsc_message_id
        )

    def answered(
        self, attempt: Attempt, command_status: int, smsc_id: str, now_us: int, changes: Changes
    ) -> SubmitDisposition:
        """Record the SMSC's answer; returns what it means, also for the link itself (STOP_LINK, SLOW)."""
        message, segment = attempt.message, attempt.segment
        self._result(attempt, command_status, smsc_id, now_us, changes)
        disposition = submit_disposition(command_status, self._dispositions)
        if disposition is _TAKEN and segment.state == _SENT and message.charge is None:  # as nearly all are
            self.waiting.answered(message)
            segment.answered_us = now_us
            if smsc_id:
                self._messages.bind_smsc_id(self.smsc_no, message, segment, smsc_id)
            return disposition
        late = segment.state == MessageState.UNKNOWN  # its line went on when it was given up
        if is_final(segment.state):
            self.waiting.answered(message)
            # The receipt overtook the response: remember the id, so that a second receipt is a duplicate.
            self._messages.remember_finished(self.smsc_no, smsc_id, segment.state)
            return disposition
        match disposition:
            case SubmitDisposition.SENT:
                if not late:
                    self.waiting.answered(message)
                segment.answered_us = now_us
                if smsc_id:
                    self._messages.bind_smsc_id(self.smsc_no, message, segment, smsc_id)
                if message.charge is not None:
                    self._finish.early.submitted(message, now_us, changes)
            case SubmitDisposition.RETRY | SubmitDisposition.SLOW | SubmitDisposition.STOP_LINK:
                segment.state = MessageState.ACCEPTED
                segment.retry_at_us = now_us + retry_after_us(disposition, attempt.attempt_no)
                (self.waiting.add if late else self.waiting.retry)(message, segment, segment.retry_at_us)
            case SubmitDisposition.FAIL:
                if not late:
                    self.waiting.answered(message)
                self._finish.segment_ended(
                    self.smsc_no,
                    message,
                    segment,
                    MessageState.REJECTED,
                    TOLD_BY_RESPONSE,
                    f"{command_status:08X}",
                    now_us,
                    changes,
                )
        return disposition

    def unanswered(self, attempt: Attempt) -> None:
        """The response will not come (timed out, malformed, bind lost): the segment is UNKNOWN, not resent.

        No row: an attempt without a result is unknown by definition, also after a restart.
        """
        self.waiting.answered(attempt.message)
        if not is_final(attempt.segment.state):
            attempt.segment.state = MessageState.UNKNOWN

    def not_sent(self, attempt: Attempt, now_us: int, changes: Changes) -> None:
        """The bind went before the octets could: the attempt is closed and the segment waits again."""
        self._result(attempt, STATUS_WITHDRAWN, "", now_us, changes)
        attempt.segment.state = MessageState.ACCEPTED
        self.waiting.put_back(attempt.message, attempt.segment)

    def never_arrived(
        self, message: OpenMessage, segment: OpenSegment, now_us: int, changes: Changes
    ) -> None:
        """The SMSC's closed CDR period does not know this attempt: it is lost and may be sent again."""
        attempt = Attempt(message, segment, segment.attempt_no, segment.user_message_reference)
        self._result(attempt, STATUS_NEVER_ARRIVED, "", now_us, changes)
        segment.state = MessageState.ACCEPTED
        self._note_end(message)
        self.waiting.add(message, segment)

    def expire(self, now_us: int, changes: Changes) -> int:
        """End the waiting messages whose life is over, or will be before they may leave; returns how many.

        Their money is free at once, and their slot of another day. Cheap where none can be.
        """
        if now_us < self._earliest_end_us:
            return 0
        ended = self.waiting.remove_if(
            lambda message: message.expires_us <= max(now_us, message.not_before_us)
        )
        messages = {message.message_id: message for message, _ in ended}
        for message in messages.values():
            self._expire(message, now_us, changes)
        self._earliest_end_us = min((message.expires_us for message, _ in self.waiting), default=_NEVER_US)
        return len(messages)

    def _note_end(self, message: OpenMessage) -> None:
        if not message.expires_us:
            begins_us = max(message.not_before_us, id_epoch_us(message.message_id))
            message.expires_us = begins_us + self._lifetime_us
        if message.expires_us < self._earliest_end_us:
            self._earliest_end_us = message.expires_us

    def _note_too_late(self, message: OpenMessage) -> None:
        """Have a message that may not leave within its life ended soon."""
        if message.not_before_us >= message.expires_us:
            self._earliest_end_us = _AT_ONCE_US

    def _decide_again(self, message: OpenMessage, now_us: int, changes: Changes) -> Verdict:
        submission = submission_of(message)
        planned_us = message.not_before_us or id_epoch_us(message.message_id)
        decision = self._policy.decide_again(submission, now_us, planned_us if message.takes_slot else -1)
        message.standing = self._policy.standing(now_us) if decision.verdict is _ADMITTED else -1
        if decision.verdict is _DEFERRED:
            leaves_us = decision.defer_until_us
            if leaves_us != message.not_before_us:  # its other segments are told the same
                row = (self._shard, message.day, message.message_id, now_us)
                changes.deferral.append((*row, leaves_us, int(decision.reason), decision.trail))
        elif decision.verdict == Verdict.ADMIT and now_us // MINUTE_US != planned_us // MINUTE_US:
            leaves_us = now_us  # its slot goes along: what counts is when it leaves
        else:
            if decision.verdict == Verdict.REFUSE:
                self._refused = stored_refusal(decision)
            return decision.verdict
        if message.takes_slot:
            self._policy.replanned(submission, planned_us, leaves_us)
        message.not_before_us = leaves_us
        return decision.verdict

    def _withdraw(self, message: OpenMessage, now_us: int, changes: Changes) -> None:
        """Permission has gone, or another rule of law 4 says no by now."""
        self.withdrawn += 1
        self._end_unsent(message, MessageState.WITHDRAWN, self._refused, now_us, changes)

    def _expire(self, message: OpenMessage, now_us: int, changes: Changes) -> None:
        """Its validity period is over."""
        self.expired += 1
        self._end_unsent(message, MessageState.EXPIRED, "validity", now_us, changes)

    def _end_unsent(
        self, message: OpenMessage, state: MessageState, why: str, now_us: int, changes: Changes
    ) -> None:
        """End every segment that has not left; those already at the SMSC end by their receipts."""
        if message.takes_slot and not any(segment.attempt_no for segment in message.segments):
            self._policy.given_up(submission_of(message), message.message_id, message.not_before_us)
        for segment in message.segments:
            if segment.state == MessageState.ACCEPTED:
                self._finish.segment_ended(
                    self.smsc_no,
                    message,
                    segment,
                    state,
                    TOLD_BY_US,
                    why,
                    now_us,
                    changes,
                )

    def _attempt(self, message: OpenMessage, segment: OpenSegment, now_us: int, changes: Changes) -> Attempt:
        reference = self._messages.assign_reference(message, segment)
        segment.attempt_no += 1
        segment.attempted_us = now_us
        message.smsc_no = self.smsc_no
        segment.state = _SENT
        place = changes.message_at.get(message.message_id)
        if place is not None and message.segment_count == 1 and segment.attempt_no == 1:
            # Accepted with this very commit: the attempt is on disk with the message, in its row.
            sent = (self.link_no, self._incarnation, reference, now_us)
            changes.message[place] = changes.message[place][: -len(sent)] + sent
            return Attempt(message, segment, 1, reference)
        changes.attempt.append(
            (
                self._shard,
                message.day,
                message.message_id,
                segment.segment_no,
                segment.attempt_no,
                self.link_no,
                self._incarnation,
                reference,
                now_us,
            )
        )
        return Attempt(message, segment, segment.attempt_no, reference)

    def _result(
        self, attempt: Attempt, command_status: int, smsc_id: str, now_us: int, changes: Changes
    ) -> None:
        changes.submit_result.append(
            (
                self._shard,
                attempt.message.day,
                attempt.message.message_id,
                attempt.segment.segment_no,
                attempt.attempt_no,
                command_status,
                smsc_id,
                now_us,
            )
        )
