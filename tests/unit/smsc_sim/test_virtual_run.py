"""The virtual run without sockets; with them: tests/e2e/test_smsc_sim_virtual.py."""

import time

import pytest
from twisted.internet.task import Clock

from operator_push.smpp.session import SessionRole, SessionSettings
from smsc_sim.moments import RunClock
from smsc_sim.scenario_file import parse_scenario
from smsc_sim.virtual_run import SmscRun


@pytest.fixture
def run(tmp_path):
    def make(text=""):
        now = time.monotonic()
        clock = RunClock(now, 1_795_297_105_000_000)
        scenario = parse_scenario(text, "x.toml")
        return SmscRun(Clock(), "", scenario, 7, clock, now, tmp_path, lambda work: work())

    return make


def test_a_stream_that_comes_after_a_reload_has_the_new_limits(run):
    one = run("[limits]\ndeliver_window = 3\n[listen]\nenquire_link_s = 9\n")
    assert one.new_session(SessionRole.SMSC, SessionSettings(), 0.0).window_free() == 3
    one.reload(parse_scenario("[limits]\ndeliver_window = 5\n", "x.toml"))
    assert one.new_session(SessionRole.SMSC, SessionSettings(), 0.0).window_free() == 5
    assert one.session_settings().enquire_link_s == 30


def test_what_is_open_at_the_end_has_its_row_in_a_closed_file(run, tmp_path):
    one = run('[[mo.script]]\nat_s = 60\nsystem_id = "a"\nsource = "1"\ndestination = "2"\ntext = "x"\n')
    assert one.smsc.unfinished() == 1
    one.stop_listening()
    closed = one.close_files()
    assert closed.parent == tmp_path / "cdr"
    assert (tmp_path / "witness.jsonl").read_text() == ""
