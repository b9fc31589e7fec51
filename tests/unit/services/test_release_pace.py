"""Release pace: so many a second, whenever it is asked, and no debt from quiet times."""

import pytest

from operator_push.services.release_pace import SECOND_US, ReleasePace


@pytest.mark.parametrize("step_us", [1_000, 50_000, 200_000])
@pytest.mark.parametrize("per_second", [3, 100, 2_000])
def test_so_many_a_second_go_however_often_it_is_asked(per_second: int, step_us: int) -> None:
    pace, start_us, went = ReleasePace(per_second), 10**15, []
    for at_us in range(start_us, start_us + 5 * SECOND_US, step_us):
        while pace.take(at_us):
            went.append(at_us)
    assert abs(len(went) - 5 * per_second) <= per_second / 5 + 1
    first = sum(1 for at_us in went if at_us < start_us + SECOND_US)
    assert first <= per_second * 1.2 + 1, "nothing was saved up before"


def test_without_a_pace_all_go() -> None:
    pace = ReleasePace()
    assert all(pace.take(5) for _ in range(10_000))
