"""The budget: what exceeds the best by more than the margin is told, and only what is better is kept."""

import json
import sys
from pathlib import Path

HOUSE = Path(__file__).parents[3]
sys.path.insert(0, str(HOUSE / "benchmarks"))

from budget import BUDGET_FILE, judge, keep_best, load_budget  # noqa: E402
from page import bench_page  # noqa: E402

BUDGET = {"margin_percent": 20, "best": {"accept path": 50.0, "codec": 2.0}}


def test_a_figure_may_exceed_the_best_by_the_margin_and_not_by_more() -> None:
    within, beyond = judge({"accept path": 60.0, "codec": 2.5}, BUDGET)
    assert not within.exceeds
    assert beyond.exceeds
    assert beyond.limit == 2.4


def test_a_figure_without_a_budget_exceeds_nothing() -> None:
    (verdict,) = judge({"new": 1000.0}, BUDGET)
    assert (verdict.exceeds, verdict.improves) == (False, True)


def test_only_what_is_better_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "budget.json"
    keep_best(judge({"accept path": 45.0, "codec": 2.1, "new": 7.0}, BUDGET), dict(BUDGET), file)
    assert load_budget(file) == {
        "margin_percent": 20,
        "best": {"accept path": 45.0, "codec": 2.0, "new": 7.0},
    }


def test_the_budget_of_the_house_is_readable() -> None:
    budget = load_budget()
    assert BUDGET_FILE.exists()
    assert 0 < budget["margin_percent"] <= 50
    assert all(value > 0 for value in budget["best"].values())


def test_the_latest_results_make_a_page_and_have_the_promised_keys() -> None:
    results = json.loads((HOUSE / "benchmarks" / "results" / "latest.json").read_text())
    row = {"messages_per_second", "cpu_us_per_message", "p50_ms", "p99_ms", "rss_mib"}
    assert set(results["end_to_end"]["sqlite"]) == row
    assert set(results["end_to_end"]["postgresql"]) == row
    assert results["accept"]["messages_per_second"] > 0
    assert set(results["codec"]) == {"decode_us", "encode_us"}
    assert sum(results["stages_us"].values()) > 0
    page = bench_page(results, judge({"accept path": 61.0}, BUDGET))
    assert "<svg" in page
    assert 'class="bad"' in page
    assert all(f"</span> {who}" in page for who in ("product", "simulator", "load generator"))
    assert "61.0 of " in page, "a figure stands with its limit, so that neither is taken for the other"
