"""Runs that die: a program that ingests in child processes, which kill themselves (SIGKILL).

`python ingest_killed.py ROOT SEED` reads ROOT/drop, with ROOT/key and ROOT/snapshot.parquet, into ROOT/out.
With seed 0 every child dies at another of the named points; with another seed they die after random times.
The last one lives. Prints the points at which children died, as JSON.
"""

import functools
import itertools
import json
import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

# What the engines load when they are first used: loaded once here, not in every child.
import pandas  # noqa: F401
import sqlalchemy.dialects.sqlite  # noqa: F401
from ingest_drop import NOW, USUAL

from cdr_ingest.features.compute import Computation, Computed
from cdr_ingest.ingest import file_reading, keeping, part_file, run
from cdr_ingest.ingest.out_folder import OutFolder
from cdr_ingest.ingest.settings import IngestSettings
from cdr_ingest.progress import SilentProgress
from cdr_ingest.records.kept_files import KeptFiles
from cdr_ingest.store import migrate
from cdr_ingest.store.file_ledger import FileLedger
from operator_push.kernel.contracts import FEATURES_VERSION, FeaturesManifest

# (where it is called, its name, at which call of it a child dies once it is done), in the order of a run.
POINTS: list[tuple[Any, str, int]] = [
    (migrate.command, "upgrade", 1),
    (part_file.PartFile, "close", 2),
    (FileLedger, "checkpoint", 2),
    (keeping, "merge_records", 3),
    (run, "make_durable", 1),
    (FileLedger, "commit", 1),
    (OutFolder, "publish", 1),
    (KeptFiles, "remove_all_but", 1),
]


def dying(work: Callable[..., Any], calls: int, told: int) -> Callable[..., Any]:
    """`work`, after whose n-th call this process dies."""
    left = itertools.count(calls - 1, -1)

    @functools.wraps(work)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        result = work(*arguments, **named)
        if next(left) == 0:
            os.write(told, work.__qualname__.encode())
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapped


def ingest_once(root: Path) -> None:
    """A run of small blocks with many checkpoints."""
    file_reading.read_rows = functools.partial(file_reading.read_rows, block_octets=1_000)  # type: ignore[misc]
    settings = IngestSettings(
        root / "drop",
        root / "snapshot.parquet",
        root / "key",
        root / "out",
        date(2026, 10, 31),
        threads=1,
        memory_limit="256MB",
        checkpoint_octets=1_500,
        features=USUAL,
    )
    run.ingest(settings, NOW, lambda: 0.0, SilentProgress())


def no_features(_engine: Any, asked: Computation) -> Computed:
    """Features take most of the time of a small run; only the last one's are looked at."""
    snapshot = asked.permission
    manifest = FeaturesManifest(
        FEATURES_VERSION,
        snapshot.taken_at.isoformat(),
        snapshot.key_id,
        snapshot.permission_sequence,
        "2026-10-31",
        asked.zone.key,
        (),
    )
    return Computed(manifest, 0)


def child(root: Path, point: tuple[Any, str, int] | None, after_s: float, told: int) -> None:
    """Ingest, and die at the given point, or after a time, or not at all."""
    if after_s or point is not None:
        run.write_features = no_features  # type: ignore[assignment]
    if point is not None:
        owner, name, calls = point
        setattr(owner, name, dying(getattr(owner, name), calls, told))
    if after_s:
        timer = threading.Timer(after_s, os.kill, (os.getpid(), signal.SIGKILL))
        timer.daemon = True
        timer.start()
    ingest_once(root)


def main(root: Path, seed: int) -> None:
    """Let children die, then let one live."""
    chance = random.Random(seed)
    deaths: list[tuple[tuple[Any, str, int] | None, float]] = [
        (None, chance.uniform(0.05, 0.5)) for _ in range(4)
    ]
    if seed == 0:
        deaths = [(point, 0.0) for point in POINTS]
    died: list[str] = []
    for point, after_s in [*deaths, (None, 0.0)]:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            child(root, point, after_s, writing)
            os._exit(0)
        os.close(writing)
        os.waitpid(pid, 0)
        with open(reading, "rb") as pipe:
            died.append(pipe.read().decode())
    print(json.dumps(died))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
