"""Judging: a run without sockets ends by itself when it should, and its verdicts are those of its rows."""

from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from twisted.internet.task import Clock

from operator_push.kernel.errors import OperatorError
from smsc_sim.assertions.table import Assert
from smsc_sim.counters import Counters
from smsc_sim.judging import LOOK_S, Ending, RunJudge
from smsc_sim.line_file import LineFile

ACCEPTED = (
    '{"n":1,"t":5,"bind":"b1","direction":"in","command":"submit_sm","sequence_number":2,"source":"56070",'
    '"destination":"91987","smsc_message_id":"7","decision":"accepted","status":"ESME_ROK"}\n'
)


class Reactor(Clock):
    """Twisted's clock, with the end of a program."""

    def __init__(self):
        super().__init__()
        self.running = True
        self.watchers = []

    def stop(self):
        assert self.running
        self.running = False
        for watcher in self.watchers:
            watcher.end()


class OneSmsc:
    """One virtual SMSC: counters, a witness, CDR rows, one fault."""

    def __init__(self, name=""):
        self.name = name
        self.witness_file = LineFile(None)
        self.cdr = SimpleNamespace(tail=None)
        self.cdr.keep_tail = lambda tail: setattr(self.cdr, "tail", tail)
        self.waiting = 0
        self.smsc = SimpleNamespace(
            counters=Counters(),
            unfinished=lambda: self.waiting,
            faults=SimpleNamespace(
                states=lambda: [
                    SimpleNamespace(name="busy", kind="refuse", hits=3),
                    SimpleNamespace(name="refuse 2", kind="refuse", hits=4),
                ]
            ),
        )


class Run:
    def __init__(self, *names):
        self.smscs = [OneSmsc(name) for name in names or ("",)]
        self.clock = SimpleNamespace(speed=1.0)
        self.is_stopped = False

    def flush(self):
        for one in self.smscs:
            one.witness_file.flush()


def must(what, operator="==", value=0.0, **members):
    return Assert(what=what, operator=operator, value=value, **members)


@pytest.fixture
def reactor():
    return Reactor()


def judged(reactor, run, *asserts, ending=None, junit=None):
    judge = RunJudge(asserts, ending or Ending(), junit, "suite", reactor.seconds)
    judge.attach(reactor, run)
    judge.begin()
    reactor.watchers.append(judge)
    return judge


def pass_time(reactor, seconds):
    reactor.pump([LOOK_S] * round(seconds / LOOK_S))


def test_a_run_without_an_end_goes_on_and_is_judged_at_its_end(reactor):
    run = Run()
    judge = judged(reactor, run, must("submits_accepted", ">=", 2))
    pass_time(reactor, 60)
    assert (reactor.running, judge.verdicts) == (True, [])
    run.smscs[0].smsc.counters.submits_accepted = 1
    reactor.stop()
    assert [(one.passed, one.told) for one in judge.verdicts] == [(False, "was 1")]
    assert judge.passed is False


def test_for_ends_the_run_at_its_time(reactor):
    judge = judged(reactor, Run(), ending=Ending(for_s=5.0))
    pass_time(reactor, 4.9)
    assert reactor.running
    pass_time(reactor, 0.2)
    assert not reactor.running
    assert judge.passed  # Nothing was asserted, and settling was not asked for.


def test_a_run_settles_only_after_it_began_and_once_nothing_moves(reactor):
    run = Run("north", "south")
    counters = run.smscs[1].smsc.counters
    judge = judged(reactor, run, ending=Ending(for_s=60.0, until_settled=True, settled_for_s=1.0))
    pass_time(reactor, 5)
    assert reactor.running  # Nothing came yet.
    for _ in range(4):
        counters.submits_received += 1
        pass_time(reactor, 0.9)
    assert reactor.running  # Something moved within each second.
    run.smscs[0].waiting = 1
    pass_time(reactor, 3)
    assert reactor.running  # One is on its way, in the other SMSC.
    run.smscs[0].waiting = 0
    pass_time(reactor, 0.9)
    assert reactor.running
    pass_time(reactor, 0.2)
    assert not reactor.running
    assert [(one.title, one.passed) for one in judge.verdicts] == [("settled within 60 s", True)]


