"""Exports: what an outsider needs to join the proof again, and nothing that names a person."""

import csv
from pathlib import Path

import pytest
from proof_sample import PRICE, REFUSED, TOP_UP, TWO, WAITS, WHOLE_ONE, add_whole, fill
from sqlalchemy import Connection
from store_rows import SHARD, message_row

from operator_push.kernel.errors import OperatorError
from operator_push.store import exports, schema
from operator_push.store.database import Database
from operator_push.store.statements import insert_rows

KEY = bytes(range(32))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def exported(database: Database, tmp_path: Path) -> Path:
    database.run(fill)

    def write(connection: Connection) -> None:
        messages = exports.export_messages(connection, SHARD, tmp_path / "messages.csv", KEY)
        postings = exports.export_ledger(connection, SHARD, tmp_path / "ledger.csv")
        assert (messages, postings) == (6, 8)

    database.read(write)
    return tmp_path


def test_columns_are_those_that_are_documented(exported: Path) -> None:
    for name, columns in (("messages", exports.MESSAGES_COLUMNS), ("ledger", exports.LEDGER_COLUMNS)):
        assert (exported / f"{name}.csv").read_text().splitlines()[0] == ",".join(columns)


def test_one_row_a_segment_with_its_share_of_the_money(exported: Path) -> None:
    first, second = (each for each in rows_of(exported / "messages.csv") if each["submission_id"] == str(TWO))
    assert first == {
        "submission_id": str(TWO),
        "segment_no": "1",
        "segment_count": "2",
        "account": "chai",
        "campaign": "Morning chai",
        "brand": "Chai Point",
        "traffic_class": "promotional",
        "recipient": first["recipient"],
        "source": "56070",
        "accepted_at": "2027-01-15T08:00:00.000000Z",
        "verdict": "ADMIT",
        "reason": "",
        "price_micros": str(PRICE),
        "held_micros": str(PRICE),
        "attempts": "2",
        "link": "main",
        "user_message_reference": "11",
        "smsc_message_id": "A1",
        "state": "DELIVERED",
        "final_at": "1970-01-01T00:00:00.000700Z",
        "settled_micros": str(PRICE),
    }
    assert (second["state"], second["held_micros"], second["settled_micros"]) == ("EXPIRED", str(PRICE), "0")


def test_the_segments_of_a_whole_message_share_its_submit_sm_and_its_money(
    database: Database, tmp_path: Path
) -> None:
    database.run(fill)
    database.run(add_whole)
    path = tmp_path / "messages.csv"
    database.read(lambda connection: exports.export_messages(connection, SHARD, path, KEY))
    rows = [each for each in rows_of(path) if each["submission_id"] == str(WHOLE_ONE)]
    assert [each["segment_no"] for each in rows] == ["1", "2", "3"]
    for each in rows:
        assert (each["smsc_message_id"], each["user_message_reference"], each["attempts"]) == (
            "W1",
            "21",
            "1",
        )
        assert (each["state"], each["held_micros"], each["settled_micros"]) == (
            "DELIVERED", str(PRICE), str(PRICE)
        )  # fmt: skip


def test_refusals_are_there_with_their_reason_and_without_a_state(exported: Path) -> None:
    (refused,) = (
        each for each in rows_of(exported / "messages.csv") if each["submission_id"] == str(REFUSED)
    )
    assert (refused["verdict"], refused["reason"], refused["state"]) == ("REFUSE", "NO_CREDIT", "")
    assert refused["held_micros"] == "0"


def test_an_outsider_finds_the_money_of_every_submission(exported: Path) -> None:
    held: dict[str, int] = {}
    settled: dict[str, int] = {}
    for each in rows_of(exported / "messages.csv"):
        held[each["submission_id"]] = held.get(each["submission_id"], 0) + int(each["held_micros"])
        settled[each["submission_id"]] = settled.get(each["submission_id"], 0) + int(each["settled_micros"])
    for each in rows_of(exported / "ledger.csv"):
        if each["kind"] == "HOLD":
            assert held.pop(each["reference"]) == int(each["amount_micros"])
        if each["kind"] == "SETTLE":
            assert settled.pop(each["reference"]) == int(each["amount_micros"])
        assert each["reference"] != str(TOP_UP) or each["kind"] == "TOP_UP"
    assert set(held.values()) | set(settled.values()) == {0}


def test_no_number_is_in_the_export_and_a_pseudonym_is_equal_within_it(exported: Path) -> None:
    text = (exported / "messages.csv").read_text() + (exported / "ledger.csv").read_text()
    assert "919812345678" not in text
    assert len({each["recipient"] for each in rows_of(exported / "messages.csv")}) == 1


def test_pseudonyms_are_worth_nothing_beside_another_export(
    exported: Path, database: Database, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    database.read(lambda connection: exports.export_messages(connection, SHARD, other, KEY[::-1]))
    before, after = rows_of(exported / "messages.csv"), rows_of(other)
    assert before[0]["recipient"] != after[0]["recipient"]


def test_a_name_with_a_comma_survives(database: Database, tmp_path: Path) -> None:
    database.run(fill)
    database.run(lambda connection: connection.exec_driver_sql("UPDATE brand SET name = 'Chai, \"Point\"'"))
    path = tmp_path / "messages.csv"
    database.read(lambda connection: exports.export_messages(connection, SHARD, path, KEY))
    assert rows_of(path)[0]["brand"] == 'Chai, "Point"'


def test_a_brand_for_all_and_an_unnamed_account_are_still_told(database: Database, tmp_path: Path) -> None:
    database.run(
        lambda connection: insert_rows(connection, schema.message, [message_row(WAITS, account_no=9)])
    )
    path = tmp_path / "messages.csv"
    database.read(lambda connection: exports.export_messages(connection, SHARD, path, KEY))
    assert (rows_of(path)[0]["brand"], rows_of(path)[0]["account"]) == ("*", "account 9")


def test_closed_files_of_the_smsc_are_joined_as_they_are(tmp_path: Path) -> None:
    header = ",".join(exports.SMSC_CDR_COLUMNS)
    (tmp_path / "one.csv").write_text(f"{header}\n1,a\n2,b\n")
    (tmp_path / "two.csv").write_text(f"{header}\n3,c")
    joined = tmp_path / "joined.csv"
    assert exports.join_smsc_cdr([tmp_path / "one.csv", tmp_path / "two.csv"], joined) == 3
    assert joined.read_text() == f"{header}\n1,a\n2,b\n3,c\n"
    assert exports.join_smsc_cdr([], joined) == 0
    assert joined.read_text() == f"{header}\n"


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    one, two, still_open = tmp_path / "one.csv", tmp_path / "two.csv", tmp_path / "three.csv.open"
    one.write_text("a,b\n1,2\n")
    two.write_text("a,c\n1,2\n")
    still_open.write_text("a,b\n")
    with pytest.raises(OperatorError, match="another first line"):
        exports.join_smsc_cdr([one, two], tmp_path / "joined.csv")
    with pytest.raises(OperatorError, match="still being written"):
        exports.join_smsc_cdr([still_open], tmp_path / "joined.csv")
