"""docs/report-columns.md tells every column of the exports with the words of the code, and every figure."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from demo_results import good_results

from operator_push.cli.demo.figures import report_figures
from operator_push.store.exports import LEDGER_COLUMNS, MESSAGES_COLUMNS, SMSC_CDR_COLUMNS

PAGE = (Path(__file__).parents[2] / "docs" / "report-columns.md").read_text(encoding="utf-8")


def section(title: str) -> dict[str, str]:
    """Column → meaning, as the page's table under a heading has them, in their order."""
    text = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `([^`]+)` \| (.*) \|$", text, re.MULTILINE))


@pytest.mark.parametrize(
    ("file", "columns"),
    [
        ("messages.csv", MESSAGES_COLUMNS),
        ("ledger.csv", LEDGER_COLUMNS),
        ("smsc_cdr.csv", SMSC_CDR_COLUMNS),
    ],
)
def test_the_page_has_the_columns_of_the_export(file: str, columns: Mapping[str, str]) -> None:
    assert list(section(file).items()) == list(columns.items())


def names(value: Any, path: str = "") -> set[str]:
    """Dotted names of a document; [] for a list, and nothing below keys that a run makes up."""
    if isinstance(value, list):
        return names(value[0], f"{path}[]")
    if isinstance(value, dict) and path not in ("campaigns[].suppressed", "esme.refused"):
        return set().union(*(names(inner, f"{path}.{key}".lstrip(".")) for key, inner in value.items()))
    return {path}


def test_the_page_tells_only_figures_that_exist() -> None:
    figures = names(report_figures(good_results()))
    told = set(section("report.json"))
    assert told <= figures, told - figures
    # What its own name says needs no line.
    plain = {
        "name",
        "rule",
        "delivered",
        "failed",
        "expired",
        "accepted",
        "settled_micros",
        "released_micros",
    }
    plain |= {"open_holds_micros", "imbalance_micros", "per_second"}
    assert {name.rpartition(".")[2] for name in figures - told} <= plain
