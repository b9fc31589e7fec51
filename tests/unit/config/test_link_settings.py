"""One link's settings outside the file: the same checks, no secrets among the values."""

from typing import Any

import pytest
from pydantic import SecretStr

from operator_push.config import Settings, SmscSettings
from operator_push.config.link_settings import (
    APART,
    all_link_values,
    check_link_password,
    link_keys,
    link_password,
    link_settings,
    link_values,
    values_of_text,
)
from operator_push.kernel.errors import OperatorError

MAIN = SmscSettings(name="main", host="a", system_id="x", password=SecretStr("pw"), prefixes=("91", "44"))
VARIABLE = "OPERATOR_PUSH_SMSC_MAIN_PASSWORD"


def test_values_go_out_and_come_back_without_secrets() -> None:
    values = link_values(MAIN)
    assert values == {"host": "a", "system_id": "x", "prefixes": ["91", "44"]}
    assert link_settings("main", values, "pw") == MAIN
    assert not APART & set(all_link_values(MAIN))
    assert all_link_values(MAIN)["window"] == 100


def test_words_are_values() -> None:
    words = [
        "host=10.0.0.7",
        "window=50",
        "prefixes=91,44",
        "segments_per_second=",
        "order_per_destination=no",
    ]
    values = values_of_text(words)
    assert values == {
        "host": "10.0.0.7",
        "window": "50",
        "prefixes": ["91", "44"],
        "segments_per_second": None,
        "order_per_destination": "no",
    }
    given = {key: value for key, value in values.items() if value is not None}
    link = link_settings("main", {**given, "system_id": "x"})
    assert (link.window, link.prefixes, link.order_per_destination) == (50, ("91", "44"), False)
    assert values_of_text(['prefixes=["",  "91"]']) == {"prefixes": ["", "91"]}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["window"], "'window' is not KEY=VALUE"),
        (["=5"], "is not KEY=VALUE"),
        (["window=5", "window=6"], "window is given twice"),
        (["prefixes=[91"], "is not JSON"),
    ],
)
def test_words_that_say_nothing(words: list[str], told: str) -> None:
    with pytest.raises(OperatorError, match=told):
        values_of_text(words)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"host": "a", "system_id": "x", "wimdow": 5}, 'wimdow: is not a setting; did you mean "window"'),
        ({"host": "a", "system_id": "x", "window": 0}, "window: 0 must be greater than or equal to 1"),
        ({"host": "a"}, "system_id: is required"),
        ({"host": "a", "system_id": "x", "password": "pw"}, "password cannot be set so"),
        (
            {"host": "a", "system_id": "x", "reconnect_min_s": 9, "reconnect_max_s": 1},
            r"link main: reconnect_min_s: 9 must not be above",
        ),
    ],
)
def test_what_is_not_allowed_is_told_by_key(values: dict[str, Any], told: str) -> None:
    with pytest.raises(OperatorError, match=told):
        link_settings("main", values)


def test_a_bad_name_is_no_link() -> None:
    with pytest.raises(OperatorError, match="name"):
        link_settings("north west", {"host": "a", "system_id": "x"})


def test_every_key_is_explained() -> None:
    keys = dict(link_keys())
    assert set(keys) == set(SmscSettings.model_fields) - APART
    assert all(keys.values())


def test_where_a_password_is_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    settings = Settings(smsc=(MAIN,))
    assert link_password(settings, "main", "") == ("pw", "configuration")
    assert link_password(settings, "main", "kept") == ("kept", "store")
    assert link_password(settings, "north", "") == ("", "missing")
    monkeypatch.setenv(VARIABLE, "env")
    assert link_password(settings, "main", "kept") == ("env", "environment")


def test_a_password_fits_smpp_and_is_not_overruled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    check_link_password("main", "eight678")
    for password, told in (("", "needs a password"), ("nine56789", "at most 8"), ("ö", "ASCII")):
        with pytest.raises(OperatorError, match=told):
            check_link_password("main", password)
    monkeypatch.setenv(VARIABLE, "env")
    check_link_password("main", "")
    with pytest.raises(OperatorError, match=f"{VARIABLE}, which goes before any other"):
        check_link_password("main", "other")
