"""config check says what a configuration means and shows no secret."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from operator_push.cli.main import main
from operator_push.services.changes import Changes
from operator_push.services.manage_documents import ManageDocuments
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch
from operator_push.store.migrate import upgrade

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


def test_statuses_of_deliveries_show_what_a_client_s_refusal_means(file: Path) -> None:
    ask = ["config", "statuses", "--deliveries", "--json", "--config", str(file)]
    plain = {row["name"]: row["means"] for row in json.loads(CliRunner().invoke(main, ask).output)}
    assert (plain["ESME_RX_T_APPN"], plain["ESME_RX_R_APPN"]) == ("retry", "drop")
    file.write_text(
        GOOD + '[smpp_server]\ndelivery_statuses = { ESME_RX_R_APPN = "retry", "0x451" = "drop" }\n'
    )
    asked = json.loads(CliRunner().invoke(main, ask).output)
    means = {row["name"] or row["command_status"]: row["means"] for row in asked}
    assert (means["ESME_RX_R_APPN"], means["0x00000451"]) == ("retry", "drop")
    refused = CliRunner().invoke(main, ["config", "statuses", "--deliveries", "--link", "main"])
    assert refused.exit_code == 2


def test_taxes_here_and_in_a_tariff_of_the_store_are_a_warning(file: Path) -> None:
    tax = '[[invoices.tax]]\nname = "GST"\npercent = "18"\n'
    file.write_text(f'data_dir = "{file.parent}"\n{GOOD}{tax}')
    check = ["config", "check", "--config", str(file), "--json"]
    assert CliRunner().invoke(main, check).stderr == ""  # no store yet
    url = f"sqlite:///{file.parent}/operator-push.db"
    upgrade(url)
    database = Database.open(url)
    documents = ManageDocuments()
    for version, taxes in ((1, ""), (2, '[[tax]]\nname = "VAT"\npercent = 7\n')):
        head = f'tariff = "t"\nversion = {version}\ncurrency = "INR"\n'
        text = f'{head}[[price]]\nname = "all"\nper_segment = 1\n{taxes}'
        changes = Changes()
        documents.import_text(text, "t.toml", "INR", "ann", 1, changes)
        database.run(lambda connection, changes=changes: write_batch(connection, changes, 0))
        told = CliRunner().invoke(main, check)
        assert told.exit_code == 0
        assert json.loads(told.stdout)["invoices"]["tax"][0]["name"] == "GST"
        assert ("warning: tariff t version 2 states taxes (VAT)" in told.stderr) is bool(taxes)
    database.close()
