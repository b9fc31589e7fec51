"""How fast a campaign is launched: its people expanded, decided, rendered, priced, held and queued.

    python benchmarks/campaign_launch.py [--people 100000] [--writers 1] [--folder DIR] [--drain]

A server with a filled store and no SMSC takes the whole campaign into its queue, handed in over the control
socket as `operator-push campaign launch` does. Beside it somebody asks the server for an answer every few
milliseconds: what it waits is what the loop was busy. Prints one JSON line:

- `seconds`, `per_second`, `cpu_us` of the server for each of them and `client_cpu_us` of whoever hands in;
- `loop_p99_ms` and `loop_max_ms`: how long the server kept others waiting;
- `kib_each`: what a waiting message costs in memory.

With `--drain` an SMSC takes everything, and limits are as they come: a campaign is handed in only as fast as
it leaves. Then `rss_mib_max` is the most memory of the server in the whole run, `rss_mib_begun` what it had
before it, and `seconds` ends when every message has its end.

Exit status 1 where somebody is missing or the ledger does not hold the money of everybody.
"""

import argparse
import base64
import json
import os
import resource
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from idle_link import IDLE_LINK
from prepared_store import ACCOUNT, prepare_store
from processes import cpu_s, family, rss_kib
from pyroaring import BitMap
from whole_path import Asked, WholePath

from operator_push.cli.campaign_hand_in import hand_in
from operator_push.cli.child_programs import ChildProgram, program
from operator_push.cli.control_client import ControlClient

PRICE_MICROS = 100_000
START_TIMEOUT_S = 600.0  # of ten million people
PROBE_S = 0.005
CONFIG = f"""{IDLE_LINK}[policy.caps]
per_handset_per_day = {{cap}}
[limits]
open_messages_max = {{open_max}}
campaign_queue_max = {{open_max}}
campaign_open_max = {{open_max}}
{{database}}
"""
DRAINED_TIMEOUT_S = 600.0  # after the last one was handed in
SAMPLE_S = 0.25


class Server:
    """A server over a filled store in `folder`, with no SMSC; use it in a `with`.

    `database`: the URL of a PostgreSQL that is filled, "" for the SQLite file of the folder.
    """

    def __init__(self, folder: Path, people: int, cap: int = 1000, database: str = "") -> None:
        self.folder = folder
        url = f'[database]\nurl = "{database}"' if database else ""
        self._file, self._ready = folder / "operator-push.toml", folder / "operator-push.ready"
        self._file.write_text(CONFIG.format(cap=cap, open_max=2 * people + 1000, database=url))
        self._child = self._started()

    def __enter__(self) -> "Server":
        self._child.wait_ready(self._ready, START_TIMEOUT_S)
        return self

    def __exit__(self, *error: object) -> None:
        self._child.stop()

    def _started(self) -> ChildProgram:
        self._ready.unlink(missing_ok=True)  # of a run before in the same folder
        command = [*program("operator-push"), "serve", "--config", str(self._file)]
        log = self.folder / "operator-push.log"
        return ChildProgram([*command, "--ready-file", str(self._ready)], log)

    def kill(self) -> None:
        """As a power cut of its process does."""
        os.kill(self._child.pid, signal.SIGKILL)
        self._child.stop()

    def start_again(self) -> None:
        """After a kill; returns when it is ready."""
        self._child = self._started()
        self._child.wait_ready(self._ready, START_TIMEOUT_S)

    @property
    def cpu_s(self) -> float:
        """Seconds of all its processes by now."""
        return sum(map(cpu_s, family(self._child.pid)))

    @property
    def rss_kib(self) -> int:
        """Resident memory."""
        return rss_kib(self._child.pid)


def approve(control: ControlClient, name: str, people: BitMap, **asked: Any) -> None:
    """Order a campaign for these people, and have it approved by both sides."""
    audience = _encoded(people)
    order = {"account": ACCOUNT, "rule": "true", "source": "56070", "text": "Half price", "category": "0"}
    control.call("campaign.order", name=name, audience=audience, ordered_by="maker", **(order | asked))
    control.call("campaign.approve", name=name, approver="checker", side="client")
    control.call("campaign.approve", name=name, approver="operator")


