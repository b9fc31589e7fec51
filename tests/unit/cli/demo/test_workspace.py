"""A folder is emptied only where a demo made it."""

from pathlib import Path

import pytest

from operator_push.cli.demo.workspace import Workspace
from operator_push.kernel.errors import OperatorError


def test_a_new_folder_gets_its_rooms(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "report")
    workspace.prepare()
    assert workspace.logs.is_dir()
    assert workspace.main.product.is_dir()
    assert workspace.crash.smsc.is_dir()


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    Workspace(tmp_path).prepare()
    assert (tmp_path / "logs").is_dir()


def test_what_an_earlier_demo_left_is_removed(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.prepare()
    (tmp_path / "messages.csv").write_text("old")
    (tmp_path / "input" / "cdr").mkdir(parents=True)
    workspace.prepare()
    assert not (tmp_path / "messages.csv").exists()
    assert not (tmp_path / "input").exists()


def test_anything_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(OperatorError, match="no demo made it"):
        Workspace(tmp_path).prepare()
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("")
    with pytest.raises(OperatorError, match="is a file"):
        Workspace(tmp_path / "report").prepare()


def test_a_link_is_removed_without_following_it(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "keep").write_text("")
    workspace = Workspace(tmp_path / "report")
    workspace.prepare()
    (workspace.root / "link").symlink_to(elsewhere)
    workspace.prepare()
    assert (elsewhere / "keep").exists()
