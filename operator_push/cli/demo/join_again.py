"""The join, once more: the three exports read as an outsider would, with nothing of ours but the csv format.

Deliberately shares no code with the product: a mistake that services.reconcile and the store made together
would show here.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

EXAMPLES_MAX = 5


@dataclass(slots=True)
class JoinAgain:
    """What the three files say when they are laid beside each other."""

    submissions: int = 0
    segments_sent: int = 0
    smsc_rows: int = 0
    matched: int = 0
    problems: list[str] = field(default_factory=list)
    problem_count: int = 0

    def problem(self, sentence: str) -> None:
        """Something does not fit."""
        self.problem_count += 1
        if len(self.problems) < EXAMPLES_MAX:
            self.problems.append(sentence)


def join_exports(folder: Path) -> JoinAgain:
    """Join messages.csv, ledger.csv and smsc_cdr.csv of a folder, segment by segment and micro by micro."""
    result = JoinAgain()
    smsc = _smsc_rows(folder / "smsc_cdr.csv", result)
    ledger = _ledger_rows(folder / "ledger.csv", result)
    settled: dict[str, int] = defaultdict(int)
    held: dict[str, int] = defaultdict(int)
    for row in _rows(folder / "messages.csv"):
        submission = row["submission_id"]
        result.submissions += row["segment_no"] == "1"
        settled[submission] += int(row["settled_micros"])
        held[submission] += int(row["held_micros"])
        _join_segment(row, smsc, result)
    for submission, amount in held.items():
        _join_money(submission, amount, settled[submission], ledger.pop(submission, Counter()), result)
    for submission in ledger:
        result.problem(f"ledger.csv has {submission}, messages.csv has not")
    for identifier in smsc:
        result.problem(f"smsc_cdr.csv has {identifier}, messages.csv has not")
    return result


def _join_segment(row: dict[str, str], smsc: dict[str, dict[str, str]], result: JoinAgain) -> None:
    if int(row["attempts"]) == 0:
        if row["smsc_message_id"] or int(row["settled_micros"]):
            result.problem(f"{row['submission_id']}/{row['segment_no']} never left and yet was charged")
        return
    result.segments_sent += 1
    theirs = smsc.pop(row["smsc_message_id"], None)
    name = f"{row['submission_id']}/{row['segment_no']}"
    if theirs is None:
        result.problem(f"{name} was sent as {row['smsc_message_id'] or '?'}, smsc_cdr.csv has no such row")
    elif theirs["state"] != row["state"]:
        result.problem(f"{name} is {row['state']} here and {theirs['state']} there")
    elif theirs["user_message_reference"] != row["user_message_reference"]:
        result.problem(f"{name} bears another user_message_reference there")
    elif int(row["settled_micros"]) != (int(row["price_micros"]) if row["state"] == "DELIVERED" else 0):
        result.problem(f"{name} is {row['state']} and was charged {row['settled_micros']} micros")
    else:
        result.matched += 1


def _join_money(
    submission: str, held: int, settled: int, transfers: "Counter[str]", result: JoinAgain
) -> None:
    if transfers["HOLD"] != held:
        result.problem(f"{submission} holds {held} micros in messages.csv, {transfers['HOLD']} in ledger.csv")
    if transfers["SETTLE"] != settled:
        result.problem(f"{submission} settles {settled} in messages.csv, {transfers['SETTLE']} in ledger.csv")
    if transfers["HOLD"] != transfers["SETTLE"] + transfers["RELEASE"]:
        result.problem(f"{submission}: its hold is not what was settled and released")


def _smsc_rows(path: Path, result: JoinAgain) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in _rows(path):
        result.smsc_rows += 1
        if row["smsc_message_id"] in found:
            result.problem(f"smsc_cdr.csv has {row['smsc_message_id']} twice")
        found[row["smsc_message_id"]] = row
    return found


def _ledger_rows(path: Path, result: JoinAgain) -> dict[str, "Counter[str]"]:
    """Transfers of messages by reference; every row also proves that debits equal credits."""
    found: dict[str, Counter[str]] = {}
    sides: dict[tuple[str, str], int] = defaultdict(int)
    for row in _rows(path):
        amount = int(row["amount_micros"])
        sides[(row["account"], row["debit"])] -= amount
        sides[(row["account"], row["credit"])] += amount
        if row["kind"] != "TOP_UP":
            found.setdefault(row["reference"], Counter())[row["kind"]] += amount
    for (account, side), amount in sides.items():
        if side in ("AVAILABLE", "REVENUE") and amount < 0:
            result.problem(f"{side} of {account} is {amount} micros")
        if side == "HELD" and amount:
            result.problem(f"{amount} micros of {account} are still held")
    return found


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
