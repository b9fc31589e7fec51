"""What reconciliation costs: seconds and memory at 250,000 to 1,000,000 messages.

    python benchmarks/reconcile_million.py [--sizes 250000,500000,1000000] [--form csv|ts32297] [--keep DIR]

Builds a store and CDR files with the rows that the product and the simulator would have left: one text in ten
of two segments, one in twenty undelivered, twelve files a store, some messages in each class of
disagreement. The command runs as a program of its own; its answer must be the classes that were built in.
Prints a JSON object a size: seconds (wall and CPU), peak_mib, and at the end `growth`, the seconds a message
of the largest size over those of the smallest. Exit status 1 where an answer is wrong, a million took 60 s or
1 GiB, or growth is above 1.25.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from operator_push.cdr.file_32297 import FileHeader, Release, write_cdr, write_file_header
from operator_push.cdr.smsc_message import SmscMessage
from operator_push.cdr.smsc_writing import sc_smo, sc_smt
from operator_push.domain.message import MessageState, Verdict
from operator_push.domain.transfers import LEGS, TransferKind
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.kernel.instants import iso
from operator_push.services.smsc_cdr import SMSC_CDR_COLUMNS
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.migrate import upgrade
from operator_push.store.statements import insert_rows

SIZES = (250_000, 500_000, 1_000_000)
SECONDS_MAX, MIB_MAX, GROWTH_MAX = 60.0, 1024, 1.25
PRICE = 100_000
START_US = 1_793_491_200_000_000  # 2026-11-01
STEP_US = 10_000  # 100 messages a second: a million take three hours
FILES = 12
NODE = "19990000001"
BATCH = 10_000
SETTINGS = """\
data_dir = "."
[[smsc]]
name = "main"
host = "127.0.0.1"
port = 1
system_id = "push"
password = "x"
[[tariff]]
price_per_segment = "0.10"
currency = "INR"
"""
# Of ten thousand messages; the rest agree.
WRONG = {
    "charged_not_sent": 3,
    "sent_not_charged": 2,
    "outcome_differs": 4,
    "twice": 1,
    "unknown": 5,
    "not_ours": 1,
}
_DELIVERED, _EXPIRED = MessageState.DELIVERED, MessageState.EXPIRED

Row = tuple[Any, ...]


def build(folder: Path, messages: int, form: str, seed: int = 7) -> Counter[str]:
    """A store and its CDR files; the segments of each class that were built in."""
    (folder / "operator-push.toml").write_text(SETTINGS)
    url = f"sqlite:///{folder / 'operator-push.db'}"
    upgrade(url)
    database = Database.open(url)
    chance, ids, expected = random.Random(seed), IdSequence(0), Counter[str]()
    files = CdrWriter(folder, form, -(-messages // FILES))
    deck = [name for name, count in WRONG.items() for _ in range(count)]
    database.run(lambda connection: _small_rows(connection))
    rows: dict[str, list[Row]] = {}
    for number in range(messages):
        place = chance.randrange(10_000)
        wrong = deck[place] if place < len(deck) else "matched"
        _message(rows, files, number, wrong, chance, ids, expected)
        if number % BATCH == BATCH - 1 or number == messages - 1:
            written, rows = rows, {}
            database.run(lambda connection, written=written: _write(connection, written))
    files.close()
    database.close()
    return expected


def _small_rows(connection: Any) -> None:
    values = {"account_no": 1, "name": "bench", "kind": "esme", "currency": "INR"}
    insert_rows(connection, schema.account, [_row(schema.account, **values)])
    insert_rows(connection, schema.smsc_link, [(1, "main")])


def _write(connection: Any, rows: dict[str, list[Row]]) -> None:
    for name, of_table in rows.items():
        insert_rows(connection, schema.metadata.tables[name], of_table)


def _row(table: Any, **values: Any) -> Row:
    blank: dict[type, Any] = {int: 0, str: "", bytes: b"", bool: False}
    return tuple(values.get(column.name, blank[column.type.python_type]) for column in table.columns)


def _message(
    rows: dict[str, list[Row]],
    files: "CdrWriter",
    number: int,
    wrong: str,
    chance: random.Random,
    ids: IdSequence,
    expected: Counter[str],
) -> None:
    at_us = START_US + number * STEP_US
    message_id = ids.next_id(at_us)
    day, count = id_day(message_id), 2 if chance.random() < 0.1 else 1
    state = _EXPIRED if chance.random() < 0.05 else _DELIVERED
    if wrong in ("charged_not_sent", "sent_not_charged", "twice", "outcome_differs"):
        count, state = 1, _DELIVERED
    key, recipient = (0, day, message_id), f"9198{number % 9_000_000:08d}"
    settled = count * PRICE if state is _DELIVERED and wrong != "sent_not_charged" else 0
    is_open = wrong == "unknown"

    def add(table: str, *values: Any) -> None:
        rows.setdefault(table, []).append((*key, *values))

    # As the product writes them: what a message of one segment has once stands in its own rows.
    is_folded = count == 1
    sent_us = at_us + 2_000
    sent = (1, 1, (2 * number + 1) & 0xFFFF, sent_us) if is_folded else (0, 0, 0, 0)
    add(
        "message", 1, 1, 0, 1, 0, 1, number + 1, "56070", recipient, count, PRICE, count * PRICE,
        int(Verdict.ADMIT), 0, b"", -1, 1, 0, b"x" * 40, *sent,
    )  # fmt: skip
    add("ledger_transfer", int(TransferKind.HOLD), 1, *_sides(TransferKind.HOLD), count * PRICE, "INR", at_us)
    for segment_no in range(1, count + 1):
        reference, smsc_id = (2 * number + segment_no) & 0xFFFF, f"{2 * number + segment_no:x}"
        final_us = at_us + 3_000_000
        add("submit_result", segment_no, 1, 0, smsc_id, sent_us + 1_500)
        if not is_folded:
            add("attempt", segment_no, 1, 1, 1, reference, sent_us)
            if not is_open:
                add("segment_outcome", segment_no, int(state), 1, smsc_id, "0", final_us)
        expected[wrong if wrong != "not_ours" else "matched"] += 1
        theirs = _EXPIRED if wrong == "outcome_differs" else state
        ended = SmscMessage(
            smsc_id, "push", "56070", recipient, reference, sent_us + 500, final_us, theirs.name, 0, 0, 60,
            None if count == 1 else (number & 255, count, segment_no),
        )  # fmt: skip
        if wrong != "charged_not_sent":
            files.add(ended)
        if wrong == "twice":
            files.add(_again(ended))
        if wrong == "not_ours" and segment_no == 1:
            expected["not_ours"] += 1
            files.add(
                SmscMessage(
                    f"x{number}", "push", "56070", "4412345", 0, sent_us, final_us, "DELIVERED", 0, 0, 9
                )
            )
    if is_open:
        return
    add(
        "message_final",
        number + 1,
        int(state),
        count * (state is _DELIVERED),
        settled,
        count * PRICE - settled,
        at_us,
        *((1, f"{2 * number + 1:x}", "0", 0, None) if is_folded else (0, "", "", 0, None)),
    )
    for kind, amount in ((TransferKind.SETTLE, settled), (TransferKind.RELEASE, count * PRICE - settled)):
        if amount:
            add("ledger_transfer", int(kind), 1, *_sides(kind), amount, "INR", at_us + 3_100_000)


def _sides(kind: TransferKind) -> tuple[int, int]:
    debit, credit = LEGS[kind]
    return int(debit), int(credit)


def _again(ended: SmscMessage) -> SmscMessage:
    """The SMSC took the same submit_sm twice: another id, the same key."""
    values = {name: getattr(ended, name) for name in ended.__struct_fields__}
    return SmscMessage(**{**values, "smsc_message_id": f"{ended.smsc_message_id}-again"})


class CdrWriter:
    """Files of equal size, in the form of the simulator's CSV or of TS 32.297."""

    def __init__(self, folder: Path, form: str, rows_a_file: int) -> None:
        self.folder, self.form, self._rows_a_file = folder, form, rows_a_file
        self._rows: list[bytes] = []
        self._number = self._sequence = 0

    def add(self, ended: SmscMessage) -> None:
        """One message's end."""
        if self.form == "csv":
            self._rows.append(_csv_row(ended))
        else:
            self._sequence += 2
            records = (
                sc_smo(ended, "19990000001", self._sequence),
                sc_smt(ended, "19990000001", self._sequence + 1),
            )
            self._rows.append(b"".join(write_cdr(record, Release(16, 0)) for record in records))
        if len(self._rows) >= self._rows_a_file:
            self.close()

    def close(self) -> None:
        """Write the file that is open."""
        if not self._rows:
            return
        self._number += 1
        octets, rows = b"".join(self._rows), len(self._rows)
        if self.form == "csv":
            head = (",".join(SMSC_CDR_COLUMNS) + "\n").encode()
        else:
            release = Release(16, 0)
            head = write_file_header(FileHeader(release, release, 0, 0, 2 * rows, self._number), len(octets))
        suffix = "csv" if self.form == "csv" else "cdr"
        (self.folder / f"smsc_{self._number:03d}.{suffix}").write_bytes(head + octets)
        self._rows = []


