"""What a message costs in a store that is full: CPU, start and memory at 100 k and at millions of messages.

    python benchmarks/growth.py [--stored 1000000] [--rounds 3] [--messages 20000]
    python benchmarks/growth.py --minutes 60 [--rate 500]

The first form prepares two SQLite stores of finished messages (grown_store), 100,000 and `--stored`, and runs
the whole path on them in turn; CPU is corrected by the yardstick, and the ratio is that of the medians.
`--stored 10000000` needs 12 GB of disk in the temporary folder and some minutes.
The second form loads one product at a fixed rate for so long and samples its memory: `kib_a_minute` is the
slope of a line through the samples of the last two thirds. Each prints one JSON line. Exit status 1 where a
message was lost.
"""

import argparse
import json
import shutil
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from statistics import linear_regression, median
from typing import Any

from grown_store import grow
from processes import rss_kib
from whole_path import DATABASE_FILE, Asked, WholePath, prepare

FEW = 100_000
MANY = 1_000_000
ROUNDS = 3
MESSAGES = 20_000
TEMPLATE_MESSAGES = 10_000
SUBSCRIBERS = 100_000
RATIO_MAX = 1.10
SAMPLE_EVERY_S = 2.0
SETTLING_SHARE = 1 / 3  # of the time, in which memories that are bounded fill up


def measure_growth(
    folder: Path, stored: int, rounds: int, messages: int, few_stored: int = FEW
) -> dict[str, Any]:
    """The figures of the first form; the stores are made in `folder`, of `few_stored` and `stored`."""
    asked = Asked(messages, SUBSCRIBERS)
    few, many = (folder / "few").absolute(), (folder / "many").absolute()
    prepare(few, SUBSCRIBERS)
    WholePath(few, few, replace(asked, messages=TEMPLATE_MESSAGES)).measure()
    shutil.copytree(few, many)
    sizes = {few: grow(few / DATABASE_FILE, few_stored), many: grow(many / DATABASE_FILE, stored)}
    # The first start looks through everything that it was not told to be closed; later ones do not.
    runs: dict[Path, list[dict[str, Any]]] = {few: [], many: []}
    for turn in range(rounds):
        again = replace(asked, skipped=skipped_by(turn, messages))
        for store in (few, many):
            runs[store].append(WholePath(store, store, again).measure())
    cost = {store: median(run["cpu_us_per_message"] for run in each) for store, each in runs.items()}
    last = {store: each[-1] for store, each in runs.items()}
    return {
        "stored": [sizes[few], sizes[many]],
        "cpu_us_per_message": [round(cost[few], 1), round(cost[many], 1)],
        "ratio": round(cost[many] / cost[few], 3),
        "all_cpu_us_per_message": [[run["cpu_us_per_message"] for run in runs[store]] for store in sizes],
        "first_start_s": [runs[store][0]["start_s"] for store in sizes],
        "start_s": [last[store]["start_s"] for store in sizes],
        "rss_mib": [last[store]["rss_mib"] for store in sizes],
        "store_mib": [(store / DATABASE_FILE).stat().st_size >> 20 for store in sizes],
        "failed": sum(run["failed"] for each in runs.values() for run in each),
    }


def skipped_by(turn: int, messages: int) -> int:
    """How many subscribers the run of a turn leaves out at the beginning, so that it writes to others.

    The parts of a long text that come again to the same number within the retry window are a retry to the
    product: answered with the first id, and no second message.
    """
    return (TEMPLATE_MESSAGES + turn * messages) % max(1, SUBSCRIBERS - messages)


def measure_memory(folder: Path, minutes: float, rate_per_s: float) -> dict[str, Any]:
    """The figures of the second form."""
    prepared = prepare(folder / "prepared", SUBSCRIBERS)
    asked = Asked(round(minutes * 60 * rate_per_s), SUBSCRIBERS, rate=rate_per_s)
    programs = WholePath((folder / "run").absolute(), prepared, asked)
    samples: list[tuple[float, int]] = []
    over = threading.Event()

    def sample() -> None:
        started = time.monotonic()
        while not over.wait(SAMPLE_EVERY_S):
            pids = programs.product_pids if programs.is_loading else []
            if pids:
                samples.append((time.monotonic() - started, sum(map(rss_kib, pids))))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        run = programs.measure()
    finally:
        over.set()
        thread.join()
    return {
        "minutes": minutes,
        "rate_asked": rate_per_s,
        "messages": run["messages"],
        "failed": run["failed"],
        "rss_mib_first": round(samples[0][1] / 1024, 1),
        "rss_mib_last": round(samples[-1][1] / 1024, 1),
        "kib_a_minute": slope_a_minute(samples),
    }


def slope_a_minute(samples: list[tuple[float, int]]) -> float | None:
    """KiB a minute of (seconds, KiB), without the first third; None where that leaves fewer than two."""
    if not samples:
        return None
    begun, ended = samples[0][0], samples[-1][0]
    settled = [each for each in samples if each[0] >= begun + (ended - begun) * SETTLING_SHARE]
    if len(settled) < 2:
        return None
    moments, kib = zip(*settled, strict=True)
    return round(linear_regression(moments, kib).slope * 60, 1)


def main() -> int:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--stored", type=int, default=MANY, help="messages in the full store")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs on each store")
    parser.add_argument("--messages", type=int, default=MESSAGES, help="of each run")
    parser.add_argument("--minutes", type=float, help="memory at a fixed rate for so long, instead")
    parser.add_argument("--rate", type=float, default=500.0, help="messages a second, with --minutes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="operator-push-bench-") as temporary:
        if options.minutes:
            figures = measure_memory(Path(temporary), options.minutes, options.rate)
        else:
            figures = measure_growth(Path(temporary), options.stored, options.rounds, options.messages)
    print(json.dumps(figures))
    return 1 if figures["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
