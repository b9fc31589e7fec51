"""The whole path once, as one JSON line with CPU and rate of the same run.

Load generator → our SMPP server → permission, price, hold, store → SMSC link → simulator → receipt →
deliver_sm to the ESME → settled.

    python benchmarks/whole_path.py [--messages 30000] [--subscribers 100000] [--window 100] [--binds 1]
                                    [--rate 5000] [--database URL] [--prepared DIR] [--keep DIR]

Three programs on loopback, as an installation has them. A message is one submit_sm, and it counts when the
ESME has acknowledged its receipt; one in ten texts is concatenated (two submit_sm with a user data header).
CPU is user and system time of a program's threads from /proc, divided by how slow the machine was meanwhile
(yardstick); wall-clock on a shared machine lies. Exit
status 1 where a message was refused, lost, or left open.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prepared_store import ACCOUNT, FIRST_MSISDN, PASSWORD, prepare_store
from processes import cpu_s, family, rss_kib
from yardstick import slowness

from operator_push.cli.child_programs import ChildProgram, program
from operator_push.cli.control_client import ControlClient

START_TIMEOUT_S = 600.0  # ten million subscribers are read back first
RUN_TIMEOUT_S = 300.0
SETTLE_TIMEOUT_S = 30.0
LINK_WINDOW = 1000  # of our bind to the SMSC, in every run
DATABASE_FILE = "operator-push.db"
SMSC_FOLDER = "smsc"  # the simulator's witness and CDRs
OPEN_ENDS = ("open_messages", "unsent_segments", "in_flight", "deliveries_waiting", "deliveries_in_flight")

PRODUCT = """
data_dir = "."
log_level = "warning"
{database}
[smpp_server]
port = 0
window = {window}

[[smsc]]
name = "main"
host = "127.0.0.1"
port = {smsc_port}
system_id = "gateway"
password = "secret"
window = {link_window}
reconnect_min_s = 0.1

[[tariff]]
price_per_segment = "0.10"
currency = "INR"

# Both are asked for every message, and let it pass: by the subscribers' clock, also for the law, it is noon.
[policy.quiet_hours]
enabled = true
zones_by_prefix = {{ "{country_code}" = "{noon_zone}" }}
start = "21:00"
end = "09:00"

[policy.caps]
per_handset_per_day = 1000
per_handset_per_brand_per_day = 1000
"""

SIMULATOR = """
seed = 7

[[accounts]]
any = true

[[population.handsets]]
state = "on"
share = 1.0
delay_ms = [20, 100]

[limits]
deliver_window = 1000
"""

LOAD = """
[target]
port = {port}

[[binds]]
system_id = "{account}"
password = "{password}"
count = {binds}
window = {window}

[loop]
{loop}
count = {texts}

[numbers]
first = "{first}"
count = {subscribers}

[[messages]]
name = "one segment"
share = 90
characters = 160

