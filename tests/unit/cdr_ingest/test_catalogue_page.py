"""docs/features.md is what the catalogue says."""

import json
from pathlib import Path

from click.testing import CliRunner

from cdr_ingest.catalogue_page import page
from cdr_ingest.cli import main
from operator_push.kernel.feature_catalogue import FEATURES

PAGE = Path(__file__).parents[3] / "docs" / "features.md"


def test_the_page_is_made_from_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "cdr-ingest features list --page > docs/features.md"


def test_the_catalogue_is_printed() -> None:
    said = json.loads(CliRunner().invoke(main, ["features", "list", "--json"]).stdout)
    assert [each["name"] for each in said] == [feature.name for feature in FEATURES]
    (home,) = (each for each in said if each["name"] == "home.city")
    assert home["needs"] == ["call_data", "location"]
    assert (home["sensitivity"], home["retention_days"], home["type"]) == ("high", 30, "string")
    lines = CliRunner().invoke(main, ["features", "list"]).stdout.splitlines()
    assert len(lines) == len(FEATURES)
    assert CliRunner().invoke(main, ["features", "list", "--page"]).stdout == page()
