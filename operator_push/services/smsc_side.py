"""The SMSC's side of the reconciliation: its rows, found by id or by correlation key, each claimed once.

Laws: an id counts together with its recipient, since ids come again after years; a row that is there twice to
the letter is one row. Rows are kept in columns, about 140 octets each, and found by sorted hashes; a hash
only proposes, the row itself decides. Whether a row agrees with ours is judged in `reconcile`.
"""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence

from operator_push.domain.message import MessageState
from operator_push.services.smsc_cdr import NO_REFERENCE, SmscRecord

_NONE: tuple[int, ...] = ()
_LOW_32 = 0xFFFF_FFFF
_STATES = {int(state): state for state in MessageState}
# A number of so many digits fits 64 bits and is kept as one; leading zeros would be lost.
_DIGITS_MAX = 18


class _Words:
    """Words that come again and again, by number."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.words: list[str] = []
        self.column = array("I")

    def add(self, word: str) -> None:
        number = self.numbers.get(word)
        if number is None:
            number = self.numbers[word] = len(self.words)
            self.words.append(word)
        self.column.append(number)

    def __getitem__(self, place: int) -> str:
        return self.words[self.column[place]]


class SmscSide:
    """All rows of the files in memory; rows of other clients are only counted.

    `system_ids` None: every row is under an account of ours.
    """

    def __init__(self, records: Iterable[SmscRecord], system_ids: Collection[str] | None) -> None:
        self.repeated_rows = 0
        self.other_rows = 0
        self.latest_us = 0
        self._ids: list[str] = []
        self._recipients = array("Q")
        self._odd_recipients: dict[int, str] = {}
        self._references = array("i")
        self._submitted, self._ended = array("q"), array("q")
        self._states, self._parts, self._segments = array("B"), array("H"), array("H")
        self._sources, self._system_ids, self._errors = _Words(), _Words(), _Words()
        for record in records:
            if system_ids is not None and record.system_id not in system_ids:
                self.other_rows += 1
            else:
                self._add(record)
        self._claimed = bytearray(len(self._ids))
        self._by_id = self._index_of(
            hash((identifier, self.recipient(place))) for place, identifier in enumerate(self._ids)
        )
        self._drop_repeated()
        self._by_key = self._index_of(
            hash((self.recipient(place), reference)) for place, reference in enumerate(self._references)
        )
        self._without_key: dict[str, list[int]] | None = None

    @property
    def rows(self) -> int:
        """Rows of ours, each counted once."""
        return len(self._ids) - self.repeated_rows

    def record(self, place: int) -> SmscRecord:
        """The row at a place."""
        return SmscRecord(
            self._ids[place],
            self._system_ids[place],
            self._sources[place],
            self.recipient(place),
            self._references[place],
            self._submitted[place],
            self._ended[place],
            _STATES[self._states[place]],
            self._errors[place],
            self._parts[place],
            self._segments[place],
        )

    def submit_us(self, place: int) -> int:
        """When the SMSC accepted the row at a place."""
        return self._submitted[place]

    def recipient(self, place: int) -> str:
        """The recipient of the row at a place."""
        number = self._recipients[place]
        return str(number) if number else self._odd_recipients[place]

    def by_id(self, smsc_message_id: str, destination: str) -> Sequence[int]:
        """Places of the rows with this id and recipient."""
        if not smsc_message_id:
            return _NONE
        return [
            place
            for place in self._proposed(self._by_id, hash((smsc_message_id, destination)))
            if self._ids[place] == smsc_message_id
            and self.recipient(place) == destination
            and self._claimed[place] != _REPEATED
        ]

    def by_key(self, destination: str, user_message_reference: int) -> Sequence[int]:
        """Places of the rows with this correlation key."""
        if user_message_reference == NO_REFERENCE:
            return _NONE
        return [
            place
            for place in self._proposed(self._by_key, hash((destination, user_message_reference)))
            if self._references[place] == user_message_reference
            and self.recipient(place) == destination
            and self._claimed[place] != _REPEATED
        ]

    def nameless(self, source: str, destination: str) -> bool:
        """True where an unclaimed row to this recipient from this sender has no key to tell it by."""
        return bool(self.without_key(source, destination))

    def without_key(self, source: str, destination: str) -> list[int]:
        """Places of the unclaimed rows from this sender to this recipient that have no key.

        To be asked when every id has been looked up: rows that were claimed by then are left out for good.
        """
        if self._without_key is None:
            self._without_key = {}
            for place in self.all_unclaimed():
                if self._references[place] == NO_REFERENCE:
                    self._without_key.setdefault(self.recipient(place), []).append(place)
        return [
            place
            for place in self._without_key.get(destination, _NONE)
            if not self._claimed[place] and self._sources[place] == source
        ]

    def claim(self, places: Iterable[int]) -> None:
        """These rows belong to a segment of ours."""
        for place in places:
            self._claimed[place] = _CLAIMED

    def unclaimed(self, places: Iterable[int]) -> list[int]:
        """Those of the places that belong to no segment yet."""
        return [place for place in places if not self._claimed[place]]

    def all_unclaimed(self) -> Iterator[int]:
        """Places of all rows that belong to no segment yet."""
        place = self._claimed.find(0)
        while place >= 0:
            yield place
            place = self._claimed.find(0, place + 1)

    def _add(self, record: SmscRecord) -> None:
        destination = record.destination
        if destination.isdecimal() and destination[0] != "0" and len(destination) <= _DIGITS_MAX:
            self._recipients.append(int(destination))
        else:
            self._odd_recipients[len(self._ids)] = destination
            self._recipients.append(0)
        self._ids.append(record.smsc_message_id)
        self._references.append(record.user_message_reference)
        self._submitted.append(record.submit_us)
        self._ended.append(record.final_us)
        self._states.append(record.state)
        self._parts.append(record.part)
        self._segments.append(record.segments)
        self._sources.add(record.source)
        self._system_ids.add(record.system_id)
        self._errors.add(record.error_code)
        latest = record.final_us if record.final_us > record.submit_us else record.submit_us
        if latest > self.latest_us:
            self.latest_us = latest

    def _index_of(self, hashes: Iterable[int]) -> "array[int]":
        """Hashes and places in one sorted column: 32 bits of each."""
        return array("Q", sorted((each & _LOW_32) << 32 | place for place, each in enumerate(hashes)))

    def _proposed(self, index: "array[int]", wanted: int) -> Iterator[int]:
        head = wanted & _LOW_32
        at = bisect_left(index, head << 32)
        while at < len(index) and index[at] >> 32 == head:
            yield index[at] & _LOW_32
            at += 1

    def _drop_repeated(self) -> None:
        """Of rows that are equal to the letter the first stays."""
        last, group = -1, [0]
        for entry in self._by_id:
            head, place = entry >> 32, entry & _LOW_32
            if head != last:
                last, group = head, [place]
                continue
            record = self.record(place)
            if any(self.record(other) == record for other in group):
                self._claimed[place] = _REPEATED
                self.repeated_rows += 1
            else:
                group.append(place)


_CLAIMED, _REPEATED = 1, 2
