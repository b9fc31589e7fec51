"""When messages are due: exact spacing, ramps without steps, Poisson arrivals that come out on average."""

from itertools import islice, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis.strategies import floats, lists, tuples

from smsc_sim.load.plan import LoadPlan, Loop, Stage
from smsc_sim.load.schedule import Schedule, even_points, poisson_points, stages_of

STAGES = lists(tuples(floats(0.1, 50), floats(0, 500), floats(0, 500)), min_size=1, max_size=4).map(
    lambda rows: [Stage(duration_s=length, rate=(start, end)) for length, start, end in rows]
)


def test_even_arrivals_at_one_rate_are_equally_spaced_and_all_there():
    schedule = Schedule([Stage(duration_s=10, rate=100)])
    times = list(schedule.times(even_points(0, 1)))
    assert len(times) == 1000
    assert times == pytest.approx([number / 100 for number in range(1000)])


def test_binds_share_the_messages_of_a_run():
    schedule = Schedule([Stage(duration_s=1, rate=10)])
    each = [list(schedule.times(even_points(ordinal, 3))) for ordinal in range(3)]
    assert [len(times) for times in each] == [4, 3, 3]
    assert sorted(at_s for times in each for at_s in times) == pytest.approx(
        [number / 10 for number in range(10)]
    )


@given(stages=STAGES)
def test_the_nth_message_is_due_where_the_integral_of_the_rate_reaches_n(stages):
    schedule = Schedule(stages)
    times = list(islice(schedule.times(even_points(0, 1)), 300))
    assert all(before <= after for before, after in pairwise(times))
    for number, at_s in enumerate(times):
        assert schedule.due_by(at_s) == pytest.approx(number, abs=1e-4)
        assert 0 <= at_s <= schedule.duration_s + 1e-9


def test_a_ramp_is_half_as_many():
    schedule = Schedule([Stage(duration_s=10, rate=(0, 100))])
    times = list(schedule.times(even_points(0, 1)))
    assert len(times) == 500
    assert sum(at_s < 5 for at_s in times) == 125
    assert schedule.rate_at(5) == 50
    assert schedule.rate_at(10) == 0


def test_a_stage_without_messages_is_a_pause():
    schedule = Schedule(
        [Stage(duration_s=1, rate=2), Stage(duration_s=5, rate=0), Stage(duration_s=1, rate=2)]
    )
    assert list(schedule.times(even_points(0, 1))) == pytest.approx([0, 0.5, 6, 6.5])


def test_poisson_arrivals_have_the_rate_and_the_spread_of_chance():
    schedule = Schedule([Stage(duration_s=100, rate=100)])
    times = list(schedule.times(poisson_points(Random("1"), 1)))
    assert 9_600 < len(times) < 10_400
    gaps = [after - before for before, after in pairwise(times)]
    mean = sum(gaps) / len(gaps)
    variance = sum((gap - mean) ** 2 for gap in gaps) / len(gaps)
    assert variance == pytest.approx(mean**2, rel=0.1)
    assert times == list(schedule.times(poisson_points(Random("1"), 1)))


def test_a_plan_without_stages_means_a_ramp_and_a_hold():
    plan = LoadPlan(loop=Loop(rate=50, ramp_s=4, duration_s=10))
    assert [(stage.duration_s, stage.ends) for stage in stages_of(plan)] == [(4, (0, 50)), (6, (50, 50))]
    assert stages_of(LoadPlan(loop=Loop(rate=50, ramp_s=4, duration_s=4)))[0].ends == (0, 50)


def test_a_plan_with_only_a_count_has_room_for_all_of_them():
    for arrivals in ("even", "poisson"):
        plan = LoadPlan(loop=Loop(rate=50, count=1000, arrivals=arrivals))
        schedule = Schedule(stages_of(plan))
        points = even_points(0, 1) if arrivals == "even" else poisson_points(Random("5"), 1)
        assert len(list(schedule.times(points))) >= 1000
