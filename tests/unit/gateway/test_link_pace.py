"""How fast a link may send: window, rate, and the SMSC's throttling; one-time passwords keep a share."""

from operator_push.gateway.link_pace import LinkPace


def drained(pace: LinkPace, seconds: float, step_s: float = 0.05, start: float = 0.0) -> int:
    """Segments that leave in so many seconds where the window never fills."""
    left, now = 0, start
    while now < start + seconds:
        now += step_s
        room, _ = pace.room(0, now)
        pace.take(room)
        left += room
    return left


def test_a_tenth_of_the_window_is_kept_for_the_urgent():
    pace = LinkPace(100, 0, 0.0)
    assert pace.room(0, 0.0) == (90, 100)
    assert pace.room(90, 0.0) == (0, 10)
    assert pace.room(100, 0.0) == (0, 0)


def test_a_window_of_one_is_not_divided():
    assert LinkPace(1, 0, 0.0).room(0, 0.0) == (1, 1)
    assert LinkPace(4, 0, 0.0).room(0, 0.0) == (3, 4)


def test_the_rate_is_kept_over_seconds_and_has_a_small_burst():
    pace = LinkPace(1000, 50, 0.0)
    assert pace.room(0, 0.0)[0] == 10
    assert 490 <= drained(pace, 10.0) <= 510


def test_a_slow_rate_gives_single_segments_and_says_when_the_next_one_may_leave():
    pace = LinkPace(100, 2, 0.0)
    assert pace.room(0, 0.0)[0] == 1
    pace.take(1)
    assert pace.room(0, 0.0)[0] == 0
    assert pace.wait_s() == 0.5
    assert pace.room(0, 0.5)[0] == 1


def test_the_urgent_may_go_ahead_of_the_rate():
    pace = LinkPace(100, 50, 0.0)
    pace.take(10)
    assert pace.room(0, 0.0) == (0, 5)


def test_throttling_halves_the_link_once_a_second_and_it_recovers():
    pace = LinkPace(1000, 200, 0.0)
    drained(pace, 2.0)
    assert pace.throttled(2.0)
    assert not pace.throttled(2.1)  # the same burst: its other refusals change nothing
    assert pace.limit_per_s is not None
    assert 80 <= pace.limit_per_s <= 110
    assert drained(pace, 1.0, start=2.0) <= 120
    pace.room(0, 3.5)
    assert pace.throttled(3.5)
    assert pace.limit_per_s <= 60
    drained(pace, 30.0, start=3.5)
    assert not pace.is_slowed


def test_without_a_stated_rate_the_bound_goes_when_twice_as_much_would_fit():
    pace = LinkPace(100, 0, 0.0)
    for _ in range(10):
        pace.take(10)
    assert pace.throttled(1.0)
    assert pace.is_slowed
    assert pace.limit_per_s == 50.0
    drained(pace, 30.0, start=1.0)
    assert not pace.is_slowed


def test_a_slowed_link_never_stands_still():
    pace = LinkPace(10, 0, 0.0)
    for second in range(1, 50):
        pace.room(0, float(second) * 1.1)
        pace.throttled(second * 1.1)
    assert pace.limit_per_s == 1.0
    assert drained(pace, 10.0, start=60.0) >= 9


def test_another_window_and_rate_hold_from_now_on():
    pace = LinkPace(10, 0, 0.0)
    pace.resize(100, 0)
    assert pace.room(0, 0.0) == (90, 100)
