"""The benchmarks of single rows run small: their programs start, their figures are there, nothing is lost."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from idle_binds import measure_idle_binds
from one_time_passwords import audience_for, is_worth_something, measure_one_time_passwords
from reconcile_million import runs
from whole_path import prepare

RATE_PER_S = 20.0
LINK_WINDOW = 4


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("benchmark") / "prepared", 2_000)


def test_idle_binds_are_bound_and_stay(prepared: Path, tmp_path: Path) -> None:
    figures = measure_idle_binds(tmp_path / "run", prepared, binds=60, seconds=0.2)
    assert (figures["binds"], figures["refused"], figures["lost"]) == (60, 0, 0)


def test_passwords_pass_a_campaign_that_saturates_the_link(prepared: Path, tmp_path: Path) -> None:
    audience = min(2_000, audience_for(10, RATE_PER_S, LINK_WINDOW))
    figures = measure_one_time_passwords(tmp_path / "run", prepared, 10, RATE_PER_S, LINK_WINDOW, audience)
    assert is_worth_something(figures), figures
    assert figures["campaign_per_second"] > 0
    assert figures["p50_ms"] <= figures["p99_ms"] <= figures["max_ms"]


@pytest.mark.parametrize("form", ["csv", "ts32297"])
def test_a_store_is_reconciled_into_the_classes_that_were_built_in(form: str) -> None:
    [result] = runs([3_000], form, None)
    assert (result["messages"], result["wrong"]) == (3_000, [])
