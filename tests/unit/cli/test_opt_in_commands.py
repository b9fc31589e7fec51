"""opt-in list tells the address of a QR code; opt-in request says what is missing."""

import json
from pathlib import Path

import pytest
from campaign_desk import write_config
from click.testing import CliRunner, Result

from operator_push.cli import control_client
from operator_push.cli.main import main

POINT = """
[answers]
account = "answers"
[[opt_in]]
name = "acme"
brand = "Acme"
short_code = "56070"
keyword = "JOIN ACME"
"""


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["opt-in", *words])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = write_config(tmp_path)
    path.write_text(path.read_text() + POINT)
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(path))
    return path


def test_the_address_that_a_qr_code_carries(config: Path) -> None:
    (row,) = json.loads(run("list", "--json").stdout)
    assert row["address"] == "sms:56070?body=JOIN%20ACME"
    assert "sms:56070?body=JOIN%20ACME" in run("list").stdout


def test_evidence_has_names(config: Path) -> None:
    asked = ["request", "acme", "--msisdn", "919812345678", "--method", "web", "--more", "mood=good"]
    assert "is not NAME=TEXT with one of" in run(*asked, code=2).stderr


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"JOIN ACME"', '"stop"', "is heard as STOP"),
        ('"JOIN ACME"', '"Yes!"', "take another"),
        ('account = "answers"', "", "needs [answers] account"),
        (
            "[[opt_in]]",
            '[[opt_in]]\nname = "b"\nbrand = "B"\nshort_code = "56070"\nkeyword = "join acme"\n[[opt_in]]',
            "is taken by",
        ),
    ],
)
def test_a_keyword_is_one_touchpoint_s_and_no_word(config: Path, old: str, new: str, told: str) -> None:
    config.write_text(config.read_text().replace(old, new, 1))
    assert told in run("list", code=2).stderr


def test_what_a_brand_puts_into_its_page(config: Path) -> None:
    assert "names no site for 'acme' yet" in run("widget", "acme", code=2).stderr
    point = 'name = "acme"\nwidget_origins = ["https://acme.example"]'
    text = config.read_text().replace('name = "acme"', point)
    config.write_text(text + '[selfcare]\nbase_url = "https://my.example"\n')
    told = json.loads(run("widget", "acme", "--json").stdout)
    assert told["frame"].startswith('<iframe src="https://my.example/widget/acme" title="Messages from Acme"')
    assert told["script"] == '<script src="https://my.example/widget/acme.js"></script>'
    assert "On pages of https://acme.example" in run("widget", "acme").stdout
    assert "is called 'x'" in run("widget", "x", code=2).stderr


def test_the_switch_tells_of_a_missed_call(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict[str, str]]] = []

    def call(self: object, do: str, **args: str) -> dict[str, str]:
        asked.append((do, args))
        return {"outcome": "challenged"}

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    assert run("missed-call", "--called", "1800", "--caller", "919812345678").stdout == "challenged.\n"
    assert asked == [("opt_in.missed_call", {"called": "1800", "caller": "919812345678"})]
