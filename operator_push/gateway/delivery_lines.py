"""Delivery lines: what keeps its order behind a delivery that its ESME refused or did not answer.

A line is everything owed to one account between one pair of addresses. Laws: while the oldest refused
delivery of a line waits to be tried again, no younger one of that line leaves; what was on its way already,
within the window, may still be acknowledged; other lines go on. A line is free again when its head is
acknowledged or given up; the others then go in front, oldest first.
Not here: what is sent, and when a delivery is given up (esme_deliveries).
"""

from bisect import insort
from collections import deque
from collections.abc import Iterator

import msgspec

from operator_push.smpp.constants import HEADER_OCTETS

_KINDS = 2  # TON and NPI before an address


class Delivery(msgspec.Struct, gc=False):
    """One deliver_sm that we owe; `body`: its octets, with a header whose sequence_number means nothing.

    Where a peer takes it only in parts, each part but the last is a closed delivery of its own, of `whole`;
    the last one's answer is that of all, unless `part_failed`; `refused_with`: the command_status by which
    a part was refused for good.
    """

    delivery_id: int
    account_no: int
    body: bytes
    tries: int = 0
    closed: bool = False
    whole: "Delivery | None" = None
    part_failed: bool = False
    refused_with: int = 0


def pair_of(body: bytes) -> bytes:
    """Source and destination address of a deliver_sm's octets, as they stand (SMPP v3.4 section 4.6.1)."""
    source = body.index(0, HEADER_OCTETS) + 1 + _KINDS  # behind service_type
    destination = body.index(0, source) + 1 + _KINDS
    return body[source : body.index(0, destination)]


class _Line:
    """`waiting`: by age; `trying`: may leave or is out; `resting`: the next try has its moment."""

    __slots__ = ("resting", "trying", "waiting")

    def __init__(self) -> None:
        self.waiting: list[Delivery] = []
        self.trying: Delivery | None = None
        self.resting = False


class DeliveryLines:
    """The lines of one account that are held up, by their pair of addresses."""

    def __init__(self) -> None:
        self._lines: dict[bytes, _Line] = {}

    def __bool__(self) -> bool:
        """True while a line is held up."""
        return bool(self._lines)

    def __len__(self) -> int:
        """How many deliveries wait in held-up lines."""
        return sum(len(line.waiting) for line in self._lines.values())

    def __iter__(self) -> Iterator[Delivery]:
        """Those that wait in held-up lines, the oldest of each line first."""
        for line in list(self._lines.values()):
            yield from tuple(line.waiting)

    def keeps(self, delivery: Delivery) -> bool:
        """True where a delivery may not leave now: it has taken its place in its line."""
        line = self._lines.get(pair_of(delivery.body))
        if line is None or line.trying is delivery:
            return False
        insort(line.waiting, delivery, key=_age)
        return True

    def refused(self, delivery: Delivery) -> bytes | None:
        """Hold its line up. The line's name where it needs a moment for its next try, otherwise None."""
        name = pair_of(delivery.body)
        line = self._lines.get(name)
        if line is None:
            line = self._lines[name] = _Line()
        if line.trying is delivery:
            line.trying = None
        insort(line.waiting, delivery, key=_age)
        if line.resting or line.trying is not None:
            return None
        line.resting = True
        return name

    def next_try(self, name: bytes) -> Delivery | None:
        """The moment of a line has come: its oldest may leave now; None where nothing of it is held up."""
        line = self._lines.get(name)
        if line is None or not line.resting:
            return None
        line.resting = False
        line.trying = line.waiting.pop(0)
        return line.trying

    def ended(self, delivery: Delivery) -> list[Delivery]:
        """A delivery was acknowledged or given up: those that may leave because of that, oldest first."""
        name = pair_of(delivery.body)
        line = self._lines.get(name)
        if line is None:
            return []
        if line.trying is not delivery:
            if delivery not in line.waiting:
                return []
            held_the_others = line.trying is None and line.waiting[0] is delivery
            line.waiting.remove(delivery)
            if not held_the_others:
                return []
        del self._lines[name]
        return line.waiting


def _age(delivery: Delivery) -> int:
    return delivery.delivery_id


def take_ready(queue: deque[Delivery], held: DeliveryLines | None, room: int) -> list[Delivery]:
    """The next of a queue that may leave, at most `room` of them."""
    ready: list[Delivery] = []
    while queue and len(ready) < room:
        delivery = queue.popleft()
        # One that is closed was acknowledged late, while it waited to be tried again.
        if not delivery.closed and not (held and held.keeps(delivery)):
            ready.append(delivery)
    return ready
