"""How many of a campaign's people are due: by the clock, by the hour, and never more than there are."""

from hypothesis import given
from hypothesis import strategies as st

from operator_push.domain.pacing import HOUR_US, SECOND_US, Pace, RateAllowance, people_due

NINE_US = 1_800_003_600_000_000  # 2027-01-15T09:00:00Z


def test_as_fast_as_possible_is_everybody_at_once() -> None:
    assert people_due(1_000, NINE_US, NINE_US) == 1_000


def test_even_is_spread_until_the_end() -> None:
    asked = {"pace": Pace.EVEN, "ends_us": NINE_US + HOUR_US}
    due = [
        people_due(600, NINE_US, NINE_US + minute * 60 * SECOND_US, **asked) for minute in (0, 1, 30, 60, 90)
    ]
    assert due == [0, 10, 300, 600, 600]


def test_a_table_of_hours_weighs_each_hour_on_its_own_clock() -> None:
    asked = {"pace": Pace.HOURS, "hours": {15: 1, 16: 3}, "zone": "Asia/Kolkata"}  # 09:00Z is 14:30 there
    due = [people_due(400, NINE_US, NINE_US + half * HOUR_US // 2, **asked) for half in range(6)]
    assert due == [0, 0, 50, 100, 250, 400]


@given(
    people=st.integers(0, 10_000),
    steps=st.lists(st.integers(0, 5 * HOUR_US), min_size=2, max_size=4),
    pace=st.sampled_from(Pace),
)
def test_what_is_due_only_grows_and_ends_with_everybody(people: int, steps: list[int], pace: Pace) -> None:
    asked = {"pace": pace, "ends_us": NINE_US + HOUR_US, "hours": {9: 1, 10: 1}}
    due = [people_due(people, NINE_US, NINE_US + step, **asked) for step in sorted(steps)]
    assert due == sorted(due)
    assert all(0 <= each <= people for each in due)
    assert people_due(people, NINE_US, NINE_US + 32 * 24 * HOUR_US, **asked) == people


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
