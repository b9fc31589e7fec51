"""The command line of the demo."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from operator_push.cli.demo.command import demo
from operator_push.kernel.errors import OperatorError


def test_help_tells_what_the_exit_status_means() -> None:
    text = CliRunner().invoke(demo, ["--help"]).output
    assert "Exit status 0: every invariant held" in text
    for option in ("--out", "--subscribers", "--messages", "--seed", "--crash-rounds"):
        assert option in text


@pytest.mark.parametrize(
    "arguments", [["--subscribers", "10"], ["--messages", "1"], ["--seed", "-1"], ["--crash-rounds", "0"]]
)
def test_what_is_too_small_is_refused_before_anything_starts(arguments: list[str]) -> None:
    result = CliRunner().invoke(demo, arguments)
    assert result.exit_code == 2
    assert "is not in the range" in result.output


def test_more_rounds_than_people_are_refused_before_anything_starts(tmp_path: Path) -> None:
    arguments = ["--subscribers", "2000", "--crash-rounds", "9", "--out", str(tmp_path / "report")]
    result = CliRunner().invoke(demo, arguments)
    assert isinstance(result.exception, OperatorError)
    assert "enough for 3 rounds, not for 9" in str(result.exception)
    assert not (tmp_path / "report").exists()
