"""Outbox queue: what waits for one link, in the order in which it may leave.

Laws: a more urgent class of traffic leaves first, and the others keep a small share, so that nothing starves;
of one line (account, sender, recipient, class) at most one segment is out at a time, so that messages to one
person and the parts of a concatenated message arrive in their order, also through retries. Moments are
arguments; what may leave and what becomes of it is decided in `dispatch_outbox`. Promotional messages that
waited for a moment come back in line at a pace (`release_pace`), first due first, then first accepted.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterator

from operator_push.services.open_messages import OpenMessage, OpenSegment
from operator_push.services.release_pace import ReleasePace

LANES = 3  # one per class of traffic: transactional, service, promotional
LOWER_SHARE = 16  # Ours: at every sixteenth turn the least urgent that waits goes first, so nothing starves.

Entry = tuple[OpenMessage, OpenSegment]
Line = tuple[int, str, str, int]
Due = tuple[int, int, int, OpenMessage, OpenSegment]  # moment, message_id, segment_no, what waits


def line_of(message: OpenMessage) -> Line:
    """The messages that keep their order among each other: account, sender, recipient, class of traffic.

    The class is part of it so that a one-time password never waits behind an offer to the same person.
    """
    return message.account_no, message.source, message.destination, message.traffic_class


class OutboxQueue:
    """The waiting segments of one link.

    `in_order` False lets the segments of one line leave together: faster to a single recipient, and a
    refused one may then arrive after its successors.
    """

    def __init__(self, in_order: bool = True, pace: ReleasePace | None = None) -> None:
        self._in_order = in_order
        self._pace = pace or ReleasePace()
        self._lanes: tuple[deque[Entry], ...] = tuple(deque() for _ in range(LANES))
        # Whoever is in here owns its line and goes before its lane.
        self._heads: tuple[deque[Entry], ...] = tuple(deque() for _ in range(LANES))
        # A line that is owned, and what waits for it to become free; None where nothing does.
        self._behind: dict[Line, deque[Entry] | None] = {}
        self._later: list[Due] = []
        self._paced: list[Due] = []  # as _later, of the least urgent class
        self._resting: list[Due] = []
        self._waiting = 0
        self._turn = 0

    def __len__(self) -> int:
        return self._waiting

    def __iter__(self) -> Iterator[Entry]:
        """Everything that waits, in no promised order."""
        for entries in (*self._heads, *self._lanes, *self._behind.values()):
            yield from entries or ()
        for later in (*self._later, *self._paced, *self._resting):
            yield later[3], later[4]

    @property
    def ready(self) -> int:
        """How many wait for nothing but their turn."""
        return self._waiting - len(self._later) - len(self._paced) - len(self._resting)

    def is_out(self, line: Line) -> bool:
        """True while a segment of this line is out or waits for its retry; always False without order."""
        return line in self._behind

    def add(self, message: OpenMessage, segment: OpenSegment, not_before_us: int = 0) -> None:
        """Put a segment at the end of its lane, or aside until `not_before_us`."""
        self._waiting += 1
        if not_before_us:
            later = self._paced if _lane(message) == LANES - 1 else self._later
            heapq.heappush(later, _due(not_before_us, message, segment))
        else:
            kind = message.traffic_class
            self._lanes[kind - 1 if kind <= LANES else LANES - 1].append((message, segment))

    def wake(self, now_us: int) -> None:
        """Put back in line what waited for a moment that has come; promotional ones as the pace allows."""
        while self._paced and self._paced[0][0] <= now_us and self._pace.take(now_us):
            _, _, _, message, segment = heapq.heappop(self._paced)
            self._lanes[_lane(message)].append((message, segment))
        while self._later and self._later[0][0] <= now_us:
            _, _, _, message, segment = heapq.heappop(self._later)
            self._lanes[_lane(message)].append((message, segment))
        while self._resting and self._resting[0][0] <= now_us:
            _, _, _, message, segment = heapq.heappop(self._resting)
            self._heads[_lane(message)].append((message, segment))

    def next_due_us(self) -> int | None:
        """When the first segment that waits for a moment is due; None where none does."""
        return min((heap[0][0] for heap in (self._later, self._paced, self._resting) if heap), default=None)

    def take(self, room: int, urgent_room: int) -> Entry | None:
        """The next segment to leave, or None; it owns its line until `answered`, `retry` or `put_back`.

        `room` is how many of the less urgent classes may leave, `urgent_room` how many of the most urgent.
        """
        while True:
            lane = self._next_lane(room > 0, urgent_room > 0)
            if lane < 0:
                return None
            self._turn += 1
            if self._heads[lane]:
                entry = self._heads[lane].popleft()
            else:
                entry = self._lanes[lane].popleft()
                if self._in_order:
                    message = entry[0]
                    line = (message.account_no, message.source, message.destination, message.traffic_class)
                    if line in self._behind:
                        self._stand_behind(line, entry)
                        continue
                    self._behind[line] = None
            self._waiting -= 1
            return entry

    def take_some(self, room: int, urgent_room: int) -> list[Entry]:
        """What `take` would give one after the other while nothing is answered: as much as there is room
        for where a single lane has something, else one; nothing where nothing may leave."""
        lane = self._next_lane(room > 0, urgent_room > 0)
        if lane < 0 or any(self._heads) or sum(map(bool, self._lanes)) > 1:
            entry = self.take(room, urgent_room)
            return [] if entry is None else [entry]
        found: list[Entry] = []
        entries, behind = self._lanes[lane], self._behind
        most, waited = room if lane else urgent_room, len(entries)
        while entries and len(found) < most:
            entry = entries.popleft()
            if self._in_order:
                message = entry[0]
                line = (message.account_no, message.source, message.destination, message.traffic_class)
                if line in behind:
                    self._stand_behind(line, entry)
                    continue
                behind[line] = None
            found.append(entry)
        self._turn += waited - len(entries)
        self._waiting -= len(found)
        return found

    def _stand_behind(self, line: Line, entry: Entry) -> None:
        """Wait until the one that is out has been answered, and those before us."""
        waiting = self._behind[line]
        if waiting is None:
            self._behind[line] = deque((entry,))
        else:
            waiting.append(entry)

    def answered(self, message: OpenMessage) -> None:
        """What was taken has ended, is unknown or waits elsewhere: the next of its line may leave."""
        if not self._in_order:
            return
        # Not by `line_of`, here and where one is taken: this runs for every segment.
        line = (message.account_no, message.source, message.destination, message.traffic_class)
        waiting = self._behind.pop(line, None)
        if waiting:
            self._heads[_lane(message)].append(waiting.popleft())
            self._behind[line] = waiting or None

    def retry(self, message: OpenMessage, segment: OpenSegment, at_us: int) -> None:
        """What was taken leaves again at `at_us`, before whatever waits behind it."""
        self._waiting += 1
        heapq.heappush(self._resting, _due(at_us, message, segment))

    def put_back(self, message: OpenMessage, segment: OpenSegment) -> None:
        """What was taken did not leave: it is the first again."""
        self._waiting += 1
        self._heads[_lane(message)].appendleft((message, segment))

    def remove_if(self, unwanted: Callable[[OpenMessage], bool]) -> list[Entry]:
        """Take out every waiting segment of the messages that are unwanted here, in their order."""
        found: list[Entry] = []
        owners: list[Entry] = []
        for entries in (*self._lanes, *(behind for behind in self._behind.values() if behind)):
            _sift(entries, unwanted, found)
        for heads in self._heads:
            _sift(heads, unwanted, owners)
        self._resting = _sift_heap(self._resting, unwanted, owners)
        self._later = _sift_heap(self._later, unwanted, found)
        self._paced = _sift_heap(self._paced, unwanted, found)
        self._waiting -= len(found) + len(owners)
        for message, _ in owners:
            self.answered(message)
        found += owners
        found.sort(key=lambda entry: (entry[0].message_id, entry[1].segment_no))
        return found

    def _next_lane(self, room: bool, urgent_room: bool) -> int:
        """Number of the lane whose turn it is; -1 where nothing may leave."""
        heads, lanes = self._heads, self._lanes
        urgent = urgent_room and (heads[0] or lanes[0])
        if urgent and not (room and self._turn % LOWER_SHARE == LOWER_SHARE - 1):
            return 0
        if room:
            service, promotional = heads[1] or lanes[1], heads[2] or lanes[2]
            if promotional and (not service or self._turn % LOWER_SHARE == LOWER_SHARE - 1):
                return 2
            if service:
                return 1
        return 0 if urgent else -1


def _lane(message: OpenMessage) -> int:
    return message.traffic_class - 1 if message.traffic_class <= LANES else LANES - 1


def _due(at_us: int, message: OpenMessage, segment: OpenSegment) -> Due:
    return at_us, message.message_id, segment.segment_no, message, segment


def _sift(entries: deque[Entry], unwanted: Callable[[OpenMessage], bool], found: list[Entry]) -> None:
    """Move the unwanted from `entries` to `found`."""
    for _ in range(len(entries)):
        entry = entries.popleft()
        (found if unwanted(entry[0]) else entries).append(entry)


def _sift_heap(heap: list[Due], unwanted: Callable[[OpenMessage], bool], found: list[Entry]) -> list[Due]:
    kept = []
    for due in heap:
        if unwanted(due[3]):
            found.append((due[3], due[4]))
        else:
            kept.append(due)
    heapq.heapify(kept)
    return kept
