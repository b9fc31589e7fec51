"""Five campaigns race for the slots of the same people: the same ones win, and nobody gets one too many.

    python benchmarks/campaign_race.py [--people 10000] [--cap 2] [--writers 16] [--runs 3]
                                       [--database URL] [--kill]

In each run the campaigns enter, and then so many writers hand everybody of all of them in at once, batches in
an order of their own, each over a connection of its own. Campaigns differ in priority, in whom they prefer
and in when they were approved. With `--kill` the server dies by SIGKILL when half of the batches are handed
in; it is started again, and everybody is handed in once more. `--database` is a PostgreSQL (the URL of any
database of it) where this account may make databases; those of this run are dropped again.

Prints one JSON line for every run (seconds, messages admitted, how many people did not get exactly the cap, a
hash of who got what) and exits 1 where a run admitted another number than people × cap, or other campaigns
won.
"""

import argparse
import asyncio
import base64
import hashlib
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from campaign_launch import Server, approve
from prepared_store import prepare_store
from pyroaring import BitMap
from sqlalchemy import text

from operator_push.cli.control_client import ControlClient
from operator_push.kernel.errors import ResourceError
from operator_push.store.database import Database

CAMPAIGNS = ("one", "two", "three", "four", "five")
BATCH = 250  # people of one call
Batch = tuple[str, list[int]]


def race(
    folder: Path, people: int, cap: int, writers: int, seed: int, *, database: str = "", kill: bool = False
) -> dict[str, Any]:
    """One run over the store in `folder`, or in the PostgreSQL `database`: what was admitted, and a hash of
    who got what."""
    everybody = BitMap(range(1, people + 1))
    with Server(folder, people * cap, cap, database) as server:
        with ControlClient(folder) as control:
            for name in CAMPAIGNS:
                approve(control, name, everybody)
            for place, name in enumerate(CAMPAIGNS):
                preferred = BitMap(
                    range(1 + place, people + 1, 3)
                )  # so that it is not the same for everybody
                audiences = {"audience": _encoded(everybody), "prefers": _encoded(preferred)}
                control.call("campaign.enter", name=name, **audiences)
            for name in Random(seed).sample(CAMPAIGNS, len(CAMPAIGNS)):
                control.call("campaign.launch", name=name)
        started, batches = time.monotonic(), _batches(people, writers, seed)
        if kill:
            _hand_in(folder, batches[:], writers, kill_at=len(batches) // 2, kill=server.kill)
            server.start_again()
        refused = _hand_in(folder, batches, writers)
        seconds = time.monotonic() - started
        with ControlClient(folder) as control:
            admitted = control.call("stats")["open_messages"]
    rows = _admitted(database or f"sqlite:///{folder / 'operator-push.db'}")
    by_person = Counter(person for person, _ in rows)
    return {
        "seed": seed,
        "seconds": round(seconds, 2),
        "admitted": admitted,
        "capped": refused,
        "inexact": sum(1 for person in everybody if by_person[person] != cap),
        "winners": hashlib.sha256(repr(rows).encode()).hexdigest()[:16],
    }


def _batches(people: int, writers: int, seed: int) -> list[Batch]:
    """Everybody of every campaign, in an order of this seed's own."""
    size = min(BATCH, max(1, people // writers))
    batches = [
        (name, list(range(first, min(first + size, people + 1))))
        for name in CAMPAIGNS
        for first in range(1, people + 1, size)
    ]
    Random(seed).shuffle(batches)
    return batches


def _hand_in(
    folder: Path,
    batches: list[Batch],
    writers: int,
    kill_at: int = -1,
    kill: Callable[[], None] = lambda: None,
) -> int:
    """Hand these in, by so many writers; how many were capped. With `kill_at` batches left: `kill`, and it
    ends there."""
    lock, capped = threading.Lock(), 0

    def write() -> None:
        nonlocal capped
        with ControlClient(folder) as control:
            while True:
                with lock:
                    if not batches:
                        return
                    name, numbers = batches.pop()
                    dies = len(batches) == kill_at
                if dies:
                    kill()
                answer = control.call("campaign.hand_in", name=name, subscribers=numbers)
                with lock:
                    if answer["busy"]:
                        batches.append((name, numbers))
                    else:
                        capped += answer["outcomes"].get("FREQUENCY_CAP", 0)

    def write_until_it_dies() -> None:
        try:
            write()
        except ResourceError:
            if kill_at < 0:
                raise

    threads = [threading.Thread(target=write_until_it_dies) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return capped


def _admitted(url: str) -> list[tuple[int, int]]:
    """(person, campaign) of everything admitted, in order."""
    statement = text(
        "SELECT subscriber_no, campaign_no FROM message WHERE verdict <> 3 AND campaign_no > 0 "
        "ORDER BY subscriber_no, campaign_no"
    )
    database = Database.open(url)
    try:
        return database.read(
            lambda connection: [(person, number) for person, number in connection.execute(statement)]
        )
    finally:
        database.close()


def _encoded(people: BitMap) -> str:
    return base64.b64encode(people.serialize()).decode("ascii")


class Databases:
    """Databases of one PostgreSQL, or none: then a run's store is a file in its folder."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: list[str] = []

    def create(self, name: str, like: str = "") -> str:
        """A new one, empty or as another of these; its URL."""
        if not self._url:
            return ""
        name, like = (f"race_{os.getpid()}_{each}" if each else "" for each in (name, like))
        self._administer(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{like}"' if like else ""))
        self._made.append(name)
        return urlsplit(self._url)._replace(path=f"/{name}").geturl()

    def drop(self) -> None:
        """All of them."""
        while self._made:
            self._administer(f'DROP DATABASE "{self._made.pop()}" WITH (FORCE)')

    def _administer(self, statement: str) -> None:
        async def execute() -> None:
            connection = await asyncpg.connect(self._url)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(execute())


def main() -> int:
    """Run and print; 1 where the runs differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--cap", type=int, default=2)
    parser.add_argument("--writers", type=int, default=16)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--database", default="", help="of a PostgreSQL; left out: SQLite")
    parser.add_argument("--kill", action="store_true", help="the server dies in the middle")
    asked = parser.parse_args()
    databases = Databases(asked.database)
    with tempfile.TemporaryDirectory() as temporary:
        try:
            results = _race_again_and_again(Path(temporary), databases, asked)
        finally:
            databases.drop()
    exact = all(
        result["admitted"] == asked.people * asked.cap and not result["inexact"] for result in results
    )
    return 0 if exact and len({result["winners"] for result in results}) == 1 else 1


def _race_again_and_again(
    root: Path, databases: Databases, asked: argparse.Namespace
) -> list[dict[str, Any]]:
    prepared = root / "prepared"
    prepared.mkdir()
    url = databases.create("prepared") or f"sqlite:///{prepared / 'operator-push.db'}"
    prepare_store(url, prepared, asked.people)
    results = []
    for seed in range(asked.runs):
        folder = root / f"run-{seed}"
        shutil.copytree(prepared, folder)
        database = databases.create(f"run_{seed}", like="prepared")
        results.append(
            race(folder, asked.people, asked.cap, asked.writers, seed, database=database, kill=asked.kill)
        )
        print(json.dumps(results[-1]), flush=True)
        shutil.rmtree(folder)
    return results


if __name__ == "__main__":
    sys.exit(main())
