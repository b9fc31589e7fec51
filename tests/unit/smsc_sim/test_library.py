"""The library of scenarios: every file is right, tells of itself in its first line, has a name."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from operator_push.kernel.errors import OperatorError
from smsc_sim.cli import main
from smsc_sim.library import headline, scenario_names, scenario_path
from smsc_sim.scenario_file import load_scenario

DOCS = Path(__file__).parents[3] / "docs" / "scenarios"


@pytest.mark.parametrize("name", scenario_names())
def test_a_ready_scenario_is_right(name):
    assert load_scenario(scenario_path(name)).asserts
    assert 20 <= len(headline(name)) <= 110


@pytest.mark.parametrize("name", scenario_names())
def test_the_commands_of_its_page_can_be_given(name):
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    lines = re.findall(r"^smsc-sim (run|load) (.*?)&?$", page, re.MULTILINE)
    assert {command for command, _ in lines} == {"run", "load"}
    for command, options in lines:
        main.commands[command].make_context(command, shlex.split(options)).close()


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(OperatorError, match="did you mean 'half-open'"):
        scenario_path("halfopen")
    with pytest.raises(OperatorError, match="there are: accelerated-day"):
        scenario_path("../cli")


def test_the_commands_list_and_show():
    listed = CliRunner().invoke(main, ["scenarios"]).output
    assert [line.split()[0] for line in listed.splitlines()] == scenario_names()
    shown = CliRunner().invoke(main, ["scenario", "show", "friendly"])
    assert shown.output == scenario_path("friendly").read_text(encoding="utf-8")
    wrong = CliRunner().invoke(main, ["scenario", "show", "unfriendly"])
    assert wrong.exit_code == 2
    assert "did you mean 'friendly'?" in wrong.stderr


def test_assertions_tells_every_figure():
    from smsc_sim.assertions.figures import COUNTERS, FACTS

    text = CliRunner().invoke(main, ["assertions"]).output
    for name in (*COUNTERS, *FACTS):
        assert name in text
