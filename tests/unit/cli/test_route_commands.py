"""route and network commands turn words into calls and results into words; the server is a double here."""

from typing import Any

import pytest
from click.testing import CliRunner, Result

from operator_push.cli import control_client, route_commands
from operator_push.cli.main import main

ADDED = {"added_at": "2026-01-01T00:00:00.000000Z", "added_by": "ann"}
ROUTE = {"number": 3, "settings": {"links": ["north", "main"], "plmn": "404-45"}, **ADDED}
NETWORK = {"number": 4, "settings": {"prefix": "9198", "mcc": "404", "mnc": "45"}, **ADDED}
ANSWERS: dict[str, dict[str, Any]] = {
    "route.list": {"routes": [ROUTE]},
    "route.add": {"route": ROUTE, "moved": 2},
    "route.remove": {"route": ROUTE, "moved": 0},
    "route.show": {
        "network": "404-45",
        "links": [{"name": "north", "up": False}, {"name": "main", "up": True}],
        "link": "main",
        "routes": [],
    },
    "network.list": {"networks": [NETWORK]},
    "network.add": {"network": NETWORK, "moved": 0},
    "network.remove": {"network": NETWORK, "moved": 0},
}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        made.append({"do": do, **args})
        return ANSWERS[do]

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    monkeypatch.setattr(route_commands, "who_asks", lambda: "ann")
    return made


def run(*words: str) -> Result:
    done = CliRunner().invoke(main, [*words, "--data-dir", "anywhere"])
    assert done.exit_code == 0, done.output
    return done


def test_a_route_is_added_from_words_and_told(calls: list[dict[str, Any]]) -> None:
    told = run("route", "add", "links=north,main", "plmn=404-45").output
    settings = {"links": ["north", "main"], "plmn": "404-45"}
    assert calls == [{"do": "route.add", "settings": settings, "by": "ann"}]
    assert told == "route 3 is added\n2 messages that waited go another way\n"
    assert run("route", "remove", "3").output == "route 3 is removed\n"


def test_lists_are_a_line_a_row(calls: list[dict[str, Any]]) -> None:
    header, row = run("route", "list").output.splitlines()
    assert header.split() == ["NUMBER", "LINKS", "TAKES", "PRIORITY", "WEIGHT", "BY"]
    assert row.split()[:5] == ["3", "north,main", "plmn=404-45", "50", "1"]
    assert run("network", "list").output.splitlines()[1].split()[:3] == ["4", "9198", "404-45"]


def test_show_tells_the_network_and_the_link_of_now(calls: list[dict[str, Any]]) -> None:
    told = run("route", "show", "--to", "919812345670", "--class", "service").output
    assert told.splitlines()[:2] == ["network 404-45", "goes through main now"]
    assert calls[0]["traffic_class"] == "service"


def test_networks_are_added_and_removed(calls: list[dict[str, Any]]) -> None:
    assert run("network", "add", "prefix=9198", "mcc=404", "mnc=45").output == "network 4 is added\n"
    assert run("network", "remove", "4").output == "network 4 is removed\n"
    assert [each["do"] for each in calls] == ["network.add", "network.remove"]
    assert '"number": 4' in run("network", "add", "prefix=1", "--json").output
