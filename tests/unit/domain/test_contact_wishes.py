"""Hours on the person's own clock, and so many in seven days; nobody else costs anything."""

from zoneinfo import ZoneInfo

import pytest

from operator_push.domain.contact_wishes import (
    EVERYTHING,
    NO_WISH,
    UNLIMITED,
    ContactWishes,
    Wish,
    WishScope,
    checked_scope,
    checked_wish,
)
from operator_push.domain.local_clock import LocalClock, every_day
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import parse_iso

INDIA = LocalClock("IN", [(ZoneInfo("Asia/Kolkata"), every_day([(21 * 60, 9 * 60)]))])
NOON = parse_iso("2027-01-15T12:00:00+05:30")
HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000


def test_outside_of_the_hours_it_waits_for_them_and_for_the_law() -> None:
    wishes, wish = ContactWishes(), Wish(18 * 60, 20 * 60)
    assert wishes.waits_until([wish], NOON, INDIA) == NOON + 6 * HOUR_US
    assert wishes.waits_until([wish], NOON + 6 * HOUR_US, INDIA) == 0
    assert wishes.waits_until([wish], NOON + 8 * HOUR_US, INDIA) == NOON + DAY_US + 6 * HOUR_US
    assert wishes.waits_until([Wish(600, 600)], NOON, INDIA) == 0
    night = Wish(22 * 60, 10 * 60)  # over midnight: the law's nine o'clock comes first
    assert wishes.waits_until([night], NOON, INDIA) == parse_iso("2027-01-16T09:00:00+05:30")


def test_so_many_in_seven_days() -> None:
    wishes = ContactWishes()
    wishes.put(1, Wish(per_week=2))
    wish = wishes.of(1)

    def room(at_us: int, own_us: int = -1) -> bool:
        return wishes.has_room(1, EVERYTHING, wish, 7, at_us, INDIA, own_us)

    wishes.take(2, 7, 0, NOON)  # has no wish, so nothing is kept
    assert room(NOON)
    wishes.take(1, 7, 0, NOON)
    wishes.take(1, 8, 0, NOON + DAY_US)
    assert not room(NOON + 2 * DAY_US)
    assert room(NOON, own_us=NOON)
    assert room(NOON + 7 * DAY_US)
    wishes.give_back(1, 8, 0, NOON + DAY_US)
    assert room(NOON + 2 * DAY_US)
    wishes.put(1, Wish(per_week=0))
    assert not wishes.has_room(1, EVERYTHING, wishes.of(1), 7, NOON, INDIA, -1)


def test_an_empty_wish_is_none() -> None:
    wishes = ContactWishes()
    wishes.put(1, Wish(600, 1200))
    wishes.put(1, NO_WISH)
    assert wishes.of(1) is NO_WISH
    assert (wishes.changes, wishes.is_limited) == (2, False)


@pytest.mark.parametrize("wrong", [(-1, 0, 1), (0, 1440, 1), (0, 0, 51), (0, 0, -2)])
def test_what_is_no_wish(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(OperatorError):
        checked_wish(*wrong)
    assert checked_wish(0, 0, UNLIMITED).is_empty


def test_what_a_wish_covers() -> None:
    assert EVERYTHING.covers(3, 8)
    assert WishScope(3).covers(3, 8)
    assert not WishScope(3).covers(4, 8)
    assert WishScope(3, 8).covers(3, 8)
    assert not WishScope(3, 8).covers(3, 1)
    assert WishScope(3, 8).covers(3, 0)  # of no stated category: it might be of this one
    assert EVERYTHING.covers(3, 8, "ussd")
    assert WishScope(channel="ussd").covers(3, 8, "ussd")
    assert not WishScope(channel="ussd").covers(3, 8)
    assert checked_scope(0, 0, "ussd").channel == "ussd"
    with pytest.raises(OperatorError, match="'voice' is not one of sms, ussd"):
        checked_scope(0, 0, "voice")


def test_a_wish_of_one_channel_counts_that_one_alone() -> None:
    wishes, screen = ContactWishes(), WishScope(channel="ussd")
    wishes.put(1, Wish(per_week=1), screen)
    wish = wishes.of(1, screen)
    wishes.take(1, 7, 0, NOON)  # an SMS
    assert wishes.has_room(1, screen, wish, 7, NOON, INDIA, -1)
    wishes.take(1, 7, 0, NOON, "ussd")
    assert not wishes.has_room(1, screen, wish, 7, NOON, INDIA, -1)
    assert wishes.covering(1, 7, 0) == ()
    assert wishes.covering(1, 7, 0, "ussd") == ((screen, wish),)


def test_hours_of_several_wishes_hold_together() -> None:
    wishes = ContactWishes()
    together = [Wish(10 * 60, 18 * 60), Wish(15 * 60, 22 * 60)]
    assert wishes.waits_until(together, NOON, INDIA) == NOON + 3 * HOUR_US
    assert wishes.waits_until(together, NOON + 7 * HOUR_US, INDIA) == NOON + DAY_US + 3 * HOUR_US
    never = [Wish(10 * 60, 12 * 60), Wish(15 * 60, 22 * 60)]
    assert wishes.waits_until(never, NOON, INDIA) > NOON + 3 * DAY_US  # in which a message expires


def test_each_scope_is_counted_by_itself() -> None:
    wishes, brand = ContactWishes(), WishScope(7)
    wishes.put(1, Wish(per_week=1), brand)
    wishes.put(1, Wish(per_week=2))

    def room(scope: WishScope) -> bool:
        return wishes.has_room(1, scope, wishes.of(1, scope), 7, NOON, INDIA, -1)

    wishes.take(1, 8, 0, NOON)  # another brand's
    assert (room(brand), room(EVERYTHING)) == (True, True)
    wishes.take(1, 7, 0, NOON)
    assert (room(brand), room(EVERYTHING)) == (False, False)
    wishes.give_back(1, 7, 0, NOON)
    assert (room(brand), room(EVERYTHING)) == (True, True)
