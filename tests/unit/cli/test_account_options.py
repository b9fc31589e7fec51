"""Options of an account's terms become keys of a call, and terms become lines for people."""

from typing import Any

import pytest
from click.testing import CliRunner, Result

from operator_push.cli import control_client
from operator_push.cli.account_options import UNSETTABLE, terms_shown
from operator_push.cli.main import main
from operator_push.services.account_terms import NO_TERMS, TERM_NAMES, AccountTerms
from operator_push.services.manage_accounts import CHANGEABLE

ACCOUNT: dict[str, Any] = {
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
    "available_micros": 0,
    "held_micros": 0,
    "terms": AccountTerms(rate_segments_per_s=50, source_ranges=()).shown(),
}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        made.append({"do": do, **args})
        return {"account": ACCOUNT}

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    return made


def run(*arguments: str, **more: Any) -> Result:
    return CliRunner().invoke(main, ["account", *arguments, "--data-dir", "anywhere"], **more)


def test_set_sends_only_what_is_given(calls: list[dict[str, Any]]) -> None:
    result = run(
        *("set", "shop", "--rate", "0", "--from", "192.0.2.0/24", "--from", "198.51.100.7", "--window", "9"),
        *("--header", "A=B=service", "--unset", "daily-quota", "--our-subscribers", "--version", "3.3"),
    )
    assert result.exit_code == 0, result.output
    assert calls == [
        {
            "do": "account.set",
            "name": "shop",
            "rate_segments_per_s": 0,
            "source_ranges": ["192.0.2.0/24", "198.51.100.7"],
            "window": 9,
            "headers": {"A=B": "service"},
            "daily_quota_segments": None,
            "any_destination": False,
            "versions": ["3.3"],
        }
    ]
    assert "rate" in result.stdout
    assert "from" in result.stdout  # an empty list is shown, since it lets nobody in


def test_the_word_none_is_an_empty_list(calls: list[dict[str, Any]]) -> None:
    run("set", "shop", "--from", "none")
    assert calls[0]["source_ranges"] == []


def test_a_new_password_is_asked_for(calls: list[dict[str, Any]]) -> None:
    run("set", "shop", "--password", input="secret\nsecret\n")
    assert calls[0]["password"] == "secret"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["set", "shop"], "nothing to change"),
        (["set", "shop", "--rate", "5", "--unset", "rate"], "exclude each other"),
        (["set", "shop", "--header", "MYBANK"], "SENDER=CLASS"),
        (["add", "shop", "--password", "pw", "--version", "4.0"], "3.3"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    calls: list[dict[str, Any]], arguments: list[str], words: str
) -> None:
    result = run(*arguments)
    assert result.exit_code != 0
    assert words in result.output
    assert calls == []


def test_every_term_has_an_option_and_can_be_unset() -> None:
    assert set(UNSETTABLE.values()) <= TERM_NAMES | CHANGEABLE
    assert set(UNSETTABLE.values()) >= TERM_NAMES
    help_text = run("set", "--help").output
    assert all(f"--{option}" in help_text for option in UNSETTABLE)


def test_terms_without_a_limit_take_no_line() -> None:
    assert terms_shown(NO_TERMS.shown()) == []
