"""docs/smsc-sim-scenario.md: its examples are scenarios, and it names every table."""

import re
from pathlib import Path

import pytest

from operator_push.smpp.constants import MessageState
from smsc_sim.population import STATE_DEFAULTS
from smsc_sim.scenario_file import parse_scenario
from smsc_sim.scenario_handsets import Mo, Population

PAGE = (Path(__file__).parents[3] / "docs" / "smsc-sim-scenario.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split("\n", 1)[0])
def test_every_example_is_a_right_scenario(example):
    if ("system_id = " in example and "[[accounts]]" not in example) or "account = " in example:
        example += "\n[[accounts]]\nany = true\n"
    parse_scenario(example, "page.toml")


def test_there_are_examples():
    assert len(EXAMPLES) >= 6


def test_states_and_tables_are_named():
    for state, (outcome, _, error_code) in STATE_DEFAULTS.items():
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{state}`"))
        assert row.endswith(f"| {error_code} |")
        assert outcome.upper() in row
    for table in ("population." + name for name in Population.__struct_fields__):
        assert f"[[{table}]]" in PAGE
    for name in set(Mo.__struct_fields__) - {"operation"}:
        assert f"[[mo.{name}]]" in PAGE
    for state in set(MessageState) - {MessageState.SCHEDULED, MessageState.SKIPPED}:
        assert state.name in PAGE