def test_a_message_of_a_handset_that_nobody_fetched_keeps_a_run_unsettled(reactor):
    run = Run()
    run.smscs[0].smsc.counters.mo_due = run.smscs[0].waiting = 1
    judge = judged(reactor, run, ending=Ending(for_s=3.0, until_settled=True))
    pass_time(reactor, 3.1)
    assert [(one.passed, one.told) for one in judge.verdicts] == [(False, "1 were still on their way")]


def test_why_a_run_did_not_settle_is_told(reactor):
    silent = judged(reactor, Run(), ending=Ending(for_s=3.0, until_settled=True))
    pass_time(reactor, 3.1)
    assert [one.told for one in silent.verdicts] == ["no message came or went"]
    reactor, run = Reactor(), Run()
    busy = judged(reactor, run, ending=Ending(for_s=3.0, until_settled=True))
    pass_time(reactor, 2.5)
    run.smscs[0].smsc.counters.submits_received = 1
    pass_time(reactor, 0.6)
    assert [one.told for one in busy.verdicts] == ["something moved within the last 1 s"]


def test_settled_without_a_bound_is_no_verdict(reactor):
    run = Run()
    judge = judged(reactor, run, ending=Ending(until_settled=True))
    run.smscs[0].smsc.counters.submits_received = 1
    pass_time(reactor, 2)
    assert (reactor.running, judge.verdicts) == (False, [])


def test_a_run_that_already_ends_is_not_ended_again(reactor):
    run = Run()
    judged(reactor, run, ending=Ending(for_s=1.0))
    run.is_stopped = True
    pass_time(reactor, 2)
    assert reactor.running


def test_facts_are_read_from_the_rows_also_where_somebody_reads_along(reactor):
    run = Run("north", "south")
    along = []
    run.smscs[0].witness_file.tail = along
    judge = judged(
        reactor,
        run,
        must("repeated_submits", value=1.0, smsc="north"),
        must("repeated_submits", value=0.0, smsc="south"),
    )
    row = ACCEPTED.replace('"smsc_message_id"', '"user_message_reference":9,"smsc_message_id"')
    run.smscs[0].witness_file.lines += [row, row]
    reactor.stop()  # The rows are flushed for the judgement.
    assert judge.passed, judge.verdicts
    assert along == [row, row]


def test_hits_are_known_by_name_and_by_kind(reactor):
    judge = judged(
        reactor,
        Run(),
        must("faults:busy", value=3.0),
        must("faults:refuse 2", value=4.0),
        must("faults:refuse", value=7.0),
    )
    reactor.stop()
    assert judge.passed, judge.verdicts


def test_the_verdicts_are_told_and_written_for_a_pipeline(reactor, tmp_path):
    junit = tmp_path / "new" / "junit.xml"
    judge = judged(
        reactor, Run(), must("finals", name="all ended", value=1.0), must("violations"), junit=junit
    )
    pass_time(reactor, 2)
    reactor.stop()
    said = []
    judge.tell(said.append)
    assert said == ["FAILED  all ended (finals == 1): was 0", "holds   violations == 0: was 0"]
    suite = ElementTree.fromstring(junit.read_text(encoding="utf-8"))
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("suite", "2", "1")
    assert float(suite.get("time")) == pytest.approx(2.0)


def test_a_file_that_cannot_be_written_is_told(reactor, tmp_path):
    (tmp_path / "file").write_text("")
    judge = judged(reactor, Run(), must("violations"), junit=tmp_path / "file" / "junit.xml")
    reactor.stop()
    with pytest.raises(OperatorError, match=r"--junit: cannot write .*junit\.xml"):
        judge.tell(lambda line: None)


@pytest.mark.parametrize("ending", [Ending(), Ending(for_s=5.0), Ending(until_settled=True)])
def test_a_junit_file_of_nothing_is_refused_before_the_run(tmp_path, ending):
    with pytest.raises(OperatorError, match="nothing is asserted"):
        RunJudge((), ending, tmp_path / "junit.xml", "suite")


def test_to_settle_in_time_is_something_to_assert(tmp_path):
    RunJudge((), Ending(for_s=5.0, until_settled=True), tmp_path / "junit.xml", "suite")
