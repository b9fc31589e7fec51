"""channel: what is asked of the server, and what a person reads."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from operator_push.cli import channel_commands, control_client
from operator_push.cli.main import main

CHANNEL = {"name": "news", "account": "media", "brand": "Daily News", "category": None, "short_code": "56070"}
CHANNEL |= {
    "keyword": "NEWS",
    "double": True,
    "notice": "",
    "state": "open",
    "subscribers": None,
    "floor": 100,
}
ISSUE = {"issue": 2, "campaign": "news #2", "state": "running", "published_at": "2027-01-15"}


class Desk:
    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        done = {"accepted": 240, "NO_CREDIT": "<10"}
        self.progress: list[tuple[str, int, dict[str, Any]]] = [("running", 50, {}), ("finished", 100, done)]

    def call(self, do: str, **args: Any) -> dict[str, Any]:
        args.pop("by", None)
        self.calls.append((do, args))
        match do:
            case "channel.list":
                return {"channels": [CHANNEL, {**CHANNEL, "name": "sport", "subscribers": 1200}]}
            case "channel.show":
                return {"channel": CHANNEL, "issues": [ISSUE]}
            case "channel.publish":
                return ISSUE
            case "channel.progress":
                names = ("state", "done_percent", "outcomes")
                return dict(zip(names, self.progress.pop(0), strict=True))
            case "channel.unsubscribe":
                return {"unsubscribed": True}
            case "opt_in.request":
                return {"outcome": "challenged"}
        return {"channel": CHANNEL}


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk()
    monkeypatch.setattr(control_client.ControlClient, "call", lambda self, do, **args: desk.call(do, **args))
    monkeypatch.setattr(channel_commands, "LOOK_AGAIN_S", 0)
    return desk


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["channel", *words, "--data-dir", "d"])
    assert result.exit_code == code, result.output
    return result


def test_a_channel_is_made_shown_and_closed(desk: Desk) -> None:
    told = run("create", "news", "--account", "media", "--short-code", "56070", "--keyword", "NEWS").stdout
    assert "NEWS to 56070, asked once more" in told
    assert "fewer than 100" in told
    asked = desk.calls[0][1]
    assert (asked["name"], asked["double"], asked["category"]) == ("news", True, 0)
    assert "1,200" in run("list").stdout
    assert "news #2" in run("show", "news").stdout
    assert json.loads(run("show", "news", "--json").stdout)["issues"] == [ISSUE]
    run("close", "news")
    assert desk.calls[-1] == ("channel.close", {"name": "news"})


def test_people_come_through_a_door_and_leave(desk: Desk) -> None:
    number = ("--msisdn", "919812345678")
    assert run("subscribe", "news", *number, "--method", "web").stdout == "challenged.\n"
    assert [do for do, _ in desk.calls] == ["channel.show", "opt_in.request"]
    assert run("unsubscribe", "news", *number).stdout == "left.\n"
    assert desk.calls[-1][1]["method"] == "call_centre"


def test_publishing_waits_and_tells_what_a_client_may_read(desk: Desk) -> None:
    result = run("publish", "news", "--text", "It rains")
    assert "240 accepted, <10 no credit" in result.stdout
    assert "handed in 50 %" in result.stderr
    desk.calls.clear()
    told = json.loads(run("publish", "news", "--text", "x", "--no-wait", "--json").stdout)
    assert (told["campaign"], told["done_percent"]) == ("news #2", 0)
    assert [do for do, _ in desk.calls] == ["channel.publish"]
