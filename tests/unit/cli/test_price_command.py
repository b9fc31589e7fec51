"""operator-push price: one message, line by line, from a file or from a server (a double here)."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from operator_push.cli import control_client
from operator_push.cli.main import main

STANDARD = Path(__file__).parents[2] / "golden/rating/standard.toml"
NOON = "2026-05-10T12:00:00+05:30"


def price(*options: str, to: str = "+91 70123 45678", text: str = "hello") -> Result:
    given = ["price", "--account", "shop", "--to", to, "--text", text, "--at", NOON, *options]
    return CliRunner().invoke(main, given)


def offline(*options: str, **asked: str) -> Result:
    return price("--tariff", str(STANDARD), *options, **asked)


def test_json_has_the_promised_keys_and_no_others() -> None:
    used = json.dumps({"segments": {"starter": 500}})
    assert json.loads(offline("--json", "--usage", used).stdout) == {
        "segments": 1,
        "lines": [
            {"what": "segments, india", "units": 1, "unit_price_micros": 200_000, "amount_micros": 200_000},
            {"what": "discount launch", "units": 1, "unit_price_micros": -25_000, "amount_micros": -25_000},
            {"what": "tax GST", "units": 1, "unit_price_micros": 31_500, "amount_micros": 31_500},
        ],
        "total_micros": 206_500,
        "currency": "INR",
        "tariff": "standard",
        "version": 3,
    }


def test_explain_tells_every_rule() -> None:
    found = json.loads(offline("--json", "--explain").stdout)
    assert [each["rule"] for each in found["rules"]][:4] == ["tariff", "contract", "price", "bundle"]
    words = offline("--explain").stdout
    assert "0.00 INR for 1 segment by standard version 3" in words
    assert "starter: 1 of the 500 left of 500 a month" in words


def test_the_text_decides_segments_and_alphabet() -> None:
    assert json.loads(offline("--json", text="é" * 161).stdout)["segments"] == 2
    assert json.loads(offline("--json", text="д" * 71).stdout)["segments"] == 2


def test_a_ported_number_has_its_new_network(tmp_path: Path) -> None:
    ported = tmp_path / "ported.csv"
    ported.write_text("msisdn,network\n917012345678,404-45\n")
    used = json.dumps({"segments": {"starter": 500}})
    found = json.loads(offline("--json", "--ported", str(ported), "--usage", used).stdout)
    assert found["lines"][0]["unit_price_micros"] == 120_000


def test_the_version_of_the_moment_counts(tmp_path: Path) -> None:
    later = tmp_path / "later.toml"
    text = STANDARD.read_text(encoding="utf-8").replace("version = 3", "version = 4")
    later.write_text(text.replace("valid_from = 2026-04-01", "valid_from = 2026-06-01"), encoding="utf-8")
    assert json.loads(offline("--json", "--tariff", str(later)).stdout)["version"] == 3
    after = offline("--json", "--tariff", str(later), "--at", "2026-06-01T00:00:00+05:30")
    assert json.loads(after.stdout)["version"] == 4


@pytest.mark.parametrize(
    ("options", "asked", "sentence"),
    [
        (("--usage", "[]"), {}, "--usage: "),
        (("--at", "2026-05-10T12:00:00"), {}, "must say its zone"),
        (("--at", "2020-05-10T12:00:00Z"), {}, "no version of standard is valid at"),
        ((), {"to": "070123"}, "is not an international number"),
        (("--tariff", "nowhere.toml"), {}, "nowhere.toml: cannot be read"),
    ],
)
def test_what_cannot_be_priced_is_told(options: tuple[str, ...], asked: Any, sentence: str) -> None:
    result = offline(*options, **asked)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_a_server_is_asked_what_it_would_charge(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = {"headers": {"BANK": "transactional"}, "shift_tables": ["tr"]}
    account = {"traffic_class": "service", "terms": terms}
    asked: list[dict[str, Any]] = []

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        if do == "account.show":
            return {"account": account}
        asked.append(args)
        return {"segments": args["segments"], "lines": [], "total_micros": 7, "rules": []}

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    found = json.loads(price("--json", "--data-dir", "anywhere", text="ğ" * 100).stdout)
    assert found == {"segments": 1, "lines": [], "total_micros": 7}  # one by the Turkish tables
    assert (asked[0]["account"], asked[0]["destination"]) == ("shop", "917012345678")
    assert (asked[0]["encoding"], asked[0]["traffic_class"], asked[0]["at"]) == ("gsm7", "service", NOON)
    assert (asked[0]["usage"], asked[0]["state"], asked[0]["ported_network"]) == (None, None, None)
    price("--json", "--data-dir", "anywhere", "--sender", "BANK", "--usage", '{"segments": {"a": 1}}')
    assert (asked[1]["traffic_class"], asked[1]["usage"]) == ("transactional", {"segments": {"a": 1}})
