"""The national do-not-disturb register: who wants no promotion, of which kinds, and when.

A person blocks everything, or categories (1..8), or blocks times: days and hours of their own clock in which
promotions wait. Only what concerns a channel of ours is held here. An entry stands by number, not by
subscriber, since the register is the nation's: who becomes a subscriber tomorrow has said no already. Deny
beats allow: a grant does not lift an entry. A message of no stated category might be of any: one blocked
category blocks it.

Numbers are held as 64-bit bitmaps, a few octets each; entries with times beside them in a map, and so is who
names single channels: nearly all name none, which is every one.
"""

from collections.abc import Iterable
from typing import NamedTuple

from pyroaring import BitMap64

from operator_push.domain.consent import CATEGORY_MAX
from operator_push.domain.contact_channels import SENT_BY
from operator_push.domain.local_clock import LocalClock
from operator_push.domain.packs.pack import WEEKDAYS, LocalWindow
from operator_push.domain.quiet_windows import MINUTES_PER_DAY, parse_window
from operator_push.kernel.errors import OperatorError

EVERYTHING = "*"
_WHOLE_DAY = (0, MINUTES_PER_DAY)
_EVERY_DAY = frozenset(range(7))


class DndEntry(NamedTuple):
    """What one number has registered. `categories`: 0 stands for everything; `channels`: "*" for all;
    `times`: when promotions wait, beside what is blocked always."""

    categories: frozenset[int]
    channels: frozenset[str]
    times: tuple[LocalWindow, ...]

    @property
    def is_empty(self) -> bool:
        """True where nothing is blocked: the number is not in the register any more."""
        return not self.categories and not self.times


def parse_entry(blocked: str, channels: str = "", days: str = "", bands: str = "") -> DndEntry:
    """The entry of a row: `blocked` "*", "1;4" or nothing; `channels` "sms;voice", nothing or "*" for all;
    `days` "sat;sun" and `bands` "10:00-12:00;21:00-24:00": when promotions wait, all days or the whole day
    where only the other is told.

    Raises:
        OperatorError: names what is none.
    """
    categories = frozenset(_category(text) for text in _parts(blocked))
    on = frozenset(_weekday(text) for text in _parts(days))
    windows = [parse_window(text) for text in _parts(bands)]
    times: tuple[LocalWindow, ...] = ()
    if on or windows:
        times = tuple(
            LocalWindow(start, end, on or _EVERY_DAY, False) for start, end in windows or [_WHOLE_DAY]
        )
    return DndEntry(categories, frozenset(_parts(channels.lower())) or frozenset({EVERYTHING}), times)


class DndRegister:
    """The register as this shard holds it; owned by one thread. `changes` counts, `version_us` is the moment
    of its newest row, 0 where it has none."""

    def __init__(self) -> None:
        self.numbers = BitMap64()
        self._untouched = {channel: BitMap64() for channel in SENT_BY}  # whose entry is not about it
        self._by_category: dict[int, BitMap64] = {}
        self._times: dict[int, tuple[LocalWindow, ...]] = {}
        self._clocks: dict[tuple[int, tuple[LocalWindow, ...]], LocalClock] = {}
        self.changes = 0
        self.version_us = 0

    def __len__(self) -> int:
        return len(self.numbers)

    def put(self, msisdn: str, entry: DndEntry, at_us: int = 0) -> bool:
        """Take an entry in the place of what this number had; True where that is something else."""
        number = int(msisdn)
        channels = frozenset(SENT_BY if EVERYTHING in entry.channels else entry.channels & {*SENT_BY})
        categories = entry.categories if channels else frozenset()
        times = entry.times if channels else ()
        self.version_us = max(self.version_us, at_us)
        known = self._categories_of(number), self._times.get(number, ())
        if (categories, times) == known and (not any(known) or channels == self._channels_of(number)):
            return False
        self.changes += 1
        for category, numbers in self._by_category.items():
            if category not in categories:
                numbers.discard(number)
        for category in categories:
            self._by_category.setdefault(category, BitMap64()).add(number)
        self._times.pop(number, None)
        if times:
            self._times[number] = times
        for channel, numbers in self._untouched.items():
            numbers.discard(number)
            if (categories or times) and channel not in channels:
                numbers.add(number)
        if categories or times:
            self.numbers.add(number)
        else:
            self.numbers.discard(number)
        return True

    def concerns(self, msisdn: str, channel: str) -> bool:
        """True where this number has registered something that is about this channel."""
        number = int(msisdn)
        return number in self.numbers and number not in self._untouched[channel]

    def blocks(self, msisdn: str, category: int) -> bool:
        """Is a promotion of this category (0: of none in particular) blocked at all times?"""
        blocked = self._categories_of(int(msisdn))
        return bool(blocked) and (not category or 0 in blocked or category in blocked)

    def clock_of(self, msisdn: str, clock: LocalClock) -> LocalClock | None:
        """The person's clock with the times that they blocked; None where there are none."""
        times = self._times.get(int(msisdn))
        if times is None:
            return None
        key = (id(clock), times)  # a clock lives as long as the product
        known = self._clocks.get(key)
        if known is None:
            known = self._clocks[key] = clock.resting_also(times)
        return known

    def entry_of(self, msisdn: str) -> DndEntry:
        """What is held of a number, for whoever explains; empty where nothing is."""
        number = int(msisdn)
        return DndEntry(self._categories_of(number), self._channels_of(number), self._times.get(number, ()))

    def _channels_of(self, number: int) -> frozenset[str]:
        return frozenset(channel for channel, numbers in self._untouched.items() if number not in numbers)

    def _categories_of(self, number: int) -> frozenset[int]:
        if number not in self.numbers:
            return frozenset()
        return frozenset(category for category, numbers in self._by_category.items() if number in numbers)


def _parts(text: str) -> Iterable[str]:
    return [part for part in text.replace(",", ";").replace(" ", "").split(";") if part]


def _category(text: str) -> int:
    if text == EVERYTHING:
        return 0
    if not text.isdecimal() or not 1 <= int(text) <= CATEGORY_MAX:
        raise OperatorError(f"{text!r} is not a category 1..{CATEGORY_MAX}, nor * for everything")
    return int(text)


def _weekday(text: str) -> int:
    if text.lower() not in WEEKDAYS:
        raise OperatorError(f"{text!r} is not one of {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(text.lower())
