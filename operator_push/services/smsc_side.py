"""The SMSC's side of the reconciliation: its rows, found by id or by correlation key, each claimed once.

Laws: an id counts together with its recipient, since ids come again after years; a row that is there twice to
the letter is one row; rows of one id that are parts of one text (its SMSC took it whole in message_payload,
and writes a row for every segment on the air) are one row that counts the parts which are there. Rows are
kept in columns, about 300 octets each with their two indexes; an index only proposes, the row itself decides.
Whether a row agrees with ours is judged in `reconcile`.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence

from operator_push.domain.message import MessageState
from operator_push.services.smsc_cdr import NO_REFERENCE, SmscRecord

_NONE: tuple[int, ...] = ()
_STATES = {int(state): state for state in MessageState}
# A number of so many digits fits 64 bits and is kept as one; leading zeros would be lost.
_DIGITS_MAX = 18
# A correlation key in one number: user_message_reference has 16 bits.
_REFERENCE_BITS = 16
Key = int | tuple[str, int]


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
        # The first row of an id or of a key, and the others where there are any: nearly always none.
        self._by_id: dict[str, int] = {}
        self._more_by_id: dict[tuple[str, str], list[int]] = {}
        self._ids_again: set[str] = set()
        self._by_key: dict[Key, int] = {}
        self._more_by_key: dict[Key, list[int]] = {}
        self._parts_at: dict[int, set[int]] = {}  # of rows that stand for several
        for record in records:
            if system_ids is not None and record.system_id not in system_ids:
                self.other_rows += 1
            else:
                self._add(record)
        self._claimed = bytearray(len(self._ids))
        self._without_key: dict[str, list[int]] | None = None

    @property
    def rows(self) -> int:
        """Rows of ours, each counted once."""
        return len(self._ids)

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

    def plain(self, smsc_message_id: str, destination: str, user_message_reference: int) -> int:
        """The place of the one row that an id and a recipient have, -1 where it takes a closer look.

        It does where no row or several have the id, or another row has the segment's correlation key.
        """
        place = self._by_id.get(smsc_message_id, -1)
        if place < 0 or smsc_message_id in self._ids_again:
            return -1
        number = self._recipients[place]
        if not number or str(number) != destination:
            return -1
        if user_message_reference != NO_REFERENCE:
            key = number << _REFERENCE_BITS | user_message_reference
            if key in self._more_by_key or self._by_key.get(key, place) != place:
                return -1
        return place

    def outcome(self, place: int) -> tuple[int, int]:
        """(MessageState as an integer, how many segments the SMSC counts) of the row at a place."""
        return self._states[place], self._segments[place]

    def by_id(self, smsc_message_id: str, destination: str) -> Sequence[int]:
        """Places of the rows with this id and recipient."""
        place = self._by_id.get(smsc_message_id)
        if place is None or not smsc_message_id:
            return _NONE
        more = self._more_by_id.get((smsc_message_id, destination), _NONE)
        return [place, *more] if self.recipient(place) == destination else more

    def by_key(self, destination: str, user_message_reference: int) -> Sequence[int]:
        """Places of the rows with this correlation key."""
        if user_message_reference == NO_REFERENCE:
            return _NONE
        key = _key(_number(destination), destination, user_message_reference)
        place = self._by_key.get(key)
        if place is None:
            return _NONE
        return [
            each
            for each in (place, *self._more_by_key.get(key, _NONE))
            if self._references[each] == user_message_reference and self.recipient(each) == destination
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
            self._claimed[place] = 1

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
        """Keep a row, unless it is there already."""
        identifier, destination = record.smsc_message_id, record.destination
        place = len(self._ids)
        first = self._by_id.setdefault(identifier, place)
        if first != place:
            self._ids_again.add(identifier)
            more = self._more_by_id.get((identifier, destination), [])
            if any(self._is_told_by(other, record) for other in (first, *more)):
                return
            self._more_by_id[identifier, destination] = [*more, place]
        number = _number(destination)
        if not number:
            self._odd_recipients[place] = destination
        reference = record.user_message_reference
        if reference != NO_REFERENCE:
            key = _key(number, destination, reference)
            if self._by_key.setdefault(key, place) != place:
                self._more_by_key.setdefault(key, []).append(place)
        self._ids.append(identifier)
        self._recipients.append(number)
        self._references.append(reference)
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

    def _is_told_by(self, place: int, record: SmscRecord) -> bool:
        """True where the row at `place` tells `record` too: they are the same, or parts of one text."""
        known = self.record(place)
        if known == record:
            self.repeated_rows += 1
            return True
        parts = self._parts_at.get(place) or {known.part}
        if not (record.part and known.part and _is_of_one_text(known, record, len(parts))):
            return False
        if record.part in parts:
            self.repeated_rows += 1
            return True
        self._parts_at[place] = parts = {*parts, record.part}
        self._segments[place] = len(parts)
        if known.state == MessageState.DELIVERED:  # a text with a part missing did not arrive
            self._states[place] = record.state
        self._ended[place] = max(known.final_us, record.final_us)
        self.latest_us = max(self.latest_us, record.final_us, record.submit_us)
        return True


def _is_of_one_text(known: SmscRecord, record: SmscRecord, parts_known: int) -> bool:
    return (
        record.destination == known.destination
        and record.source == known.source
        and record.system_id == known.system_id
        and record.user_message_reference in (known.user_message_reference, NO_REFERENCE)
        and record.segments > 1
        and (parts_known > 1 or record.segments == known.segments)
    )


def _number(destination: str) -> int:
    """The recipient as a number where its digits come back from it, otherwise 0."""
    if destination.isdecimal() and destination[0] != "0" and len(destination) <= _DIGITS_MAX:
        number = int(destination)
        return number if destination.isascii() else 0
    return 0


def _key(number: int, destination: str, user_message_reference: int) -> Key:
    if number:
        return number << _REFERENCE_BITS | user_message_reference
    return destination, user_message_reference
