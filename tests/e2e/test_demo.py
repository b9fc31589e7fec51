"""The demo as a program, on a small run: its exit status, its figures, and its proofs done once more here.

The three exports and the witness are joined again with nothing of the product but the json and csv formats.
"""

import csv
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from demo_run import DemoRun

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def out(demo_run: DemoRun) -> Path:
    return demo_run.out


@pytest.fixture(scope="module")
def figures(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "report.json").read_text())
    return found


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def witness(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "witness.jsonl").open()]


def test_every_record_of_the_input_is_accounted_for(figures: dict[str, Any], out: Path) -> None:
    ingest = figures["ingest"]
    parts = [ingest[name] for name in ("accepted", "rejected", "duplicates", "not_permitted")]
    assert ingest["read"] == sum(parts)
    assert all(part > 0 for part in parts)
    assert 0 < ingest["profiles"] < 2_000
    assert ingest["rejected"] == sum(1 for _ in rows(out / "features" / "rejects.csv"))


def test_campaigns_and_their_rows_agree(figures: dict[str, Any], out: Path) -> None:
    ends: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    charged: Counter[str] = Counter()
    for row in rows(out / "messages.csv"):
        if row["campaign"]:
            charged[row["campaign"]] += int(row["settled_micros"])
            ends[row["campaign"]][row["submission_id"]].add(row["reason"] or row["state"])
    assert len(figures["campaigns"]) == 2
    for campaign in figures["campaigns"]:
        name = campaign["name"]
        assert campaign["audience"] == len(ends[name]) >= 100
        assert campaign["audience"] == campaign["submitted"] + sum(campaign["suppressed"].values())
        assert campaign["submitted"] == sum(
            campaign[end] for end in ("delivered", "failed", "expired", "unknown")
        )
        assert campaign["delivered"] == sum(states == {"DELIVERED"} for states in ends[name].values())
        assert 0 < campaign["charged_micros"] == charged[name] <= campaign["quoted_micros"]


def test_the_esme_saw_what_the_report_says(figures: dict[str, Any], out: Path) -> None:
    esme = figures["esme"]
    seen: Counter[str] = Counter()
    receipts: set[str] = set()
    accepted: set[str] = set()
    for name in ("nagarbank", "nagarlow"):
        for line in (out / "esme" / f"{name}-record.jsonl").open():
            row = json.loads(line)
            if row["event"] == "answered":
                seen[row["status"]] += 1
                if row["status"] == "ESME_ROK":
                    accepted.add(row["message_id"])
            elif row["event"] == "receipt":
                receipts.add(row["message_id"])
    assert esme["submitted"] == seen.total() == esme["accepted"] + sum(esme["refused"].values())
    assert esme["accepted"] == seen.pop("ESME_ROK") == len(accepted) == esme["receipts"]
    assert dict(seen) == esme["refused"]
    assert set(seen) == {"ESME_RINVDSTADR", "ESME_RINVSRCADR", "ESME_RSUBMITFAIL"}
    assert receipts == accepted


def test_the_three_exports_join(figures: dict[str, Any], out: Path) -> None:
    smsc = {row["smsc_message_id"]: row for row in rows(out / "smsc_cdr.csv")}
    transfers: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows(out / "ledger.csv"):
        transfers[row["reference"]][row["kind"]] += int(row["amount_micros"])
    held: Counter[str] = Counter()
    settled: Counter[str] = Counter()
    matched = 0
    for row in rows(out / "messages.csv"):
        held[row["submission_id"]] += int(row["held_micros"])
        settled[row["submission_id"]] += int(row["settled_micros"])
        if int(row["attempts"]):
            theirs = smsc.pop(row["smsc_message_id"])
            assert theirs["state"] == row["state"]
            assert theirs["user_message_reference"] == row["user_message_reference"]
            assert int(row["settled_micros"]) == int(row["price_micros"]) * (row["state"] == "DELIVERED")
            matched += 1
    assert not smsc
    assert (
        matched == figures["reconciliation"]["matched"] == figures["reconciliation"]["segments_smsc"] > 1_000
    )
    assert figures["reconciliation"]["mismatched"] == 0
    for submission, amount in held.items():
        kinds = transfers[submission]
        assert kinds["HOLD"] == amount == kinds["SETTLE"] + kinds["RELEASE"]
        assert kinds["SETTLE"] == settled[submission]
    assert figures["ledger"]["held_micros"] == held.total()
    assert figures["ledger"]["settled_micros"] == settled.total()
    assert figures["ledger"]["open_holds_micros"] == figures["ledger"]["imbalance_micros"] == 0


