"""Contact wishes: when and how often a person wants promotions, as they said themselves.

A wish is about all brands or one, all categories or one, any channel or one; all that cover a message hold
together. Hours are of the person's own clock: outside of them promotions wait. How often is counted over what
the wish covers in any seven days, from the moment of the wish on. Few people have wishes; nobody else costs
anything.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from operator_push.domain.consent import CATEGORY_MAX, EVERY, EVERY_CHANNEL, SMS
from operator_push.domain.contact_channels import SENT_BY
from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.local_clock import LocalClock
from operator_push.domain.packs.pack import LocalWindow
from operator_push.domain.quiet_windows import MINUTES_PER_DAY
from operator_push.kernel.errors import OperatorError

WEEK_US: Final = 7 * 86_400_000_000
PER_WEEK_MAX: Final = 50
UNLIMITED: Final = -1
WISHES_MAX: Final = 40  # Ours, of one person: every brand and category that one would name by hand.
_EVERY_DAY: Final = frozenset(range(7))


class WishScope(NamedTuple):
    """What a wish is about: EVERY (0) or one brand, EVERY or one category, EVERY_CHANNEL or a channel."""

    brand_no: int = EVERY
    category: int = EVERY
    channel: str = EVERY_CHANNEL

    def covers(self, brand_no: int, category: int, channel: str = SMS) -> bool:
        """Is it about a message of this brand and category? One of no stated category might be of any."""
        return (
            self.brand_no in (EVERY, brand_no)
            and (not category or self.category in (EVERY, category))
            and self.channel in (EVERY_CHANNEL, channel)
        )


EVERYTHING: Final = WishScope()


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


def checked_scope(brand_no: int, category: int, channel: str) -> WishScope:
    """What a wish may be about.

    Raises:
        OperatorError: no category, or a channel by which nothing is sent here.
    """
    if not EVERY <= category <= CATEGORY_MAX:
        raise OperatorError(f"category {category} is not 1..{CATEGORY_MAX}, nor {EVERY} for all of them")
    if channel not in (EVERY_CHANNEL, *SENT_BY):
        raise OperatorError(
            f"channel {channel!r} is not one of {', '.join(SENT_BY)}, nor {EVERY_CHANNEL!r} for every one"
        )
    return WishScope(brand_no, category, channel)


_Held = tuple[tuple[WishScope, Wish], ...]
_NOTHING: Final[Mapping[WishScope, Wish]] = {}


class ContactWishes:
    """The wishes of a shard's people, with the slots of those who limit how often; owned by one thread.
    `changes` counts."""

    def __init__(self) -> None:
        self._wishes: dict[int, dict[WishScope, Wish]] = {}
        self._slots: dict[tuple[WishScope, int], FrequencyCaps] = {}  # by what is counted, and the limit
        self._clocks: dict[tuple[int, tuple[tuple[int, int], ...]], LocalClock] = {}
        self.changes = 0

    @property
    def is_limited(self) -> bool:
        """True where somebody limits how often."""
        return bool(self._slots)

    def put(self, subscriber_no: int, wish: Wish, scope: WishScope = EVERYTHING) -> None:
        """Take a wish in the place of what the person had of the same scope; an empty one takes it away.

        Raises:
            OperatorError: one more than WISHES_MAX.
        """
        held = self._wishes.get(subscriber_no, {})
        if wish.is_empty:
            held.pop(scope, None)
        elif scope not in held and len(held) >= WISHES_MAX:
            raise OperatorError(f"a person has at most {WISHES_MAX} wishes; take one away first")
        else:
            self._wishes.setdefault(subscriber_no, held)[scope] = wish
        if not held:
            self._wishes.pop(subscriber_no, None)
        self.changes += 1
        if wish.per_week != UNLIMITED and (scope, wish.per_week) not in self._slots:
            counted = FrequencyCaps(per_handset=wish.per_week, rolling_us=WEEK_US, for_everybody=False)
            self._slots[scope, wish.per_week] = counted

    def of(self, subscriber_no: int, scope: WishScope = EVERYTHING) -> Wish:
        """What somebody wishes of exactly this scope; NO_WISH for most."""
        return self._wishes.get(subscriber_no, _NOTHING).get(scope, NO_WISH)

    def all_of(self, subscriber_no: int) -> Mapping[WishScope, Wish]:
        """Everything that somebody wishes."""
        return self._wishes.get(subscriber_no, _NOTHING)

    def covering(self, subscriber_no: int, brand_no: int, category: int, channel: str = SMS) -> _Held:
        """The wishes that hold for a message of this brand and category; none for most people."""
        held = self._wishes.get(subscriber_no)
        if held is None:
            return ()
        return tuple(each for each in held.items() if each[0].covers(brand_no, category, channel))

    def waits_until(self, wishes: Sequence[Wish], at_us: int, clock: LocalClock) -> int:
        """The first moment at which it is an hour that all of them wish; 0 where it is one, or every one is.

        Wishes that leave no hour together put a message off for days, in which it expires.
        """
        hours = tuple({wish[:2]: None for wish in wishes if wish.from_minute != wish.until_minute})
        if not hours:
            return 0
        key = (id(clock), hours)  # a clock lives as long as the product
        known = self._clocks.get(key)
        if known is None:
            rest = [LocalWindow(until, begin, _EVERY_DAY, False) for begin, until in hours]
            known = self._clocks[key] = clock.resting_also(rest)
        return known.quiet_until(at_us)

    def has_room(
        self,
        subscriber_no: int,
        scope: WishScope,
        wish: Wish,
        brand_no: int,
        at_us: int,
        clock: LocalClock,
        own_us: int,
    ) -> bool:
        """True where one more fits; `own_us`: where the asker's own slot is, not counted."""
        slots = self._slots.get((scope, wish.per_week))
        return slots is None or slots.has_room(subscriber_no, brand_no, at_us, clock, own_us)

    def take(self, subscriber_no: int, brand_no: int, category: int, at_us: int, channel: str = SMS) -> None:
        """Count a promotion that is planned for this moment, where the person limits them."""
        for scope, wish in self.covering(subscriber_no, brand_no, category, channel):
            if wish.per_week != UNLIMITED:
                self._slots[scope, wish.per_week].take(subscriber_no, brand_no, at_us)

    def forget_before(self, now_us: int) -> None:
        """Drop slots that count no more."""
        for slots in self._slots.values():
            slots.forget_before(now_us)

    def give_back(
        self, subscriber_no: int, brand_no: int, category: int, at_us: int, channel: str = SMS
    ) -> None:
        """Uncount one that did not leave."""
        for scope, wish in self.covering(subscriber_no, brand_no, category, channel):
            if wish.per_week != UNLIMITED:
                self._slots[scope, wish.per_week].give_back(subscriber_no, brand_no, at_us)
