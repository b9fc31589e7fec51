"""notice add and show: a version stands for good, and its hash is that of the text."""

import hashlib
import json
from pathlib import Path

import pytest
from campaign_desk import write_config
from click.testing import CliRunner, Result

from operator_push.cli.main import main
from operator_push.store import migrate

TEXT = "Wir senden Ihnen Angebote. Jederzeit STOP.\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(write_config(tmp_path)))
    migrate.upgrade(f"sqlite:///{tmp_path}/data/operator-push.db")
    path = tmp_path / "notice.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["notice", *words])
    assert result.exit_code == code, result.output
    return result


def add(file: Path, version: str = "v3", code: int = 0) -> Result:
    return run("add", "offers", "--version", version, "--language", "de", "--text", str(file), code=code)


def test_a_version_stands_for_good(file: Path) -> None:
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    assert add(file).stdout.strip() == digest
    assert add(file).stdout.strip() == digest
    file.write_text("Something else.", encoding="utf-8")
    refused = add(file, code=2)
    assert "give the new text another version" in refused.stderr
    add(file, "v4")
    shown = json.loads(run("show", "offers", "--json").stdout)
    assert [(each["version"], each["text"]) for each in shown] == [("v3", TEXT), ("v4", "Something else.")]
    assert digest in run("show").stdout
    assert TEXT in run("show", "offers").stdout


def test_what_is_not_there_says_so(file: Path) -> None:
    assert "no notice is called 'none'" in run("show", "none", code=2).stderr
    assert "cannot be read" in add(file.with_name("absent.txt"), code=2).stderr
