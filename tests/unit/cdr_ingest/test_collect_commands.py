"""The command collect, from a folder to features."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ingest_drop import EVERYTHING, Drop

from cdr_ingest.cli import main

ASHA = "919845000001"
HEADER = "record_id,kind,msisdn,correspondent,started_at,duration_s,octets_up,octets_down,cell_id\n"


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], catch_exceptions=False)


def write_config(root: Path, drop: Drop, **changed: str) -> Path:
    path = root / "collect.toml"
    values = {"kind": "folder", "into": "cdr"} | changed
    path.write_text(
        f"""
input = "{drop.input}"
out = "{drop.out}"
[run]
snapshot = "{drop.snapshot}"
key_file = "{drop.key_file}"
threads = 1
[[source]]
name = "mediation"
kind = "{values["kind"]}"
into = "{values["into"]}"
options = {{ path = "{root / "there"}", complete = "renamed" }}
"""
    )
    return path


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    (tmp_path / "there").mkdir()
    return Drop(tmp_path, {ASHA: (1, EVERYTHING)})


def test_a_round_lands_what_is_new_and_runs(tmp_path: Path, drop: Drop) -> None:
    row = f"r1,MO_CALL,{ASHA},919845111111,2026-10-10T12:00:00+05:30,60,,,\n"
    (tmp_path / "there" / "a.csv").write_text(HEADER + row)
    config = write_config(tmp_path, drop)
    told = json.loads(invoke("collect", "--config", config, "--json").stdout)
    assert told["sources"][0]["landed"] == ["cdr/a.csv"]
    assert (told["run"]["read"], told["run"]["accepted"]) == (1, 1)
    again = invoke("collect", "--config", config)
    assert again.stdout == "mediation: 0 files landed (0 octets)\n"
    (tmp_path / "there" / "copy.csv").write_text(HEADER + row)
    assert "1 were here before" in invoke("collect", "--config", config, "--once").stdout


@pytest.mark.parametrize(
    ("changed", "told"),
    [({"kind": "ftp"}, "there are folder, kafka, s3, sftp"), ({"into": "elsewhere"}, "'elsewhere'")],
)
def test_a_configuration_that_cannot_be_is_refused(
    tmp_path: Path, drop: Drop, changed: dict[str, str], told: str
) -> None:
    result = invoke("collect", "--config", write_config(tmp_path, drop, **changed))
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_configuration_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "cannot be read" in invoke("collect", "--config", tmp_path / "none").stderr