def _csv_row(ended: SmscMessage) -> bytes:
    concat = ",," if ended.concat is None else ",".join(map(str, ended.concat))
    return (
        f"{ended.smsc_message_id},{ended.system_id},{ended.source},{ended.destination},"
        f"{ended.user_message_reference},{iso(ended.submit_us)},{iso(ended.final_us)},{ended.state},"
        f"{ended.error_code},{ended.data_coding},{ended.octets},{concat}\n"
    ).encode()


def measure(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what the command told, what it cost)."""
    files = sorted([*folder.glob("smsc_*.csv"), *folder.glob("smsc_*.cdr")])
    command = [sys.executable, "-m", "operator_push.cli.main", "reconcile", "--json"]
    for file in files:
        command += ["--cdr", str(file)]
    environment = {**os.environ, "OPERATOR_PUSH_CONFIG": str(folder / "operator-push.toml")}
    with (folder / "told.json").open("wb") as told:
        started = time.monotonic()
        program = subprocess.Popen(command, stdout=told, env=environment, cwd=folder)
        _, _, usage = os.wait4(program.pid, 0)
        seconds = time.monotonic() - started
    program.returncode = 0
    cost = {
        "seconds": round(seconds, 1),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mib": round(usage.ru_maxrss / 1024),
    }
    return json.loads((folder / "told.json").read_text()), cost


def judged(told: dict[str, Any], expected: Counter[str]) -> list[str]:
    """Where the classes are not those that were built in, a sentence each."""
    found = {name: total["segments"] for name, total in told["classes"].items() if total["segments"]}
    # Both rows of a doubled segment belong to it.
    return [
        f"{name}: {found.get(name, 0)} segments, built in were {expected[name]}"
        for name in sorted({*found, *expected})
        if found.get(name, 0) != expected[name]
    ]


def runs(sizes: list[int], form: str, keep: Path | None) -> Iterator[dict[str, Any]]:
    """One result a size."""
    for messages in sizes:
        with tempfile.TemporaryDirectory(prefix="operator-push-reconcile-") as temporary:
            folder = keep / f"{form}-{messages}" if keep is not None else Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            kept = folder / "expected.json"
            if not kept.exists():
                kept.write_text(json.dumps(build(folder, messages, form)))
            upgrade(f"sqlite:///{folder / 'operator-push.db'}")  # one that was kept may be older
            told, cost = measure(folder)
            expected = Counter[str](json.loads(kept.read_text()))
            yield {"messages": messages, "form": form, **cost, "wrong": judged(told, expected)}


def main() -> int:
    """Parse the options, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--form", choices=("csv", "ts32297"), default="csv")
    parser.add_argument("--keep", type=Path, help="a folder for the stores, used again where they are there")
    options = parser.parse_args()
    results = []
    for result in runs([int(size) for size in options.sizes.split(",")], options.form, options.keep):
        print(json.dumps(result), flush=True)
        results.append(result)
    each = [result["cpu_s"] / result["messages"] for result in results]
    growth = round(each[-1] / each[0], 2)
    print(json.dumps({"growth": growth}))
    over = [result for result in results if result["seconds"] >= SECONDS_MAX or result["peak_mib"] >= MIB_MAX]
    return 1 if over or growth > GROWTH_MAX or any(result["wrong"] for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
