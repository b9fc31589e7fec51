"""The simulator's books after a long run with faults: witness, CDR files and counters agree to the message.

    python benchmarks/sim_books.py [--messages 200000] [--binds 4] [--seed 7] [--calm] [--keep DIR]

Starts `smsc-sim run` with faults and `smsc-sim load` against it, both as programs on loopback, then reads
what each of them wrote. Prints one JSON object with the counts, the CPU of both programs per submit_sm, and
every pair of books that disagrees; exit status 1 where one does. `slowness` tells how much slower than the
reference of `yardstick` the machine was meanwhile: CPU time of the same work doubles beside a busy neighbour.
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

from yardstick import slowness

SCENARIO = """
[[population.handsets]]
state = "on"
share = 0.9
delay_ms = [5, 50]

[[population.handsets]]
state = "absent"
share = 0.1
outcome = "undeliverable"
delay_ms = [200, 800]

[[mo.answers]]
share = 0.01
text = "STOP"
after_ms = [10, 100]

[[fault]]
name = "busy"
kind = "throttle"
per_s = 100000
burst = 100000

[[fault]]
name = "refused"
kind = "refuse"
status = ["ESME_RSYSERR", "ESME_RINVDSTADR"]
share = 0.02

[[fault]]
name = "lost response"
kind = "response_lost"
share = 0.002

[[fault]]
name = "late receipt"
kind = "receipt_late"
share = 0.05
by_ms = [50, 500]

[[fault]]
name = "doubled receipt"
kind = "receipt_doubled"
share = 0.02
after_ms = 20

[[fault]]
name = "lost receipt"
kind = "receipt_lost"
share = 0.01

[[fault]]
name = "early receipt"
kind = "receipt_before_response"
share = 0.01
max_ms = 100
"""
CALM = '[[population.handsets]]\nstate = "on"\nshare = 1.0\ndelay_ms = [5, 50]\n'
READY_TIMEOUT_S = 30.0
SETTLE_TIMEOUT_S = 120.0


def run(folder: Path, messages: int, binds: int, seed: int, scenario: str) -> dict[str, Any]:
    """One run; returns counts, CPU and disagreements."""
    file, ready, out = folder / "scenario.toml", folder / "ready.json", folder / "smsc"
    file.write_text(scenario)
    command = [sys.executable, "-m", "smsc_sim", "run", "--config", str(file), "--port", "0"]
    command += ["--seed", str(seed), "--out", str(out), "--ready-file", str(ready)]
    with (folder / "smsc-sim.log").open("wb") as log:
        simulator = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        port = wait_for(ready, READY_TIMEOUT_S)["port"]
        started = cpu_seconds(simulator.pid)
        load_is_over = Event()
        with ThreadPoolExecutor(1) as beside:
            slow = beside.submit(slowness, load_is_over.is_set)
            try:
                load = run_load(folder, port, messages, binds, seed)
            finally:
                load_is_over.set()
        wait_settled(out / "status.json")
        simulator_cpu_s = cpu_seconds(simulator.pid) - started
    finally:
        simulator.terminate()
        simulator.wait(30)
    status = json.loads((out / "status.json").read_text())
    books = compare(out, status)
    return {
        "submits_received": status["submits_received"],
        "submits_accepted": status["submits_accepted"],
        **books,
        "simulator_cpu_us_per_message": round(simulator_cpu_s / max(1, status["submits_received"]) * 1e6, 1),
        "load_cpu_us_per_message": round(load / max(1, status["submits_received"]) * 1e6, 1),
        "slowness": round(slow.result(), 2),
    }


def run_load(folder: Path, port: int, messages: int, binds: int, seed: int) -> float:
    """Send, and return the load generator's CPU seconds; thresholds are not asked, so no fault fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "smsc_sim", "load", "--port", str(port), "--closed", "--mix", "full"]
    command += ["--count", str(messages), "--bind", f"trx:{binds}", "--window", "500", "--seed", str(seed)]
    command += ["--receipts-wait", "5s", "--response-timeout", "5s", "--out", str(folder / "load")]
    with (folder / "load.log").open("wb") as log:
        subprocess.run(command, stdout=log, stderr=log, check=True, timeout=600)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def compare(out: Path, status: dict[str, Any]) -> dict[str, Any]:
    """Counts by book, and `disagree`: sentences, empty where all agree."""
    witnessed: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    ended: dict[str, str] = {}
    with (out / "witness.jsonl").open() as lines:
        for line in lines:
            row = json.loads(line)
            decision, command = row["decision"], row["command"]
            witnessed[f"{command} {decision}"] += 1
            if command == "submit_sm" and decision == "accepted":
                accepted[row["smsc_message_id"]] += 1
    recorded: Counter[str] = Counter()
    for file in sorted((out / "cdr").glob("*.csv")):
        with file.open(newline="") as rows:
            for row in csv.DictReader(rows):
                recorded[row["smsc_message_id"]] += 1
                ended[row["smsc_message_id"]] = row["state"]
    disagree = []
    if accepted != recorded:
        disagree.append(
            f"{len(accepted - recorded)} accepted without CDR, {len(recorded - accepted)} twice or unknown"
        )
    pairs = {
        "submits_accepted": sum(accepted.values()),
        "finals": len(ended),
        "cdr_rows": sum(recorded.values()),
        "witness_rows": sum(witnessed.values()),
    }
    disagree += [
        f"counter {name} is {status[name]}, the files have {count}"
        for name, count in pairs.items()
        if status[name] != count
    ]
    states = Counter(ended.values())
    return {"cdr": dict(states), "witness_rows": sum(witnessed.values()), "disagree": disagree}


def wait_for(file: Path, timeout_s: float) -> dict[str, Any]:
    deadline = time.monotonic() + timeout_s
    while not file.exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{file.name} did not appear within {timeout_s:.0f} s")
        time.sleep(0.05)
    return dict(json.loads(file.read_text()))


def wait_settled(status_file: Path) -> None:
    deadline = time.monotonic() + SETTLE_TIMEOUT_S
    while time.monotonic() < deadline:
        status = json.loads(status_file.read_text())
        if status["open_messages"] == 0:
            return
        time.sleep(0.5)
    raise TimeoutError(f"messages were still open after {SETTLE_TIMEOUT_S:.0f} s")


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--binds", type=int, default=4, help="transceivers of the load generator")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--calm", action="store_true", help="no faults: the simulator's own cost")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    scenario = CALM if options.calm else SCENARIO
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        result = run(folder, options.messages, options.binds, options.seed, scenario)
    print(json.dumps(result))
    return 1 if result["disagree"] else 0


if __name__ == "__main__":
    sys.exit(main())
