"""Who gives a command."""

import pytest

from operator_push.cli import who


def test_the_user_of_the_system_or_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(who.getpass, "getuser", lambda: "ann")
    assert who.who_asks() == "ann"

    def unknown() -> str:
        raise KeyError("uid 4711")

    monkeypatch.setattr(who.getpass, "getuser", unknown)
    assert who.who_asks() == ""
