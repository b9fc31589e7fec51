"""Patience: nothing is given up early because somebody stepped the wall clock."""

import logging

import pytest

from operator_push.gateway.clock import PatientClock

S = 1_000_000
HOUR = 3_600 * S


class Clocks:
    """A wall clock and a monotonic one."""

    def __init__(self) -> None:
        self.wall_us, self.monotonic_us = 1_800_000_000 * S, 77 * S
        self.patient = PatientClock(lambda: self.wall_us, lambda: self.monotonic_us)

    def after(self, seconds: int, step_us: int = 0) -> int:
        """Real time goes by, then the wall clock is stepped; the patient moment."""
        self.monotonic_us += seconds * S
        self.wall_us += seconds * S + step_us
        return self.patient.now_us()


def test_without_steps_it_is_the_wall_clock() -> None:
    clocks = Clocks()
    assert clocks.after(10) == clocks.wall_us


@pytest.mark.parametrize(
    "steps", [(HOUR,), (-HOUR,), (HOUR, -HOUR), (-HOUR, HOUR), (HOUR, HOUR, -HOUR), (-HOUR, -HOUR, 3 * HOUR)]
)
def test_no_moment_is_further_away_than_it_is(steps: tuple[int, ...]) -> None:
    clocks = Clocks()
    noted = [(clocks.wall_us, clocks.monotonic_us)]
    for step_us in steps:
        patient_us = clocks.after(60, step_us)
        assert all(patient_us - wall <= clocks.monotonic_us - monotonic for wall, monotonic in noted)
        noted.append((clocks.wall_us, clocks.monotonic_us))
    assert clocks.after(60) - noted[-1][0] <= 60 * S


def test_after_a_forward_step_old_and_new_moments_go_on_ageing() -> None:
    clocks = Clocks()
    before_us = clocks.wall_us
    clocks.after(0, HOUR)
    assert clocks.after(100) - before_us == 100 * S
    assert clocks.after(0) < clocks.after(1)


def test_a_step_is_told_once_and_the_slewing_of_ntp_is_not(caplog: pytest.LogCaptureFixture) -> None:
    clocks = Clocks()
    with caplog.at_level(logging.WARNING):
        clocks.after(1, 500)
        assert not caplog.records
        clocks.after(1, -HOUR)
        clocks.after(1)
    assert [record.getMessage() for record in caplog.records] == ["the wall clock was stepped by -3600.0 s"]
