"""The slots of frequency caps on one UTC day, by subscriber number, in few octets.

A slot is a row of two columns: its moment and brand (8 octets), and the row of the same handset's slot before
it (4). A handset's newest row stands by its number (4 more), in pages that are made when somebody in them has
a slot; rows given back are taken again first. So a handset costs 16 octets with one slot and 12 for each
further one, where its neighbours have some, too, and nothing here is an object of its own for Python to keep.
"""

from array import array

COUNT_MAX = 0xFF  # of an octet; it stands for as many and for more
_NO_ROW = 0
_ROW, _SLOT = "I", "Q"
# Ours: 256 numbers are 1 KiB, little where only one of them has a slot; where few have any, one by one.
_MANY_BITS, _FEW_BITS = 8, 0


class DaySlots:
    """The slots of one day; `counts`: how many by subscriber number, where that is wanted."""

    __slots__ = ("_before", "_begin", "_bits", "_empty", "_free", "_mask", "_pages", "_slots", "counts")

    def __init__(self, begin: int, *, for_everybody: bool) -> None:
        """`begin`: no slot of the day is less, and none 2**64 more; `for_everybody`: many will have slots."""
        self.counts = bytearray() if for_everybody else None
        self._begin = begin
        self._bits = _MANY_BITS if for_everybody else _FEW_BITS
        self._mask = (1 << self._bits) - 1
        self._empty = array(_ROW, [_NO_ROW]) * (1 << self._bits)
        self._pages: dict[int, array[int]] = {}  # the newest row of each of so many handsets
        self._slots, self._before = array(_SLOT, [0]), array(_ROW, [_NO_ROW])  # row 0 is nobody's
        self._free = _NO_ROW  # the newest of the rows given back, each with the one before it

    def of(self, subscriber_no: int) -> list[int]:
        """Those of one handset, in the order in which they were taken."""
        page = self._pages.get(subscriber_no >> self._bits, self._empty)
        row = page[subscriber_no & self._mask]
        found = []
        while row:
            found.append(self._begin + self._slots[row])
            row = self._before[row]
        found.reverse()
        return found

    def add(self, subscriber_no: int, slot: int) -> None:
        """One more of a handset."""
        page = self._pages.get(subscriber_no >> self._bits)
        if page is None:
            page = self._pages[subscriber_no >> self._bits] = self._empty[:]
        at = subscriber_no & self._mask
        row = self._free
        if row:
            self._free = self._before[row]
            self._slots[row], self._before[row] = slot - self._begin, page[at]
        else:
            row = len(self._before)
            self._slots.append(slot - self._begin)
            self._before.append(page[at])
        page[at] = row
        counts = self.counts
        if counts is not None:
            if subscriber_no >= len(counts):
                counts.extend(bytes(subscriber_no + 1 + subscriber_no // 16 - len(counts)))
            if counts[subscriber_no] < COUNT_MAX:
                counts[subscriber_no] += 1

    def remove(self, subscriber_no: int, slot: int) -> bool:
        """One less; False where it has none like this."""
        page = self._pages.get(subscriber_no >> self._bits, self._empty)
        wanted, before, at = slot - self._begin, self._before, subscriber_no & self._mask
        newer, row = _NO_ROW, page[at]
        while row and self._slots[row] != wanted:
            newer, row = row, before[row]
        if not row:
            return False
        if newer:
            before[newer] = before[row]
        else:
            page[at] = before[row]
        before[row], self._free = self._free, row
        if self.counts is not None:
            self._count_one_less(self.counts, subscriber_no)
        return True

    def _count_one_less(self, counts: bytearray, subscriber_no: int) -> None:
        if counts[subscriber_no] < COUNT_MAX:
            counts[subscriber_no] -= 1
        else:  # it stands for more than it says
            counts[subscriber_no] = min(COUNT_MAX, len(self.of(subscriber_no)))
