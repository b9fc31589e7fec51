"""Five campaigns race for the slots of the same people: the same ones win, and nobody gets one too many.

    python benchmarks/campaign_race.py [--people 10000] [--cap 2] [--writers 16] [--runs 3]

In each run the campaigns enter, and then so many writers hand everybody of all of them in at once, batches in
an order of their own, each over a connection of its own. Campaigns differ in priority, in whom they prefer
and in when they were approved. Prints one JSON line for every run (seconds, messages admitted, a hash of who
got what) and exits 1 where a run admitted another number than people × cap, or other campaigns won.
"""

import argparse
import base64
import hashlib
import json
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

from campaign_launch import Server, approve
from prepared_store import prepare_store
from pyroaring import BitMap

from operator_push.cli.control_client import ControlClient

CAMPAIGNS = ("one", "two", "three", "four", "five")
BATCH = 250  # people of one call


def race(folder: Path, people: int, cap: int, writers: int, seed: int) -> dict[str, Any]:
    """One run over the store in `folder`: what was admitted, and a hash of who got what."""
    everybody = BitMap(range(1, people + 1))
    with Server(folder, people * cap, cap), ControlClient(folder) as control:
        for name in CAMPAIGNS:
            approve(control, name, everybody)
        for place, name in enumerate(CAMPAIGNS):
            preferred = BitMap(range(1 + place, people + 1, 3))  # so that it is not the same for everybody
            control.call(
                "campaign.enter", name=name, audience=_encoded(everybody), prefers=_encoded(preferred)
            )
        for name in Random(seed).sample(CAMPAIGNS, len(CAMPAIGNS)):
            control.call("campaign.launch", name=name)
        started = time.monotonic()
        refused = _hand_in(folder, people, writers, seed)
        seconds = time.monotonic() - started
        admitted = control.call("stats")["open_messages"]
    return {
        "seed": seed,
        "seconds": round(seconds, 2),
        "admitted": admitted,
        "capped": refused,
        "winners": _winners(folder / "operator-push.db"),
    }


def _hand_in(folder: Path, people: int, writers: int, seed: int) -> int:
    """Everybody of every campaign, in batches that the writers share; how many were capped."""
    random = Random(seed)
    size = min(BATCH, max(1, people // writers))
    batches = [
        (name, list(range(first, min(first + size, people + 1))))
        for name in CAMPAIGNS
        for first in range(1, people + 1, size)
    ]
    random.shuffle(batches)
    lock, capped = threading.Lock(), 0

    def write() -> None:
        nonlocal capped
        with ControlClient(folder) as control:
            while True:
                with lock:
                    if not batches:
                        return
                    name, numbers = batches.pop()
                answer = control.call("campaign.hand_in", name=name, subscribers=numbers)
                with lock:
                    if answer["busy"]:
                        batches.append((name, numbers))
                    else:
                        capped += answer["outcomes"].get("FREQUENCY_CAP", 0)

    threads = [threading.Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return capped


def _winners(database: Path) -> str:
    """A hash of (person, campaign) of everything admitted."""
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute(
            "SELECT subscriber_no, campaign_no FROM message WHERE verdict <> 3 AND campaign_no > 0 "
            "ORDER BY subscriber_no, campaign_no"
        )
        return hashlib.sha256(repr(found.fetchall()).encode()).hexdigest()[:16]


def _encoded(people: BitMap) -> str:
    return base64.b64encode(people.serialize()).decode("ascii")


def main() -> int:
    """Run and print; 1 where the runs differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--cap", type=int, default=2)
    parser.add_argument("--writers", type=int, default=16)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        prepared = Path(temporary) / "prepared"
        prepared.mkdir()
        prepare_store(f"sqlite:///{prepared / 'operator-push.db'}", prepared, asked.people)
        results = []
        for seed in range(asked.runs):
            folder = Path(temporary) / f"run-{seed}"
            shutil.copytree(prepared, folder)
            results.append(race(folder, asked.people, asked.cap, asked.writers, seed))
            print(json.dumps(results[-1]), flush=True)
            shutil.rmtree(folder)
    exact = all(result["admitted"] == asked.people * asked.cap for result in results)
    return 0 if exact and len({result["winners"] for result in results}) == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
