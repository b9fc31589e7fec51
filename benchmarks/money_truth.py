"""The ledger against the simulator's truth, under faults and kills.

    python benchmarks/money_truth.py [--messages 20000] [--kills 20] [--binds 20] [--seed 7]
                                     [--keep DIR] [--out FILE]

The soak's machinery (simulator, product and ESME as programs, SIGKILL under load, what nobody answered
resolved from closed CDR periods) with a simulator that throttles, loses, doubles, delays and contradicts
receipts, sends them before their response, loses responses, and cuts binds. `--messages 1000000` is the
promise's size.

The truth is the simulator's: each message goes to a number of its own, and the simulator's CDR says how many
of the number's segments were delivered. The ledger, read by plain SQL, must have settled exactly their price
and released the rest. Prints and writes one JSON object: mismatches, imbalance_micros, overdrafts, open_holds
and what was counted. Exit status 1 where one of these is not 0, or where the witness has a fault that never
struck.
"""

import argparse
import csv
import json
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from soak import ESME, SETTINGS, WINDOW, destinations, points_of

from operator_push.cli.demo import esme_orders
from operator_push.cli.demo.crash_run import KILL_DELAY_S, CrashLoad, CrashOutcome, kill_rounds
from operator_push.cli.demo.pair import Pair
from operator_push.cli.demo.programs import Programs
from operator_push.cli.demo.settings_files import SMSC_SYSTEM_ID, crash_scenario_toml
from operator_push.cli.demo.workspace import Installation, Workspace
from operator_push.domain.transfers import LedgerAccount, TransferKind
from operator_push.store.database import Database
from operator_push.store.ledger_audit import verify_ledger

SHARD = 0
# Before a kill: fewer than the soak's, since a link that is throttled or cut has less in the air.
UNANSWERED_FIRST = 5
PRICE_MICROS = 100_000  # SETTINGS: 0.10 a segment
EXAMPLES_MAX = 10
# 160 in the air over about 100 ms: what the link can carry at most, 1,600 segments a second. A large run
# would take a quarter of an hour by that alone; it gets a link of about 6,400.
RESPONSES_BEFORE, RESPONSES = "submit_sm_resp_ms = [300.0, 700.0]", "submit_sm_resp_ms = [60.0, 140.0]"
# A kill anywhere in the twenty seconds or more in which a large round submits.
KILL_DELAY_OF_LARGE_S = (0.05, 12.0)
LARGE, RESPONSES_OF_LARGE = 100_000, "submit_sm_resp_ms = [15.0, 35.0]"
# A lost response is given up after this and not after a minute, for which every round would wait at its end.
_GIVEN_UP_SOON = ("reconnect_min_s", "response_timeout_s = 10.0\nreconnect_min_s")
SETTLE_S = 1_800.0  # of a round: a throttled link takes its time
STRIKES_MIN = 8  # Ours: of every fault, as an expectation in a small run
# Each throttled answer halves the link's pace for seconds, each cut leaves a window without answers: so many.
THROTTLES, CUTS = 15, 25
# Name → kind, share of what it can strike, and the rest of its table.
FAULTS = {
    "lost": ("receipt_lost", 0.01, ""),
    "doubled": ("receipt_doubled", 0.02, "after_ms = [50, 500]"),
    "late": ("receipt_late", 0.03, "by_ms = [500, 2500]"),
    "early": ("receipt_before_response", 0.01, "max_ms = 200"),
    "contradicted": ("receipt_contradicted", 0.02, "after_ms = [50, 1000]"),
    "contradicted the other way": (
        "receipt_contradicted",
        0.02,
        'state = "DELIVERED"\nafter_ms = [50, 1000]',
    ),
    "response lost": ("response_lost", 0.001, ""),
    "throttled": ("throttle", 0.0, ""),
    "broken link": ("cut", 0.0, 'part = 0.5\nhow = "reset"'),
}


def faults_toml(messages: int) -> str:
    """The faults of a run: each strikes in a small one, and a large one does not stand still."""
    shares = {"throttled": min(0.01, THROTTLES / messages), "broken link": min(0.005, CUTS / messages / 2)}
    return "".join(
        f'\n[[fault]]\nkind = "{kind}"\nname = "{name}"\n'
        f"share = {shares.get(name) or max(share, STRIKES_MIN / messages):.7f}\n{more}\n"
        for name, (kind, share, more) in FAULTS.items()
    )


def strikes_of(witness: Path) -> dict[str, int]:
    """Fault → how often it struck, by the simulator's witness; every fault of the run is named."""
    struck = dict.fromkeys(FAULTS, 0)
    with witness.open(encoding="utf-8") as lines:
        for line in lines:
            if '"decision":"fault"' in line:
                name = json.loads(line)["fault"]
                struck[name] = struck.get(name, 0) + 1
    return struck


