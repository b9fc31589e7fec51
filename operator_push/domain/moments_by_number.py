"""Moments by number: when something happened to some of many numbers, in about 12 octets each when dense.

A dictionary of integers costs ten times as much; here 32 neighbours share one page of 64-bit microseconds.
"""

from array import array

PAGE_BITS = 5
_PAGE = 1 << PAGE_BITS
_MASK = _PAGE - 1
_NEVER = -(1 << 63)


class MomentsByNumber:
    """A sparse map from a number (from 0) to microseconds since 1970."""

    __slots__ = ("_pages",)

    def __init__(self) -> None:
        self._pages: dict[int, array[int]] = {}

    def get(self, number: int, default_us: int) -> int:
        """The moment noted for this number."""
        page = self._pages.get(number >> PAGE_BITS)
        if page is None:
            return default_us
        moment_us = page[number & _MASK]
        return default_us if moment_us == _NEVER else moment_us

    def set(self, number: int, moment_us: int) -> None:
        """Note a moment, replacing an earlier note."""
        key = number >> PAGE_BITS
        page = self._pages.get(key)
        if page is None:
            page = self._pages[key] = array("q", [_NEVER]) * _PAGE
        page[number & _MASK] = moment_us

    def discard(self, number: int) -> None:
        """Forget a number's moment, if there is one; a page without any goes with it."""
        key = number >> PAGE_BITS
        page = self._pages.get(key)
        if page is None:
            return
        page[number & _MASK] = _NEVER
        if page.count(_NEVER) == _PAGE:
            del self._pages[key]
