"""What a person reads while a run goes and at its end."""

from types import SimpleNamespace

import pytest

from smsc_sim.load.plan import LoadPlan, Loop
from smsc_sim.load.progress import Progress, summary
from smsc_sim.load.schedule import Schedule, stages_of
from smsc_sim.load.tally import Tally


class Stage:
    """What Progress reads of a run."""

    def __init__(self, **loop):
        self.plan = LoadPlan(loop=Loop(**loop))
        self.schedule = None if self.plan.loop.kind == "closed" else Schedule(stages_of(self.plan))
        self.tally = Tally(1)
        self.phase = "sending"
        self.at_s = 0.0
        self.messages = 0
        self.share = 0.0
        self.ledger = SimpleNamespace(open_count=7)
        self.esmes = [None, None]

    def elapsed_s(self):
        return self.at_s

    def sent_messages(self):
        return self.messages

    def progress_share(self):
        return self.share

    def open_requests(self):
        return 3


def test_the_line_tells_rate_time_left_and_what_goes_wrong():
    run = Stage(rate=100.0, duration_s=10.0)
    progress = Progress(run, lambda _: None, is_terminal=True)
    run.at_s, run.share, run.messages, run.tally.sent = 2.0, 0.2, 200, 200
    line = progress.line()
    assert " 20%, 8 s left · 100/s" in line
    assert "FAILED" not in line
    assert "BEHIND" not in line
    run.at_s, run.share, run.messages, run.tally.sent, run.tally.refused = 4.0, 0.4, 250, 250, 5
    line = progress.line()
    assert "25/s" in line
    assert "5 FAILED" in line
    assert "150 BEHIND" in line


def test_other_phases_have_their_line():
    run = Stage(kind="closed", count=10)
    progress = Progress(run, lambda _: None, is_terminal=False)
    assert "left" not in progress.line()
    run.phase = "binding"
    assert progress.line() == "binding: 0 of 2"
    run.phase = "draining"
    assert "waiting for 3 responses and 7 receipts" in progress.line()
    run.phase = "over"
    assert progress.line() == ""


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_terminal_is_written_over_and_a_file_is_not(is_terminal):
    written = []
    progress = Progress(Stage(rate=1.0, count=1), written.append, is_terminal)
    progress.show()
    progress.done()
    assert ("\r" in "".join(written)) == is_terminal
    assert "".join(written).endswith("\n") != is_terminal


def test_a_run_that_could_not_be_done_says_why():
    assert summary({"outcome": "not done", "failure": "no bind"}) == "The run could not be done: no bind."
