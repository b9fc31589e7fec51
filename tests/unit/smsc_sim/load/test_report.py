"""The report of a run: figures, verdicts, and the notes that a reader needs before believing them."""

import asyncio
import json
from xml.etree import ElementTree

import pytest

from operator_push.kernel.errors import OperatorError
from smsc_sim.load import report as report_module
from smsc_sim.load.page import count, milliseconds, render_page
from smsc_sim.load.plan import MIXES, BindGroup, LoadPlan, Loop, Receipts
from smsc_sim.load.progress import summary
from smsc_sim.load.report import make_report
from smsc_sim.load.report_files import junit, prepare_folder, write_report
from smsc_sim.load.run import LoadRun

SECRET = "hush1234"
STARTED = "2026-11-21T22:00:00+00:00"


@pytest.fixture
def made():
    """A run of 200 messages that was never on a wire, counted by hand."""
    loop = asyncio.new_event_loop()

    def make(kind="open", receipts=True, expect=(), **counts):
        rate = {} if kind == "closed" else {"rate": 100.0}
        plan = LoadPlan(
            title="<b>evening</b>",
            binds=(BindGroup(count=2, password=SECRET),),
            loop=Loop(kind=kind, duration_s=2.0, **rate),
            messages=MIXES["everyday"],
            receipts=Receipts(ask=receipts),
            expect=expect,
        )
        run = LoadRun(loop, plan, "127.0.0.1", lambda: None, clock=lambda: 0.0)
        tally = run.tally
        tally.begin(100.0)
        for number in range(200):
            now = 100.0 + number / 100
            tally.at(now)
            tally.sent += 1
            tally.here.sent += 1
            tally.answered(now - 0.010, now - 0.004, now, 0)
            run.ledger.expect(b"%d" % number, now)
            run.ledger.receipt(b"%d" % number, now + 0.5)
            tally.receipt_states["DELIVRD"] += 1
        run.sending_s, run.total_s, run.cpu_s = 2.0, 2.5, 0.002
        for name, value in counts.items():
            target = tally if hasattr(tally, name) else run
            setattr(target, name, value)
        tally.finish()
        run.ledger.finish(103.0)
        return run

    yield make
    loop.close()


def test_figures_and_latencies(made):
    report = make_report(made(), STARTED)
    assert report["outcome"] == "passed"
    assert report["figures"]["accepted_per_s"] == 100
    assert report["latency_ms"]["response"]["p99"] == pytest.approx(10, rel=0.01)
    assert report["latency_ms"]["service"]["max"] == pytest.approx(4, rel=0.01)
    assert report["receipts"]["matched"] == report["receipts"]["expected"] == 200
    assert report["notes"] == []
    assert report["generator"]["cpu_us_per_submit"] == 10
    assert sum(row["accepted"] for row in report["series"]) == 200
    assert sum(row["due"] for row in report["series"]) == pytest.approx(200)
    assert sum(count for _, _, rows in report["heat"] for _, count in rows) == 200


def test_no_secret_and_no_number_is_told(made):
    text = json.dumps(make_report(made(), STARTED))
    assert SECRET not in text
    assert "919800000000" not in text


@pytest.mark.parametrize(
    ("expect", "outcome"),
    [
        (("response_p99_ms <= 11", "receipts_missing == 0", "receipt_p50_ms >= 400"), "passed"),
        (("response_p99_ms <= 9",), "failed"),
        (("response_mean_ms <= 9",), "failed"),
        (("response_max_ms <= 10.1", "lateness_p50_ms <= 1"), "failed"),
    ],
)
def test_verdicts(made, expect, outcome):
    report = make_report(made(expect=expect), STARTED)
    assert report["outcome"] == outcome
    suite = ElementTree.fromstring(junit(report).split("\n", 1)[1])
    assert (suite.get("tests"), suite.get("errors")) == (str(len(expect)), "0")
    assert (suite.get("failures") != "0") == (outcome == "failed")


