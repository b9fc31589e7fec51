"""Prices worked out by hand, of a tariff that uses every kind of rule; and the manual's own tariff."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from operator_push.cli.main import main
from operator_push.domain.message import MessageState, TrafficClass
from operator_push.domain.rating.contract import Contract
from operator_push.domain.rating.pricing import rate
from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.rating.values import Rating, RatingRequest, Usage
from operator_push.kernel.instants import parse_iso

FOLDER = Path(__file__).parent / "rating"
TARIFF = read_tariff((FOLDER / "standard.toml").read_text(encoding="utf-8"), "standard.toml")
CASES = tomllib.loads((FOLDER / "standard_cases.toml").read_text(encoding="utf-8"))["case"]
NOON = "2026-05-10T12:00:00+05:30"


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_a_price_is_what_was_worked_out_by_hand(case: dict[str, Any]) -> None:
    message = dict(case["message"])
    if "traffic_class" in message:
        message["traffic_class"] = TrafficClass[message["traffic_class"].upper()]
    if "state" in message:
        message["state"] = MessageState[message["state"]]
    message["attributes"] = tuple(message.get("attributes", ()))
    request = RatingRequest(at_us=parse_iso(case.get("at", NOON)), **message)
    rating = rate(request, TARIFF, Usage(**case.get("usage", {})))
    assert isinstance(rating, Rating)
    lines = [[line.units, line.unit_price_micros, line.amount_micros] for line in rating.lines]
    assert lines == case["lines"]
    assert rating.total_micros == sum(amount for _, _, amount in case["lines"])
    assert (rating.currency, rating.version) == (case.get("currency", "INR"), 3)


def test_the_tariff_of_the_manual_can_be_read() -> None:
    page = (Path(__file__).parents[2] / "docs/rating.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert read_tariff(text, "rating.md").contract_of("nobody") == Contract()  # "the defaults are shown"


HOSTILE = tomllib.loads((FOLDER / "hostile_cases.toml").read_text(encoding="utf-8"))["case"]


@pytest.mark.parametrize("case", HOSTILE, ids=[case["what"] for case in HOSTILE])
def test_the_command_prints_what_was_worked_out_by_hand(case: dict[str, Any]) -> None:
    letter, times = case.get("text", ["a", 1])
    asked = ["price", "--json", "--tariff", str(FOLDER / "hostile.toml"), "--to", case["to"]]
    asked += ["--ported", str(FOLDER / "hostile_ported.csv"), "--text", letter * times]
    asked += ["--account", case.get("account", "any"), "--at", case.get("at", NOON)]
    for name in ("class", "sender", "state"):
        asked += [f"--{name}", case[name]] if name in case else []
    asked += [word for each in case.get("attributes", []) for word in ("--attribute", each)]
    asked += ["--usage", json.dumps(case["usage"])] if "usage" in case else []
    result = CliRunner().invoke(main, asked, catch_exceptions=False)
    told = json.loads(result.output)
    assert [line["amount_micros"] for line in told["lines"]] == case["lines"]
    assert told["total_micros"] == sum(case["lines"])
    assert told["currency"] == case.get("currency", "EUR")
    assert set(told) == {"segments", "lines", "total_micros", "currency", "tariff", "version"}
    assert all(set(line) == {"what", "units", "unit_price_micros", "amount_micros"} for line in told["lines"])
