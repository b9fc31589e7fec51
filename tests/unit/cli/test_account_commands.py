"""account commands turn options into calls and results into words; the server is a double here."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from operator_push.cli import control_client
from operator_push.cli.main import main
from operator_push.cli.who import who_asks

ACCOUNT = {
    "name": "shop",
    "kind": "esme",
    "active": True,
    "traffic_class": "service",
    "brand": "Shop",
    "category": 0,
    "senders": [],
    "any_destination": False,
    "window": 100,
    "max_binds": 2,
    "binds": 1,
    "currency": "INR",
    "available_micros": 2_500_000,
    "held_micros": 100_000,
}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        made.append({"do": do, **args})
        match do:
            case "account.list":
                return {"accounts": [ACCOUNT, {**ACCOUNT, "name": "bank", "active": False}]}
            case "account.top_up":
                return {"duplicate": len(made) > 1, "available_micros": 9_000_000, "currency": "INR"}
            case "account.stop":
                return {
                    "account": {**ACCOUNT, "active": False},
                    "waiting": 2,
                    "cancelled": 2 if args["cancel"] else 0,
                    "at_smsc": 1,
                }
            case _:
                return {"account": ACCOUNT}

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    return made


def run(*arguments: str, **more: Any) -> Result:
    return CliRunner().invoke(main, ["account", *arguments, "--data-dir", "anywhere"], **more)


def test_add_with_little_is_promotional_and_to_subscribers(calls: list[dict[str, Any]]) -> None:
    result = run("add", "shop", "--password", "secret")
    assert result.exit_code == 0, result.output
    assert calls == [
        {
            "do": "account.add",
            "name": "shop",
            "kind": "esme",
            "password": "secret",
            "traffic_class": "promotional",
            "senders": [],
            "any_destination": False,
            "brand": None,
            "category": None,
            "prepaid_micros": 0,
            "currency": None,
            "window": None,
            "max_binds": None,
        }
    ]
    assert "available     2.50 INR" in result.stdout


def test_add_with_everything(calls: list[dict[str, Any]]) -> None:
    run(
        *("add", "shop", "--password", "secret", "--kind", "enterprise", "--class", "transactional"),
        *("--sender", "SHOP", "--sender", "56070", "--any-destination", "--brand", "Shop", "--category", "8"),
        *("--prepaid", "0.10", "--currency", "INR", "--window", "10", "--max-binds", "2"),
    )
    assert calls[0]["senders"] == ["SHOP", "56070"]
    assert (calls[0]["traffic_class"], calls[0]["any_destination"]) == ("transactional", True)
    assert (calls[0]["prepaid_micros"], calls[0]["window"], calls[0]["max_binds"]) == (100_000, 10, 2)


def test_a_password_that_is_not_given_is_asked_for_twice(calls: list[dict[str, Any]]) -> None:
    result = run("add", "shop", input="secret\nsecret\n")
    assert result.exit_code == 0, result.output
    assert calls[0]["password"] == "secret"
    assert "secret" not in result.output


def test_an_enterprise_needs_no_password(calls: list[dict[str, Any]]) -> None:
    assert run("add", "bank", "--kind", "enterprise").exit_code == 0
    assert calls[0]["password"] is None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["add", "shop", "--password", "nine-char"], "the password must have 1..8"),
        (["add", "sixteen-letters!", "--password", "x"], "NAME must have 1..15"),
        (["add", "sh op", "--password", "x"], "NAME must have 1..15"),
        (["add", "shop", "--password", "x", "--prepaid", "ten"], "amount 'ten'"),
        (["add", "shop", "--password", "x", "--prepaid", "-1"], "must be above 0"),
        (["top-up", "shop", "0", "--reference", "r"], "must be above 0"),
    ],
)
def test_what_cannot_be_is_refused_before_the_server_hears_of_it(
    calls: list[dict[str, Any]], arguments: list[str], told: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert calls == []


@pytest.mark.parametrize("verb", ["suspend", "resume", "show"])
def test_the_short_verbs(calls: list[dict[str, Any]], verb: str) -> None:
    assert json.loads(run(verb, "shop", "--json").stdout) == ACCOUNT
    by = {"by": who_asks()} if verb == "resume" else {}  # a resume also releases what a stop has held
    assert calls == [{"do": f"account.{verb}", "name": "shop", **by}]


def test_an_emergency_stop_tells_what_is_held_and_what_has_left(calls: list[dict[str, Any]]) -> None:
    lines = run("stop", "shop").stdout.splitlines()
    assert lines[-2:] == [
        "2 messages are held",
        "1 messages are at the SMSC already; their end comes from there",
    ]
    assert run("stop", "shop", "--cancel").stdout.splitlines()[-2].startswith("2 messages ended")
    assert [each["cancel"] for each in calls] == [False, True]


def test_list_shows_a_line_an_account(calls: list[dict[str, Any]]) -> None:
    lines = run("list").stdout.splitlines()
    assert lines[0].split() == ["NAME", "KIND", "STATE", "CLASS", "BRAND", "AVAILABLE", "HELD", "BINDS"]
    assert lines[1].split()[:3] == ["shop", "esme", "active"]
    assert lines[2].split()[:3] == ["bank", "esme", "suspended"]
    assert [row["name"] for row in json.loads(run("list", "--json").stdout)] == ["shop", "bank"]


def test_a_top_up_says_when_it_was_made_already(calls: list[dict[str, Any]]) -> None:
    first = run("top-up", "shop", "2.50", "--reference", "invoice 7")
    again = run("top-up", "shop", "2.50", "--reference", "invoice 7")
    assert calls[0] == {
        "do": "account.top_up",
        "name": "shop",
        "amount_micros": 2_500_000,
        "reference": "invoice 7",
    }
    assert first.stdout == "2.50 INR added to shop under invoice 7; available now: 9.00 INR\n"
    assert "added already" in again.stdout


def test_the_server_is_found_by_the_configuration_of_this_folder(
    calls: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPERATOR_PUSH_DATA_DIR", raising=False)
    nowhere = CliRunner().invoke(main, ["account", "list"])
    assert nowhere.exit_code == 2
    assert "which server?" in nowhere.stderr
    (tmp_path / "operator-push.toml").write_text('data_dir = "d"\n')
    assert CliRunner().invoke(main, ["account", "list"]).exit_code == 0
