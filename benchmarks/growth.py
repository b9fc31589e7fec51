"""What a message costs in a store that is full: CPU, start and memory at 100 k and at millions of messages.

    python benchmarks/growth.py [--stored 1000000] [--rounds 3] [--messages 20000]
    python benchmarks/growth.py --minutes 60 [--rate 500]

The first form prepares two SQLite stores of finished messages (grown_store), 100,000 and `--stored`, and runs
the whole path on them in turn; CPU is corrected by the yardstick, and the ratio is that of the medians.
`--stored 10000000` needs 12 GB of disk in the temporary folder and some minutes.
The second form loads one product at a fixed rate for so long and samples its memory: `rss_mib_by_minute`, and
`mib_an_hour`, the slope of a line through the samples after bounded memories have filled up (a third
of the run, in runs of a quarter of an hour ten minutes at least). `verdict`: flat, grows, or too short.
Each prints one JSON line, and writes it to `--out`. Exit status 1 where a message was lost or memory grows.
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
SETTLING_S = 600.0  # what is remembered of 200,000 finished messages is full after 400 s at 500 a second
JUDGED_S_MIN = 120.0  # a line through less tells nothing
FLAT_SHARE_AN_HOUR = 0.05  # of the memory: growth below it is noise of the allocator

Sample = tuple[float, int]  # seconds, KiB


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
    samples: list[Sample] = []
    over = threading.Event()

    def sample() -> None:
        started = time.monotonic()
        while not over.wait(SAMPLE_EVERY_S):
            pids = programs.product_pids if programs.is_loading else []
            try:
                kib = sum(map(rss_kib, pids))
            except (OSError, ValueError, StopIteration):
                continue  # it ends just now
            if kib:
                samples.append((time.monotonic() - started, kib))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        run = programs.measure()
    finally:
        over.set()
        thread.join()
        print(json.dumps({"rss_mib_by_minute": by_minute(samples)}), file=sys.stderr)  # also of a failed run
    if not samples:
        raise RuntimeError("the product was not seen while it was loaded; give it more --minutes")
    return {
        "minutes": minutes,
        "rate_asked": rate_per_s,
        "messages": run["messages"],
        "failed": run["failed"],
        "rss_mib_first": round(samples[0][1] / 1024, 1),
        "rss_mib_last": round(samples[-1][1] / 1024, 1),
        "rss_mib_by_minute": by_minute(samples),
        **judged(samples),
    }


def by_minute(samples: list[Sample]) -> list[float]:
    """The median MiB of every minute of (seconds, KiB); a minute without a sample is left out."""
    minutes: dict[int, list[int]] = {}
    for moment, kib in samples:
        minutes.setdefault(int((moment - samples[0][0]) // 60), []).append(kib)
    return [round(median(each) / 1024, 1) for each in minutes.values()]


def settled(samples: list[Sample]) -> list[Sample]:
    """Those after the time in which memories that are bounded fill up."""
    if not samples:
        return []
    begun, ended = samples[0][0], samples[-1][0]
    from_s = (ended - begun) * SETTLING_SHARE
    if ended - begun >= 1.5 * SETTLING_S:
        from_s = max(from_s, SETTLING_S)
    return [each for each in samples if each[0] >= begun + from_s]


def judged(samples: list[Sample]) -> dict[str, Any]:
    """The slope of a line through the settled samples, MiB an hour, and whether that is flat."""
    kept = settled(samples)
    if len(kept) < 2:
        return {"mib_an_hour": None, "flat_below_mib_an_hour": None, "verdict": "too short"}
    moments, kib = zip(*kept, strict=True)
    slope = linear_regression(moments, kib).slope * 3600 / 1024
    limit = median(kib) / 1024 * FLAT_SHARE_AN_HOUR
    verdict = "too short" if kept[-1][0] - kept[0][0] < JUDGED_S_MIN else "flat" if slope < limit else "grows"
    return {"mib_an_hour": round(slope, 1), "flat_below_mib_an_hour": round(limit, 1), "verdict": verdict}


def main() -> int:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--stored", type=int, default=MANY, help="messages in the full store")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs on each store")
    parser.add_argument("--messages", type=int, default=MESSAGES, help="of each run")
    parser.add_argument("--minutes", type=float, help="memory at a fixed rate for so long, instead")
    parser.add_argument("--rate", type=float, default=500.0, help="messages a second, with --minutes")
    parser.add_argument("--out", type=Path, help="a file for the figures too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="operator-push-bench-") as temporary:
        if options.minutes:
            figures = measure_memory(Path(temporary), options.minutes, options.rate)
        else:
            figures = measure_growth(Path(temporary), options.stored, options.rounds, options.messages)
    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures))
    return 1 if figures["failed"] or figures.get("verdict") == "grows" else 0


if __name__ == "__main__":
    sys.exit(main())
