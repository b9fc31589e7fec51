"""person: what is asked of the server, and what a person reads."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from operator_push.cli import control_client
from operator_push.cli.main import main

NUMBER = ("--msisdn", "919812345678")
SHOWN = {"number": "919…78", "customer_code": "C-1", "email": "a***@example.com"}


def run(monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], *words: str, code: int = 0) -> Result:
    monkeypatch.setattr(control_client.ControlClient, "call", lambda self, do, **args: answer)
    result = CliRunner().invoke(main, ["person", *words, "--data-dir", "d"])
    assert result.exit_code == code, result.output
    return result


def test_a_link_is_begun_and_what_did_not_leave_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("link", "--account", "shop", *NUMBER, "--email", "a@example.com")
    answer = {"sms": True, "email": "sent", "expires_at": "2027-01-15T08:15:00Z"}
    told = run(monkeypatch, answer, *asked).stdout
    assert told == "a code is sent by SMS and another by e-mail; until 2027-01-15T08:15:00Z.\n"
    assert json.loads(run(monkeypatch, answer, *asked, "--json").stdout) == answer
    failed = run(monkeypatch, {**answer, "email": "not sent"}, *asked, code=2)
    assert failed.stdout.startswith("a code is sent by SMS; until")
    assert "the e-mail was not sent" in failed.stderr


def test_codes_come_back_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("confirm", *NUMBER, "--sms-code", "123456")
    waiting = {"linked": False, "missing": ["email"]}
    assert run(monkeypatch, waiting, *asked).stdout == "taken; the code by email is still missing.\n"
    assert run(monkeypatch, {"linked": True, "missing": []}, *asked).stdout == "linked.\n"


def test_links_are_shown_masked_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    linked = {**SHOWN, "linked_at": "2027-01-15T08:00:00Z"}
    asked = {**SHOWN, "missing": ["email"], "expires_at": "2027-01-15T08:15:00Z"}
    told = run(monkeypatch, {"link": linked, "asked": asked}, "show", "--customer-code", "C-1").stdout
    for words in ("2027-01-15T08:00:00Z", "a***@example.com", "missing", "until 2027-01-15T08:15:00Z"):
        assert words in told
    nothing = run(monkeypatch, {"link": None, "asked": None}, "show", *NUMBER).stdout
    assert nothing == "nothing is linked.\n"
    assert run(monkeypatch, {"unlinked": True}, "unlink", *NUMBER).stdout == "unlinked.\n"
    assert run(monkeypatch, {"unlinked": False}, "unlink", *NUMBER).stdout == "nothing was linked.\n"
