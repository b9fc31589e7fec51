"""link commands turn words into calls and results into words; the server is a double here."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from operator_push.cli import control_client, link_commands
from operator_push.cli.main import main

LINK = {
    "name": "main",
    "state": "active",
    "bound": True,
    "waiting": 3,
    "in_flight": 1,
    "settings": {
        "host": "10.0.0.7",
        "port": 2775,
        "system_id": "acme",
        "bind_type": "transceiver",
        "segments_per_second": None,
        "prefixes": ["91", ""],
        "order_per_destination": True,
    },
    "password": "store",
    "changed_at": "2026-01-01T00:00:00.000000Z",
    "changed_by": "ann",
}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        made.append({"do": do, **args})
        match do:
            case "link.list":
                return {"links": [LINK, {**LINK, "name": "north", "state": "stopped", "bound": False}]}
            case "link.show":
                return {"link": LINK}
            case "link.remove":
                gone = {**LINK, "state": "retired", "waiting": 0}
                return {"link": gone, "moved": 2, "ended": 1, "at_smsc": 4, "reconnects": False}
            case _:
                return {"link": LINK, "moved": 0, "ended": 0, "at_smsc": 0, "reconnects": do == "link.add"}

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    monkeypatch.setattr(link_commands, "who_asks", lambda: "ann")
    return made


def run(*arguments: str, **more: Any) -> Result:
    return CliRunner().invoke(main, ["link", *arguments, "--data-dir", "anywhere"], **more)


def test_list_is_a_line_a_link(calls: list[dict[str, Any]]) -> None:
    lines = run("list").stdout.splitlines()
    assert lines[1].split() == ["main", "bound", "10.0.0.7:2775", "acme", "3", "1", "91,"]
    assert lines[2].split()[:2] == ["north", "stopped"]
    assert [each["name"] for each in json.loads(run("list", "--json").stdout)] == ["main", "north"]


def test_show_tells_every_setting_and_where_the_password_is(calls: list[dict[str, Any]]) -> None:
    shown = run("show", "main").stdout
    assert 'prefixes               91, ""' in shown
    assert "segments_per_second    not set" in shown
    assert "password               in the store" in shown
    assert json.loads(run("show", "main", "--json").stdout) == LINK


def test_add_sends_words_as_settings_and_the_password_from_a_file(
    calls: list[dict[str, Any]], tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text("hidden12\nmore\n")
    result = run("add", "north", "host=b", "prefixes=91,44", "window=", "--password-file", str(file))
    assert result.stdout == "link main is active, binding\n3 segments wait at it\n"
    assert calls == [
        {
            "do": "link.add",
            "name": "north",
            "by": "ann",
            "settings": {"host": "b", "prefixes": ["91", "44"], "window": None},
            "password": "hidden12",
        }
    ]


def test_a_password_may_come_from_standard_input(calls: list[dict[str, Any]]) -> None:
    assert run("set", "main", "--password-file", "-", input="hidden12\n").exit_code == 0
    assert (calls[0]["password"], calls[0]["settings"]) == ("hidden12", {})


@pytest.mark.parametrize("verb", ["stop", "start"])
def test_the_short_verbs(calls: list[dict[str, Any]], verb: str) -> None:
    assert json.loads(run(verb, "main", "--json").stdout)["link"] == LINK
    more = {"cancel": False} if verb == "stop" else {}
    assert calls == [{"do": f"link.{verb}", "name": "main", "by": "ann", **more}]


def test_remove_asks_first_and_tells_what_became_of_the_messages(calls: list[dict[str, Any]]) -> None:
    assert run("remove", "main", input="n\n").exit_code == 1
    assert [each["do"] for each in calls] == ["link.show"]
    lines = run("remove", "main", "--yes").stdout.splitlines()
    assert lines[0] == "link main is removed"
    assert [line.split()[0] for line in lines[1:]] == ["2", "1", "4"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["set", "main", "window"], "'window' is not KEY=VALUE"),
        (["add", "north", "host=b", "--password-file", "nowhere"], "nowhere: cannot be read"),
    ],
)
def test_what_cannot_be_is_refused_here(calls: list[dict[str, Any]], arguments: list[str], told: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, calls) == (2, [])
    assert told in result.stderr


def test_an_empty_password_file_is_refused(calls: list[dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    result = run("set", "main", "--password-file", str(tmp_path / "empty"))
    assert result.exit_code == 2
    assert "the password, is empty" in result.stderr


def test_help_explains_every_setting() -> None:
    told = CliRunner().invoke(main, ["link", "set", "--help"]).stdout
    assert "window: unanswered submit_sm at the same time" in told
    assert "password:" not in told
