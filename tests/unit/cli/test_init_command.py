"""init writes a configuration that check accepts, for its owner's eyes, and never over another file."""

from pathlib import Path

from click.testing import CliRunner

from operator_push.cli.main import main
from operator_push.config import TEMPLATE_FILE


def test_what_init_writes_is_accepted_by_check(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    written = CliRunner().invoke(main, ["init", str(file)])
    assert written.exit_code == 0, written.output
    assert f"config check --config {file}" in written.output
    assert file.read_text() == TEMPLATE_FILE.read_text()
    assert CliRunner().invoke(main, ["config", "check", "--config", str(file)]).exit_code == 0


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text("old")
    file.chmod(0o644)
    assert CliRunner().invoke(main, ["init", "--force", str(file)]).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text() != "old"


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text("mine")
    result = CliRunner().invoke(main, ["init", str(file)])
    assert result.exit_code == 2
    assert result.stderr == f"operator-push: {file}: is there already; --force replaces it\n"
    assert file.read_text() == "mine"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["init", str(tmp_path / "none" / "my.toml")])
    assert result.exit_code == 2
    assert "cannot be written: No such file or directory" in result.stderr
