"""Cases that move money: the running server posts it, once, and the case names the posting."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from operator_desk import INDIA, PRICE_MICROS, asked, send, story
from product import Programs, running, until

from operator_push.domain.transfers import TransferKind
from operator_push.kernel.instants import iso
from operator_push.services.smsc_cdr import SMSC_CDR_COLUMNS

SILENT, ALSO_SILENT = "919912345671", "919912345672"
SCENARIO = """
[[fault]]
kind = "receipt_lost"
prefix = "9199"
"""


def write_cdr(file: Path, programs: Programs, states: dict[int, tuple[str, str]]) -> None:
    """A CDR file with one row for each message: to whom it went, and the state that the test wants."""
    lines = [",".join(SMSC_CDR_COLUMNS)]
    now = iso(time.time_ns() // 1000)
    for message_id, (destination, state) in states.items():
        (segment,) = story(programs, message_id)["segments"]
        smsc_id = segment["attempts"][-1]["smsc_message_id"]
        lines.append(f"{smsc_id},gateway,SHOP,{destination},,{now},{now},{state},0,0,5,,,")
    file.write_text("\n".join(lines) + "\n")


def resolve(programs: Programs, message_id: int, how: str) -> dict[str, Any]:
    """Resolve the open case of a message."""
    (found,) = (each for each in asked(programs, "case", "list") if each["message_id"] == message_id)
    told: dict[str, Any] = asked(programs, "case", "resolve", str(found["case_id"]), "--how", how)
    again = asked(programs, "case", "resolve", str(found["case_id"]), "--how", how)
    assert again == told
    assert told["state"] == "resolved"
    return told


def postings(programs: Programs, reference: int) -> set[str]:
    """Kinds of the postings with a reference."""
    connection = sqlite3.connect(f"file:{programs.folder / 'operator-push.db'}?mode=ro", uri=True)
    try:
        found = connection.execute("SELECT kind FROM ledger_transfer WHERE reference = ?", (reference,))
        return {TransferKind(kind).name for (kind,) in found}
    finally:
        connection.close()


def test_money_of_cases_is_posted_by_the_server_once(tmp_path: Path) -> None:
    with running(tmp_path, SCENARIO) as programs:
        programs.add_account()
        credited, settled, released = send(programs, INDIA, SILENT, ALSO_SILENT)
        until(lambda: programs.call("stats")["open_messages"] == 2, "the receipt that is not lost")

        def money() -> tuple[int, int]:
            account = programs.call("account.show", name="shop")["account"]
            return 10_000_000 - int(account["available_micros"]), int(account["held_micros"])

        assert money() == (3 * PRICE_MICROS, 2 * PRICE_MICROS)
        first = tmp_path / "first.csv"
        write_cdr(first, programs, {credited: (INDIA, "EXPIRED")})
        later = iso(time.time_ns() // 1000 + 10_000_000)
        words = ("reconcile", "--cdr", str(first), "--complete", "--until", later, "--cases")
        told = asked(programs, *words, status=1)
        assert (told["resolved"]["ambiguous"], told["cases_opened"]) == (2, 1)

        case = resolve(programs, credited, "credit_note")
        posting = case["events"][-1]["posting"]
        assert postings(programs, posting) == {"CREDIT_NOTE"}
        assert money() == (2 * PRICE_MICROS, 2 * PRICE_MICROS)
        # Opened again and resolved so again, it names the same posting.
        asked(programs, "case", "reopen", str(case["case_id"]))
        assert resolve(programs, credited, "credit_note")["events"][-1]["posting"] == posting
        assert money() == (2 * PRICE_MICROS, 2 * PRICE_MICROS)

        assert resolve(programs, settled, "charged_after_all")["events"][-1]["posting"] == settled
        assert postings(programs, settled) == {"HOLD", "SETTLE"}
        assert resolve(programs, released, "released")["events"][-1]["posting"] == released
        assert postings(programs, released) == {"HOLD", "RELEASE"}
        assert money() == (PRICE_MICROS, 0)

        second = tmp_path / "second.csv"
        truth = {credited: INDIA, settled: SILENT, released: ALSO_SILENT}
        write_cdr(second, programs, {each: (number, "DELIVERED") for each, number in truth.items()})
        assert asked(programs, "reconcile", "--cdr", str(second), "--cases", status=1)["cases_opened"] == 1
        posting = resolve(programs, released, "charged_after_all")["events"][-1]["posting"]
        assert postings(programs, posting) == {"CHARGE"}
        assert money() == (2 * PRICE_MICROS, 0)
        assert asked(programs, "ledger", "verify")["ok"]
        assert asked(programs, "case", "list") == []
