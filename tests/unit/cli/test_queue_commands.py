"""queue commands, and the emergency stops of accounts and campaigns; the server is a double here."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from operator_push.cli import control_client, queue_commands
from operator_push.cli.main import main

ROW = {
    "link": "main",
    "account": "chai",
    "campaign": "",
    "traffic_class": "service",
    "held": True,
    "messages": 2,
    "segments": 3,
    "oldest_at": "2026-01-01T00:00:00.000000Z",
}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        made.append({"do": do, **args})
        match do:
            case "queue.list":
                return {"rows": [ROW]}
            case "queue.requeue":
                return {"requeued": 4, "moved": 1}
            case "link.stop" | "link.start":
                return {"link": {"state": "stopped", "waiting": 3}, "moved": 2}
            case _:
                return {"waiting": 2, "cancelled": 2 if args.get("cancel") else 0, "at_smsc": 1}

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    monkeypatch.setattr(queue_commands, "who_asks", lambda: "ann")
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["queue", *arguments, "--data-dir", "anywhere"])


def test_list_is_a_line_a_kind_of_traffic(calls: list[dict[str, Any]]) -> None:
    line = run("list", "--class", "service").stdout.splitlines()[1]
    assert line.split() == ["main", "chai", "-", "service", "held", "2", "3", ROW["oldest_at"]]
    nobody = {"link": None, "account": None, "campaign": None}
    assert calls == [{"do": "queue.list", **nobody, "traffic_class": "service"}]
    assert json.loads(run("list", "--json").stdout) == [ROW]


def test_hold_and_release_say_what_they_did(calls: list[dict[str, Any]]) -> None:
    held = run("hold", "--message", "5").stdout.splitlines()
    assert held[0] == "2 messages are held"
    assert held[1].startswith("1 messages are at the SMSC already")
    assert run("release", "--account", "chai").stdout.startswith("2 messages are released\n")
    assert run("release", "--campaign", "tea", "--cancel").stdout.startswith("2 messages ended")
    assert calls == [
        {"do": "queue.hold", "message": "5", "by": "ann"},
        {"do": "queue.release", "account": "chai", "cancel": False, "by": "ann"},
        {"do": "queue.release", "campaign": "tea", "cancel": True, "by": "ann"},
    ]


def test_a_link_is_held_by_stopping_it(calls: list[dict[str, Any]]) -> None:
    assert run("hold", "--link", "main").stdout == "link main is stopped: 2 messages moved, 3 segments wait\n"
    run("release", "--link", "main")
    assert [each["do"] for each in calls] == ["link.stop", "link.start"]
    refused = run("release", "--link", "main", "--cancel")
    assert (refused.exit_code, "link stop NAME --cancel" in refused.stderr) == (2, True)


def test_requeue_counts(calls: list[dict[str, Any]]) -> None:
    assert run("requeue", "--link", "main").stdout == "4 messages routed again, 1 of them go another way\n"
    assert json.loads(run("requeue", "--json").stdout)["moved"] == 1


@pytest.mark.parametrize("arguments", [["hold"], ["hold", "--message", "5", "--account", "chai"]])
def test_one_thing_at_a_time(calls: list[dict[str, Any]], arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.exit_code, calls) == (2, [])
    assert "give one of --message, --account, --campaign and --link" in result.stderr