def test_no_number_leaves_in_the_exports(out: Path) -> None:
    numbers = {row["msisdn"] for row in rows(out / "input" / "subscribers.csv")}
    recipients = {row["recipient"] for row in rows(out / "messages.csv")}
    assert len(recipients) > 500
    assert not recipients & numbers


def test_nothing_followed_a_stop(figures: dict[str, Any], out: Path) -> None:
    silent_from: dict[str, int] = {}
    heard = sent_after = 0
    for row in witness(out / "smsc"):
        if row.get("kind") == "mo_answer" and row["decision"] == "acknowledged":
            silent_from.setdefault(row["source"], row["n"])
            heard += 1
        elif row["command"] == "submit_sm" and row["n"] > silent_from.get(row["destination"], row["n"]):
            sent_after += 1
    assert heard == figures["stop"]["received"] >= 20
    assert sent_after == figures["stop"]["sent_after_stop"] == 0
    assert 0 < figures["stop"]["slowest_ms"] < 10_000


def test_the_crash_lost_nothing_and_sent_nothing_twice(figures: dict[str, Any], out: Path) -> None:
    crash = figures["crash"]
    assert crash["unanswered_at_kill"] >= 50
    assert crash["unsent_at_kill"] >= 50
    arrived = Counter(
        row["destination"]
        for row in witness(out / "crash" / "smsc")
        if row["command"] == "submit_sm" and row["decision"] == "accepted"
    )
    acknowledged = [
        row["destination"]
        for line in (out / "esme" / "nagarbank-crash-1-record.jsonl").open()
        if (row := json.loads(line))["event"] == "answered" and row["status"] == "ESME_ROK"
    ]
    assert len(acknowledged) == len(set(acknowledged)) == crash["acknowledged"] > 200
    assert set(arrived.values()) == {1}
    assert set(acknowledged) <= set(arrived)
    assert (crash["lost"], crash["duplicated"], crash["imbalance_micros"]) == (0, 0, 0)


def test_the_load_is_told(figures: dict[str, Any]) -> None:
    throughput = figures["throughput"]
    assert throughput["messages"] == figures["reconciliation"]["messages"]
    assert throughput["seconds"] > 0
    assert throughput["per_second"] == pytest.approx(throughput["messages"] / throughput["seconds"], rel=0.01)
    assert sys.platform != "linux" or throughput["gateway_cpu_us_per_message"] > 0


def test_the_page_stands_alone(out: Path) -> None:
    text = (out / "report.html").read_text(encoding="utf-8")
    assert re.search(r"All \d+ invariants held", text)
    assert text.count("<svg") > 10
    assert not re.search(r"https?:|@import|url\(|<script|<iframe", text)
    assert re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', text) == []


def test_no_child_is_left_and_no_secret_is_logged(out: Path) -> None:
    for log in (out / "logs").glob("*.log"):
        text = log.read_text(errors="replace")
        assert "Traceback" not in text, f"{log.name}\n{text[-2000:]}"
        assert not re.search(r"\b91[6-9]\d{9}\b", text), f"{log.name} holds a number"
    left = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    assert not [command for command in left if any(str(out) in argument for argument in command)]
