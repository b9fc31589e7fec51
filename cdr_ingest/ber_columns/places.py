"""Where the records of some octets lie: columns of their tags, and of where their content begins and ends."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from operator_push.cdr import ber
from operator_push.cdr.file_32297 import looks_like_32297
from operator_push.cdr.reading import record_places

Ints = NDArray[np.int64]
_LONG_TAG, _CONSTRUCTED = 0x1F, 0x20
_LAST, _NONE = -1, -2


@dataclass(slots=True, frozen=True)
class RecordPlaces:
    """Records in the order of the octets. `end` excludes the end-of-contents of the indefinite form."""

    tag: Ints  # as operator_push.cdr.ber has them
    start: Ints
    content: Ints
    end: Ints

    def __len__(self) -> int:
        return len(self.tag)

    def take(self, rows: NDArray[np.bool_] | slice) -> "RecordPlaces":
        """Some of the records."""
        return RecordPlaces(self.tag[rows], self.start[rows], self.content[rows], self.end[rows])


def find_records(data: bytes) -> RecordPlaces:
    """The records of a TS 32.297 file, or of records back to back with fillers between them.

    Raises:
        CdrError: as operator_push.cdr.reading.record_places.
    """
    if looks_like_32297(data, len(data)):
        parts = [_one(data, start, end)[0] for start, end in record_places(data)]
    else:
        parts = list(_walk(data))
    return places_of(parts)


def records_from(data: bytes) -> Callable[[int], Ints]:
    """Gives the rows (tag, start, content, end) from a record on as far as each leads to another of its kind.

    What it gives raises CdrError where no record stands.
    """
    octets = np.frombuffer(data + bytes(4), dtype=np.uint8)
    chains: dict[bytes, _Chain] = {}
    size = len(data)

    def rows(at: int) -> Ints:
        row, behind = _one(data, at, size)
        identifier = data[row[0, 1] : row[0, 1] + (2 if data[row[0, 1]] & _LONG_TAG == _LONG_TAG else 1)]
        if not identifier[0] & _CONSTRUCTED or not data.startswith(identifier, behind):
            return row
        if identifier not in chains:
            chains[identifier] = _Chain(octets, size, identifier, int(row[0, 0]))
        run = chains[identifier].run(behind)
        return np.concatenate([row, run]) if len(run) else row

    return rows


def places_of(rows: Sequence[Ints]) -> RecordPlaces:
    """The places in rows of (tag, start, content, end)."""
    columns = np.concatenate(rows) if rows else np.zeros((0, 4), dtype=np.int64)
    return RecordPlaces(*(np.ascontiguousarray(columns[:, place]) for place in range(4)))


def _walk(data: bytes) -> Iterator[Ints]:
    """Rows of records back to back, as long runs of one kind as there are."""
    rows = records_from(data)
    at, size = 0, len(data)
    while at < size:
        if data[at] in ber.FILLERS:
            at += 1
            continue
        run = rows(at)
        yield run
        at = behind_record(data, run[-1])


def behind_record(data: bytes, row: Ints) -> int:
    """The octet behind a record, with the end-of-contents of the indefinite form."""
    start, end = int(row[1]), int(row[3])
    return end + 2 if ber.read_header(data, start, len(data))[3] < 0 else end


class _Chain:
    """All places where an identifier's octets stand, and which of them follows which as a record.

    Most of these are records; some are content that looks the same, and no record leads to those.
    """

    def __init__(self, octets: NDArray[np.uint8], size: int, identifier: bytes, tag: int) -> None:
        here = octets[:size] == identifier[0]
        if len(identifier) == 2:
            here[:-1] &= octets[1:size] == identifier[1]
        start = np.flatnonzero(here)
        length_at = start + len(identifier)
        length = octets[length_at].astype(np.int64)
        content = length_at + 1
        one, two = length == 0x81, length == 0x82
        known = (length < 0x80) | one | two
        length = np.where(one, octets[content], length)
        length = np.where(
            two, octets[content].astype(np.int64) << 8 | octets[np.minimum(content + 1, size)], length
        )
        content = content + one + 2 * two
        end = np.where(known, content + length, -1)
        follows = np.searchsorted(start, end)
        leads = (end >= 0) & (end <= size)
        self._rows = np.stack([np.full(len(start), tag), start, content, end], axis=1)
        at_next = np.append(start, -1)[follows]
        # A record that is whole but leads to none of its kind is the last of its run.
        self._next = np.where(leads, np.where(at_next == end, follows, _LAST), _NONE).tolist()
        self._start = start

    def run(self, at: int) -> Ints:
        """The rows from the record at `at` as far as each leads to another one of the kind."""
        place = int(np.searchsorted(self._start, at))
        rows: list[int] = []
        following = self._next
        while place >= 0:
            if following[place] == _NONE:
                break
            rows.append(place)
            place = following[place]
        return self._rows[rows]


def _one(data: bytes, start: int, end: int) -> tuple[Ints, int]:
    """The row of a record, and where the next may begin."""
    tag, constructed, content, content_end = ber.read_header(data, start, end)
    behind = content_end
    if content_end < 0:
        _, behind = ber.decode(data, start, end)
        content_end = behind - 2
    if not constructed:
        content = content_end  # no record, whatever its tag: nothing in it is a field
    return np.array([[tag, start, content, content_end]], dtype=np.int64), behind
