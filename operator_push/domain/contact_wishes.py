"""Contact wishes: when and how often a person wants promotions at all, as they said themselves.

Hours are of the person's own clock: outside of them promotions wait. How often is counted over all brands in
any seven days, from the moment of the wish on. Few people have wishes; nobody else costs anything.
"""

from typing import Final, NamedTuple

from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.local_clock import LocalClock
from operator_push.domain.packs.pack import LocalWindow
from operator_push.domain.quiet_windows import MINUTES_PER_DAY
from operator_push.kernel.errors import OperatorError

WEEK_US: Final = 7 * 86_400_000_000
PER_WEEK_MAX: Final = 50
UNLIMITED: Final = -1
_EVERY_DAY: Final = frozenset(range(7))


class Wish(NamedTuple):
    """Promotions may come from `from_minute` until before `until_minute` of the local day (equal: at any
    hour; over midnight where the first is behind), at most `per_week` of them (UNLIMITED: any number)."""

    from_minute: int = 0
    until_minute: int = 0
    per_week: int = UNLIMITED

    @property
    def is_empty(self) -> bool:
        """True where nothing is wished."""
        return self.from_minute == self.until_minute and self.per_week == UNLIMITED


NO_WISH: Final = Wish()


def checked_wish(from_minute: int, until_minute: int, per_week: int) -> Wish:
    """A wish as it may be kept.

    Raises:
        OperatorError: no minute of a day, or no number of messages.
    """
    for name, minute in (("from", from_minute), ("until", until_minute)):
        if not 0 <= minute < MINUTES_PER_DAY:
            raise OperatorError(f"{name} {minute} is no minute of the day, 0..{MINUTES_PER_DAY - 1}")
    if not UNLIMITED <= per_week <= PER_WEEK_MAX:
        raise OperatorError(f"per_week {per_week} is not 0..{PER_WEEK_MAX}, nor {UNLIMITED} for any number")
    return Wish(from_minute, until_minute, per_week)


class ContactWishes:
    """The wishes of a shard's people, with the slots of those who limit how often; owned by one thread.
    `changes` counts."""

    def __init__(self) -> None:
        self._wishes: dict[int, Wish] = {}
        self._slots: dict[int, FrequencyCaps] = {}  # by limit
        self._clocks: dict[tuple[int, int, int], LocalClock] = {}
        self.changes = 0

    @property
    def is_limited(self) -> bool:
        """True where somebody limits how often."""
        return bool(self._slots)

    def put(self, subscriber_no: int, wish: Wish) -> None:
        """Take a wish in the place of what the person had; an empty one takes it away."""
        self.changes += 1
        self._wishes.pop(subscriber_no, None)
        if wish.is_empty:
            return
        self._wishes[subscriber_no] = wish
        if wish.per_week != UNLIMITED and wish.per_week not in self._slots:
            self._slots[wish.per_week] = FrequencyCaps(per_handset=wish.per_week, rolling_us=WEEK_US)

    def of(self, subscriber_no: int) -> Wish:
        """What somebody wishes; NO_WISH for most."""
        return self._wishes.get(subscriber_no, NO_WISH)

    def waits_until(self, wish: Wish, at_us: int, clock: LocalClock) -> int:
        """The first moment at which it is a wished hour again; 0 where it is one, or every one is."""
        if wish.from_minute == wish.until_minute:
            return 0
        key = (id(clock), wish.from_minute, wish.until_minute)  # a clock lives as long as the product
        known = self._clocks.get(key)
        if known is None:
            rest = LocalWindow(wish.until_minute, wish.from_minute, _EVERY_DAY, False)
            known = self._clocks[key] = clock.resting_also((rest,))
        return known.quiet_until(at_us)

    def has_room(
        self, subscriber_no: int, wish: Wish, brand_no: int, at_us: int, clock: LocalClock, own_us: int
    ) -> bool:
        """True where one more fits; `own_us`: where the asker's own slot is, not counted."""
        slots = self._slots.get(wish.per_week)
        return slots is None or slots.has_room(subscriber_no, brand_no, at_us, clock, own_us)

    def take(self, subscriber_no: int, brand_no: int, at_us: int) -> None:
        """Count a promotion that is planned for this moment, where the person limits them."""
        wish = self._wishes.get(subscriber_no)
        if wish is not None and wish.per_week in self._slots:
            self._slots[wish.per_week].take(subscriber_no, brand_no, at_us)

    def forget_before(self, now_us: int) -> None:
        """Drop slots that count no more."""
        for slots in self._slots.values():
            slots.forget_before(now_us)

    def give_back(self, subscriber_no: int, brand_no: int, at_us: int) -> None:
        """Uncount one that did not leave."""
        wish = self._wishes.get(subscriber_no)
        if wish is not None and wish.per_week in self._slots:
            self._slots[wish.per_week].give_back(subscriber_no, brand_no, at_us)
