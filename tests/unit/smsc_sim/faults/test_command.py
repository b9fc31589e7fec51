"""`smsc-sim faults`, and the page about faults: nothing that a scenario can say is left out."""

import re
import typing
from pathlib import Path

import pytest
from click.testing import CliRunner

from smsc_sim.cli import main
from smsc_sim.faults.table import Fault, kind_of
from smsc_sim.faults.tables import AnyFault
from smsc_sim.faults.vendor_texts import VENDOR_TEXTS
from smsc_sim.scenario_file import parse_scenario

PAGE = (Path(__file__).parents[4] / "docs" / "smsc-sim-faults.md").read_text(encoding="utf-8")
KINDS = typing.get_args(AnyFault)


@pytest.mark.parametrize("where", ["command", "page"])
def test_every_kind_key_and_vendor_text_is_told(where):
    text = PAGE if where == "page" else CliRunner().invoke(main, ["faults"]).output
    names = {kind_of(kind()) for kind in KINDS} | set(VENDOR_TEXTS)
    names |= {field for kind in (Fault, *KINDS) for field in kind.__struct_fields__}
    assert {name for name in names if not re.search(rf"\b{name}\b", text)} == set()


def test_the_page_s_scenario_is_right():
    [example] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert [kind_of(fault) for fault in parse_scenario(example, "page").fault] == [
        "receipt_lost",
        "latency",
        "refuse",
    ]


def test_the_page_s_quirks_can_be_copied():
    rows = [line for line in PAGE.partition("quirks, ready to copy")[2].splitlines() if "`kind = " in line]
    assert len(rows) > 8
    for row in rows:
        lines = [line for line in re.findall(r"`([^`]+)`", row.partition(" | ")[2]) if " = " in line]
        table = "\n".join(line for line in lines if line != "window = 1")
        assert len(parse_scenario(f"[[fault]]\n{table}\n", row).fault) == 1
