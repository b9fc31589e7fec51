"""The soak: the product is killed again and again under load, at random moments and at named points.

    python benchmarks/soak.py [--rounds 30] [--messages 1000] [--binds 20] [--seed 7]
                              [--keep DIR] [--out FILE]

Simulator, product and ESME are programs on loopback; the simulator lives throughout. In each round 20 binds
submit, SIGKILL comes while the SMSC owes at least 50 answers, the product starts again at once, and what
nobody can know is resolved from the SMSC's closed CDR period. Then the judgement: what was acknowledged (the
ESME's record) against what arrived (the simulator's witness, which the product never sees), the ledger from
its rows, and messages × ledger × the SMSC's CDR.

`--out` (benchmarks/results/soak.json) gets one JSON object: kills, acknowledged, lost, duplicated,
imbalance_micros, slowest_recovery_s, and what else was counted. A recovery is from the kill until the queues
are loaded, the link is bound and all binds are back. Exit status 1 where something did not hold.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from operator_push.bootstrap.death_points import POINTS
from operator_push.cli.demo import esme_orders
from operator_push.cli.demo.crash_proof import CrashProof, prove_crashes
from operator_push.cli.demo.crash_run import CrashLoad, CrashOutcome, kill_rounds
from operator_push.cli.demo.enterprises import EsmeAccount
from operator_push.cli.demo.pair import Pair
from operator_push.cli.demo.plan import CRASH_UNANSWERED_MIN
from operator_push.cli.demo.programs import Programs
from operator_push.cli.demo.settings_files import (
    LINK_NAME,
    SMSC_PASSWORD,
    SMSC_SYSTEM_ID,
    crash_scenario_toml,
)
from operator_push.cli.demo.workspace import Workspace

RECOVERY_MAX_S = 5.0
WINDOW = 3  # of each bind: small, so that the ESMEs are still submitting when the product dies
RANDOM = "random moment"
ESME = EsmeAccount("soak", "pw-soak", "Soak", 0, "SOAK")
SETTINGS = f"""\
data_dir = "."
[smpp_server]
port = {{smpp_port}}
[[smsc]]
name = "{LINK_NAME}"
host = "127.0.0.1"
port = {{smsc_port}}
system_id = "{SMSC_SYSTEM_ID}"
password = "{SMSC_PASSWORD}"
window = 160
reconnect_min_s = 0.2
reconnect_max_s = 1.0
[[tariff]]
price_per_segment = "0.10"
currency = "INR"
"""


def points_of(rounds: int) -> list[str]:
    """Where each round dies: chance, then each named point in turn, and again."""
    turns = ["", *POINTS]
    return [turns[number % len(turns)] for number in range(rounds)]


def destinations(rounds: int, messages: int) -> list[list[str]]:
    """A number of its own for every message, so that arrivals can be counted by number."""
    first = 919_800_000_000
    return [[str(first + number * messages + place) for place in range(messages)] for number in range(rounds)]


def soak(folder: Path, rounds: int, messages: int, binds: int, seed: int) -> tuple[CrashOutcome, CrashProof]:
    """Run every round, stop in order, judge."""
    workspace = Workspace(folder)
    workspace.prepare()
    points = points_of(rounds)
    with Programs(workspace.logs) as programs:
        pair = Pair(programs, workspace.crash, "soak")
        pair.start(crash_scenario_toml(seed), folder, 0, points[0], SETTINGS)
        pair.control.call(
            "account.add",
            name=ESME.account,
            password=ESME.password,
            traffic_class="transactional",
            any_destination=True,
            max_binds=binds,
            prepaid_micros=rounds * messages * 1_000_000,
        )
        orders = (
            esme_orders.plain_orders(numbers, esme_orders.GSM7, ESME.source, seed)
            for numbers in destinations(rounds, messages)
        )
        load = CrashLoad(ESME, workspace.esme, WINDOW, binds, 2 * CRASH_UNANSWERED_MIN)
        outcome = kill_rounds(programs, pair, load, orders, points, seed, _told)
        pair.stop()
    return outcome, prove_crashes(outcome, workspace.crash)


def figures_of(outcome: CrashOutcome, proof: CrashProof, binds: int) -> dict[str, Any]:
    """What the JSON tells."""
    found = proof.reconciliation
    resolved: Counter[str] = Counter()
    for each in outcome.rounds:
        resolved.update(each.resolved)
    recoveries = sorted(each.back_ms for each in outcome.rounds)
    return {
        "kills": len(outcome.rounds),
        "kills_by_point": dict(Counter(each.point or RANDOM for each in outcome.rounds)),
        "in_flight_at_kill_min": min(each.unanswered for each in outcome.rounds),
        "binds": binds,
        "acknowledged": proof.acknowledged,
        "arrived": proof.arrived,
        "lost": proof.lost + proof.acknowledged_without_row,
        "duplicated": proof.duplicated,
        "stored_unlike_witness": proof.stored_unlike_witness,
        "acknowledged_without_receipt": proof.acknowledged_without_receipt,
        "imbalance_micros": proof.imbalance_micros,
        "open_holds": proof.open_holds,
        "ledger_error": proof.ledger_error,
        "mismatched_with_cdr": found.mismatched if found is not None else -1,
        "resolved_from_cdr": dict(resolved),
        "slowest_recovery_s": recoveries[-1] / 1000,
        "median_recovery_s": recoveries[len(recoveries) // 2] / 1000,
        "examples": proof.examples[:5],
    }


def broken_promises(figures: dict[str, Any]) -> list[str]:
    """The names of the figures that are not as promised."""
    zero = ("lost", "duplicated", "stored_unlike_witness", "acknowledged_without_receipt")
    zero += ("imbalance_micros", "open_holds", "mismatched_with_cdr")
    broken = [name for name in zero if figures[name]]
    if figures["ledger_error"]:
        broken.append("ledger_error")
    if figures["in_flight_at_kill_min"] < CRASH_UNANSWERED_MIN:
        broken.append("in_flight_at_kill_min")
    if figures["slowest_recovery_s"] >= RECOVERY_MAX_S:
        broken.append("slowest_recovery_s")
    if not figures["acknowledged"]:
        broken.append("acknowledged")
    return broken


_last_told = ""


def _told(sentence: str) -> None:
    global _last_told
    if sentence.startswith(("round", "killed")) and sentence != _last_told:
        _last_told = sentence
        print(f"{time.strftime('%H:%M:%S')} {sentence}", file=sys.stderr, flush=True)


def main() -> int:
    """Parse the options, soak, write, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--messages", type=int, default=1_000, help="of each round")
    parser.add_argument("--binds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="a folder for the records; default: a temporary one")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "soak.json")
    options = parser.parse_args()
    asked = (options.rounds, options.messages, options.binds, options.seed)
    if options.keep is not None:
        outcome, proof = soak(options.keep.absolute(), *asked)
    else:
        with tempfile.TemporaryDirectory(prefix="operator-push-soak-") as folder:
            outcome, proof = soak(Path(folder), *asked)
    figures = figures_of(outcome, proof, options.binds)
    broken = broken_promises(figures)
    figures["broken"] = broken
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
