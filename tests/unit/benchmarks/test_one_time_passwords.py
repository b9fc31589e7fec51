"""What the benchmark of one-time passwords reads and says, without its programs."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))

from one_time_passwords import FIRST_PASSWORD_TO, _arrivals, _percentile, is_worth_something


def test_arrivals_tell_passwords_from_what_else_came_meanwhile(tmp_path: Path) -> None:
    password, other = str(FIRST_PASSWORD_TO), "919800000007"
    rows = [
        ("submit_sm", "accepted", password, 2_500_000),
        ("submit_sm_resp", "answered", password, 2_600_000),
        ("submit_sm", "accepted", other, 2_700_000),
        ("submit_sm", "accepted", other, 9_000_000),
    ]
    witness = tmp_path / "witness.jsonl"
    names = ("command", "decision", "destination", "t")
    witness.write_text("".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows))
    assert _arrivals(witness, 1.0, 3.0) == ({password: 2.5}, 1)


@pytest.mark.parametrize(
    ("percent", "value"), [(50, 2.0), (99, 4.0), (100, 4.0), (1, 1.0)], ids=["p50", "p99", "max", "p1"]
)
def test_percentiles_are_by_nearest_rank(percent: int, value: float) -> None:
    assert _percentile([1.0, 2.0, 3.0, 4.0], percent) == value


def test_a_percentile_of_nothing_is_nothing() -> None:
    assert _percentile([], 99) is None


@pytest.mark.parametrize(
    ("missing", "refused", "waiting_min", "worth"),
    [(0, 0, 5, True), (1, 0, 5, False), (0, 1, 5, False), (0, 0, 0, False)],
    ids=["saturated", "one is missing", "one was refused", "the link had room"],
)
def test_a_run_counts_where_all_arrived_over_a_full_link(
    missing: int, refused: int, waiting_min: int, worth: bool
) -> None:
    figures = {"missing": missing, "refused": refused, "waiting_min": waiting_min}
    assert is_worth_something(figures) is worth
