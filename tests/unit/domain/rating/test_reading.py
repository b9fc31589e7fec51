"""A tariff file is read exactly or refused with file, line and key."""

import json
from pathlib import Path

import pytest

from operator_push.domain.rating.document import Micros, Ppm
from operator_push.domain.rating.reading import read_tariff
from operator_push.kernel.errors import OperatorError

SMALL = """\
tariff = "small"
version = 1
currency = "INR"
zone = "Asia/Kolkata"

[contract]
rounding = "half_up"

[[price]]
name = "all"
per_segment = 0.1

[[price]]
name = "tiers"
prefix = "91"
hours = "21:00-09:00"
tiers = [{ up_to = 10, per_segment = "0.12" }, { per_segment = "0.08" }]

[[tax]]
name = "GST"
percent = 12.5
valid_from = 2026-04-01T00:00:00+05:30

[accounts.acme]
exempt = ["GST"]
"""


def test_amounts_are_exact_whether_written_as_text_or_number() -> None:
    document = read_tariff(SMALL, "small.toml")
    assert document.price[0].per_segment == Micros(100_000)
    assert document.tax[0].percent == Ppm(125_000)
    assert document.price[1].tiers
    assert document.price[1].tiers[1].per_segment == Micros(80_000)


def test_json_says_the_same() -> None:
    row = {"name": "all", "per_segment": 0.1}
    text = json.dumps({"tariff": "small", "version": 1, "currency": "INR", "price": [row]})
    assert read_tariff(text, "small.json").price[0] == read_tariff(SMALL, "small.toml").price[0]
    with pytest.raises(OperatorError, match=r"^small\.json: price\[1\]\.per_segment: -1 is negative"):
        read_tariff(text.replace("0.1", "-1"), "small.json")
    with pytest.raises(OperatorError, match=r"^small\.json: is not JSON: Exceeds the limit"):
        read_tariff(text.replace("0.1", "1" * 5000), "small.json")
    with pytest.raises(OperatorError, match=r"^small\.json:1: is not JSON"):
        read_tariff(text[:-1], "small.json")


@pytest.mark.parametrize(
    ("change", "into", "message"),
    [
        ("0.08", "-0.08", r":17: price\[2\]\.tiers\[2\]\.per_segment: -0.08 is negative"),
        ("per_segment = 0.1\n", "per_segmint = 0.1\n", r":11: price\[1\]\.per_segmint: is not a key here"),
        ("0.1\n", "0.0000001\n", r":11: price\[1\]\.per_segment: .*finer than a micro"),
        ("0.1\n", "true\n", r":11: price\[1\]\.per_segment: True is not a decimal number"),
        ("0.1\n", "1e999999999\n", r":11: price\[1\]\.per_segment: .*at most 12 digits"),
        ("12.5", "1e-999999999", r":21: tax\[1\]\.percent: .*at most 12 digits"),
        ('name = "all"\n', "", r":9: price\[1\]\.name: is missing"),
        ('"tiers"\n', '"all"\n', r":14: price\[2\]\.name: another price has the name 'all'"),
        ("21:00-09:00", "9-21", r":16: price\[2\]\.hours: .*local times such as"),
        ("21:00-09:00", "09:00-09:00", None),
        ("{ up_to = 10, ", "{ ", r":17: price\[2\]\.tiers: every tier but the last needs up_to"),
        ("{ per_seg", "{ up_to = 5, per_seg", r":17: price\[2\]\.tiers: every tier but the last"),
        ('prefix = "91"\nhours = "21:00-09:00"\n', "", r":13: price\[2\]: prices all and tiers hold"),
        ("12.5", "101", r":21: tax\[1\]\.percent: 101 is not a percentage"),
        ("+05:30", "", r":22: tax\[1\]\.valid_from: .*a moment with its zone"),
        ("Asia/Kolkata", "Asia/Nowhere", r":4: zone: 'Asia/Nowhere' is not a zone"),
        ("half_up", "nearest", r":7: contract\.rounding: .*half_up, half_even"),
        ('["GST"]', '["VAT"]', r":25: accounts\.acme\.exempt: there is no tax 'VAT'"),
        ('exempt = ["GST"]', 'currency = "USD"', r":25: accounts\.acme\.currency: there is no exchange_rate"),
        ("version = 1", "version = = 1", r": is not TOML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(change: str, into: str, message: str | None) -> None:
    assert SMALL.count(change) == 1
    text = SMALL.replace(change, into)
    if message is None:
        read_tariff(text, "small.toml")
        return
    with pytest.raises(OperatorError, match=r"^small\.toml" + message):
        read_tariff(text, "small.toml")


def test_the_tariff_of_the_golden_cases_survives_a_second_reading() -> None:
    file = Path(__file__).parents[3] / "golden/rating/standard.toml"
    text = file.read_text(encoding="utf-8")
    assert read_tariff(text, "a.toml") == read_tariff(text, "b.toml")
