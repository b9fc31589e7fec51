"""Window: our requests that wait for their response, oldest first.

Laws: sequence numbers run 1..0x7FFFFFFF and wrap, and one that is still open is never given again; because
every request of a bind has the same time-out, the oldest entry is always the next to expire. A request that
timed out is remembered for a while, so that a late response still finds its context.
Not here: what a response means (session.py), how many may be open (the owner asks `free`).
"""

from collections import OrderedDict
from typing import Final

from operator_push.smpp.codec_choice import OpenRequest, StoredRequest, compiled
from operator_push.smpp.constants import SEQUENCE_NUMBER_MAX

_EXPIRED_KEPT: Final = 1_000  # Ours: bounds memory against a peer that never answers.
_quick_issue = None if compiled is None else compiled.issue


class Window:
    """The open requests of one bind."""

    __slots__ = ("_expired", "_last", "requests", "size")

    def __init__(self, size: int, last_sequence_number: int = 0) -> None:
        self.size = size
        self._last = last_sequence_number
        self.requests: dict[int, OpenRequest] = {}  # by sequence_number, oldest first
        self._expired: OrderedDict[int, OpenRequest] = OrderedDict()

    def __len__(self) -> int:
        return len(self.requests)

    @property
    def free(self) -> int:
        """How many more requests fit; never below 0."""
        return max(0, self.size - len(self.requests))

    def next_number(self) -> int:
        """The sequence_number of the next request; every call gives another one."""
        number = self._last + 1 if self._last < SEQUENCE_NUMBER_MAX else 1
        while number in self.requests:
            number = number + 1 if number < SEQUENCE_NUMBER_MAX else 1
        self._last = number
        return number

    def issue(self, command_id: int, now: float, context: object) -> int:
        """`next_number` and `open` in one: the number of a request that waits from now on."""
        number = self._last + 1
        if number > SEQUENCE_NUMBER_MAX or number in self.requests:
            number = self.next_number()
        self._last = number
        self.requests[number] = (command_id, now, context)
        return number

    def issue_stored(
        self, command_id: int, stored: list[StoredRequest], now: float, output: list[bytes]
    ) -> int:
        """`issue` for requests that are octets already, which go into `output` with their numbers.

        How many; the next one, if there is one, needs a closer look.
        """
        if _quick_issue is None:
            return 0
        done, self._last = _quick_issue(command_id, stored, now, self.requests, self._last, output)
        return done

    def open(self, sequence_number: int, command_id: int, now: float, context: object) -> None:
        """Enter a request that waits for its response from now on."""
        self.requests[sequence_number] = (command_id, now, context)

    def peek(self, sequence_number: int) -> OpenRequest | None:
        """The open request with this number, left where it is."""
        return self.requests.get(sequence_number)

    def close(self, sequence_number: int) -> OpenRequest | None:
        """Take a request out: it has been answered."""
        return self.requests.pop(sequence_number, None)

    def close_late(self, sequence_number: int) -> OpenRequest | None:
        """Take out a request that had timed out."""
        return self._expired.pop(sequence_number, None)

    def peek_late(self, sequence_number: int) -> OpenRequest | None:
        """The timed-out request with this number, left where it is."""
        return self._expired.get(sequence_number)

    def oldest_sent_at(self) -> float | None:
        """When the oldest open request was sent, or None where none is open."""
        for request in self.requests.values():
            return request[1]
        return None

    def expire(self, now: float, timeout_s: float) -> list[tuple[int, OpenRequest]]:
        """Take out every request that has been open for `timeout_s`, oldest first."""
        found = []
        for number, request in self.requests.items():
            if request[1] + timeout_s > now:
                break
            found.append((number, request))
        for number, request in found:
            del self.requests[number]
            self._expired[number] = request
        while len(self._expired) > _EXPIRED_KEPT:
            self._expired.popitem(last=False)
        return found

    def drain(self) -> list[tuple[int, OpenRequest]]:
        """Take out everything, oldest first: the bind is gone."""
        found = list(self.requests.items())
        self.requests.clear()
        return found
