"""The message book: open messages by id and number, ended ones by id for a while.

Laws: a key stands for one message for the whole run; of an ended message only what query_sm asks is kept, and
ended ones are forgotten oldest first, a sixteenth of them at once. The messages of one submit_multi share an
smsc_message_id, as the specification has it, and each has a key of its own.
"""

from collections import deque

from smsc_sim.message import EndedMessage, SimMessage

# Ours: one large dictionary would be touched in two places per message that are in no cache of the processor.
_PARTS = 16


class MessageBook:
    """`open` holds every message that has not reached its final state, by key.

    At most `history_max` ended ones are known, and at least 15 of 16 of that many once so many have ended.
    """

    def __init__(self, history_max: int) -> None:
        self.open: dict[str, SimMessage] = {}
        self.history_max = history_max
        self._ended: dict[str, EndedMessage] = {}  # The newest of them
        self._ended_before: deque[dict[str, EndedMessage]] = deque()
        self._part_max = self._part()
        self._shared_ids: dict[str, tuple[str, ...]] = {}  # Of submit_multi: the keys under an id
        self._by_number: dict[str, list[SimMessage]] | None = None  # Open ones, from the first search on

    def add(self, message: SimMessage) -> None:
        """An accepted message."""
        self.open[message.key] = message
        if self._by_number is not None:
            self._by_number.setdefault(message.pdu.destination_addr, []).append(message)

    def share_id(self, smsc_message_id: str, keys: tuple[str, ...]) -> None:
        """These messages have one smsc_message_id."""
        self._shared_ids[smsc_message_id] = keys

    def end(self, message: SimMessage) -> None:
        """It has reached its final state, which it says itself."""
        key = message.key
        del self.open[key]
        if self._by_number is not None:
            self._end_number(message)
        if not self.history_max:
            self._shared_ids.pop(message.smsc_message_id, None)
            return
        if len(self._ended) >= self._part_max:
            self._begin_part()
        self._ended[key] = EndedMessage(
            message.smsc_message_id,
            message.account,
            message.pdu.source_addr,
            message.user_message_reference,
            message.state,
            message.error_code,
            message.tries,
            message.submit_us,
            message.final_us,
        )

    def find(self, smsc_message_id: str) -> list[SimMessage | EndedMessage]:
        """The messages with this id, open ones first; more than one only for a submit_multi."""
        keys = self._shared_ids.get(smsc_message_id, (smsc_message_id,))
        open_ones = [self.open[key] for key in keys if key in self.open]
        ended = (self._ended, *self._ended_before)
        return [*open_ones, *(part[key] for key in keys for part in ended if key in part)]

    def open_to(self, number: str) -> list[SimMessage]:
        """The open messages to a number, in the order of their acceptance."""
        if self._by_number is None:
            self._by_number = {}
            for message in self.open.values():
                self._by_number.setdefault(message.pdu.destination_addr, []).append(message)
        return list(self._by_number.get(number, ()))

    def _part(self) -> int:
        return max(1, self.history_max // _PARTS)

    def _begin_part(self) -> None:
        """The newest ended messages are as many as a part has: begin the next, and make room for it."""
        parts = self._ended_before
        parts.append(self._ended)
        self._ended = {}
        self._part_max = self._part()
        known = sum(map(len, parts))
        while parts and known + self._part_max > self.history_max:
            forgotten = parts.popleft()
            known -= len(forgotten)
            if self._shared_ids:
                for message in forgotten.values():
                    self._shared_ids.pop(message.smsc_message_id, None)

    def _end_number(self, message: SimMessage) -> None:
        if self._by_number is None:
            return
        number = message.pdu.destination_addr
        rest = [other for other in self._by_number[number] if other is not message]
        if rest:
            self._by_number[number] = rest
        else:
            del self._by_number[number]
