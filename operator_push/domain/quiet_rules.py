"""Quiet rules: which windows hold on a local date for numbers of a country on a clock.

The operator's own windows hold everywhere and every day; those of the jurisdiction packs beside them, in the
version that is in force on that date. What comes back is to be united. A public holiday is one that a pack
knows or that the operator has told.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date

from operator_push.domain.packs.shelf import PackShelf
from operator_push.domain.quiet_windows import Window

NO_COUNTRY = "001"  # no pack names it, so the default pack speaks


class QuietRules:
    """Own windows and packs; without a shelf the own windows alone."""

    def __init__(
        self,
        own: Sequence[Window] = (),
        shelf: PackShelf | None = None,
        holidays: Mapping[str, Set[date]] | None = None,
    ) -> None:
        """`holidays`: those that the operator tells beside the packs', by country (ISO 3166-1)."""
        self._own = tuple(window for window in own if window[0] != window[1])
        self._shelf = shelf
        self._holidays = holidays or {}
        self.is_empty = not self._own and shelf is None  # nothing is ever quiet

    def windows_on(self, country: str | None, zone: str, day: date) -> Iterator[Window]:
        """The windows [start, end) in local minutes that begin on this date; `country` None: unknown."""
        yield from self._own
        if self._shelf is None:
            return
        code = country or NO_COUNTRY
        pack = self._shelf.pack_for(code, day)
        holiday = day in self._holidays.get(code, ()) or pack.is_holiday(code, day)
        for window in pack.quiet_hours_at(code, zone, day):
            if day.weekday() in window.weekdays or (holiday and window.public_holidays):
                yield window.start_minute, window.end_minute

    def versions(self, day: date) -> dict[str, str]:
        """Pack → version in force on a day; empty without packs."""
        if self._shelf is None:
            return {}
        return {name: self._shelf.pack(name, day).version for name in self._shelf.names()}
