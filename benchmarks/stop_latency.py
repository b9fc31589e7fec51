"""How soon STOP is obeyed: thousands of handsets answer STOP while the product sends to them at full rate.

    python benchmarks/stop_latency.py --rate 2000 --stops 1000 --out benchmarks/results/stop_latency.json

All figures are from the simulator's own record (witness.jsonl): from the deliver_sm with STOP to the last
submit_sm for that number, and whether any submit_sm came after our deliver_sm_resp. Everybody is written to
again and again, so that a stop always meets messages that are queued, on the way, or at the SMSC. Exits 1
where the worst stop took a second, where anything was sent after the answer, or where stops are missing.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from neighbour import PRICE_MICROS, SCENARIO, SETTINGS

from operator_push.cli.child_programs import program
from operator_push.cli.demo.pair import Pair
from operator_push.cli.demo.programs import Programs
from operator_push.cli.demo.workspace import Workspace
from operator_push.kernel.instants import iso

LIMIT_MS = 1_000.0
FIRST = 919_800_000_000
ACCOUNT = "promo"
SHARE = 0.5
ROWS_A_CALL = 1_000
GRANTED_AT = iso(1_700_000_000_000_000)
NO_QUIET_HOURS = "[policy.quiet_hours]\nenabled = false\n"
# Few people and many messages, so that stops meet messages on the way; half of the people answer, once.
ANSWERS = """
[[mo.answers]]
share = {share}
text = "STOP"
after_ms = {{mean = 500, max = 2000}}
"""


def run(folder: Path, rate: int, people: int, seconds: int) -> dict[str, Any]:
    """Load for so long, while half of the people stop; what the record says of them."""
    workspace = Workspace(folder)
    workspace.prepare()
    with Programs(workspace.logs) as programs:
        pair = Pair(programs, workspace.crash, "stops")
        scenario = SCENARIO + ANSWERS.format(share=SHARE)
        pair.start(scenario, folder, 0, settings=SETTINGS + NO_QUIET_HOURS)
        _enrol(pair, people)
        command = [*program("smsc-sim"), "load", "--port", str(pair.smpp_port), "--system-id", ACCOUNT]
        command += [
            "--password",
            "pw",
            "--rate",
            str(rate),
            "--duration",
            str(seconds),
            "--bind",
            "trx:2",
        ]
        command += ["--first", str(FIRST), "--numbers", str(people), "--mix", "short", "--quiet"]
        subprocess.run([*command, "--receipts-wait", "15"], check=False, stdout=subprocess.DEVNULL)
        pair.wait_until_settled(120)
        meters = pair.control.call("stats")["meters"]
        found = judge((workspace.crash.smsc / "witness.jsonl").read_text().splitlines())
    return {"rate": rate, "seconds": seconds, **found, "cancelled": meters.get("mo.stop_cancelled", 0)}


def _enrol(pair: Pair, people: int) -> None:
    asked = {
        "password": "pw",
        "traffic_class": "promotional",
        "brand": "Brand",
        "max_binds": 4,
        "window": 1000,
    }
    pair.control.call("account.add", name=ACCOUNT, prepaid_micros=10**7 * PRICE_MICROS, **asked)
    columns = [
        "line",
        "msisdn",
        "brand",
        "category",
        "purpose",
        "channel",
        "action",
        "at",
        "method",
        "evidence",
    ]
    said = ("*", "*", "marketing", "*", "grant", GRANTED_AT, "web", "benchmark")
    for first in range(0, people, ROWS_A_CALL):
        numbers = [str(FIRST + number) for number in range(first, min(first + ROWS_A_CALL, people))]
        rows = [[line, number] for line, number in enumerate(numbers)]
        pair.control.call("subscriber.import", columns=columns[:2], rows=rows)
        pair.control.call("consent.import", columns=columns, rows=[[*row, *said] for row in rows])


def judge(lines: Iterable[str]) -> dict[str, Any]:
    """What the simulator's rows say of every number whose first STOP was acknowledged."""
    heard_us: dict[str, int] = {}
    answered_us: dict[str, int] = {}
    last_us: dict[str, int] = {}
    submits, after = Counter[str](), 0
    for line in lines:
        row = json.loads(line)
        decision, command = row.get("decision"), row.get("command")
        if row.get("kind") == "mo_answer" and decision == "sent":
            heard_us.setdefault(row["source"], row["t"])
        elif row.get("kind") == "mo_answer" and decision == "acknowledged":
            answered_us.setdefault(row["source"], row["t"])
        elif command == "submit_sm" and decision in ("accepted", "refused"):
            number = row["destination"]
            submits[number] += 1
            after += number in answered_us
            if number in heard_us:
                last_us[number] = row["t"]
    late_ms = sorted((last_us.get(number, heard_us[number]) - heard_us[number]) / 1000 for number in heard_us)
    answers_ms = sorted((answered_us[each] - heard_us[each]) / 1000 for each in answered_us)
    return {
        "stops": len(heard_us),
        "answered": len(answered_us),
        "submit_sm": submits.total(),
        "submit_sm_to_them": sum(submits[number] for number in heard_us),
        "sent_after_the_stop": len(last_us),
        "sent_after_our_answer": after,
        "worst_ms": late_ms[-1] if late_ms else None,
        "answer_p50_ms": answers_ms[len(answers_ms) // 2] if answers_ms else None,
        "answer_worst_ms": answers_ms[-1] if answers_ms else None,
    }


def holds(found: dict[str, Any], stops: int) -> bool:
    """The promise: every stop answered, under a second at the worst, nothing after the answer."""
    return (
        found["answered"] == found["stops"] >= stops
        and not found["sent_after_our_answer"]
        and found["worst_ms"] < LIMIT_MS
    )


def main() -> None:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rate", type=int, default=2_000, help="messages a second")
    parser.add_argument("--stops", type=int, default=1_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="stop-latency-"))
    try:
        found = run(folder, given.rate, round(given.stops * 1.1 / SHARE), given.seconds)
    finally:
        shutil.rmtree(folder)
    found["holds"] = holds(found, int(given.stops * 0.8))
    print(json.dumps(found, indent=2))
    if given.out is not None:
        given.out.write_text(json.dumps(found, indent=2) + "\n")
    raise SystemExit(not found["holds"])


if __name__ == "__main__":
    main()
