"""A tariff read from a configuration or a CSV, judged before anything is sent."""

from pathlib import Path

import pytest

from operator_push.cli.tariff_file import read_tariff_file
from operator_push.kernel.errors import OperatorError

TOML = """
short_codes = ["56070"]
[[tariff]]
price_per_segment = "0.10"
currency = "INR"
[[tariff]]
prefix = "91"
traffic_class = "service"
price_per_segment = "0.05"
currency = "INR"
valid_from = 2026-01-01T00:00:00+05:30
"""
CSV = """prefix,traffic_class,price_per_segment,currency,valid_from
,,0.10,INR,
91,service,0.05,INR,2026-01-01T00:00:00+05:30
"""


@pytest.mark.parametrize(("name", "text"), [("a.toml", TOML), ("a.csv", CSV)])
def test_both_forms_say_the_same(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    everywhere, india = read_tariff_file(file)
    assert everywhere == {
        "prefix": "",
        "traffic_class": "any",
        "price_micros": 100_000,
        "currency": "INR",
        "valid_from": None,
        "valid_until": None,
    }
    assert (india["prefix"], india["traffic_class"], india["price_micros"]) == ("91", "service", 50_000)
    assert india["valid_from"] == "2026-01-01T00:00:00+05:30"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "prefix,price\n91,1\n", r"a.csv:1: the first line must name columns.*it names price"),
        ("a.csv", "", "a.csv:1: the first line must name columns"),
        ("a.csv", "prefix,price_per_segment,currency\n", "has no row of a tariff"),
        ("a.csv", "prefix,price_per_segment,currency\n91,ten,INR\n", 'line 2: price_per_segment: "ten" must'),
        ("a.csv", "prefix,price_per_segment,currency\n91,,INR\n", "line 2: price_per_segment: is required"),
        ("a.csv", "prefix,price_per_segment,currency\n91,1,INR,more\n", "a.csv:2: has more fields"),
        ("a.csv", "prefix,price_per_segment,currency\n91,1,INR\n91,2,INR\n", "two rows price the same"),
        ("a.toml", "data_dir = 1\n", "has no row of a tariff"),
        ("a.toml", "tariff = 1\n", r"must be \[\[tariff\]\] tables"),
        ("a.toml", "tariff", "is not TOML"),
        (
            "a.toml",
            '[[tariff]]\nprice_per_segment = 0.1\ncurrency = "INR"\n',
            "tariff.* 1: price_per_segment",
        ),
        ("a.toml", '[[tariff]]\nprefx = "1"\n', 'did you mean "prefix"'),
    ],
)
def test_what_is_wrong_is_named_by_its_place(tmp_path: Path, name: str, text: str, told: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(OperatorError, match=told):
        read_tariff_file(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"none.csv: cannot be read: No such file"):
        read_tariff_file(tmp_path / "none.csv")
