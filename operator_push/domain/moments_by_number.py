"""Moments by number: when something happened to some of many numbers, in 10 to 25 octets each.

A dictionary of integers costs ten times as much. Here 4096 neighbours share one page: their low bits in
order, and beside them 64-bit microseconds. A page holds only the numbers that have a moment, so a scope of
few people costs as little as one of all.
"""

from array import array
from bisect import bisect_left

PAGE_BITS = 12
_MASK = (1 << PAGE_BITS) - 1
_Page = tuple["array[int]", "array[int]"]


class MomentsByNumber:
    """A sparse map from a number (from 0) to microseconds since 1970."""

    __slots__ = ("_pages",)

    def __init__(self) -> None:
        self._pages: dict[int, _Page] = {}

    def get(self, number: int, default_us: int) -> int:
        """The moment noted for this number."""
        page = self._pages.get(number >> PAGE_BITS)
        if page is None:
            return default_us
        lows, moments = page
        low = number & _MASK
        place = bisect_left(lows, low)
        return moments[place] if place < len(lows) and lows[place] == low else default_us

    def set(self, number: int, moment_us: int) -> None:
        """Note a moment, replacing an earlier note."""
        key, low = number >> PAGE_BITS, number & _MASK
        page = self._pages.get(key)
        if page is None:
            self._pages[key] = array("H", (low,)), array("q", (moment_us,))
            return
        lows, moments = page
        if low > lows[-1]:  # files come in order of the numbers
            lows.append(low)
            moments.append(moment_us)
            return
        place = bisect_left(lows, low)
        if lows[place] == low:
            moments[place] = moment_us
        else:
            lows.insert(place, low)
            moments.insert(place, moment_us)

    def discard(self, number: int) -> None:
        """Forget a number's moment, if there is one; a page without any goes with it."""
        key, low = number >> PAGE_BITS, number & _MASK
        page = self._pages.get(key)
        if page is None:
            return
        lows, moments = page
        place = bisect_left(lows, low)
        if place < len(lows) and lows[place] == low:
            del lows[place], moments[place]
            if not lows:
                del self._pages[key]
