"""Latencies: how many answers took how long, in cells that are right to one percent, so that few are kept."""

from collections import Counter
from collections.abc import Iterable
from math import ceil

_BITS = 7  # 128 cells for each doubling: an error below 0.8 percent


class Latencies:
    """Microseconds by cell; a cell is named by the lowest of its values."""

    __slots__ = ("cells",)

    def __init__(self) -> None:
        self.cells: Counter[int] = Counter()

    def record(self, micros: int) -> None:
        """One more answer."""
        shift = max(0, micros.bit_length() - _BITS - 1)
        self.cells[micros >> shift << shift] += 1

    def merged_with(self, others: "Iterable[Latencies]") -> "Latencies":
        """The answers of all of them."""
        merged = Latencies()
        for one in (self, *others):
            merged.cells.update(one.cells)
        return merged

    def percentile_us(self, share: float) -> int | None:
        """What this share of the answers did not exceed (up to a cell); None where there was no answer."""
        total = self.cells.total()
        reached = 0
        wanted = max(1, ceil(total * share - 1e-9))
        for micros in sorted(self.cells):
            reached += self.cells[micros]
            if reached >= wanted:
                return micros
        return None
