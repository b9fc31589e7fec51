"""Our open requests: numbers, expiry, late answers."""

from operator_push.smpp.constants import SEQUENCE_NUMBER_MAX
from operator_push.smpp.window import Window


def opened(window, now=0.0, context=None):
    number = window.next_number()
    window.open(number, 4, now, context)
    return number


def test_numbers_start_at_1_and_wrap_at_the_maximum():
    window = Window(10, last_sequence_number=SEQUENCE_NUMBER_MAX - 1)
    assert [window.next_number() for _ in range(3)] == [SEQUENCE_NUMBER_MAX, 1, 2]
    assert Window(10).next_number() == 1


def test_a_number_that_is_still_open_is_skipped_after_the_wrap():
    window = Window(10)
    assert opened(window) == 1
    window._last = SEQUENCE_NUMBER_MAX
    assert window.next_number() == 2


def test_a_request_is_numbered_and_entered_in_one():
    window = Window(10, last_sequence_number=SEQUENCE_NUMBER_MAX - 1)
    assert [window.issue(4, now, "context") for now in (0.0, 1.0)] == [SEQUENCE_NUMBER_MAX, 1]
    window._last = SEQUENCE_NUMBER_MAX - 1
    assert window.issue(5, 2.0, None) == 2, "both numbers before are still open"
    assert list(window.requests.items())[-1] == (2, (5, 2.0, None))
    assert len(window) == 3


def test_free_counts_down_and_never_below_0():
    window = Window(1)
    assert window.free == 1
    opened(window)
    opened(window)
    assert (window.free, len(window)) == (0, 2)


def test_only_what_is_old_enough_expires_and_oldest_first():
    window = Window(10)
    first, second, third = (opened(window, now) for now in (0.0, 1.0, 2.0))
    assert [number for number, _ in window.expire(31.0, 30.0)] == [first, second]
    assert window.oldest_sent_at() == 2.0
    assert window.close(third) == (4, 2.0, None)
    assert window.oldest_sent_at() is None


def test_an_expired_request_is_remembered_for_a_late_answer_once():
    window = Window(10)
    number = opened(window, 0.0, "context")
    window.expire(99.0, 30.0)
    assert window.peek_late(number) == (4, 0.0, "context")
    assert window.close_late(number) == (4, 0.0, "context")
    assert window.close_late(number) is None


def test_memory_of_expired_requests_is_bounded():
    window = Window(10)
    numbers = [opened(window) for _ in range(1_500)]
    window.expire(99.0, 30.0)
    assert window.peek_late(numbers[0]) is None
    assert window.peek_late(numbers[-1]) is not None


def test_drain_empties():
    window = Window(10)
    opened(window)
    assert [number for number, _ in window.drain()] == [1]
    assert len(window) == 0
