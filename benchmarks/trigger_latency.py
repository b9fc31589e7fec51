"""How soon an event is decided: from a line that is appended to a file to the answer of the one door.

    python benchmarks/trigger_latency.py [--events 1000] [--rate 50] [--people 1000] [--folder DIR]

The real programs: `cdr-ingest triggers` tails the file, `operator-push trigger run` judges, `serve` decides
and commits; everybody has features, and the rules ask three of them and the event. Each line carries the
moment at which it is written, and the last moment is the one at which the message is accepted and on disk.
Prints one JSON line; exit status 1 where an event is missing or was decided twice, or one took a second.
"""

import argparse
import base64
import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from idle_link import IDLE_LINK
from processes import cpu_s, family, rss_kib
from pyroaring import BitMap

from operator_push.cli.child_programs import ChildProgram, program
from operator_push.cli.control_client import ControlClient
from operator_push.kernel.instants import parse_iso

LIMIT_MS = 1_000.0
FIRST = 919_800_000_000
GRANTED_AT = "2026-01-01T00:00:00Z"
HEADER = "record_id,msisdn,topped_up_at,amount_rupees,channel\n"
PRODUCT = f"""{IDLE_LINK}[policy.quiet_hours]
enabled = false
[profiles]
features_file = "features/features.json"
"""
TRIGGERS = """
snapshot = "{folder}/permission.parquet"
key_file = "{folder}/secrets/pseudonym.key"
out = "{folder}/features"
[[source]]
name = "topups"
kind = "tail"
into = "topups"
options = {{ path = "{folder}/stream" }}
"""


