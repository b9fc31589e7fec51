"""Histogram: latencies in log-linear cells, as HdrHistogram keeps them, in a dict that holds only used cells.

Laws: microseconds below 256 are exact; above, a cell is at most 1/128 of its value wide, so a percentile is
right to 0.8 percent from one microsecond to years; adding two histograms loses nothing. A percentile is the
highest value that its cell can hold, never more than the highest value seen: it errs to the slow side.
Ours instead of the package hdrhistogram: one method call with integers costs a third of a call through
ctypes, and that package brings setuptools along at run time.
"""

from collections.abc import Iterator

_CELL_BITS = 7  # 128 cells for each doubling
_EXACT = 1 << _CELL_BITS + 1
_COARSE_SHIFT = 3  # `coarse` keeps 16 cells for each doubling


class Histogram:
    """Counts by cell. `total` values, `sum_us` their sum, `min_us` and `max_us` exact; 0 while empty."""

    __slots__ = ("cells", "max_us", "min_us", "sum_us", "total")

    def __init__(self) -> None:
        self.cells: dict[int, int] = {}
        self.total = 0
        self.sum_us = 0
        self.min_us = 0
        self.max_us = 0

    def record(self, value_us: int, count: int = 1) -> None:
        """Count a latency; what is below zero (clocks) counts as zero. About 0.4 µs."""
        if value_us < _EXACT:
            if value_us < 0:
                value_us = 0
            cell = value_us
        else:
            shift = value_us.bit_length() - _CELL_BITS - 1
            cell = (shift << _CELL_BITS) + (value_us >> shift)
        cells = self.cells
        cells[cell] = cells.get(cell, 0) + count
        if value_us > self.max_us:
            self.max_us = value_us
        if value_us < self.min_us or not self.total:
            self.min_us = value_us
        self.total += count
        self.sum_us += value_us * count

    def add(self, other: "Histogram") -> None:
        """Count everything that another histogram has counted."""
        if not other.total:
            return
        for cell, count in other.cells.items():
            self.cells[cell] = self.cells.get(cell, 0) + count
        self.min_us = min(self.min_us, other.min_us) if self.total else other.min_us
        self.max_us = max(self.max_us, other.max_us)
        self.total += other.total
        self.sum_us += other.sum_us

    @property
    def mean_us(self) -> float:
        """The mean; 0.0 while empty."""
        return self.sum_us / self.total if self.total else 0.0

    def percentile_us(self, percent: float) -> int:
        """The value that `percent` (0..100) of all values do not exceed; 0 while empty."""
        for _, value_us in self.percentiles_us((percent,)):
            return value_us
        return 0

    def percentiles_us(self, percents: tuple[float, ...]) -> list[tuple[float, int]]:
        """As `percentile_us`, for ascending percents in one walk."""
        found: list[tuple[float, int]] = []
        walk = self._ascending()
        reached, value_us = 0, 0
        for percent in percents:
            wanted = max(1, _ceil_share(self.total, percent))
            while reached < wanted:
                try:
                    value_us, count = next(walk)
                except StopIteration:
                    break
                reached += count
            found.append((percent, min(value_us, self.max_us)))
        return found

    def count_over(self, limit_us: int) -> int:
        """How many values are certainly over a limit: those in cells that begin above it."""
        return sum(count for cell, count in self.cells.items() if cell_bounds_us(cell)[0] > limit_us)

    def coarse(self) -> dict[int, int]:
        """Counts by coarser cells (16 for each doubling): number of the first fine cell, count."""
        rows: dict[int, int] = {}
        for cell, count in self.cells.items():
            first = cell >> _COARSE_SHIFT << _COARSE_SHIFT
            rows[first] = rows.get(first, 0) + count
        return rows

    def rows(self) -> list[tuple[int, int]]:
        """(highest microseconds of the cell, count), ascending: the whole histogram for a file."""
        return list(self._ascending())

    def _ascending(self) -> Iterator[tuple[int, int]]:
        for cell in sorted(self.cells):
            yield cell_bounds_us(cell)[1], self.cells[cell]


def cell_bounds_us(cell: int) -> tuple[int, int]:
    """The lowest and the highest microseconds of a cell."""
    if cell < _EXACT:
        return cell, cell
    shift = (cell >> _CELL_BITS) - 1
    low = (cell - (shift << _CELL_BITS)) << shift
    return low, low + (1 << shift) - 1


def coarse_bounds_us(first_cell: int) -> tuple[int, int]:
    """The lowest and the highest microseconds of one of `Histogram.coarse`'s cells."""
    return cell_bounds_us(first_cell)[0], cell_bounds_us(first_cell + (1 << _COARSE_SHIFT) - 1)[1]


def _ceil_share(total: int, percent: float) -> int:
    wanted = total * percent / 100
    whole = int(wanted)
    return whole if wanted - whole < 1e-9 * max(1.0, wanted) else whole + 1
