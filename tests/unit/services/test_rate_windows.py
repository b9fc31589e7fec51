"""So many in so many seconds, by key, and the wait that is told."""

from operator_push.services.rate_windows import SECOND_US, RateWindow, RateWindows

S = SECOND_US


def test_the_oldest_event_tells_how_long_to_wait() -> None:
    window = RateWindow(2, 60)
    for at_s in (0, 10):
        assert window.wait_s("a", at_s * S) == 0
        window.count("a", at_s * S)
    assert window.wait_s("a", 20 * S) == 40
    assert window.wait_s("b", 20 * S) == 0
    assert window.wait_s("a", 60 * S - 1) == 1
    assert window.wait_s("a", 60 * S) == 0


def test_no_more_keys_are_remembered_than_allowed() -> None:
    window = RateWindow(1, 60, keys_max=2)
    for key in "abc":
        window.count(key, 0)
    assert len(window) == 2
    assert (window.wait_s("a", 0), window.wait_s("c", 0)) == (0, 60)
    assert window.wait_s("b", 60 * S) == 0
    assert len(window) == 1


def test_all_windows_must_have_room() -> None:
    windows = RateWindows(RateWindow(1, 10), RateWindow(2, 100))
    windows.count("a", 0)
    assert windows.wait_s("a", 0) == 10
    windows.count("a", 20 * S)
    assert windows.wait_s("a", 40 * S) == 60
