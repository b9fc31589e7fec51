"""The SMSC's side of the reconciliation: its rows, found by id or by correlation key, each claimed once.

Laws: an id counts together with its recipient, since ids come again after years; a row that is there twice to
the letter is one row. Whether a row agrees with ours is judged in `reconcile`.
"""

from collections.abc import Collection, Iterable, Sequence

from operator_push.services.smsc_cdr import NO_REFERENCE, SmscRecord

_NONE: tuple[int, ...] = ()


class SmscSide:
    """All rows of the files in memory, about 500 octets each; rows of other clients are only counted.

    `system_ids` None: every row is under an account of ours.
    """

    def __init__(self, records: Iterable[SmscRecord], system_ids: Collection[str] | None) -> None:
        self.records: list[SmscRecord] = []
        self.repeated_rows = 0
        self.other_rows = 0
        self.latest_us = 0
        self._by_id: dict[tuple[str, str], list[int]] = {}
        self._by_key: dict[tuple[str, int], list[int]] = {}
        self._without_key: dict[str, list[int]] = {}
        for record in records:
            if system_ids is not None and record.system_id not in system_ids:
                self.other_rows += 1
            else:
                self._add(record)
        self._claimed = bytearray(len(self.records))

    def by_id(self, smsc_message_id: str, destination: str) -> Sequence[int]:
        """Places of the rows with this id and recipient."""
        return self._by_id.get((smsc_message_id, destination), _NONE) if smsc_message_id else _NONE

    def by_key(self, destination: str, user_message_reference: int) -> Sequence[int]:
        """Places of the rows with this correlation key."""
        if user_message_reference == NO_REFERENCE:
            return _NONE
        return self._by_key.get((destination, user_message_reference), _NONE)

    def nameless(self, source: str, destination: str) -> bool:
        """True where an unclaimed row to this recipient from this sender has no key to tell it by."""
        return bool(self.without_key(source, destination))

    def without_key(self, source: str, destination: str) -> list[int]:
        """Places of the unclaimed rows from this sender to this recipient that have no key."""
        return [
            place
            for place in self._without_key.get(destination, _NONE)
            if not self._claimed[place] and self.records[place].source == source
        ]

    def claim(self, places: Iterable[int]) -> None:
        """These rows belong to a segment of ours."""
        for place in places:
            self._claimed[place] = 1

    def unclaimed(self, places: Iterable[int]) -> list[int]:
        """Those of the places that belong to no segment yet."""
        return [place for place in places if not self._claimed[place]]

    def _add(self, record: SmscRecord) -> None:
        same_id = self._by_id.setdefault((record.smsc_message_id, record.destination), [])
        if any(self.records[place] == record for place in same_id):
            self.repeated_rows += 1
            return
        place = len(self.records)
        self.records.append(record)
        self.latest_us = max(self.latest_us, record.final_us, record.submit_us)
        same_id.append(place)
        if record.user_message_reference == NO_REFERENCE:
            self._without_key.setdefault(record.destination, []).append(place)
        else:
            key = (record.destination, record.user_message_reference)
            self._by_key.setdefault(key, []).append(place)
