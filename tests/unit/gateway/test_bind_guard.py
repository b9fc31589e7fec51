"""The bind guard: guessing gets slow, remembering stays small, and nobody else waits."""

from hypothesis import given
from hypothesis import strategies as st

from operator_push.gateway.bind_guard import DELAY_MAX_S, FORGET_AFTER_S, BindGuard, delay_after

HERE, THERE = "192.0.2.1", "192.0.2.2"


def test_the_first_try_does_not_wait_and_each_failure_doubles_the_wait() -> None:
    guard, now, waits = BindGuard(), 100.0, []
    for _ in range(8):
        wait_s = guard.wait_s(HERE, "shop", now)
        assert wait_s is not None
        waits.append(wait_s)
        now += wait_s
        guard.failed(HERE, "shop", now)
    assert waits == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, DELAY_MAX_S]


def test_a_right_password_from_another_address_never_waits() -> None:
    guard = BindGuard()
    for _ in range(20):
        guard.failed(HERE, "shop", 0.0)
    assert guard.wait_s(THERE, "shop", 0.0) == 0.0
    assert guard.wait_s(HERE, "bank", 0.0) == 0.0


def test_a_right_password_ends_the_waiting() -> None:
    guard = BindGuard()
    guard.failed(HERE, "shop", 0.0)
    guard.succeeded(HERE, "shop")
    assert guard.wait_s(HERE, "shop", 0.0) == 0.0
    assert len(guard) == 0


def test_many_connections_guess_no_faster_than_one() -> None:
    guard = BindGuard()
    for _ in range(4):
        guard.failed(HERE, "shop", 0.0)
    waits = [guard.wait_s(HERE, "shop", 0.0) for _ in range(12)]
    assert waits[:4] == [4.0, 8.0, 12.0, 16.0]
    assert waits[-1] is None  # the line is full: refused without a look at the password


def test_a_pair_that_is_quiet_is_forgotten() -> None:
    guard = BindGuard()
    for _ in range(20):
        guard.failed(HERE, "shop", 0.0)
    assert guard.wait_s(HERE, "shop", FORGET_AFTER_S + 1) == 0.0
    assert len(guard) == 0


def test_memory_is_bounded_and_the_oldest_failure_goes_first() -> None:
    guard = BindGuard(pairs_max=3)
    for number in range(5):
        guard.failed(HERE, f"shop{number}", float(number))
    assert len(guard) == 3
    assert guard.wait_s(HERE, "shop1", 5.0) == 0.0
    assert guard.wait_s(HERE, "shop4", 4.0) == 0.5


def test_the_log_gets_a_line_at_each_doubling_only() -> None:
    guard = BindGuard()
    told = [guard.failed(HERE, "shop", 0.0) for _ in range(20)]
    assert [count for count in told if count] == [1, 2, 4, 8, 16]


@given(st.integers(0, 10**9))
def test_no_wait_is_longer_than_the_limit(failures: int) -> None:
    assert 0 <= delay_after(failures) <= DELAY_MAX_S
