"""message find: by the SMSC's id, by reference, by recipient; the server notes a look-up by number."""

import json
from pathlib import Path
from typing import Any

import pytest
from campaign_desk import write_config
from click.testing import CliRunner, Result
from proof_sample import TWO, fill

from operator_push.cli import control_client, message_find
from operator_push.cli.main import main
from operator_push.store import migrate
from operator_push.store.database import Database

NUMBER = "919812345678"
AT = "2027-01-15T08:00:00Z"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration with the sample store."""
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(write_config(tmp_path)))
    url = f"sqlite:///{tmp_path}/data/operator-push.db"
    migrate.upgrade(url)
    database = Database.open(url)
    database.run(fill)
    database.close()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        made.append({"do": do, **args})
        return {"number": NUMBER}

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    monkeypatch.setattr(control_client.ControlClient, "__enter__", lambda self: self)
    monkeypatch.setattr(message_find, "who_asks", lambda: "ann")
    return made


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["message", "find", *words])
    assert result.exit_code == code, result.output
    assert NUMBER not in result.output
    return result


def test_by_the_smscs_id() -> None:
    line = run("--smsc-id", "a1", "--at", AT).stdout.splitlines()[1].split()
    assert (line[0], line[2], line[5]) == (str(TWO), "chai", "EXPIRED")
    assert "919…78" in line
    (told,) = json.loads(run("--smsc-id", "A1", "--at", AT, "--json").stdout)
    assert told["message_id"] == str(TWO)


@pytest.mark.parametrize("spelling", [str(TWO), f"{TWO:x}", f"{TWO:X}"])
def test_by_the_clients_id_in_either_spelling_whenever_it_was(spelling: str) -> None:
    (told,) = json.loads(run("--id", spelling, "--days", "1", "--json").stdout)
    assert told["message_id"] == str(TWO)
    assert "no message fits" in run("--id", spelling, "--account", "nobody", code=2).stderr


def test_by_recipient_after_the_server_has_noted_who_asked(calls: list[dict[str, Any]]) -> None:
    found = json.loads(run("--to", "+91 98123 45678", "--at", AT, "--json").stdout)
    assert str(TWO) in [each["message_id"] for each in found]
    assert calls == [{"do": "message.look_up", "number": "+91 98123 45678", "by": "ann"}]


def test_without_a_running_server_nobody_is_looked_for_by_number() -> None:
    assert "no server runs" in run("--to", NUMBER, "--at", AT, code=75).stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--account", "chai"], "give at least one of --id, --smsc-id, --reference and --to"),
        (["--id", "x-1"], "--id 'x-1' is no id"),
        (["--id", "fffffffe"], "no message fits"),
        (["--smsc-id", "A1", "--at", "noon"], "'noon' is not a moment with its zone"),
        (["--smsc-id", "A1", "--at", "2027-01-15T08:00:00"], "is not a moment with its zone"),
        (["--reference", "77", "--at", AT], "no message fits"),
        (["--smsc-id", "A1", "--days", "1"], "no message fits; without --id, --days N looks further back"),
    ],
)
def test_what_cannot_be_found_is_a_sentence(words: list[str], told: str) -> None:
    assert told in run(*words, code=2).stderr
