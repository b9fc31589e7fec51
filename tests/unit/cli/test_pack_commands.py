"""pack list, show, check."""

import json
from pathlib import Path

from click.testing import CliRunner

from operator_push.cli.main import main
from operator_push.domain.packs import pack_files


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["pack", *words])
    return result.exit_code, result.stdout, result.stderr


def test_every_pack_is_listed_with_how_much_of_it_was_verified() -> None:
    status, out, _ = run("list", "--json")
    assert status == 0
    found = {row["pack"]: row for row in json.loads(out)}
    assert set(found) == {"default", "eu", "gb", "in", "us"}
    assert 0 < found["in"]["verified"] < found["in"]["rows"]
    assert "VERIFIED" in run("list")[1]


def test_a_pack_is_shown_with_its_sources() -> None:
    status, out, _ = run("show", "us", "--at", "2027-01-15")
    assert status == 0
    assert "NOT verified 2026-11-22: 47 CFR 64.1200(c)(1)" in out
    document = json.loads(run("show", "in", "--json")[1])
    assert document["quiet_hours"][0]["windows"] == ["21:00-09:00"]


def test_a_pack_of_ones_own_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(pack_files()["gb.toml"], encoding="utf-8")
    assert "pack gb 2026.1 is in order" in run("check", str(path))[1]
    path.write_text("pack = 7\n", encoding="utf-8")
    status, _, error = run("check", str(path))
    assert status == 2
    assert f"{path}:1: pack: Expected `str`, got `int`" in error


def test_a_day_that_is_none_is_refused() -> None:
    status, _, error = run("show", "us", "--at", "tomorrow")
    assert status == 2
    assert "such as 2027-01-31" in error
