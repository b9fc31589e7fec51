"""The judgement over a crash: acknowledged messages against the witness, on small records."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from proof_sample import PRICE, attempt, result, transfer
from store_rows import ids, keyed_row, message_row, row

from operator_push.cli.demo.crash_proof import CrashProof, prove_crashes
from operator_push.cli.demo.crash_run import CrashOutcome
from operator_push.cli.demo.esme_record import EsmeRow, EsmeSeen
from operator_push.cli.demo.workspace import Installation
from operator_push.domain.ledger import LedgerAccount, TransferKind
from operator_push.domain.message import MessageState
from operator_push.services.smsc_cdr import SMSC_CDR_COLUMNS
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.migrate import upgrade
from operator_push.store.seal_rows import seal_what_is_not
from operator_push.store.statements import insert_rows

FIRST, SECOND = ids(2)
NUMBERS = {FIRST: "919800000001", SECOND: "919800000002"}


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """Two messages, sent, delivered and settled, and a CDR file that says the same."""
    found = Installation(tmp_path / "product", tmp_path / "smsc")
    found.product.mkdir()
    (found.smsc / "cdr").mkdir(parents=True)
    url = f"sqlite:///{found.database}"
    upgrade(url)
    database = Database.open(url)
    database.run(_fill)
    database.close()
    lines = [",".join(SMSC_CDR_COLUMNS)]
    moment = "2026-11-21T22:00:00.000000Z"
    for place, number in enumerate(NUMBERS.values(), 1):
        lines.append(f"A{place},oppush,NAGARB,{number},{place},{moment},{moment},DELIVERED,0,0,20,,,")
    (found.smsc / "cdr" / "smsc_cdr_1.csv").write_text("\n".join(lines) + "\n")
    return found


def _fill(connection: Any) -> None:
    rows: dict[str, list[tuple[Any, ...]]] = {
        "account": [row(schema.account, account_no=1, name="bank", kind="esme", currency="INR")],
        "smsc_link": [row(schema.smsc_link, link_no=1, name="main")],
        "message": [message_row(each, destination=number) for each, number in NUMBERS.items()],
        "attempt": [
            attempt(each, 1, user_message_reference=place, at_us=1) for place, each in enumerate(NUMBERS, 1)
        ],
        "submit_result": [result(each, 1, 1, 0, f"A{place}") for place, each in enumerate(NUMBERS, 1)],
        "segment_outcome": [
            keyed_row(
                schema.segment_outcome,
                each,
                segment_no=1,
                state=int(MessageState.DELIVERED),
                told_by=1,
                smsc_message_id=f"A{place}",
            )
            for place, each in enumerate(NUMBERS, 1)
        ],
        "message_final": [
            keyed_row(
                schema.message_final,
                each,
                sequence=place,
                state=int(MessageState.DELIVERED),
                segments_delivered=1,
                settled_micros=PRICE,
            )
            for place, each in enumerate(NUMBERS, 1)
        ],
        "ledger_transfer": [
            transfer(ids(3)[2], TransferKind.TOP_UP, 2 * PRICE),
            *(
                transfer(each, kind, PRICE)
                for each in NUMBERS
                for kind in (TransferKind.HOLD, TransferKind.SETTLE)
            ),
        ],
        "balance": [
            row(schema.balance, shard=0, account_no=1, side=int(side), amount_micros=amount)
            for side, amount in (
                (LedgerAccount.AVAILABLE, 0),
                (LedgerAccount.HELD, 0),
                (LedgerAccount.REVENUE, 2 * PRICE),
                (LedgerAccount.FUNDING, -2 * PRICE),
            )
        ],
    }
    for table, some in rows.items():
        insert_rows(connection, schema.metadata.tables[table], some)
    seal_what_is_not(connection, 0)


def witnessed(installation: Installation, arrivals: Sequence[tuple[int, int]]) -> None:
    """(message, reference) of each submit_sm that the SMSC took."""
    rows = [
        {
            "n": n, "t": n, "bind": "b1", "direction": "in", "command": "submit_sm", "decision": "accepted",
            "destination": NUMBERS[message], "user_message_reference": reference, "smsc_message_id": f"A{n}",
        }
        for n, (message, reference) in enumerate(arrivals, 1)
    ]  # fmt: skip
    installation.witness.write_text("".join(json.dumps(each) + "\n" for each in rows))


def acknowledged(*messages: int, unacknowledged: Sequence[int] = ()) -> CrashOutcome:
    answers = [
        EsmeRow("answered", 1, place, 1, "gsm7", NUMBERS[each], "ESME_ROK", str(each))
        for place, each in enumerate(messages, 1)
    ]
    lost = [EsmeRow("unacknowledged", 1, 9, 1, "gsm7", NUMBERS[each]) for each in unacknowledged]
    receipts = [EsmeRow("receipt", 2, message_id=str(each), stat="DELIVRD") for each in messages]
    return CrashOutcome([], [EsmeSeen(answers, lost, receipts, 2)], 1.0)


def counts(proof: CrashProof) -> tuple[int, int, int]:
    return proof.lost, proof.duplicated, proof.stored_unlike_witness


def test_each_once_is_right(installation: Installation) -> None:
    witnessed(installation, [(FIRST, 1), (SECOND, 2)])
    proof = prove_crashes(acknowledged(FIRST, SECOND), installation)
    assert counts(proof) == (0, 0, 0)
    assert (proof.acknowledged, proof.arrived, proof.open_holds, proof.imbalance_micros) == (2, 2, 0, 0)
    assert proof.acknowledged_without_receipt == proof.acknowledged_without_row == 0
    assert proof.reconciliation is not None
    assert proof.reconciliation.is_clean


def test_what_was_acknowledged_and_never_came_is_lost(installation: Installation) -> None:
    witnessed(installation, [(FIRST, 1)])
    assert counts(prove_crashes(acknowledged(FIRST, SECOND), installation)) == (1, 0, 1)


def test_what_came_twice_is_found(installation: Installation) -> None:
    witnessed(installation, [(FIRST, 1), (SECOND, 2), (SECOND, 2)])
    assert counts(prove_crashes(acknowledged(FIRST, SECOND), installation)) == (0, 1, 1)


def test_twice_under_another_key_is_found_by_the_number(installation: Installation) -> None:
    witnessed(installation, [(FIRST, 1), (SECOND, 2), (SECOND, 3)])
    assert counts(prove_crashes(acknowledged(FIRST, SECOND), installation)) == (0, 1, 0)


def test_what_nobody_was_told_of_may_come_once(installation: Installation) -> None:
    witnessed(installation, [(FIRST, 1), (SECOND, 2)])
    proof = prove_crashes(acknowledged(FIRST, unacknowledged=[SECOND]), installation)
    assert counts(proof) == (0, 0, 0)
    assert proof.unacknowledged == 1


def test_a_message_that_nobody_submitted_is_one_too_many(installation: Installation) -> None:
    witnessed(installation, [(FIRST, 1), (SECOND, 2)])
    assert prove_crashes(acknowledged(FIRST), installation).duplicated == 1


def test_an_acknowledged_id_needs_its_row_and_its_receipt(installation: Installation) -> None:
    witnessed(installation, [(FIRST, 1), (SECOND, 2)])
    outcome = acknowledged(FIRST, SECOND)
    outcome.seen[0].answered[1].message_id = "4711"
    proof = prove_crashes(outcome, installation)
    assert (proof.acknowledged_without_row, proof.acknowledged_without_receipt) == (1, 1)
