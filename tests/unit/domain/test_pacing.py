"""How many of a campaign's people are due: by the clock, by the hour, and never more than there are."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from operator_push.domain.pacing import HOUR_US, SECOND_US, RateAllowance, Spread
from operator_push.kernel.instants import to_epoch_us

NINE_US = 1_800_003_600_000_000  # 2027-01-15T09:00:00Z


MINUTE_US = 60 * SECOND_US
DAY_US = 24 * HOUR_US


class Hands:
    """Whoever hands in all that is let in, and looks again after `slack_us` at most."""

    def __init__(self, people: int, spread: Spread, slack_us: int = MINUTE_US) -> None:
        self.people, self.spread, self.slack_us = people, spread, slack_us
        self.now_us, self.taken = NINE_US, 0

    def until(self, at_us: int) -> int:
        """How many are handed in then."""
        while self.now_us < at_us:
            self.now_us = min(at_us, self.now_us + self.slack_us)
            self.look()
        return self.taken

    def look(self) -> int:
        """How many more come now."""
        room = self.spread.room(self.people, self.taken, self.now_us, self.slack_us)
        self.taken += room
        return room


def test_even_is_spread_until_shortly_before_the_end() -> None:
    hands = Hands(580, Spread(NINE_US, ends_us=NINE_US + HOUR_US), MINUTE_US * 2)
    assert [hands.until(NINE_US + minute * MINUTE_US) for minute in (0, 2, 30, 58)] == [0, 20, 300, 580]
    assert hands.spread.ends_about(580, MINUTE_US * 2) == NINE_US + 58 * MINUTE_US


def test_what_a_break_missed_is_spread_over_what_is_left() -> None:
    """A pause of half the time once let half the people in at once."""
    hands = Hands(1_200, Spread(NINE_US, ends_us=NINE_US + 2 * HOUR_US), SECOND_US)
    assert hands.until(NINE_US + HOUR_US // 2) == 300
    hands.now_us += HOUR_US
    assert hands.look() <= 2
    burst = [hands.until(hands.now_us + MINUTE_US) - before for before in [hands.taken] for _ in range(1)]
    assert burst == [30]  # 900 in half an hour, where 600 an hour were agreed
    assert hands.until(NINE_US + 2 * HOUR_US) == 1_200


def test_a_link_that_takes_nothing_for_an_hour_is_a_break_although_somebody_asks_all_the_time() -> None:
    spread = Spread(NINE_US, ends_us=NINE_US + 2 * HOUR_US)
    for second in range(3_601):
        room = spread.room(7_200, 0, NINE_US + second * SECOND_US, SECOND_US)
    assert room <= 3


def test_a_round_every_hour_is_no_break_where_it_is_told() -> None:
    hands = Hands(1_000, Spread(NINE_US, ends_us=NINE_US + 10 * HOUR_US), HOUR_US)
    assert [hands.until(NINE_US + hour * HOUR_US) for hour in (1, 2, 8, 9)] == [111, 222, 888, 1_000]


def by_hours(hours: dict[int, int], ends_us: int | None = None, zone: str = "UTC") -> Spread:
    return Spread(NINE_US, ends_us=ends_us, hours=hours, zone=zone)


def test_a_table_of_hours_weighs_each_hour_on_its_own_clock() -> None:
    hands = Hands(400, by_hours({15: 1, 16: 3}, zone="Asia/Kolkata"))  # 09:00Z is 14:30 there
    due = [hands.until(NINE_US + half * HOUR_US // 2) for half in range(6)]
    assert due == [0, 0, 50, 100, 250, 400]


def test_a_table_of_hours_holds_on_a_clock_of_three_quarters_of_an_hour() -> None:
    hands = Hands(60, by_hours({15: 1}, zone="Asia/Kathmandu"))  # 09:00Z is 14:45 there
    due = [hands.until(NINE_US + minute * MINUTE_US) for minute in (14, 15, 16, 45, 75, 90)]
    assert due == [0, 0, 1, 30, 60, 60]


def test_hours_that_were_missed_come_on_the_next_day_and_never_faster_than_agreed() -> None:
    hands = Hands(100, by_hours({10: 20, 18: 80}))
    hands.now_us = NINE_US + 5 * HOUR_US
    due = [hands.until(NINE_US + hour * HOUR_US) for hour in (9, 10, 24, 25, 26)]
    assert due == [0, 80, 80, 80, 100]


def test_where_no_next_day_is_left_the_hours_that_are_left_carry_everybody() -> None:
    hands = Hands(100, by_hours({10: 20, 18: 80}, ends_us=NINE_US + 12 * HOUR_US))
    hands.now_us = NINE_US + 5 * HOUR_US
    assert [hands.until(NINE_US + hour * HOUR_US) for hour in (9, 10, 12)] == [0, 100, 100]


def test_an_hour_that_a_clock_skips_gives_its_part_to_those_that_are_left() -> None:
    begun_us = to_epoch_us(datetime(2026, 3, 29, 0, tzinfo=UTC))  # Berlin skips 02:00 to 03:00 at 01:00Z
    spread = Spread(begun_us, ends_us=begun_us + 6 * HOUR_US, hours={2: 50, 4: 50}, zone="Europe/Berlin")
    hands = Hands(100, spread)
    hands.now_us = begun_us
    assert [hands.until(begun_us + hour * HOUR_US) for hour in (1, 2, 3, 4)] == [0, 0, 100, 100]


def test_half_an_hour_that_a_clock_skips_leaves_half_the_part() -> None:
    begun_us = to_epoch_us(datetime(2026, 10, 3, 14, tzinfo=UTC))  # Lord Howe skips 02:00 to 02:30 at 15:30Z
    hands = Hands(100, Spread(begun_us, hours={2: 50, 3: 50}, zone="Australia/Lord_Howe"))
    hands.now_us = begun_us
    marks = (15 * HOUR_US + HOUR_US // 2, 16 * HOUR_US, 17 * HOUR_US, 39 * HOUR_US)
    assert [hands.until(begun_us - 14 * HOUR_US + mark) for mark in marks] == [0, 25, 75, 75]


@given(
    people=st.integers(0, 10_000),
    steps=st.lists(st.integers(0, 5 * HOUR_US), max_size=4),
    hours=st.none() | st.dictionaries(st.integers(0, 23), st.integers(1, 9), min_size=1, max_size=4),
    slack_us=st.sampled_from([SECOND_US, MINUTE_US, HOUR_US]),
)
def test_whatever_breaks_come_everybody_is_handed_in_and_nobody_too_many(
    people: int, steps: list[int], hours: dict[int, int] | None, slack_us: int
) -> None:
    ends_us = NINE_US + 4 * DAY_US
    hands = Hands(people, Spread(NINE_US, ends_us=ends_us, hours=hours), slack_us)
    for step in steps:
        hands.now_us += step
        assert 0 <= hands.look() <= people
    hands.slack_us = HOUR_US // 2
    last_us = hands.spread.ends_about(people, hands.slack_us)
    assert last_us is not None
    assert last_us <= ends_us
    assert hands.until(ends_us) == people


def test_a_table_whose_hours_do_not_come_before_the_end_carries_nobody() -> None:
    spread = by_hours({8: 1}, ends_us=NINE_US + HOUR_US)
    assert spread.room(5, 0, NINE_US + HOUR_US - 1, SECOND_US) == 0
    assert spread.ends_about(5, SECOND_US) is None


def test_a_rate_lets_a_seconds_worth_in_however_long_nobody_came() -> None:
    allowance = RateAllowance(10, NINE_US)
    assert allowance.room(NINE_US) == 10
    allowance.take(10)
    assert allowance.room(NINE_US) == 0
    assert allowance.room(NINE_US + SECOND_US // 2) == 5
    assert allowance.room(NINE_US + HOUR_US) == 10
    allowance.take(4)
    assert allowance.room(NINE_US) == 6  # a clock that steps back takes nothing away


@given(steps=st.lists(st.tuples(st.integers(0, 3 * SECOND_US), st.integers(0, 40)), max_size=20))
def test_no_more_come_than_the_rate_and_one_second_allow(
    steps: list[tuple[int, int]],
) -> None:
    allowance, now_us, taken = RateAllowance(7, NINE_US), NINE_US, 0
    for waited_us, wanted in steps:
        now_us += waited_us
        some = min(wanted, allowance.room(now_us))
        allowance.take(some)
        taken += some
    assert taken <= 7 * (now_us - NINE_US + SECOND_US) // SECOND_US
