"""tariff show, diff, simulate and import of documents."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from operator_push.cli import control_client
from operator_push.cli.main import main

STANDARD = Path(__file__).parents[2] / "golden/rating/standard.toml"
SMALL = """
tariff = "small"
version = 2
currency = "INR"
[[price]]
name = "all"
per_segment = "0.10"
[[price]]
name = "india"
prefix = "91"
traffic_class = "service"
per_segment = "0.05"
"""


def tariff(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["tariff", *map(str, arguments)])


@pytest.fixture
def later(tmp_path: Path) -> Path:
    file = tmp_path / "later.toml"
    text = STANDARD.read_text(encoding="utf-8").replace("version = 3", "version = 4")
    file.write_text(text.replace('"0.70"', '"0.75"'), encoding="utf-8")
    return file


def test_show_tells_what_a_document_says() -> None:
    said = json.loads(tariff("show", STANDARD, "--json").stdout)
    assert said["price[delhi night].per_segment"] == 50_000
    assert said["accounts.bank.contract.charge_on"] == "submission"
    assert "price[delhi night].hours" in tariff("show", STANDARD).stdout


def test_diff_tells_by_key_and_exits_1(later: Path) -> None:
    result = tariff("diff", STANDARD, later, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == [
        {"key": "version", "before": 3, "after": 4},
        {"key": "price[emirates].tiers[2].per_segment", "before": 700_000, "after": 750_000},
    ]
    assert tariff("diff", STANDARD, STANDARD).exit_code == 0
    assert tariff("diff", STANDARD, later, later).exit_code == 2


def test_diff_of_one_file_is_with_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"prefix": "", "traffic_class": "any", "price_micros": 100_000, "currency": "INR"}
    rows = [{**row, "valid_from": None, "valid_until": None}]
    monkeypatch.setattr(
        control_client.ControlClient,
        "call",
        lambda self, do, **args: {"in_force": "rows", "version": 1, "rows": rows},
    )
    configured = tmp_path / "server.csv"
    configured.write_text("prefix,price_per_segment,currency\n,0.20,INR\n")
    found = json.loads(tariff("diff", configured, "--data-dir", "anywhere", "--json").stdout)
    assert found == [{"key": "price[row 1].per_segment", "before": 100_000, "after": 200_000}]


def test_simulate_prices_a_file_and_closes_its_months(tmp_path: Path, later: Path) -> None:
    messages = tmp_path / "messages.csv"
    messages.write_text(
        "account,to,at,segments,text\n"
        "gulf,971501234567,2026-05-11T21:30:00+05:30,20,\n"
        "gulf,971501234567,2026-05-10T21:30:00+05:30,90,\n"
        "gulf,971501234567,2026-06-11T21:30:00+05:30,,hello\n"
    )
    found = json.loads(
        tariff("simulate", STANDARD, "--messages", messages, "--against", later, "--json").stdout
    )
    # 90 at 1.00, 20 at 0.70; the month is 110 at 0.70 = 77.00; June: 1.00 with 0.50 to the minimum
    assert found["tariff"] == {
        "messages": 3,
        "segments": 111,
        "unpriced": 0,
        "messages_micros": {"INR": 105_500_000},
        "closing_micros": {"INR": -27_000_000},
        "total_micros": {"INR": 78_500_000},
    }
    assert found["against"]["total_micros"] == {"INR": 84_000_000}
    assert "total           78.50 INR" in tariff("simulate", STANDARD, "--messages", messages).stdout


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("a,12,2026-05-10T00:00:00Z,1,", ":2: to: is not an international number"),
        ("a,917012345678,2026-05-10,1,", ":2: '2026-05-10' must say its zone"),
        ("a,917012345678,2026-05-10T00:00:00Z,0,", ":2: segments: '0' is not a whole number"),
        ("a,917012345678,2026-05-10T00:00:00Z,1,free", ":2: class: 'free' is not one of"),
    ],
)
def test_a_wrong_message_is_told_by_line(tmp_path: Path, row: str, sentence: str) -> None:
    messages = tmp_path / "messages.csv"
    messages.write_text(f"account,to,at,segments,class\n{row}\n")
    result = tariff("simulate", STANDARD, "--messages", messages)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "917012345678" not in result.stderr


def test_import_sends_the_text_of_a_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        sent.append({"do": do, **args})
        return {"document": {"tariff": "small", "version": 2}, "new": True, "in_force": "small"}

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    small = tmp_path / "small.toml"
    small.write_text(SMALL)
    assert tariff("import", small, "--dry-run", "--data-dir", "anywhere").stdout == f"{small} is good\n"
    assert sent == []
    told = tariff("import", small, "--named-only", "--data-dir", "anywhere").stdout
    assert told == "small version 2 is kept; in force: small\n"
    assert (sent[0]["do"], sent[0]["text"], sent[0]["file"]) == (
        "tariff.import_document",
        SMALL,
        "small.toml",
    )
    assert sent[0]["named_only"] is True
    small.write_text(SMALL + 'hours = "9-21"\n')
    refused = tariff("import", small, "--data-dir", "anywhere")
    assert (refused.exit_code, "price[2].hours" in refused.stderr) == (2, True)
    assert len(sent) == 1


def test_stored_versions_are_shown_compared_and_simulated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: Path
) -> None:
    kept = {("standard", 3): STANDARD, ("standard", 4): later}

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        assert do == "tariff.document"
        file = kept[args["tariff"] or "standard", args["version"] or 4]
        return {"document": {"text": file.read_text(encoding="utf-8"), "file": file.name}}

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    server = ("--data-dir", "anywhere", "--json")
    assert json.loads(tariff("show", "--version", 3, *server).stdout)["version"] == 3
    assert json.loads(tariff("show", "--tariff", "standard", *server).stdout)["version"] == 4
    found = json.loads(tariff("diff", "standard@3", "@4", *server).stdout)
    assert [each["key"] for each in found] == ["version", "price[emirates].tiers[2].per_segment"]
    messages = tmp_path / "messages.csv"
    messages.write_text("account,to,at,segments\na,971501234567,2026-05-10T21:30:00+05:30,101\n")
    found = json.loads(
        tariff("simulate", "standard@4", "--messages", messages, "--against", STANDARD, *server).stdout
    )
    totals = [found[name]["total_micros"]["INR"] for name in ("tariff", "against")]
    assert totals == [75_750_000, 70_700_000]
