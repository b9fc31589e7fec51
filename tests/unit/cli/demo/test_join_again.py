"""The outsider's join: three small files that agree, then one of them tampered with."""

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from operator_push.cli.demo.join_again import JoinAgain, join_exports

Row = dict[str, str]

MESSAGES: list[Row] = [
    {"submission_id": "1", "segment_no": "1", "attempts": "1", "smsc_message_id": "A", "state": "DELIVERED",
     "user_message_reference": "7", "price_micros": "100", "held_micros": "100", "settled_micros": "100"},
    {"submission_id": "1", "segment_no": "2", "attempts": "1", "smsc_message_id": "B", "state": "EXPIRED",
     "user_message_reference": "8", "price_micros": "100", "held_micros": "100", "settled_micros": "0"},
    {"submission_id": "2", "segment_no": "1", "attempts": "0", "smsc_message_id": "", "state": "",
     "user_message_reference": "", "price_micros": "0", "held_micros": "0", "settled_micros": "0"},
]  # fmt: skip
LEDGER: list[Row] = [
    {"reference": "9", "kind": "TOP_UP", "account": "bank", "debit": "FUNDING", "credit": "AVAILABLE",
     "amount_micros": "500"},
    {"reference": "1", "kind": "HOLD", "account": "bank", "debit": "AVAILABLE", "credit": "HELD",
     "amount_micros": "200"},
    {"reference": "1", "kind": "SETTLE", "account": "bank", "debit": "HELD", "credit": "REVENUE",
     "amount_micros": "100"},
    {"reference": "1", "kind": "RELEASE", "account": "bank", "debit": "HELD", "credit": "AVAILABLE",
     "amount_micros": "100"},
]  # fmt: skip
CDR: list[Row] = [
    {"smsc_message_id": "A", "state": "DELIVERED", "user_message_reference": "7"},
    {"smsc_message_id": "B", "state": "EXPIRED", "user_message_reference": "8"},
]


def write(folder: Path, files: Mapping[str, list[Row]]) -> None:
    for name, rows in files.items():
        with (folder / name).open("w", newline="") as out:
            writer = csv.DictWriter(out, fieldnames=list(rows[0]), extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)


def joined(folder: Path, **changed: list[Row]) -> JoinAgain:
    files = {"messages": MESSAGES, "ledger": LEDGER, "smsc_cdr": CDR} | changed
    write(folder, {f"{name}.csv": rows for name, rows in files.items()})
    return join_exports(folder)


def test_files_that_agree_have_no_problem(tmp_path: Path) -> None:
    result = joined(tmp_path)
    assert result.problems == []
    assert (result.submissions, result.segments_sent, result.smsc_rows, result.matched) == (2, 2, 2, 2)


def altered(rows: list[Row], place: int, **values: str) -> list[Row]:
    return [row | values if index == place else row for index, row in enumerate(rows)]


TAMPERED: dict[str, tuple[str, dict[str, list[Row]]]] = {
    "a row of the SMSC is gone": ("no such row", {"smsc_cdr": CDR[:1]}),
    "the SMSC has one more": (
        "messages.csv has not",
        {"smsc_cdr": [*CDR, CDR[0] | {"smsc_message_id": "C"}]},
    ),
    "the SMSC has one twice": ("twice", {"smsc_cdr": [*CDR, CDR[0]]}),
    "another outcome": ("EXPIRED here and DELIVERED there", {"smsc_cdr": altered(CDR, 1, state="DELIVERED")}),
    "another key": (
        "another user_message_reference",
        {"smsc_cdr": altered(CDR, 0, user_message_reference="1")},
    ),
    "charged though expired": ("was charged", {"messages": altered(MESSAGES, 1, settled_micros="100")}),
    "charged though never sent": ("never left", {"messages": altered(MESSAGES, 2, settled_micros="100")}),
    "held too little": ("holds 150", {"messages": altered(MESSAGES, 1, held_micros="50")}),
    "a release is missing": ("not what was settled and released", {"ledger": LEDGER[:3]}),
    "money still held": ("still held", {"ledger": LEDGER[:3]}),
    "a posting of nobody's": ("messages.csv has not", {"ledger": [*LEDGER, LEDGER[1] | {"reference": "3"}]}),
    "below zero": ("AVAILABLE of bank is -100", {"ledger": altered(LEDGER, 0, amount_micros="0")}),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_what_was_tampered_with_is_found(tmp_path: Path, case: str) -> None:
    sentence, changed = TAMPERED[case]
    result = joined(tmp_path, **changed)
    assert any(sentence in problem for problem in result.problems), result.problems
    assert result.problem_count >= 1
