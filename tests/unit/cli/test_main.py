"""The program's front: what it lists, what it imports, and how it fails."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from operator_push.cli import main as front
from operator_push.kernel.errors import OperatorError, ResourceError


def test_help_reads_like_a_manual_page() -> None:
    result = CliRunner().invoke(front.main, ["--help"])
    assert result.exit_code == 0
    parts = ["Usage:", "First steps:", "Files:", "Environment:", "Exit status:", "See also:"]
    places = [result.output.index(part) for part in parts]
    assert places == sorted(places)
    assert "operator-push demo" in result.output


def test_every_listed_command_can_be_asked_for_help() -> None:
    names = front.main.list_commands(click.Context(front.main))
    assert {"init", "config", "account", "consent", "subscriber", "permission"} <= set(names)
    for name in names:
        result = CliRunner().invoke(front.main, [name, "--help"])
        assert result.exit_code == 0, f"{name}: {result.output}"
        assert f"main {name}" in result.output


def test_every_leaf_that_prints_data_can_print_json() -> None:
    # Files, servers, JSON by nature.
    silent = {"init", "serve", "quickstart", "demo", "decode", "encode", "compile"}
    silent |= {"csv", "pdf", "ubl", "export", "qr"}
    for path, command in leaves(front.main, ()):
        if path[-1] not in silent and path[-2:] != ("key", "show"):
            assert any("--json" in parameter.opts for parameter in command.params), " ".join(path)


def leaves(group: click.Group, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    found: list[tuple[tuple[str, ...], click.Command]] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            found += leaves(command, (*path, name))
        else:
            found.append(((*path, name), command))
    return found


def test_help_and_smpp_start_without_heavy_imports() -> None:
    """What a light command imports is what its user waits for."""
    code = (
        "import sys; sys.argv = ['operator-push', *sys.argv[1:]]\n"
        "from operator_push.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "heavy = {'sqlalchemy', 'duckdb', 'pydantic', 'twisted', 'pyarrow'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    for arguments in (["--help"], ["smpp", "--help"], ["account", "--help"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def command_that_raises(monkeypatch: pytest.MonkeyPatch, error: Exception) -> list[str]:
    @click.command()
    def broken() -> None:
        raise error

    monkeypatch.setattr(front.CommandGroup, "get_command", lambda self, ctx, name: broken)
    return ["broken"]


@pytest.mark.parametrize(
    ("error", "status"),
    [(OperatorError("must be 1", file="a.toml", key="port"), 2), (ResourceError("the disk is away"), 75)],
)
def test_an_error_that_a_person_can_mend_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    result = CliRunner().invoke(front.main, command_that_raises(monkeypatch, error))
    assert result.exit_code == status
    assert result.stderr == f"operator-push: {error}\n"
    assert result.stdout == ""


def test_a_defect_is_not_dressed_up_as_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    result = CliRunner().invoke(front.main, command_that_raises(monkeypatch, ZeroDivisionError("defect")))
    assert isinstance(result.exception, ZeroDivisionError)


def table_with(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(front._COMMANDS, "odd", (module, "odd", "An odd command."))


def test_a_room_that_is_not_built_is_not_listed_and_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    table_with(monkeypatch, "no_such_room.command")
    assert "odd" not in front.main.list_commands(click.Context(front.main))
    result = CliRunner().invoke(front.main, ["odd"])
    assert result.exit_code == 2
    assert "No such command" in result.output


def test_a_missing_part_is_answered_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    table_with(monkeypatch, "init_command")

    def import_module(name: str) -> None:
        raise ModuleNotFoundError("No module named 'sqlalchemy'", name="sqlalchemy.ext")

    monkeypatch.setattr(front.importlib, "import_module", import_module)
    result = CliRunner().invoke(front.main, ["odd"])
    assert result.exit_code == 2
    assert "needs the package sqlalchemy" in result.stderr
    assert "operator-push[product]" in result.stderr


def test_the_installed_program_is_this_group() -> None:
    program = Path(sys.executable).with_name("operator-push")
    done = subprocess.run(
        [str(program), "--version"], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.startswith("operator-push, version ")
