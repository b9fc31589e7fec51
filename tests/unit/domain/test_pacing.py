"""How many of a campaign's people are due: by the clock, by the hour, and never more than there are."""

from hypothesis import given
from hypothesis import strategies as st

from operator_push.domain.pacing import HOUR_US, SECOND_US, Pace, people_due

NINE_US = 1_800_003_600_000_000  # 2027-01-15T09:00:00Z


def test_as_fast_as_possible_is_everybody_at_once() -> None:
    assert people_due(1_000, NINE_US, NINE_US) == 1_000
    assert people_due(1_000, NINE_US, NINE_US, rate_per_s=10) == 10
    assert people_due(1_000, NINE_US, NINE_US + 9 * SECOND_US, rate_per_s=10) == 100


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
    rate=st.none() | st.integers(1, 100),
)
def test_what_is_due_only_grows_and_ends_with_everybody(
    people: int, steps: list[int], pace: Pace, rate: int | None
) -> None:
    asked = {"pace": pace, "ends_us": NINE_US + HOUR_US, "hours": {9: 1, 10: 1}, "rate_per_s": rate}
    due = [people_due(people, NINE_US, NINE_US + step, **asked) for step in sorted(steps)]
    assert due == sorted(due)
    assert all(0 <= each <= people for each in due)
    assert people_due(people, NINE_US, NINE_US + 32 * 24 * HOUR_US, **asked) == people
