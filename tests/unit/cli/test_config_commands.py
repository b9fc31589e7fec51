"""config check says what a configuration means and shows no secret."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from operator_push.cli.main import main

GOOD = """
[[smsc]]
name = "main"
host = "smsc.example"
system_id = "us"
password = "hush-hus"
[[tariff]]
prefix = "91"
price_per_segment = "0.10"
currency = "INR"
[[delivery_events]]
url = "https://client.example/events"
secret = "hush hush hush hush"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "operator-push.toml"
    written.write_text(GOOD)
    return written


def test_a_good_file_is_summed_up(file: Path) -> None:
    result = CliRunner().invoke(main, ["config", "check", "--config", str(file)])
    assert result.exit_code == 0
    assert f"{file} is good." in result.stdout
    assert "smsc.example:2775 as us" in result.stdout
    assert "0.10 INR per segment" in result.stdout
    assert "hush" not in result.output


def test_json_holds_every_setting_and_no_secret(file: Path) -> None:
    result = CliRunner().invoke(main, ["config", "check", "--config", str(file), "--json"])
    shown = json.loads(result.stdout)
    assert shown["smsc"][0]["host"] == "smsc.example"
    assert shown["policy"]["quiet_hours"]["enabled"] is False
    assert "hush" not in result.output


def test_a_wrong_file_is_told_with_its_line(file: Path) -> None:
    file.write_text("shard = -1\n")
    result = CliRunner().invoke(main, ["config", "check", "--config", str(file)])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"operator-push: {file}:1: shard: -1 must be greater than or equal to 0")


def test_statuses_shows_the_table_and_what_a_link_changes(tmp_path: Path) -> None:
    file = tmp_path / "operator-push.toml"
    file.write_text(
        '[[smsc]]\nname = "main"\nhost = "127.0.0.1"\nsystem_id = "us"\npassword = "secret"\n'
        'statuses = { ESME_RSYSERR = "fail", "0x451" = "slow" }\n'
        '[[tariff]]\nprice_per_segment = "0.1"\ncurrency = "INR"\n'
    )
    plain = json.loads(CliRunner().invoke(main, ["config", "statuses", "--json"]).output)
    asked = CliRunner().invoke(
        main, ["config", "statuses", "--json", "--link", "main", "--config", str(file)]
    )
    means = {row["name"] or row["command_status"]: row["means"] for row in json.loads(asked.output)}
    assert {row["name"]: row["means"] for row in plain}["ESME_RSYSERR"] == "retry"
    assert (means["ESME_RSYSERR"], means["0x00000451"], means["ESME_RTHROTTLED"]) == ("fail", "slow", "slow")
