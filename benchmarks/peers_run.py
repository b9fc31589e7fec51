"""Kannel and Jasmin beside us: one load, one simulator, one run; a table and the ratios.

    python benchmarks/peers_run.py [--messages 10000] [--jasmin-messages 2000] [--window 100]
                                   [--subscribers 50000] [--only kannel]

Each system stands between the same load (nine in ten texts of one segment, one of two; a receipt for each
submit_sm) and the same simulator, all on loopback and one after the other; we run first and again at the end.
A message counts when its receipt is back at the client. CPU is that of all the system's own processes,
broker and store included, divided by how slow the machine was meanwhile (yardstick). Writes
results/peers.json beside itself. A peer that is not installed is named with its install line. Exit status 1
where one of our messages was lost, or a peer's run broke.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from peers_jasmin import measure_jasmin
from peers_kannel import STORES, measure_kannel
from peers_programs import MissingPeerError
from whole_path import Asked, WholePath, prepare

RESULTS = Path(__file__).with_name("results") / "peers.json"
FORMAT = 1
OURS = "operator-push"
HEADINGS = (
    "system",
    "front",
    "store",
    "messages",
    "failed",
    "messages/s",
    "accepted/s",
    "CPU µs/message",
    "as counted",
)


@dataclass(frozen=True)
class Peer:
    """`key` is what --only takes; `measure` needs a folder that does not exist yet."""

    key: str
    name: str
    measure: Callable[[Path], dict[str, Any]]


def measure_ours(folder: Path, prepared: Path, asked: Asked) -> dict[str, Any]:
    """Our row of the table."""
    found = WholePath(folder, prepared, asked).measure()
    kept = ("messages", "failed", "seconds", "messages_per_second", "cpu_us_per_message")
    kept += ("cpu_us_per_message_raw", "slowness", "load_cpu_us_per_message", "simulator_cpu_us_per_message")
    return {
        "system": OURS,
        "front": "SMPP",
        "store": "SQLite, synchronous=FULL",
        "accepted_per_second": None,
        **{name: found[name] for name in kept},
    }


def ratios(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How each peer compares with the mean of our runs: `cpu` above 1 means that the peer takes more CPU a
    message (`cpu_raw`: as counted, whatever the machine's speed was), `rate` above 1 that we bring more
    messages a second to their end."""
    ours = [row for row in rows if row["system"] == OURS]
    if not ours:
        return []
    cpu_us = sum(row["cpu_us_per_message"] for row in ours) / len(ours)
    raw_us = sum(row["cpu_us_per_message_raw"] for row in ours) / len(ours)
    rate = sum(row["messages_per_second"] for row in ours) / len(ours)
    return [
        {
            "peer": f"{row['system']}, {row['store']}",
            "cpu": round(row["cpu_us_per_message"] / cpu_us, 1),
            "cpu_raw": round(row["cpu_us_per_message_raw"] / raw_us, 1),
            "rate": round(rate / row["messages_per_second"], 1),
        }
        for row in rows
        if row["system"] != OURS and row["messages"]
    ]


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as aligned text."""
    cells = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    words = 3  # these columns are words and stand left, the others are numbers
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < words else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    )


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    accepted = row["accepted_per_second"]
    return (
        row["system"],
        row["front"],
        row["store"],
        f"{row['messages']:,}",
        f"{row['failed']:,}",
        f"{row['messages_per_second']:,.0f}",
        "–" if accepted is None else f"{accepted:,.0f}",
        f"{row['cpu_us_per_message']:,.0f}",
        f"{row['cpu_us_per_message_raw']:,.0f}",
    )


def run_all(peers: list[Peer], folder: Path) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    """(rows, what is missing, what broke), telling each step on stderr."""
    rows: list[dict[str, Any]] = []
    missing: list[str] = []
    broken: list[str] = []
    for number, peer in enumerate(peers):
        print(f"{peer.name} …", file=sys.stderr, flush=True)
        try:
            rows.append(peer.measure(folder / f"{number}-{peer.key}"))
        except MissingPeerError as error:
            missing.append(f"{peer.name} was not measured: {error}")
        except Exception as error:  # one that breaks must not take the others' figures with it
            broken.append(f"{peer.name} broke: {error}")
    return rows, missing, broken


def main() -> int:
    """Parse the options, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--messages", type=int, default=10_000, help="of ours and Kannel's runs")
    parser.add_argument("--jasmin-messages", type=int, default=2_000)
    parser.add_argument("--window", type=int, default=100, help="unanswered submissions of the client")
    parser.add_argument("--subscribers", type=int, default=50_000)
    parser.add_argument("--only", choices=("ours", "kannel", "jasmin"), help="with ours; the default is all")
    options = parser.parse_args()
    count, window, people = options.messages, options.window, options.subscribers
    with tempfile.TemporaryDirectory(prefix="operator-push-peers-") as temporary:
        folder = Path(temporary)
        prepared = prepare(folder / "prepared", people)
        ours = Peer("ours", OURS, lambda at: measure_ours(at, prepared, Asked(count, people, window)))
        kannels = [
            Peer(
                "kannel",
                f"Kannel with its {store} store",
                lambda at, store=store: measure_kannel(at, store, count, window, people),  # type: ignore[misc]
            )
            for store in STORES
        ]
        few = options.jasmin_messages
        jasmin = Peer("jasmin", "Jasmin", lambda at: measure_jasmin(at, few, window, people))
        peers = [ours, *(peer for peer in (*kannels, jasmin) if options.only in (None, peer.key))]
        rows, missing, broken = run_all([*peers, ours] if len(peers) > 1 else peers, folder)
    told = {
        "format": FORMAT,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "load": {"window": window, "subscribers": people},
        "systems": rows,
        "ratios": ratios(rows),
        "missing": missing,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(table(rows))
    for ratio in told["ratios"]:
        cpu = f"{ratio['cpu']} × our CPU a message ({ratio['cpu_raw']} × as counted)"
        print(f"{ratio['peer']}: {cpu}; we are {ratio['rate']} × as fast")
    for line in (*missing, *broken):
        print(line)
    lost = sum(row["failed"] for row in rows if row["system"] == OURS)
    return 1 if lost or broken else 0


if __name__ == "__main__":
    sys.exit(main())
