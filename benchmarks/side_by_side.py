"""Two versions of the product through the whole path at the same moment: what one costs of the other.

    python benchmarks/side_by_side.py OTHER [--pairs 5] [--messages 12000] [--window 100] [--binds 1]

OTHER is the folder of another version, a `git worktree` for instance, whose compiled codec has been built
(`operator-push smpp compile` there). Both run at once, so whatever else the machine does slows both alike:
the ratio of their CPU repeats to a few percent where the figures themselves differ by a third. It is no
figure of a quiet machine, since each of the two is the other's neighbour.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

OURS = Path(__file__).resolve().parents[1]
CPU = "cpu_us_per_message_raw"
FILLING_MESSAGES = 500


def pair(folders: tuple[Path, Path], stores: tuple[Path, Path], asked: list[str]) -> tuple[float, float]:
    """CPU of a message, in microseconds as it was, of the versions in both folders, run at once.

    `stores`: of each its own, since a store of a newer version is not read by an older one.

    Raises:
        RuntimeError: one of them failed, or lost a message.
    """
    runs = [
        _run(folder, [*asked, "--prepared", str(store)])
        for folder, store in zip(folders, stores, strict=True)
    ]
    told = [run.communicate()[0] for run in runs]
    for folder, run in zip(folders, runs, strict=True):
        if run.returncode:
            raise RuntimeError(f"the run of {folder} ended with exit status {run.returncode}")
    one, other = (float(json.loads(text)[CPU]) for text in told)
    return one, other


def _run(folder: Path, asked: list[str]) -> subprocess.Popen[str]:
    command = [sys.executable, str(folder / "benchmarks" / "whole_path.py"), *asked]
    place = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.Popen(command, cwd=folder, env=place, stdout=subprocess.PIPE, text=True)


def summary(pairs: list[tuple[float, float]]) -> dict[str, object]:
    """The medians, and the median of the ratios (ours to the other's) with the lowest and the highest."""
    ratios = sorted(ours / other for other, ours in pairs)
    return {
        "other_us": median(other for other, _ in pairs),
        "ours_us": median(ours for _, ours in pairs),
        "ratio": round(median(ratios), 3),
        "lowest": round(ratios[0], 3),
        "highest": round(ratios[-1], 3),
    }


def main() -> None:
    """Parse the options, run the pairs, print each and the summary as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("other", type=Path, help="folder of the other version")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--messages", type=int, default=12_000)
    parser.add_argument("--window", type=int, default=100)
    parser.add_argument("--binds", type=int, default=1)
    options = parser.parse_args()
    other = options.other.resolve()
    if not (other / "benchmarks" / "whole_path.py").exists():
        parser.error(f"{other} has no benchmarks/whole_path.py: name the folder of another version")
    with tempfile.TemporaryDirectory(prefix="operator-push-bench-") as temporary:
        stores = Path(temporary) / "other", Path(temporary) / "ours"
        asked = ["--window", str(options.window), "--binds", str(options.binds), "--messages"]
        pair((other, OURS), stores, [*asked, str(FILLING_MESSAGES)])  # fills the stores
        found = []
        for _ in range(options.pairs):
            found.append(pair((other, OURS), stores, [*asked, str(options.messages)]))
            print(json.dumps(dict(zip(("other_us", "ours_us"), found[-1], strict=True))), flush=True)
    print(json.dumps(summary(found)))


if __name__ == "__main__":
    main()