def run(folder: Path, messages: int, kills: int, binds: int, seed: int) -> tuple[CrashOutcome, Installation]:
    """Every round, then a stop in order."""
    workspace = Workspace(folder)
    workspace.prepare()
    responses = RESPONSES if messages < LARGE else RESPONSES_OF_LARGE
    points, each = points_of(kills), -(-messages // kills)
    with Programs(workspace.logs) as programs:
        pair = Pair(programs, workspace.crash, "money")
        scenario = crash_scenario_toml(seed).replace(RESPONSES_BEFORE, responses) + faults_toml(messages)
        pair.start(scenario, folder, 0, points[0], SETTINGS.replace(*_GIVEN_UP_SOON))
        pair.control.call(
            "account.add",
            name=ESME.account,
            password=ESME.password,
            traffic_class="transactional",
            any_destination=True,
            max_binds=binds,
            prepaid_micros=kills * each * 10 * PRICE_MICROS,
        )
        orders = (
            esme_orders.plain_orders(numbers, esme_orders.GSM7, ESME.source, seed)
            for numbers in destinations(kills, each)
        )
        delay_s = KILL_DELAY_S if messages < LARGE else KILL_DELAY_OF_LARGE_S
        load = CrashLoad(ESME, workspace.esme, WINDOW, binds, UNANSWERED_FIRST, 0, SETTLE_S, delay_s)
        outcome = kill_rounds(programs, pair, load, orders, points, seed, _told)
        pair.stop()
    return outcome, workspace.crash


def truth_of(files: list[Path]) -> Counter[str]:
    """Recipient → segments that the simulator delivered, from its CDR files."""
    delivered: Counter[str] = Counter()
    for path in files:
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if row["system_id"] == SMSC_SYSTEM_ID and row["state"] == "DELIVERED":
                    delivered[row["destination_addr"]] += 1
    return delivered


_MONEY = """
    SELECT m.destination,
           sum(CASE t.kind WHEN :hold THEN t.amount_micros ELSE 0 END),
           sum(CASE WHEN t.kind IN (:settle, :late) THEN t.amount_micros ELSE 0 END),
           sum(CASE WHEN t.kind IN (:release, :expire) THEN t.amount_micros
                    WHEN t.kind = :late THEN -t.amount_micros ELSE 0 END)
    FROM message AS m JOIN ledger_transfer AS t
      ON t.shard = m.shard AND t.day = m.day AND t.reference = m.message_id
    GROUP BY m.destination
"""


def judge(installation: Installation) -> dict[str, Any]:
    """The figures of the promise, from the simulator's files and the product's rows."""
    delivered = truth_of(installation.closed_cdr_files())
    kinds = {
        "hold": TransferKind.HOLD,
        "settle": TransferKind.SETTLE,
        "late": TransferKind.LATE_CHARGE,
        "release": TransferKind.RELEASE,
        "expire": TransferKind.EXPIRE,
    }
    mismatches, examples, messages, settled_micros = 0, [], 0, 0
    connection = sqlite3.connect(f"file:{installation.database}?mode=ro", uri=True)
    try:
        for number, held, settled, released in connection.execute(
            _MONEY, {name: int(kind) for name, kind in kinds.items()}
        ):
            messages += 1
            settled_micros += settled
            due = delivered.pop(number, 0) * PRICE_MICROS
            if settled != due or held != settled + released:
                mismatches += 1
                if len(examples) < EXAMPLES_MAX:
                    examples.append(
                        f"…{number[-4:]}: held {held}, settled {settled}, released {released}, due {due}"
                    )
        overdrafts = _overdrafts(connection)
    finally:
        connection.close()
    database = Database.open(f"sqlite:///{installation.database}")
    try:
        proof = database.read(lambda reading: verify_ledger(reading, SHARD))
    finally:
        database.close()
    return {
        "numbers": messages,
        "settled_micros": settled_micros,
        # Delivered to a number of which the ledger knows nothing.
        "mismatches": mismatches + len(delivered),
        "imbalance_micros": proof.imbalance_micros,
        "open_holds": len(proof.open_holds),
        "ledger_error": proof.first_error or "",
        "overdrafts": overdrafts,
        "examples": examples,
    }


def _overdrafts(connection: sqlite3.Connection) -> int:
    """Moments at which a prepaid account's available money was below zero, by the postings in their order."""
    available, moments, last_us, balance = int(LedgerAccount.AVAILABLE), 0, -1, 0
    last_account = 0
    for account_no, at_us, change in connection.execute(
        "SELECT account_no, at_us, sum(CASE WHEN credit = :side THEN amount_micros ELSE 0 END)"
        " - sum(CASE WHEN debit = :side THEN amount_micros ELSE 0 END)"
        " FROM ledger_transfer GROUP BY account_no, at_us ORDER BY account_no, at_us",
        {"side": available},
    ):
        if account_no != last_account:
            balance, last_account = 0, account_no
        balance += change
        moments += balance < 0 and at_us != last_us
        last_us = at_us
    return moments


_last_told = ""


def _told(sentence: str) -> None:
    global _last_told
    if sentence.startswith(("round", "killed")) and sentence != _last_told:
        _last_told = sentence
        print(f"{time.strftime('%H:%M:%S')} {sentence}", file=sys.stderr, flush=True)


def main() -> int:
    """Parse the options, run, judge, write, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--binds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="a folder for the records; default: a temporary one")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "money_truth.json")
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="operator-push-money-") as temporary:
        folder = (options.keep or Path(temporary)).absolute()
        outcome, installation = run(folder, options.messages, options.kills, options.binds, options.seed)
        figures = judge(installation)
        figures["strikes"] = strikes_of(installation.witness)
    resolved: Counter[str] = Counter()
    for each in outcome.rounds:
        resolved.update(each.resolved)
    figures |= {
        "kills": len(outcome.rounds),
        "unanswered_at_kill": sorted(each.unanswered for each in outcome.rounds),
        "resolved_from_cdr": dict(resolved),
        "seconds": round(time.monotonic() - started),
    }
    broken = [
        name for name in ("mismatches", "imbalance_micros", "open_holds", "overdrafts") if figures[name]
    ]
    broken += [f"never struck: {name}" for name, count in figures["strikes"].items() if not count]
    figures["messages_per_s"] = round(options.messages / max(1, figures["seconds"]))
    figures["broken"] = broken + ["ledger_error"] * bool(figures["ledger_error"])
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures))
    return 1 if figures["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
