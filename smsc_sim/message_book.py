"""The message book: open messages by id, ended ones for a while, and both by number.

Laws: a key stands for one message for the whole run; ended messages are forgotten oldest first. The messages
of one submit_multi share an smsc_message_id, as the specification has it, and each has a key of its own.
"""

from collections import deque
from collections.abc import Iterator

from smsc_sim.message import SimMessage


class MessageBook:
    """`open` holds every message that has not reached its final state, by key."""

    def __init__(self, history_max: int) -> None:
        self.open: dict[str, SimMessage] = {}
        self.history_max = history_max
        self._ended: dict[str, SimMessage] = {}
        self._ended_order: deque[str] = deque()
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
        """It has reached its final state."""
        key = message.key
        del self.open[key]
        if self._by_number is not None:
            number = message.pdu.destination_addr
            rest = [other for other in self._by_number[number] if other is not message]
            if rest:
                self._by_number[number] = rest
            else:
                del self._by_number[number]
        self._ended[key] = message
        order = self._ended_order
        order.append(key)
        while len(order) > self.history_max:
            forgotten = self._ended.pop(order.popleft())
            if self._shared_ids:
                self._shared_ids.pop(forgotten.smsc_message_id, None)

    def find(self, smsc_message_id: str) -> list[SimMessage]:
        """The messages with this id, open ones first; more than one only for a submit_multi."""
        keys = self._shared_ids.get(smsc_message_id, (smsc_message_id,))
        known = [self.open.get(key) or self._ended.get(key) for key in keys]
        return sorted((one for one in known if one is not None), key=lambda one: one.final_us > 0)

    def open_to(self, number: str) -> list[SimMessage]:
        """The open messages to a number, in the order of their acceptance."""
        if self._by_number is None:
            self._by_number = {}
            for message in self.open.values():
                self._by_number.setdefault(message.pdu.destination_addr, []).append(message)
        return list(self._by_number.get(number, ()))

    def of_number(self, number: str) -> Iterator[SimMessage]:
        """The messages to a number that are known, ended ones first; walks through all that ended."""
        for message in self._ended.values():
            if message.pdu.destination_addr == number:
                yield message
        yield from self.open_to(number)
