"""docs/control-socket.md is the reference of the control socket: every call is there, and no other."""

import ast
import re
from pathlib import Path

from operator_push.domain.campaign import CampaignAction

HOUSE = Path(__file__).parents[2]
PAGE = (HOUSE / "docs" / "control-socket.md").read_text(encoding="utf-8")


def handled() -> set[str]:
    """The names in the tables that the gateway's `handlers` functions return, read from their sources."""
    names: set[str] = set()
    for path in (HOUSE / "operator_push" / "gateway").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name == "handlers":
                (table,) = [each.value for each in node.body if isinstance(each, ast.Return)]
                assert isinstance(table, ast.Dict), path
                names |= named_in(table)
    return names


def named_in(table: ast.Dict) -> set[str]:
    """Its keys, and the campaign's actions that it is made from."""
    keys = {key.value for key in table.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
    acted = {node.attr for node in ast.walk(table) if isinstance(node, ast.Attribute) and node.attr.isupper()}
    return keys | {f"campaign.{CampaignAction[name].value}" for name in acted}


def documented() -> set[str]:
    """The first cells of the tables whose first heading is `call`."""
    calls: set[str] = set()
    in_table = False
    for line in PAGE.splitlines():
        in_table = line.startswith("| call |") or (in_table and line.startswith("|"))
        if in_table:
            calls |= set(re.findall(r"`([a-z_.]+)`", line.split("|")[1]))
    return calls


def test_the_page_knows_every_call_and_no_other() -> None:
    assert handled() == documented()


def test_every_call_that_a_command_makes_is_one() -> None:
    made = set()
    for path in (HOUSE / "operator_push" / "cli").rglob("*.py"):
        made |= set(re.findall(r"\.call\(\s*\"([a-z_.]+)\"", path.read_text(encoding="utf-8")))
        made |= set(re.findall(r"import_rows\(server, \"([a-z_.]+)\"", path.read_text(encoding="utf-8")))
    assert made >= {"account.add", "consent.import"}
    assert made <= handled()
