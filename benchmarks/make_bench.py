"""The table of runs: the whole path on SQLite and PostgreSQL, the accept path, the codec, the stages.

    python benchmarks/make_bench.py [--messages 30000] [--subscribers 1000000] [--only sqlite] [--keep-best]

Writes results/latest.json and results/bench.html beside itself and compares with budget.json. Exit status 1
where a figure exceeds its budget by more than the margin, a promise is not kept or a run lost a message, 0
otherwise.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import thread_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # postgresql_server: a server of our own

from bench_codec import SUBMIT_SM
from budget import Verdict, judge, keep_best, load_budget
from in_process import measure_accept, measure_stages
from page import bench_page
from postgresql_server import NoPostgresqlError, PostgresqlServer
from prepared_store import prepare_store
from promised_rows import measure_rows, promises
from whole_path import Asked, WholePath, prepare
from yardstick import REFERENCE_US, work

from operator_push.smpp.codec import decode_pdu, encode_pdu

RESULTS = Path(__file__).with_name("results")
FORMAT = 1
CLOSED_LOOP = ((100, 1), (1000, 1), (100, 8), (1000, 8))  # window, binds
CODEC_CALLS = 2_000
CODEC_ROUNDS = 15


def measure(folder: Path, messages: int, subscribers: int, only: str) -> dict[str, Any]:
    """All figures; see the module for where they go."""
    asked = Asked(messages, subscribers)
    runs: list[dict[str, Any]] = []
    if only in ("", "sqlite"):
        prepared = _told("prepare SQLite", lambda: prepare(folder / "prepared", subscribers))
        for window, binds in CLOSED_LOOP:
            runs.append(_run(folder, prepared, replace(asked, window=window, binds=binds)))
        half = runs[0]["messages_per_second"] / 2
        runs.append(_run(folder, prepared, replace(asked, rate=half, messages=int(half * 5))))
    if only in ("", "postgresql"):
        with _postgresql() as server:
            if server is not None:
                key_folder = folder / "prepared-postgresql"
                key_folder.mkdir()
                url = server.create_database("bench")
                _told("prepare PostgreSQL", lambda: prepare_store(url, key_folder, subscribers))
                runs.append(_run(folder, key_folder, replace(asked, database=url, database_pid=server.pid)))
    decode_us, encode_us = measure_codec()
    stages = measure_stages()
    accept_us = measure_accept()
    rows = _told("single rows", lambda: measure_rows(folder))
    half_run = next((run for run in runs if run["rate_asked"]), {})
    half_load = {
        name: half_run[name] for name in ("messages_per_second", "p50_ms", "p99_ms") if name in half_run
    }
    return {
        "format": FORMAT,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "end_to_end": {
            name: _figures(run) for name in ("sqlite", "postgresql") for run in _first(runs, name)
        },
        "accept": {"messages_per_second": round(1e6 / accept_us), "cpu_us_per_message": round(accept_us, 1)},
        "codec": {"decode_us": round(decode_us, 2), "encode_us": round(encode_us, 2)},
        "stages_us": {stage: round(cpu_us, 2) for stage, cpu_us in stages.items()},
        "half_load": half_load,
        "rows": rows,
        "promises": [promise.told() for promise in promises(rows, half_load)],
        "runs": runs,
    }


def budget_figures(results: dict[str, Any]) -> dict[str, float]:
    """The figures that have a budget, by name: CPU alone."""
    figures = {
        f"whole path, {run['database']}, window {run['window']}, binds {run['binds']}": run[
            "cpu_us_per_message"
        ]
        for run in results["runs"]
        if not run["rate_asked"]
    }
    figures["accept path"] = results["accept"]["cpu_us_per_message"]
    figures["codec, decode submit_sm"] = results["codec"]["decode_us"]
    figures["codec, encode submit_sm"] = results["codec"]["encode_us"]
    figures["all stages in one thread"] = round(sum(results["stages_us"].values()), 1)
    return figures


def measure_codec() -> tuple[float, float]:
    """Microseconds of CPU to decode and to encode one submit_sm of 225 octets."""
    octets = encode_pdu(SUBMIT_SM)
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(CODEC_ROUNDS):
        slow = _slow_now()
        for each, (call, argument) in zip(
            taken, ((decode_pdu, octets), (encode_pdu, SUBMIT_SM)), strict=True
        ):
            started = thread_time()
            for _ in range(CODEC_CALLS):
                call(argument)  # type: ignore[operator]
            each.append((thread_time() - started) * 1e6 / CODEC_CALLS / slow)
    return median(taken[0]), median(taken[1])


def show(results: dict[str, Any], verdicts: list[Verdict]) -> None:
    """The table for people, on standard output."""
    heads = ("store", "window", "binds", "messages/s", "CPU µs", "raw", "p50 ms", "p99 ms", "MiB")
    print(("{:<11}{:>7}{:>6}" + "{:>11}" * 6).format(*heads))
    for run in results["runs"]:
        print(
            f"{run['database']:<11}{run['window']:>7}{run['binds']:>6}{run['messages_per_second']:>11,.0f}"
            f"{run['cpu_us_per_message']:>11.1f}{run['cpu_us_per_message_raw']:>11.1f}"
            f"{run['p50_ms']:>11.1f}{run['p99_ms']:>11.1f}{run['rss_mib']:>11.0f}"
            + ("  at half load" if run["rate_asked"] else "")
        )
    for verdict in verdicts:
        told = "no budget yet" if verdict.best is None else f"best {verdict.best:g}, limit {verdict.limit:g}"
        mark = "  EXCEEDS ITS BUDGET" if verdict.exceeds else ""
        print(f"{verdict.name:<45}{verdict.measured:>8.2f} µs  {told}{mark}")
    for promise in results["promises"]:
        mark = "" if promise["kept"] else "  IS NOT KEPT" if promise["broken"] else "  not kept, not judged"
        print(f"{promise['name']:<55}{promise['words']}{mark}")


def _run(folder: Path, prepared: Path, asked: Asked) -> dict[str, Any]:
    store = "postgresql" if asked.database else "sqlite"
    name = f"{store}-{asked.window}-{asked.binds}-{asked.rate or 0:.0f}"
    return _told(name, lambda: WholePath((folder / name).absolute(), prepared, asked).measure())


def _told(what: str, do: Any) -> Any:
    print(f"{what} …", file=sys.stderr, flush=True)
    return do()


def _figures(run: dict[str, Any]) -> dict[str, Any]:
    names = ("messages_per_second", "cpu_us_per_message", "p50_ms", "p99_ms", "rss_mib")
    return {name: run[name] for name in names}


def _first(runs: list[dict[str, Any]], database: str) -> list[dict[str, Any]]:
    return [run for run in runs if run["database"] == database][:1]


def _slow_now() -> float:
    started = thread_time()
    work()
    return (thread_time() - started) * 1e6 / REFERENCE_US


@contextmanager
def _postgresql() -> Iterator[PostgresqlServer | None]:
    server = PostgresqlServer()
    try:
        server.start()
    except NoPostgresqlError as error:
        print(f"no PostgreSQL here, so no figures of it: {error}", file=sys.stderr)
        yield None
        return
    try:
        yield server
    finally:
        server.stop()


def main() -> int:
    """Parse the options, measure, write, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--messages", type=int, default=30_000, help="of each run")
    parser.add_argument("--subscribers", type=int, default=1_000_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"], default="")
    parser.add_argument("--keep-best", action="store_true", help="lower budget.json to what is better now")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="operator-push-bench-") as folder:
        results = measure(Path(folder), options.messages, options.subscribers, options.only)
    budget = load_budget()
    verdicts = judge(budget_figures(results), budget)
    results["budget"] = {
        "margin_percent": budget["margin_percent"],
        "exceeded": [verdict.name for verdict in verdicts if verdict.exceeds],
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "latest.json").write_text(json.dumps(results, indent=2) + "\n")
    (RESULTS / "bench.html").write_text(bench_page(results, verdicts))
    show(results, verdicts)
    print(f"written: {RESULTS / 'latest.json'}, {RESULTS / 'bench.html'}")
    if options.keep_best:
        keep_best(verdicts, budget)
    lost = sum(run["failed"] for run in results["runs"]) + results["rows"]["growth"]["failed"]
    if lost:
        print(f"{lost} messages were refused or lost")
    broken = any(promise["broken"] for promise in results["promises"])
    return 1 if lost or broken or results["budget"]["exceeded"] else 0


if __name__ == "__main__":
    sys.exit(main())