def test_a_run_without_end_or_beginning_is_an_error_in_junit(made):
    for counts, outcome in (({"failure": "no bind"}, "not done"), ({"interrupted": True}, "interrupted")):
        report = make_report(made(expect=("sent >= 1",), **counts), STARTED)
        assert report["outcome"] == outcome
        assert 'errors="1"' in junit(report)
        assert "<error" in junit(report)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"interrupted": True}, "interrupted"),
        ({"cpu_s": 2.4}, "96% of a core"),
        ({"censored": 1234}, "1,234 submit_sm had no answer"),
        ({"kind": "closed"}, "Closed loop"),
    ],
)
def test_notes_tell_what_limits_the_figures(made, counts, words):
    [note] = make_report(made(**counts), STARTED)["notes"]
    assert words in note


def test_a_late_generator_says_so(made):
    run = made()
    run.tally.own_lag.record(90_000)
    assert "generator itself was late" in make_report(run, STARTED)["notes"][0]


def test_ids_of_two_bases_are_suspected(made):
    run = made(receipts_orphaned=3)
    run.ledger.expect(b"more", 1.0)
    missing, base = make_report(run, STARTED)["notes"]
    assert "1 receipts did not come" in missing
    assert "--receipt-ids" in base


def test_the_summary_reads_like_a_verdict(made):
    run = made(expect=("response_p99_ms <= 9", "receipt_p99_ms <= 900"))
    run.tally.refusals[0x58] = 3
    run.tally.violations["odd"] = 2
    text = summary(make_report(run, STARTED))
    for words in (
        "200 submit_sm in 2.0 s: 100.0/s; 200 accepted",
        "due to response   p50 10",
        "refused with ESME_RTHROTTLED: 3",
        "receipts: 200 of 200 (200 DELIVRD)",
        "violation: odd: 2",
        "FAIL  response_p99_ms <= 9  (was 10",
        "pass  receipt_p99_ms <= 900",
    ):
        assert words in text


def test_the_page_is_whole_and_fetches_nothing(made):
    run = made(expect=("response_p99_ms <= 9",), failure="")
    run.tally.refusals[0x58] = 3
    run.tally.violations["<odd>"] = 2
    page = render_page(make_report(run, STARTED))
    assert page.count("<svg") == 3
    for word in (
        "&lt;b&gt;evening",
        "&lt;odd&gt;",
        "✗ missed",
        "ESME_RTHROTTLED",
        "prefers-color-scheme: dark",
    ):
        assert word in page
    for word in ("http://", "https://", "<script", "@import", "url(", SECRET):
        assert word not in page


def test_the_page_of_a_run_that_was_not_done(made):
    loop = asyncio.new_event_loop()
    run = LoadRun(loop, LoadPlan(loop=Loop(count=1)), "127.0.0.1", lambda: None)
    run.failure = "no bind"
    run.tally.finish()
    page = render_page(make_report(run, STARTED))
    assert "could not be done: no bind" in page
    assert "None were asked for" in page
    loop.close()


def test_the_files_are_written(made, tmp_path):
    report = make_report(made(expect=("sent >= 1",)), STARTED)
    paths = write_report(report, tmp_path / "deep" / "out")
    assert [path.name for path in paths] == ["load.html", "load.json", "junit.xml"]
    assert json.loads(paths[1].read_text())["format"] == report_module.FORMAT
    plain = write_report(make_report(made(), STARTED), tmp_path / "plain")
    assert [path.name for path in plain] == ["load.html", "load.json"]


def test_a_folder_that_cannot_be_written_is_told_before_the_run(tmp_path):
    prepare_folder(tmp_path / "new")
    assert (tmp_path / "new").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(OperatorError, match="cannot write the report"):
        prepare_folder(tmp_path / "file" / "out")


def test_a_closed_loop_has_one_curve_for_its_responses(made):
    page = render_page(make_report(made(kind="closed"), STARTED))
    assert "</i>due to response" not in page
    assert "</i>sent to response" in page


def test_figures_as_people_read_them():
    assert [milliseconds(value) for value in (None, 0.25, 4.25, 250.0, 25_000.0)] == [
        "–", "250 µs", "4.2 ms", "250 ms", "25.0 s",
    ]  # fmt: skip
    assert [count(value) for value in (None, 3, 1234.56, 0.1234)] == ["–", "3", "1,235", "0.1234"]
