"""The peers' run, small: Kannel passes every message of the load and its receipt comes back."""

import sys
from pathlib import Path

import pytest
from peers import require_program

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from peers_kannel import STORES, measure_kannel


@pytest.mark.parametrize("store", STORES)
def test_kannel_passes_the_load(store: str, tmp_path: Path) -> None:
    require_program("bearerbox", package="kannel")
    row = measure_kannel(tmp_path / store, store, messages=220, window=20, subscribers=100)
    assert (row["messages"], row["failed"]) == (220, 0)
    assert row["front"] == "HTTP (smsbox)"
    assert row["programs_cpu_us_per_message"].keys() == {"bearerbox", "smsbox"}
    assert row["cpu_us_per_message"] > 0
