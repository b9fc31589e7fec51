"""A missing peer is never silent: an install line on a developer's machine, a failure under CI."""

from pathlib import Path

import pytest
from peers import require_program

MISSING = "no-such-program-anywhere"


def test_a_program_that_is_here_is_found() -> None:
    assert Path(require_program("sh", package="dash")).is_file()


def test_a_missing_program_skips_with_its_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=f"{MISSING} is missing; install it: apt-get install pkg"):
        require_program(MISSING, package="pkg")


def test_a_missing_program_fails_under_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=f"{MISSING} is missing; install it: apt-get install pkg"):
        require_program(MISSING, package="pkg")
