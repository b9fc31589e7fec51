"""Frequency caps: slots taken, moved, given back, per handset and brand, by day or rolling."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quiet_clocks import clock_with

from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import MICROS_PER_DAY

CHAI, ZING = 1, 2
HOUR = 3_600_000_000
NOON = 20_000 * MICROS_PER_DAY + MICROS_PER_DAY // 2
UTC = clock_with()


def test_a_day_s_slots_run_out_and_the_next_day_has_its_own() -> None:
    caps = FrequencyCaps(per_handset=2)
    for brand in (CHAI, ZING):
        assert caps.has_room(7, brand, NOON, UTC)
        caps.take(7, brand, NOON)
    assert not caps.has_room(7, CHAI, NOON, UTC)
    assert caps.has_room(8, CHAI, NOON, UTC)
    assert caps.has_room(7, CHAI, NOON + MICROS_PER_DAY, UTC)


def test_the_cap_of_a_brand_is_its_own() -> None:
    caps = FrequencyCaps(per_brand=1)
    caps.take(7, CHAI, NOON)
    assert not caps.has_room(7, CHAI, NOON, UTC)
    assert caps.has_room(7, ZING, NOON, UTC)


@pytest.mark.parametrize("rolling_us", [0, HOUR])
def test_none_is_unlimited_and_zero_is_none(rolling_us: int) -> None:
    unlimited = FrequencyCaps(rolling_us=rolling_us)
    for _ in range(100):
        unlimited.take(7, CHAI, NOON)
    assert unlimited.is_unlimited
    assert unlimited.has_room(7, CHAI, NOON, UTC)
    assert not FrequencyCaps(per_handset=0, rolling_us=rolling_us).has_room(7, CHAI, NOON, UTC)
    assert not FrequencyCaps(per_brand=0, rolling_us=rolling_us).has_room(7, CHAI, NOON, UTC)


def test_a_slot_given_back_can_be_taken_and_one_s_own_does_not_count() -> None:
    caps = FrequencyCaps(per_handset=1, per_brand=1)
    caps.take(7, CHAI, NOON)
    assert caps.has_room(7, CHAI, NOON, UTC, own_us=NOON)
    assert not caps.has_room(7, CHAI, NOON, UTC, own_us=NOON - 1), "that slot is another message's"
    assert caps.give_back(7, CHAI, NOON)
    assert caps.has_room(7, CHAI, NOON, UTC)
    assert not caps.give_back(7, CHAI, NOON)
    assert not caps.give_back(7, CHAI, NOON + 5 * MICROS_PER_DAY)
    caps.take(7, CHAI, NOON)
    assert not caps.has_room(7, CHAI, NOON, UTC), "giving back twice does not make room"


def test_the_day_is_that_of_the_handset_s_clock() -> None:
    caps, kolkata = FrequencyCaps(per_handset=1), clock_with(zone="Asia/Kolkata")
    evening = NOON + MICROS_PER_DAY // 2 - 1  # 05:29 in India on the next day
    caps.take(7, CHAI, evening)
    assert caps.has_room(7, CHAI, NOON, kolkata)
    assert not caps.has_room(7, CHAI, NOON + MICROS_PER_DAY, kolkata)


def test_days_are_forgotten_as_time_passes_and_not_by_what_is_planned() -> None:
    """A message planned for next week once made room today."""
    caps = FrequencyCaps(per_handset=1)
    caps.take(7, CHAI, NOON)
    caps.take(7, CHAI, NOON + 7 * MICROS_PER_DAY)
    caps.forget_before(NOON)
    assert not caps.has_room(7, CHAI, NOON, UTC)
    caps.forget_before(NOON + 4 * MICROS_PER_DAY)
    assert caps.has_room(7, CHAI, NOON, UTC)
    assert not caps.has_room(7, CHAI, NOON + 7 * MICROS_PER_DAY, UTC)


def test_two_messages_exactly_the_rolling_length_apart_share_no_stretch() -> None:
    caps = FrequencyCaps(per_handset=1, rolling_us=24 * HOUR)
    caps.take(7, CHAI, NOON)
    assert not caps.has_room(7, CHAI, NOON + 24 * HOUR - 1, UTC)
    assert caps.has_room(7, CHAI, NOON + 24 * HOUR, UTC)
    assert not caps.has_room(7, CHAI, NOON - 24 * HOUR + 1, UTC), "one before a planned one counts too"
    assert [*caps.taken(7, NOON, UTC)] == [(NOON, CHAI)]


@given(
    st.integers(0, 3),
    st.one_of(st.none(), st.integers(0, 2)),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 2)), max_size=25),
)
def test_no_rolling_stretch_ever_holds_more(
    per_handset: int, per_brand: int | None, offers: list[tuple[int, int]]
) -> None:
    """Offers for any moments in any order; judged by looking at every stretch."""
    caps, length = FrequencyCaps(per_handset, per_brand, 10 * HOUR), 10
    taken: list[tuple[int, int]] = []

    def over(slots: list[tuple[int, int]]) -> bool:
        return any(
            len([slot for slot in slots if first <= slot[0] < first + length]) > per_handset
            or any(
                per_brand is not None
                and len([s for s in slots if first <= s[0] < first + length and s[1] == brand]) > per_brand
                for brand in (CHAI, ZING)
            )
            for first in range(-length, 62)
        )

    for hour, brand in offers:
        room = caps.has_room(7, brand, NOON + hour * HOUR, UTC)
        assert room == (not over([*taken, (hour, brand)]))
        if room:
            caps.take(7, brand, NOON + hour * HOUR)
            taken.append((hour, brand))


@given(
    acts=st.lists(
        st.tuples(st.booleans(), st.integers(1, 3), st.integers(1, 2), st.integers(0, 3)), max_size=40
    ),
    limits=st.tuples(st.none() | st.integers(0, 3), st.none() | st.integers(0, 2)),
    for_everybody=st.booleans(),
)
def test_the_counted_and_the_looked_up_answer_are_one(
    acts: list[tuple[bool, int, int, int]], limits: tuple[int | None, int | None], for_everybody: bool
) -> None:
    """Slots taken and given back in any order, against counting them in a list."""
    caps, held = FrequencyCaps(*limits, for_everybody=for_everybody), []
    for takes, number, brand, day in acts:
        slot = (number * 1000, brand, day * MICROS_PER_DAY + 5)
        if takes:
            caps.take(*slot)
            held.append(slot)
        elif slot in held:
            caps.give_back(*slot)
            held.remove(slot)
        for asked in (1, 2):
            today = [b for n, b, us in held if n == slot[0] and us // MICROS_PER_DAY == day]
            fits = all(
                limit is None or count < limit
                for limit, count in zip(limits, (len(today), today.count(asked)), strict=True)
            )
            assert caps.has_room(slot[0], asked, day * MICROS_PER_DAY + 7, UTC) is fits


def test_a_negative_cap_is_an_error() -> None:
    with pytest.raises(OperatorError, match="per_brand: -1 is negative"):
        FrequencyCaps(per_brand=-1)


def test_slots_keep_their_moments_and_brands_to_the_last_bit() -> None:
    caps = FrequencyCaps(per_handset=9)
    midnight = NOON + MICROS_PER_DAY // 2
    last_brand = (1 << 27) - 1
    moments = [midnight - MICROS_PER_DAY, NOON, midnight - 1]
    for at_us in moments:
        for brand in (1, last_brand):
            caps.take(7, brand, at_us)
    assert list(caps.taken(7, NOON, UTC)) == [(at, brand) for at in moments for brand in (1, last_brand)]
    assert caps.give_back(7, 1, midnight - 1)
    assert list(caps.taken(7, NOON, UTC))[-1] == (midnight - 1, last_brand)


def test_a_brand_number_that_no_slot_holds_is_refused() -> None:
    with pytest.raises(OperatorError, match="more than"):
        FrequencyCaps(per_handset=9).take(7, 1 << 27, NOON)


def test_a_thousand_slots_of_a_handset_cost_little_more_than_twelve_octets_each() -> None:
    """Python integers in a tuple took 48, and a server's memory grew all day by as much a message."""
    caps = FrequencyCaps(per_handset=5000)
    own = [tracemalloc.Filter(True, "*day_slots.py")]  # other threads of the tests allocate, too
    tracemalloc.start()
    try:
        for turn in range(1000):
            caps.take(7, CHAI, NOON + turn)
        snapshot = tracemalloc.take_snapshot().filter_traces(own)
    finally:
        tracemalloc.stop()
    assert sum(trace.size for trace in snapshot.traces) < 16_000