[[messages]]
name = "two segments"
share = 10
characters = 306
"""


@dataclass(frozen=True)
class Asked:
    """One run. `rate` None: a closed loop, as fast as the windows allow. `database` "": SQLite."""

    messages: int = 30_000
    subscribers: int = 100_000
    window: int = 100
    binds: int = 1
    rate: float | None = None
    database: str = ""
    database_pid: int = 0  # of a server that is part of the run, to tell its CPU as well
    link_window: int = LINK_WINDOW
    scenario: str = SIMULATOR
    witness: bool = False  # the simulator keeps its records, which costs it CPU
    skipped: int = 0  # subscribers before the first who is written to, for another run in the same store

    @property
    def texts(self) -> int:
        """How many texts come to about `messages` submit_sm."""
        return round(self.messages / 1.1)


class WholePath:
    """The three programs of one run in a folder; `prepared` holds a filled store and its key.

    Where both are the same folder, the run goes on with the store instead of a copy.
    """

    def __init__(self, folder: Path, prepared: Path, asked: Asked) -> None:
        self._folder = folder
        self._asked = asked
        if prepared != folder:
            shutil.copytree(prepared, folder, dirs_exist_ok=True)
        self._simulator: ChildProgram | None = None
        self._product: ChildProgram | None = None
        self.start_s = 0.0  # until ESMEs could bind
        self.is_loading = False

    def measure(self) -> dict[str, Any]:
        """Start, load, wait until everything is settled, stop; the figures."""
        try:
            smsc_port = self.start_simulator()
            smpp_port = self.start_product(smsc_port)
            return self._load(smpp_port)
        finally:
            self.stop()

    def stop(self) -> None:
        """End the programs, the product first."""
        for child in (self._product, self._simulator):
            if child is not None:
                child.stop()

    @property
    def product_pids(self) -> list[int]:
        """The process ids of the running product."""
        assert self._product is not None
        return family(self._product.pid)

    def start_simulator(self) -> int:
        """Start the simulator; the port that it listens on."""
        file, ready = self._folder / "smsc-sim.toml", self._folder / "smsc-sim.ready"
        file.write_text(self._asked.scenario)
        # A store that has run before knows its link by the port of that time; the configuration counts less.
        port = json.loads(ready.read_text())["port"] if ready.exists() else 0
        ready.unlink(missing_ok=True)
        command = [*program("smsc-sim"), "run", "--config", str(file), "--port", str(port)]
        if self._asked.witness:
            command += ["--out", str(self._folder / SMSC_FOLDER)]
        self._simulator = ChildProgram([*command, "--ready-file", str(ready)], self._folder / "smsc-sim.log")
        return int(self._simulator.wait_ready(ready)["port"])

    def start_product(self, smsc_port: int) -> int:
        """Start the product and wait until its link is bound; the port that ESMEs bind to."""
        file, ready = self._folder / "operator-push.toml", self._folder / "operator-push.ready"
        url = self._asked.database
        file.write_text(
            PRODUCT.format(
                database=f'[database]\nurl = "{url}"' if url else "",
                window=max(1000, self._asked.window),
                smsc_port=smsc_port,
                link_window=self._asked.link_window,
                country_code=str(FIRST_MSISDN)[:2],
                noon_zone=noon_zone(datetime.now(UTC)),
            )
        )
        ready.unlink(missing_ok=True)
        started = time.monotonic()
        command = [*program("operator-push"), "serve", "--config", str(file), "--ready-file", str(ready)]
        self._product = ChildProgram(command, self._folder / "operator-push.log")
        port = int(self._product.wait_ready(ready, START_TIMEOUT_S)["smpp_port"])
        self.start_s = time.monotonic() - started
        with ControlClient(self._folder) as control:
            _until(lambda: bool(control.call("stats")["links"]["main"]), "the link is bound")
        return port

    def _load(self, port: int) -> dict[str, Any]:
        assert self._product is not None
        assert self._simulator is not None
        asked, file, out = self._asked, self._folder / "load.toml", self._folder / "load"
        loop = 'kind = "closed"' if asked.rate is None else f"rate = {asked.rate / 1.1:.1f}"
        file.write_text(
            LOAD.format(
                port=port,
                account=ACCOUNT,
                password=PASSWORD,
                binds=asked.binds,
                window=asked.window,
                loop=loop,
                texts=asked.texts,
                first=FIRST_MSISDN + asked.skipped,
                subscribers=asked.subscribers - asked.skipped,
            )
        )
        products = self.product_pids
        servers = family(asked.database_pid) if asked.database_pid else []
        before = sum(map(cpu_s, products)), cpu_s(self._simulator.pid), sum(map(cpu_s, servers))
        command = [*program("smsc-sim"), "load", "--config", str(file), "--out", str(out), "--quiet"]
        load = ChildProgram(command, self._folder / "load.log")
        self.is_loading = True
        try:
            deadline = time.monotonic() + RUN_TIMEOUT_S + asked.messages / (asked.rate or asked.messages)
            slow = slowness(lambda: load.process.poll() is not None or time.monotonic() > deadline)
            load.wait(1.0)
        finally:
            self.is_loading = False
            load.kill()
        with ControlClient(self._folder) as control:
            _until(lambda: _is_settled(control.call("stats")), "everything is settled")
            commits = control.call("stats")["commits"]
        after = sum(map(cpu_s, products)), cpu_s(self._simulator.pid), sum(map(cpu_s, servers))
        told = json.loads((out / "load.json").read_text())
        messages = told["receipts"]["matched"]
        cpu_us = (after[0] - before[0]) * 1e6 / messages
        return {
            "database": "postgresql" if asked.database else "sqlite",
            "window": asked.window,
            "binds": asked.binds,
            "subscribers": asked.subscribers,
            "messages": messages,
            "failed": told["receipts"]["expected"] - messages + told["figures"]["refused"],
            "rate_asked": asked.rate,
            "seconds": told["total_s"],
            "messages_per_second": round(messages / told["total_s"], 1),
            "cpu_us_per_message": round(cpu_us / slow, 1),
            "cpu_us_per_message_raw": round(cpu_us, 1),
            "slowness": round(slow, 3),
            "p50_ms": told["latency_ms"]["response"]["p50"],
            "p99_ms": told["latency_ms"]["response"]["p99"],
            "receipt_p50_ms": told["latency_ms"]["receipt"]["p50"],
            "rss_mib": round(sum(map(rss_kib, products)) / 1024, 1),
            "start_s": round(self.start_s, 2),
            "commits": commits,
            "load_cpu_us_per_message": round(told["generator"]["cpu_us_per_submit"], 1),
            "simulator_cpu_us_per_message": round((after[1] - before[1]) * 1e6 / messages, 1),
            "database_cpu_us_per_message": round((after[2] - before[2]) * 1e6 / messages, 1),
        }


def prepare(folder: Path, subscribers: int) -> Path:
    """A folder with a filled SQLite store and its key, for `WholePath`."""
    folder.mkdir(parents=True, exist_ok=True)
    prepare_store(f"sqlite:///{folder / DATABASE_FILE}", folder, subscribers)
    return folder


def noon_zone(now: datetime) -> str:
    """A zone in which it is between noon and one at this moment: a run may begin at any hour of the day.

    `Etc/GMT-5` is five hours ahead of UTC (POSIX's sign, kept by the tz database's file `etcetera`).
    """
    ahead = 12 - now.astimezone(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def _is_settled(stats: dict[str, Any]) -> bool:
    return bool(stats["committed"]) and not any(stats[name] for name in OPEN_ENDS)


def _until(true: Any, what: str) -> None:
    deadline = time.monotonic() + SETTLE_TIMEOUT_S
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {SETTLE_TIMEOUT_S:.0f} s in vain until {what}")
        time.sleep(0.1)


def main() -> int:
    """Parse the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--messages", type=int, default=30_000)
    parser.add_argument("--subscribers", type=int, default=100_000)
    parser.add_argument("--window", type=int, default=100)
    parser.add_argument("--binds", type=int, default=1)
    parser.add_argument("--rate", type=float, help="messages a second; default: a closed loop")
    parser.add_argument("--database", default="", help="URL of a prepared PostgreSQL; default: SQLite")
    parser.add_argument("--prepared", type=Path, help="folder of a filled store, made where it is missing")
    parser.add_argument("--keep", type=Path, help="folder for the run's files; default: a temporary one")
    options = parser.parse_args()
    asked = Asked(
        options.messages, options.subscribers, options.window, options.binds, options.rate, options.database
    )
    with tempfile.TemporaryDirectory(prefix="operator-push-bench-") as temporary:
        prepared = options.prepared or Path(temporary) / "prepared"
        if not (prepared / DATABASE_FILE).exists():
            prepare(prepared, asked.subscribers)
        folder = options.keep or Path(temporary) / "run"
        figures = WholePath(folder.absolute(), prepared, asked).measure()
    print(json.dumps(figures))
    return 1 if figures["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
