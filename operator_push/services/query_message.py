"""Query messages: what an ESME may hear about its own (query_sm, SMPP v3.4 section 4.8).

Open messages are told from memory, the others from their rows. Somebody else's message and one with another
sender are as unknown as one that never was.
"""

from collections.abc import Iterable, Sequence

import msgspec

from operator_push.domain.delivery import fold_segments
from operator_push.domain.message import MessageState, is_final
from operator_push.services.open_messages import OpenMessage, OpenMessages
from operator_push.services.shown_ids import ShownIds

ERROR_CODE_MAX = 255  # one octet, SMPP v3.4 section 4.8.2


class KnownMessage(msgspec.Struct, frozen=True, gc=False):
    """A message as far as a query asks: `final_us` 0 while it is open, `error_code` as told at its end."""

    message_id: int
    account_no: int
    source: str
    destination: str
    state: int
    final_us: int = 0
    error_code: str = ""
    scheduled: bool = False


class MessageStatus(msgspec.Struct, frozen=True, gc=False):
    """The answer: of several destinations the gravest end, once all have ended."""

    state: MessageState
    final_us: int
    error_code: int
    scheduled: bool


class QueryMessage:
    """The use case over the open messages of one shard."""

    def __init__(self, messages: OpenMessages, shown: ShownIds) -> None:
        self._messages = messages
        self._shown = shown

    def from_memory(self, shown_id: int, now_us: int) -> list[KnownMessage] | None:
        """The messages under an id where all of them are open, None where the rows must be asked."""
        members = self._shown.members_of(shown_id)
        found = [self._messages.by_id.get(message_id) for message_id in members]
        if len(members) > 1 or found[0] is None:
            return None
        return [known_of(found[0], now_us)]

    def together(self, stored: Iterable[KnownMessage], now_us: int) -> list[KnownMessage]:
        """What the rows said, with those that are open as memory knows them."""
        open_ones = self._messages.by_id
        return [
            known_of(open_ones[row.message_id], now_us) if row.message_id in open_ones else row
            for row in stored
        ]


def known_of(message: OpenMessage, now_us: int) -> KnownMessage:
    """An open message: ACCEPTED while nothing of it has been sent, else SENT."""
    waits = all(segment.state == MessageState.ACCEPTED for segment in message.segments)
    return KnownMessage(
        message.message_id,
        message.account_no,
        message.source,
        message.destination,
        int(MessageState.ACCEPTED if waits else MessageState.SENT),
        scheduled=waits and message.not_before_us > now_us,
    )


def status_of(known: Sequence[KnownMessage], account_no: int, source: str) -> MessageStatus | None:
    """The status that this account may hear; None where it has no such message. `source` "": not stated.

    Of each recipient the newest counts: what it replaced is not told.
    """
    newest: dict[str, KnownMessage] = {}
    for one in known:
        if one.account_no == account_no and source in ("", one.source):
            before = newest.get(one.destination)
            if before is None or before.message_id < one.message_id:
                newest[one.destination] = one
    found = list(newest.values())
    if not found:
        return None
    under_way = [one for one in found if not is_final(one.state)]
    if under_way:
        waits = all(one.state == MessageState.ACCEPTED for one in under_way)
        state = MessageState.ACCEPTED if waits else MessageState.SENT
        return MessageStatus(state, 0, 0, all(one.scheduled for one in under_way))
    state = fold_segments([MessageState(one.state) for one in found])
    errors = [_error_octet(one.error_code) for one in found if one.state == state]
    return MessageStatus(state, max(one.final_us for one in found), max(errors), scheduled=False)


def _error_octet(error_code: str) -> int:
    """The network error code in one octet; 0 for what is no number of the network (a status, a word)."""
    number = int(error_code) if len(error_code) <= 3 and error_code.isascii() and error_code.isdigit() else 0
    return number if number <= ERROR_CODE_MAX else 0
