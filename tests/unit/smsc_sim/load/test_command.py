"""smsc-sim load as a person meets it: help, options, plans and errors. Running it: tests/e2e."""

import asyncio
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec import inspect

from operator_push.kernel.errors import OperatorError
from smsc_sim.cli import main
from smsc_sim.load import command
from smsc_sim.load.command import plan_of
from smsc_sim.load.plan import MIXES, BindGroup, LoadPlan, Loop
from smsc_sim.load.report import make_report
from smsc_sim.load.run import LoadRun
from smsc_sim.load.thresholds import FIGURES

NOTHING = {"receipts": None, "closed": False}


def invoke(*arguments):
    return CliRunner().invoke(main, ["load", *arguments])


def test_help_reads_like_a_manual_page():
    text = invoke("--help").output
    for word in ("--i-own-this-server", "Open loop", "load.html", "Exit status", "junit.xml", "--expect"):
        assert word in text


def test_options_make_a_plan():
    plan = plan_of(
        None,
        NOTHING
        | {"rate": 50.0, "duration": 60.0, "ramp": 5.0, "mix": "long", "window": 7, "system_id": "shop"}
        | {"binds": (("transmitter", 2), ("receiver", 1)), "expect": ("sent >= 1",), "receipts": False},
    )
    assert [(group.type, group.count, group.window, group.system_id) for group in plan.binds] == [
        ("transmitter", 2, 7, "shop"),
        ("receiver", 1, 7, "shop"),
    ]
    assert (plan.loop.rate, plan.loop.duration_s, plan.loop.ramp_s) == (50, 60, 5)
    assert (plan.messages, plan.expect, plan.receipts.ask) == (MIXES["long"], ("sent >= 1",), False)


def test_nothing_said_is_a_short_friendly_run():
    plan = plan_of(None, NOTHING)
    assert (plan.loop.duration_s, plan.loop.rate, plan.binds) == (10, 100, (BindGroup(),))
    assert plan_of(None, NOTHING | {"count": 5}).loop.duration_s is None


def test_destinations_come_in_turn_unless_they_are_to_be_drawn():
    assert plan_of(None, NOTHING | {"drawn": False}).numbers.order == "turn"
    assert plan_of(None, NOTHING | {"drawn": True}).numbers.order == "drawn"


def test_options_win_over_the_plan(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text('expect = ["sent >= 1"]\n[[stages]]\nduration_s = 5\nrate = 9\n[target]\nport = 4\n')
    assert plan_of(path, NOTHING).stages[0].duration_s == 5
    changed = plan_of(path, NOTHING | {"rate": 4.0, "port": 5, "expect": ("sent >= 2",)})
    assert (changed.stages, changed.loop.rate, changed.target.port) == ((), 4, 5)
    assert changed.expect == ("sent >= 1", "sent >= 2")
    closed = plan_of(path, NOTHING | {"closed": True, "count": 5})
    assert (closed.loop.kind, closed.stages, closed.loop.count) == ("closed", (), 5)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"closed": True, "rate": 5.0}, "a closed loop has no rate"),
        ({"text": "x", "mix": "long"}, "give one of the two"),
        ({"first": "12x"}, "numbers.first"),
        ({"source": "x" * 30}, "numbers.source"),
        ({"expect": ("fast",)}, "no threshold"),
    ],
)
def test_options_that_contradict_are_told(options, word):
    with pytest.raises(OperatorError, match=word):
        plan_of(None, NOTHING | options)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--host", "192.0.2.1"], "--i-own-this-server"),
        (["--duration", "soon"], "is no duration"),
        (["--bind", "both:2"], "is no bind"),
        (["--bind", "trx:0"], "is no bind"),
        (["--config", "/nowhere/plan.toml"], "cannot read the plan"),
        (["--numbers-file", "/nowhere/n.txt"], "cannot read the destinations"),
    ],
)
def test_a_wrong_option_is_one_sentence_and_exit_status_2(arguments, word):
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert word in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("text", "seconds"), [("30", 30), ("30s", 30), ("1.5m", 90), ("2min", 120), ("1h", 3600)]
)
def test_durations(text, seconds):
    assert command.Duration().convert(text, None, None) == seconds


def test_binds():
    assert command.BindSpec().convert("trx:4", None, None) == ("transceiver", 4)
    assert command.BindSpec().convert("receiver", None, None) == ("receiver", 1)


DOCS = (Path(__file__).parents[4] / "docs" / "smsc-sim-load.md").read_text(encoding="utf-8")


def test_the_page_names_every_option_and_figure():
    options = [name for option in command.load.params for name in (*option.opts, *option.secondary_opts)]
    assert [name for name in options if name not in DOCS] == []
    assert [name for name in FIGURES if name not in DOCS] == []
    assert [name for name in MIXES if f"**{name}**" not in DOCS] == []


def test_the_page_names_every_key_of_a_plan_and_its_example_is_a_plan(tmp_path):
    example = DOCS.split("```toml\n")[1].split("```")[0]

    def keys(kind):
        if isinstance(kind, inspect.StructType):
            for field in kind.fields:
                yield field.encode_name
                yield from keys(field.type)
        for inner in getattr(kind, "types", ()) or ([kind.item_type] if hasattr(kind, "item_type") else ()):
            yield from keys(inner)

    missing = {key for key in keys(inspect.type_info(LoadPlan)) if not re.search(rf"\b{key}\b", DOCS)}
    assert missing == set()
    path = tmp_path / "plan.toml"
    path.write_text(example, encoding="utf-8")
    plan = plan_of(path, NOTHING)
    assert (plan.title, len(plan.stages), len(plan.binds)) == ("Release 4.2, evening profile", 3, 2)


def test_the_page_names_every_key_of_the_report():
    loop = asyncio.new_event_loop()
    run = LoadRun(loop, LoadPlan(loop=Loop(count=1)), "127.0.0.1", lambda: None)
    run.tally.finish()
    report = make_report(run, "now")
    loop.close()
    described = DOCS.split("## load.json")[1]
    plain = {"format", "title", "started_at", "sending_s", "total_s", "slice_s"}
    assert {key for key in report if f"`{key}`" not in described} - plain == set()
    assert {key for key in plain if key not in described} == set()