def measure(folder: Path, people: int, writers: int) -> dict[str, Any]:
    """The figures of the module."""
    everybody = BitMap(range(1, people + 1))
    with Server(folder, people) as server, ControlClient(folder) as control:
        approve(control, "bench", everybody)
        control.call("campaign.launch", name="bench", audience=_encoded(everybody))
        probe = _Probe(folder)
        before = server.cpu_s, _own_cpu_s(), server.rss_kib
        started = time.monotonic()
        _hand_in_by(folder, everybody, writers)
        seconds = time.monotonic() - started
        after = server.cpu_s, _own_cpu_s(), server.rss_kib
        waits = probe.stop()
        stats = control.call("stats")
        held = control.call("account.show", name=ACCOUNT)["account"]["held_micros"]
    return {
        "people": people,
        "writers": writers,
        "seconds": round(seconds, 2),
        "per_second": round(people / seconds),
        "cpu_us": round((after[0] - before[0]) * 1e6 / people, 1),
        "client_cpu_us": round((after[1] - before[1]) * 1e6 / people, 1),
        "loop_p99_ms": round(waits[int(len(waits) * 0.99)], 1),
        "loop_max_ms": round(waits[-1], 1),
        "kib_each": round((after[2] - before[2]) / people, 2),
        "missing": people - stats["open_messages"],
        "held_wrong_micros": held - people * PRICE_MICROS,
    }


def measure_drained(folder: Path, people: int, prepared: Path) -> dict[str, Any]:
    """The figures of `--drain`."""
    everybody = BitMap(range(1, people + 1))
    programs = WholePath(folder, prepared, Asked(link_window=1000))
    try:
        programs.start_product(programs.start_simulator())
        with ControlClient(folder) as control:
            approve(control, "bench", everybody)
            control.call("campaign.launch", name="bench", audience=_encoded(everybody))
            server = programs.product_pids[0]
            begun_kib, probe, memory = rss_kib(server), _Probe(folder), _Memory(server)
            before, started = sum(map(cpu_s, programs.product_pids)), time.monotonic()
            _hand_in_by(folder, everybody, 1)
            handed_in_s = time.monotonic() - started
            given_up = time.monotonic() + DRAINED_TIMEOUT_S
            while control.call("stats")["open_messages"] and time.monotonic() < given_up:
                time.sleep(SAMPLE_S)
            seconds = time.monotonic() - started
            used = sum(map(cpu_s, programs.product_pids)) - before
            waits, most_kib = probe.stop(), memory.stop()
            left = control.call("stats")["open_messages"]
    finally:
        programs.stop()
    return {
        "people": people,
        "handed_in_s": round(handed_in_s, 1),
        "seconds": round(seconds, 1),
        "per_second": round(people / seconds),
        "cpu_us": round(used * 1e6 / people, 1),
        "loop_p99_ms": round(waits[int(len(waits) * 0.99)], 1),
        "rss_mib_begun": round(begun_kib / 1024, 1),
        "rss_mib_max": round(most_kib / 1024, 1),
        "missing": left,
        "held_wrong_micros": 0,
    }


class _Memory:
    """The most resident memory of a process while this runs, KiB."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._most = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> int:
        """The most that was seen."""
        self._stopped.set()
        self._thread.join()
        return self._most

    def _run(self) -> None:
        while not self._stopped.wait(SAMPLE_S):
            self._most = max(self._most, rss_kib(self._pid))


def _encoded(people: BitMap) -> str:
    return base64.b64encode(people.serialize()).decode("ascii")


class _Probe:
    """Somebody who asks again and again how long an answer takes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stopped = threading.Event()
        self._waits_ms: list[float] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> list[float]:
        """The waits in milliseconds, shortest first."""
        self._stopped.set()
        self._thread.join()
        return sorted(self._waits_ms)

    def _run(self) -> None:
        with ControlClient(self._folder) as control:
            control.call("ping")
            while not self._stopped.wait(PROBE_S):
                asked = time.monotonic()
                control.call("ping")
                self._waits_ms.append((time.monotonic() - asked) * 1000)


def _hand_in_by(folder: Path, people: BitMap, writers: int) -> None:
    """Each writer hands its share in over a connection of its own."""
    share = -(-len(people) // writers)
    shares = [people[first : first + share] for first in range(0, len(people), share)]

    def run(share: BitMap) -> None:
        with ControlClient(folder) as control:
            hand_in(control, "bench", share)

    threads = [threading.Thread(target=run, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Measure and print; 1 where the figure says nothing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--writers", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the store is made, or is; left out: a new one")
    parser.add_argument("--drain", action="store_true", help="with an SMSC that takes everything")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        if not (folder / "operator-push.db").exists():
            folder.mkdir(parents=True, exist_ok=True)
            prepare_store(f"sqlite:///{folder / 'operator-push.db'}", folder, asked.people)
        if asked.drain:
            figures = measure_drained(folder.absolute(), asked.people, folder.absolute())
        else:
            figures = measure(folder.absolute(), asked.people, asked.writers)
    print(json.dumps(figures))
    return 1 if figures["missing"] or figures["held_wrong_micros"] else 0


if __name__ == "__main__":
    sys.exit(main())
