"""Stopped messages: what a person who says STOP still has at the SMSC is cancelled there (cancel_sm, SMPP
v3.4 section 4.9).

What waits here needs nothing: permission is read once more before octets leave (law 4). What the SMSC holds,
or is about to answer for, is asked for by its id as soon as there is one and the link has room, for a while;
a cancellation that the SMSC refuses (it was faster) is left to the receipt.
"""

from collections.abc import Callable
from typing import Any

from operator_push.domain.message import MessageState, Verdict, is_final
from operator_push.domain.policy import Policy
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.esme_operations import AskSmsc, addresses_of
from operator_push.kernel.meters import Meters
from operator_push.services.cancel_message import CancelMessage
from operator_push.services.changes import Changes
from operator_push.services.open_messages import OpenMessage, OpenMessages, OpenSegment, submission_of
from operator_push.smpp.pdu import CancelSm, Pdu

AGAIN_AFTER_S = 0.05  # Ours: an SMSC answers, and a window has room, within a few of these.
TRIES_MAX = 100  # Ours: after five seconds the SMSC has delivered it, or keeps it for long.


class StoppedMessages:
    """Cancels over the links of one shard; call `stopped` when somebody has withdrawn."""

    def __init__(
        self,
        messages: OpenMessages,
        policy: Policy,
        cancel: CancelMessage,
        ask_smsc: AskSmsc,
        committer: Committer,
        call_later: Callable[[float, Callable[[], None]], Any],
        meters: Meters,
    ) -> None:
        self._messages = messages
        self._policy = policy
        self._cancel = cancel
        self._ask_smsc = ask_smsc
        self._committer = committer
        self._call_later = call_later
        self._meters = meters
        self._wanted: dict[int, tuple[OpenMessage, OpenSegment, int]] = {}
        self._is_waiting = False

    def stopped(self, msisdn: str, at_us: int, changes: Changes) -> None:
        """Cancel what this number has at the SMSC and may not get any more."""
        for message in self._messages.to_destination(msisdn):
            elsewhere = [each for each in message.segments if _is_elsewhere(each)]
            if (
                elsewhere
                and self._policy.decide_again(submission_of(message), at_us).verdict is Verdict.REFUSE
            ):
                for segment in elsewhere:
                    self._wanted[id(segment)] = (message, segment, TRIES_MAX)
        self._try()

    def _try(self) -> None:
        for key, (message, segment, tries) in list(self._wanted.items()):
            if not _is_elsewhere(segment) or not tries or self._ask(message, segment):
                del self._wanted[key]
            else:
                self._wanted[key] = (message, segment, tries - 1)
        if self._wanted and not self._is_waiting:
            self._is_waiting = True
            self._call_later(AGAIN_AFTER_S, self._again)

    def _again(self) -> None:
        self._is_waiting = False
        self._try()

    def _ask(self, message: OpenMessage, segment: OpenSegment) -> bool:
        """True where the SMSC was asked; False where it cannot be yet."""
        smsc_no = self._cancel.smsc_no_of(message, segment) if segment.smsc_message_id else None
        if smsc_no is None:
            return False
        source, destination = addresses_of(message)

        def told(answer: Pdu | None) -> None:
            if answer is not None and answer.command_status == 0:
                self._meters.count("mo.stop_cancelled")
                self._cancel.cancelled_there(message, segment, now_us(), self._committer.changes)
                self._committer.kick()
            else:
                self._meters.count("mo.stop_not_cancelled")

        asked = CancelSm(message_id=segment.smsc_message_id, **source, **destination)
        return self._ask_smsc(smsc_no, asked, told)


def _is_elsewhere(segment: OpenSegment) -> bool:
    return segment.state != MessageState.ACCEPTED and not is_final(segment.state)
