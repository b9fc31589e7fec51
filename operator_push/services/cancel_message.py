"""Cancel messages: take back what has not left (cancel_sm, SMPP v3.4 section 4.9).

What waits here ends as DELETED at once: its hold is released and its receipt goes out. What is at the SMSC
can only be cancelled there; it ends when the SMSC has said so.
"""

from collections.abc import Callable, Iterable

from operator_push.domain.message import MessageState
from operator_push.domain.policy import Policy
from operator_push.services.changes import Changes
from operator_push.services.finish_message import TOLD_BY_RESPONSE, TOLD_BY_US, FinishMessage
from operator_push.services.open_messages import OpenMessage, OpenMessages, OpenSegment, submission_of
from operator_push.services.shown_ids import ShownIds

CANCELLED = "cancelled"
REPLACED = "replaced"

ServiceTypeOf = Callable[[OpenMessage], str]


class CancelMessage:
    """The use case over the open messages of one shard; `smsc_nos` tells whose ids there are."""

    def __init__(
        self,
        messages: OpenMessages,
        shown: ShownIds,
        finish: FinishMessage,
        policy: Policy,
        smsc_nos: Callable[[], Iterable[int]],
        service_type_of: ServiceTypeOf,
    ) -> None:
        self._messages = messages
        self._shown = shown
        self._finish = finish
        self._policy = policy
        self._smsc_nos = smsc_nos
        self._service_type_of = service_type_of

    def by_id(
        self, account_no: int, shown_id: int, source: str = "", destination: str = ""
    ) -> list[OpenMessage]:
        """The open messages of an account under an id; an empty source or destination is not compared."""
        found = [self._messages.by_id.get(message_id) for message_id in self._shown.members_of(shown_id)]
        return [
            message
            for message in found
            if message is not None
            and message.account_no == account_no
            and source in ("", message.source)
            and destination in ("", message.destination)
        ]

    def by_addresses(
        self, account_no: int, source: str, destination: str, service_type: str
    ) -> list[OpenMessage]:
        """The open messages of an account between two addresses, of one service type."""
        return [
            message
            for message in self._messages.to_destination(destination)
            if message.account_no == account_no
            and message.source == source
            and self._service_type_of(message) == service_type
        ]

    def withdraw(self, message: OpenMessage, why: str, now_us: int, changes: Changes) -> list[OpenSegment]:
        """End what waits here as DELETED; returns what is at the SMSC, or on its way there."""
        elsewhere = [
            segment
            for segment in message.segments
            if segment.state in (MessageState.SENT, MessageState.UNKNOWN)
        ]
        if message.takes_slot and not any(segment.attempt_no for segment in message.segments):
            self._policy.given_up(submission_of(message), message.message_id, message.not_before_us)
        for segment in message.segments:
            if segment.state == MessageState.ACCEPTED:
                self._end(message, segment, TOLD_BY_US, why, now_us, changes)
        return elsewhere

    def cancelled_there(
        self, message: OpenMessage, segment: OpenSegment, now_us: int, changes: Changes
    ) -> None:
        """The SMSC has cancelled a segment; nothing changes where its receipt was faster."""
        if segment.state in (MessageState.SENT, MessageState.UNKNOWN):
            self._end(message, segment, TOLD_BY_RESPONSE, CANCELLED, now_us, changes)

    def replace_present(self, message: OpenMessage, now_us: int, changes: Changes) -> int:
        """replace_if_present_flag (section 5.2.18): the new message takes the place of the unsent ones of its
        service type between the same addresses; returns how many."""
        service_type = self._service_type_of(message)
        older = self.by_addresses(message.account_no, message.source, message.destination, service_type)
        replaced = [one for one in older if one is not message and is_unsent(one)]
        for one in replaced:
            self.withdraw(one, REPLACED, now_us, changes)
        return len(replaced)

    def smsc_no_of(self, message: OpenMessage, segment: OpenSegment) -> int | None:
        """The SMSC that knows a segment by its id; None where none does yet."""
        for smsc_no in self._smsc_nos():
            found = self._messages.find_by_smsc_id(smsc_no, segment.smsc_message_id)
            if found is not None and found[1] is segment:
                return smsc_no
        return None

    def _end(
        self,
        message: OpenMessage,
        segment: OpenSegment,
        told_by: int,
        why: str,
        now_us: int,
        changes: Changes,
    ) -> None:
        smsc_no = next((no for each in message.segments if (no := self.smsc_no_of(message, each))), 0)
        self._finish.segment_ended(
            smsc_no, message, segment, MessageState.DELETED, told_by, why, now_us, changes
        )


def is_unsent(message: OpenMessage) -> bool:
    """True where nothing of a message has left or is about to."""
    return all(segment.state == MessageState.ACCEPTED for segment in message.segments)
