"""Two versions side by side: each with its own store, and what the pairs come to."""

import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[3]
sys.path.insert(0, str(HOUSE / "benchmarks"))

import side_by_side  # noqa: E402

FAKE = """
import json, os, sys
print(json.dumps({"cpu_us_per_message_raw": float(os.environ["PYTHONPATH"][-1])}))
sys.exit("lost" in sys.argv)
"""


def folders(tmp_path: Path) -> tuple[Path, Path]:
    made = []
    for name in ("other4", "ours3"):
        (tmp_path / name / "benchmarks").mkdir(parents=True)
        (tmp_path / name / "benchmarks" / "whole_path.py").write_text(FAKE)
        made.append(tmp_path / name)
    return made[0], made[1]


def test_each_version_runs_from_its_own_folder(tmp_path: Path) -> None:
    assert side_by_side.pair(folders(tmp_path), (tmp_path, tmp_path), []) == (4.0, 3.0)


def test_a_run_that_loses_a_message_is_no_figure(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="exit status 1"):
        side_by_side.pair(folders(tmp_path), (tmp_path, tmp_path), ["lost"])


def test_pairs_come_to_their_medians_and_the_median_of_their_ratios() -> None:
    found = side_by_side.summary([(100.0, 90.0), (80.0, 60.0), (50.0, 50.0)])
    assert found == {"other_us": 80.0, "ours_us": 60.0, "ratio": 0.9, "lowest": 0.75, "highest": 1.0}