class House:
    """The three programs in one folder."""

    def __init__(self, folder: Path, people: int, stack: ExitStack) -> None:
        self.folder, self.people, self._stack = folder, people, stack
        (folder / "stream").mkdir(parents=True)
        (folder / "operator-push.toml").write_text(PRODUCT)
        (folder / "triggers.toml").write_text(TRIGGERS.format(folder=folder))

    def start(self, name: str, *words: str) -> ChildProgram:
        child = ChildProgram([*program(name), *words], self.folder / f"{name}-{words[0]}.log")
        self._stack.callback(child.stop)
        return child

    def begin(self) -> dict[str, ChildProgram]:
        """People with features, a campaign that waits, and all programs running."""
        config = ("--config", str(self.folder / "operator-push.toml"))
        ready = self.folder / "ready.json"
        served = self.start("operator-push", "serve", *config, "--ready-file", str(ready))
        served.wait_ready(ready)
        with ControlClient(self.folder) as control:
            self._enrol(control)
            self._learn()
            self._sell(control)
        listening = self.start("cdr-ingest", "triggers", "--config", str(self.folder / "triggers.toml"))
        judging = self.start("operator-push", "trigger", "run", "--json", *config)
        return {"serve": served, "cdr-ingest triggers": listening, "trigger run": judging}

    def _enrol(self, control: ControlClient) -> None:
        asked = {"kind": "enterprise", "brand": "Chai", "category": 8, "senders": ["56070"]}
        control.call("account.add", name="chai", prepaid_micros=10**12, **asked)
        columns = ["line", "msisdn", "brand", "category", "purpose", "channel", "action", "at", "method"]
        purposes = ("marketing", "use_top_up", "use_subscriber_record", "use_call_data", "use_location")
        for first in range(0, self.people, 1_000):
            numbers = [FIRST + each for each in range(first, min(first + 1_000, self.people))]
            rows = [[line, str(number)] for line, number in enumerate(numbers)]
            control.call("subscriber.import", columns=columns[:2], rows=rows)
            for purpose in purposes:
                said = ["*", "*", purpose, "*", "grant", GRANTED_AT, "web", "benchmark"]
                acts = [[*row, *said] for row in rows]
                answer = control.call("consent.import", columns=[*columns, "evidence"], rows=acts)
                if answer["rejected"]:
                    raise SystemExit(f"consents were rejected: {answer['rejected'][0]}")
        control.call("permission.snapshot", out=str(self.folder / "permission.parquet"))

    def _learn(self) -> None:
        """Features of everybody, by a run of the ingester over subscriber rows."""
        drop = self.folder / "drop"
        drop.mkdir()
        rows = ["msisdn,imsi,activated_on,birth_year,language,plan,prepaid,device_os"]
        rows += [
            f"{FIRST + each},40445{each:010},2024-01-01,1990,en,Go,true,android"
            for each in range(self.people)
        ]
        (drop / "subscribers.csv").write_text("\n".join(rows) + "\n")
        command = [
            *program("cdr-ingest"),
            "run",
            "--input",
            str(drop),
            "--out",
            str(self.folder / "features"),
        ]
        command += ["--snapshot", str(self.folder / "permission.parquet")]
        command += ["--key-file", str(self.folder / "secrets" / "pseudonym.key")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _sell(self, control: ControlClient) -> None:
        everybody = base64.b64encode(BitMap(range(1, self.people + 1)).serialize()).decode()
        asked = {"account": "chai", "source": "56070", "text": "Thank you!", "category": 8}
        asked |= {"rule": 'age >= 18 && device.os == "android"', "ordered_by": "asha"}
        terms = {"trigger": "top_up", "when": "event.amount >= 100.0 && prepaid"}
        control.call("campaign.order", name="Thanks", audience=everybody, terms=terms, **asked)
        for side, who in (("client", "ravi"), ("operator", "desk")):
            control.call("campaign.approve", name="Thanks", side=side, approver=who)
        control.call("campaign.launch", name="Thanks", audience=everybody)

    def write(self, number: int, record: int) -> None:
        """One top-up, at the moment at which it is written."""
        path = self.folder / "stream" / "topups.csv"
        with path.open("a") as file:
            header = "" if path.stat().st_size else HEADER
            at = datetime.now(UTC).isoformat()
            file.write(f"{header}t{record},{FIRST + number},{at},150,app\n")

    def judged(self) -> list[dict[str, Any]]:
        """What was decided so far."""
        lines = (self.folder / "operator-push-trigger.log").read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


def run(folder: Path, events: int, rate: float, people: int) -> dict[str, Any]:
    """The figures of the module."""
    with ExitStack() as stack:
        house = House(folder, people, stack)
        programs = house.begin()
        house.write(0, 0)  # the programs have started once it is decided
        _wait(house, 1, 60)
        cpu_before = {name: _cpu(child) for name, child in programs.items()}
        begun_s = time.monotonic()
        for record in range(1, events + 1):
            time.sleep(max(0.0, begun_s + record / rate - time.monotonic()))
            house.write(record % people, record)
        _wait(house, events + 1, 30)
        cpu = {name: _cpu(child) - cpu_before[name] for name, child in programs.items()}
        memory = {name: rss_kib(child.pid) // 1024 for name, child in programs.items()}
        decided = house.judged()[1:]
    delays = sorted((parse_iso(each["decided_at"]) - parse_iso(each["at"])) / 1_000 for each in decided)
    outcomes = [each["outcomes"]["Thanks"] for each in decided]
    return {
        "events": events,
        "decided": len({each["sequence"] for each in decided}),
        "twice": len(decided) - len({each["sequence"] for each in decided}),
        "accepted": outcomes.count("accepted"),
        "rate": rate,
        "people": people,
        "p50_ms": round(delays[len(delays) // 2], 1),
        "p99_ms": round(delays[int(len(delays) * 0.99)], 1),
        "max_ms": round(delays[-1], 1),
        "cpu_ms_each": {name: round(spent * 1_000 / events, 2) for name, spent in cpu.items()},
        "rss_mib": memory,
    }


def _wait(house: House, count: int, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if (house.folder / "operator-push-trigger.log").exists() and len(house.judged()) >= count:
            return
        time.sleep(0.2)


def _cpu(child: ChildProgram) -> float:
    return sum(cpu_s(pid) for pid in family(child.pid))


def main() -> None:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_000)
    parser.add_argument("--rate", type=float, default=50.0, help="lines a second")
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--folder", type=Path, help="empty or new; kept")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        found = run(asked.folder or Path(temporary) / "house", asked.events, asked.rate, asked.people)
    print(json.dumps(found))
    good = found["decided"] == asked.events and not found["twice"] and found["max_ms"] < LIMIT_MS
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
