"""The time wheel: never early, in order, nothing lost."""

from hypothesis import given
from hypothesis import strategies as st

from smsc_sim.time_wheel import TimeWheel

TIMES = st.lists(st.floats(0, 100, allow_nan=False), max_size=50)


@given(TIMES, st.floats(0, 100))
def test_events_come_when_due_never_early_at_most_a_millisecond_late(times, now):
    wheel = TimeWheel()
    for time in times:
        wheel.add(time, (print, time))
    due = [event[1] for event in wheel.take_due(now)]
    assert all(time <= now for time in due)
    later = [event[1] for event in wheel.take_all()]
    assert sorted(due + later) == sorted(times)
    assert all(time > now - 0.0021 for time in later)
    assert len(wheel) == 0


@given(TIMES)
def test_they_come_in_order_of_their_millisecond(times):
    wheel = TimeWheel()
    for time in times:
        wheel.add(time, (print, time))
    ticks = [int(event[1] * 1000) for event in wheel.take_due(200.0)]
    assert ticks == sorted(ticks)


def test_events_of_one_millisecond_keep_the_order_in_which_they_were_added():
    wheel = TimeWheel()
    for number in range(10):
        wheel.add(1.0, (print, number))
    assert [event[1] for event in wheel.take_due(2.0)] == list(range(10))


def test_the_next_due_time_is_that_of_the_oldest_bucket():
    wheel = TimeWheel()
    assert wheel.next_due() is None
    wheel.add(5.0, (print,))
    wheel.add(3.0, (print,))
    assert 3.0 <= wheel.next_due() <= 3.001
    wheel.take_due(4.0)
    assert 5.0 <= wheel.next_due() <= 5.001
