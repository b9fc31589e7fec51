"""Sales rules: read from a document, held against a sale."""

import re
import tomllib
from pathlib import Path

import pytest

from operator_push.domain.audience.sales_rules import Sale, SaleTerms, read_sales_rules, terms_for
from operator_push.kernel.errors import OperatorError

PAGE = (Path(__file__).parents[4] / "docs" / "rules.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
RULES = read_sales_rules(tomllib.loads(EXAMPLE), "rules.md")


def terms(brand: str, category: int = 8, attributes: tuple[str, ...] | None = None) -> SaleTerms:
    return terms_for(RULES, Sale("client", brand, category, attributes, 0), 0)


def test_a_ban_holds_for_everybody_and_a_bar_for_whom_it_names() -> None:
    assert set(terms("Chai Point").barred) == {"night_share_30d"}
    lender = terms("Quick Loan").barred
    assert set(lender) == {"home.city", "home.lat", "home.lon", "home.area", "night_share_30d"}
    assert lender["home.city"] == "lenders may not choose people by where they live"


def test_refusals_floors_rivals_and_inventory() -> None:
    assert terms("Bank", 1).refused == "no banks: banks send by contract, not by campaign"
    assert terms("Bank", 8).refused == ""
    assert terms("Chai Point", 8, ("home.city", "age")).floor == 500
    assert terms("Chai Point", 8, ("age",)).floor == 0
    assert terms("Chai Point", 8).floor == 0  # the audience rule is not read yet: unknown is not true
    assert terms("Chai Point").apart == {"Tea House": 7}
    assert terms("Tea House").apart == {}
    assert terms("Tea House").per_subscriber_per_day == 2
    assert "inventory" in terms("Tea House").applied


def test_the_stricter_rule_counts() -> None:
    one = {"name": "a", "why": "w", "floor": 200, "per_subscriber_per_day": 3, "apart_from": ["X", "Y"]}
    other = {
        **one,
        "name": "b",
        "floor": 300,
        "per_subscriber_per_day": 5,
        "apart_from": ["X"],
        "apart_days": 30,
    }
    rules = read_sales_rules({"sales_rule": [one, other]}, "f")
    found = terms_for(rules, Sale("c", "Y", 8), 0)
    assert (found.floor, found.per_subscriber_per_day, found.apart) == (300, 3, {"X": 30})
    assert terms_for((), Sale("c", "Y", 8), 0) == SaleTerms()


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"name": "a"}, "why is missing"),
        ({"why": "a"}, "name is missing"),
        ({"name": "a", "why": "w", "flor": 3}, "there is no 'flor'; the keys are apart_days"),
        ({"name": "a", "why": "w", "floor": -1}, r"sales_rule a: floor is 0\.\."),
        ({"name": "a", "why": "w", "refuse": "yes"}, "refuse is true or false"),
        ({"name": "a", "why": "w", "per_subscriber_per_day": 0}, "per_subscriber_per_day is 1"),
        ({"name": "a", "why": "w", "bars": ["zebra*"]}, "'zebra.*' is no attribute"),
        ({"name": "a", "why": "w", "bars": "age"}, "bars is a list"),
        ({"name": "a", "why": "w", "when": 3}, "when is a rule in quotes"),
        ({"name": "a", "why": "w", "when": "category = 3"}, "when: column 10: .*equality is written =="),
        ({"name": "a", "why": "w", "when": "age > 3"}, "when: column 1: unknown name 'age'"),
    ],
)
def test_what_a_sales_rule_cannot_be(table: dict[str, object], told: str) -> None:
    with pytest.raises(OperatorError, match=told):
        read_sales_rules({"sales_rule": [table]}, "sales.toml")


def test_a_document_holds_sales_rules_alone_each_by_its_own_name() -> None:
    with pytest.raises(OperatorError, match="and nothing else does"):
        read_sales_rules({"sale": []}, "f")
    twice = [{"name": "a", "why": "w"}] * 2
    with pytest.raises(OperatorError, match="two sales rules are called 'a'"):
        read_sales_rules({"sales_rule": twice}, "f")
