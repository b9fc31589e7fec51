"""The benchmarks of single rows run small: their programs start, their figures are there, nothing is lost."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from campaign_race import race
from idle_binds import measure_idle_binds
from one_time_passwords import audience_for, is_worth_something, measure_one_time_passwords
from prepared_store import prepare_store
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


def test_sixteen_writers_race_and_the_same_campaigns_win(tmp_path: Path) -> None:
    """The race of the benchmark, small: five campaigns, a cap of two, batches in another order each time, and
    a server that dies by SIGKILL in the middle of the second."""
    (tmp_path / "prepared").mkdir()
    prepare_store(f"sqlite:///{tmp_path / 'prepared/operator-push.db'}", tmp_path / "prepared", 300)
    results = []
    for kill in (False, True):
        folder = tmp_path / f"run-{kill}"
        shutil.copytree(tmp_path / "prepared", folder)
        results.append(race(folder, 300, 2, 16, seed=int(kill), kill=kill))
    assert [(each["admitted"], each["inexact"]) for each in results] == [(600, 0)] * 2
    assert results[0]["capped"] == 900
    assert results[0]["winners"] == results[1]["winners"]


def test_a_server_on_postgresql_dies_in_a_race_and_nobody_gets_one_too_many(
    tmp_path: Path, postgresql_url: str
) -> None:
    prepare_store(postgresql_url, tmp_path, 200)
    told = race(tmp_path, 200, 2, 16, seed=3, database=postgresql_url, kill=True)
    assert (told["admitted"], told["inexact"]) == (400, 0)


@pytest.mark.parametrize("form", ["csv", "ts32297"])
def test_a_store_is_reconciled_into_the_classes_that_were_built_in(form: str) -> None:
    [result] = runs([3_000], form, None)
    assert (result["messages"], result["wrong"]) == (3_000, [])
