"""Commands that read the store: ledger verify, reconcile, message show, campaign show."""

import csv
import json
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from campaign_desk import write_config
from cdr_samples import smsc_message
from click.testing import CliRunner, Result
from proof_sample import OPEN, PRICE, REFUSED, TWO, WHOLE_ONE, WITHDRAWN, add_whole, fill, transfer

from operator_push.cdr.file_32297 import read_file_header
from operator_push.cdr.reading import read_smsc_messages
from operator_push.cdr.smsc_message import Charge
from operator_push.cdr.smsc_writing import sc_smo, sc_smt
from operator_push.cli import control_client
from operator_push.cli.main import main
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.ids import id_epoch_us
from operator_push.kernel.instants import MICROS_PER_DAY, iso
from operator_push.services.smsc_cdr import SMSC_CDR_COLUMNS
from operator_push.store import migrate, schema
from operator_push.store.database import Database
from operator_push.store.statements import insert_rows

NUMBER = "919812345678"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration with the sample store."""
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(write_config(tmp_path)))
    path = tmp_path / "data" / "operator-push.db"
    url = f"sqlite:///{path}"
    migrate.upgrade(url)
    database = Database.open(url)
    database.run(fill)
    database.close()
    return path


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The findings that reached the server."""
    findings: list[dict[str, Any]] = []

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        assert do == "reconcile.resolve"
        findings.extend(args["findings"])
        return {"found": len(args["findings"]), "never_arrived": 0, "ambiguous": 0, "moot": 0}

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    return findings


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == code, result.output
    assert NUMBER not in result.output
    return result


def cdr_file(folder: Path, *rows: tuple[str, int, str, str]) -> Path:
    """A closed file: (smsc_message_id, reference, state, system_id) of each row."""
    at = iso(id_epoch_us(TWO) + 60_000_000)
    lines = [",".join(SMSC_CDR_COLUMNS)]
    for identifier, reference, state, system_id in rows:
        lines.append(f"{identifier},{system_id},56070,{NUMBER},{reference},{at},{at},{state},0,0,9,,,")
    path = folder / "period.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


UNMAPPED = ("data_coding", "octets", "concat_reference", "concat_total")
A1 = ("A1", 11, "DELIVERED", "operator")
A2 = ("A2", 12, "EXPIRED", "operator")


def test_a_sound_ledger_is_proved(store: Path) -> None:
    result = run("ledger", "verify")
    assert result.stdout.startswith("The ledger balances.")
    told = json.loads(run("ledger", "verify", "--json").stdout)
    assert list(told)[:6] == ["ok", "postings", "accounts", "imbalance_micros", "open_holds", "first_error"]
    assert told["ok"] is True
    assert told["open_holds_micros"] == 2 * PRICE
    assert told["balances_micros"]["revenue"] == PRICE
    assert told["first_error"] is None


def test_a_ledger_that_does_not_balance_ends_with_status_1(store: Path) -> None:
    connection = sqlite3.connect(store)
    connection.execute("UPDATE balance SET amount_micros = amount_micros + 5 WHERE side = 1")
    connection.commit()
    connection.close()
    result = run("ledger", "verify", code=1)
    assert "does NOT balance" in result.stdout
    assert "the stored balance of available" in result.stdout
    assert json.loads(run("ledger", "verify", "--json", code=1).stdout)["imbalance_micros"] == 5


def test_no_store_yet_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(write_config(tmp_path)))
    assert "there is no store yet" in run("ledger", "verify", code=2).stderr
    assert list((tmp_path / "data").iterdir()) == []


def test_what_is_open_is_named_and_can_be_settled(
    store: Path, tmp_path: Path, resolved: list[dict[str, Any]]
) -> None:
    path = str(cdr_file(tmp_path, A1, A2, ("A3", 13, "DELIVERED", "operator")))
    result = run("reconcile", "--cdr", path, code=1)
    assert "1 segments can be settled by these files: add --complete" in result.stdout
    assert f"message {OPEN} segment 1 to 919…78 (SMSC A3): here UNKNOWN, there DELIVERED" in result.stdout
    assert resolved == []
    told = json.loads(run("reconcile", "--cdr", path, "--complete", "--json", code=1).stdout)
    assert (told["matched"], told["mismatched"]) == (2, 1)
    assert told["resolved"]["found"] == 1
    assert [(each["message_id"], each["kind"], each["state"]) for each in resolved] == [
        (OPEN, "found", "DELIVERED")
    ]


def test_rows_of_other_clients_of_the_smsc_do_not_disturb(store: Path, tmp_path: Path) -> None:
    path = str(cdr_file(tmp_path, A1, A2, ("X1", 99, "DELIVERED", "somebody")))
    result = run("reconcile", "--cdr", path, code=1)
    assert "1 rows belong to other clients" in result.stderr
    assert "not ours" not in result.stdout


def test_a_store_that_agrees_ends_with_status_0(store: Path, tmp_path: Path) -> None:
    connection = sqlite3.connect(store)
    for table in ("message", "attempt", "ledger_transfer"):
        name = "reference" if table == "ledger_transfer" else "message_id"
        connection.execute(f"DELETE FROM {table} WHERE {name} = {OPEN}")
    connection.commit()
    connection.close()
    result = run("reconcile", "--cdr", str(cdr_file(tmp_path, A1, A2)))
    assert "matched                 2" in result.stdout


def test_records_of_3gpp_and_mapped_csv_prove_the_same(store: Path, tmp_path: Path) -> None:
    at_us = id_epoch_us(TWO) + 60_000_000
    ends = [
        smsc_message(
            smsc_message_id=identifier,
            system_id=system_id,
            source="56070",
            destination=NUMBER,
            user_message_reference=reference,
            submit_us=at_us,
            final_us=at_us,
            state=state,
        )
        for identifier, reference, state, system_id in (A1, A2)
    ]
    records = tmp_path / "records"
    records.write_bytes(b"".join(sc_smo(end, "1", 1) + sc_smt(end, "1", 2) for end in ends))
    mapping = tmp_path / "mapping.toml"
    columns = [name for name in SMSC_CDR_COLUMNS if name not in UNMAPPED]
    mapping.write_text("[columns]\n" + "".join(f'{name} = "{name}"\n' for name in columns))
    csv_told = run("reconcile", "--cdr", str(cdr_file(tmp_path, A1, A2)), "--json", code=1).stdout
    path = str(tmp_path / "period.csv")
    mapped = run("reconcile", "--cdr", path, "--mapping", str(mapping), "--json", code=1).stdout
    assert json.loads(mapped) == json.loads(csv_told)
    told = run("reconcile", "--cdr", str(records), "--json", code=1).stdout
    for key in ("matched", "mismatched", "segments_smsc", "classes"):
        assert json.loads(told)[key] == json.loads(csv_told)[key]


def test_usage_of_a_day_is_what_its_postings_charged(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_us = id_epoch_us(TWO)
    monkeypatch.setattr(time, "time_ns", lambda: (at_us + 2 * MICROS_PER_DAY) * 1000)
    day = iso(at_us)[:10]
    told = json.loads(run(*USAGE, day, "--out", str(tmp_path / "u.csv"), "--json").stdout)
    assert (told["records"], told["amounts_micros"]) == (1, {"INR": PRICE})
    with (tmp_path / "u.csv").open(newline="") as lines:
        (row,) = csv.DictReader(lines)
    assert (row["submission_id"], row["segment_no"], row["state"]) == (str(TWO), "1", "DELIVERED")
    assert (row["recipient"], row["amount_micros"], row["account"]) == (NUMBER, str(PRICE), "chai")
    files = [tmp_path / name for name in ("1.cdr", "2.cdr")]
    for file in files:
        run(*USAGE, day, "--format", "ber", "--out", str(file))
    data = files[0].read_bytes()
    assert data == files[1].read_bytes()
    assert read_file_header(data).sequence_number == at_us // MICROS_PER_DAY
    (record,) = read_smsc_messages(data)
    assert record.charge == Charge("chai", "INR", PRICE, 0, TWO, 1, 1)
    nothing = run(*USAGE, iso(at_us - MICROS_PER_DAY)[:10], "--out", str(tmp_path / "n.csv"))
    assert "nothing charged" in nothing.stdout
    assert "has not ended" in run(*USAGE, "2999-01-01", "--out", "x", code=2).stderr
    assert "is not a date" in run(*USAGE, "soon", "--out", "x", code=2).stderr


def test_fees_without_a_message_are_in_the_csv_and_named_beside_the_records(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_us = id_epoch_us(TWO)
    monkeypatch.setattr(time, "time_ns", lambda: (at_us + 2 * MICROS_PER_DAY) * 1000)
    fee = transfer(WHOLE_ONE, TransferKind.CHARGE, 7)
    database = Database.open(f"sqlite:///{store}")
    database.run(lambda connection: insert_rows(connection, schema.ledger_transfer, [fee]))
    database.close()
    day, file = iso(at_us)[:10], tmp_path / "u.csv"
    told = json.loads(run(*USAGE, day, "--out", str(file), "--json").stdout)
    assert (told["fees"], told["fees_micros"], told["fees_in_file"]) == (1, {"INR": 7}, True)
    assert told["amounts_micros"] == {"INR": PRICE}
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["submission_id"], row["state"], row["amount_micros"]) for row in rows[1:]] == [
        (str(WHOLE_ONE), "FEE", "7")
    ]
    words = run(*USAGE, day, "--format", "ber", "--out", str(tmp_path / "u.cdr")).stdout
    assert "fees without a message: 1" in words
    assert "not in this file" in words
    (_,) = read_smsc_messages((tmp_path / "u.cdr").read_bytes())


def test_a_folder_stands_for_its_closed_files(store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    assert "has no closed CDR file" in run("reconcile", "--cdr", str(folder), code=2).stderr
    file = cdr_file(folder, A1, ("A2", 12, "DELIVERED", "operator"))
    (folder / "period2.csv.open").write_text("still written")
    told = run("reconcile", "--cdr", str(folder), "--json", code=1).stdout
    assert told == run("reconcile", "--cdr", str(file), "--json", code=1).stdout
    assert "AT RISK" in run("reconcile", "--cdr", str(folder), code=1).stdout


USAGE = ("usage", "export", "--day")


def day_of_sample(tmp_path: Path) -> tuple[str, Path]:
    """The sample's day, and the folder for its files, named in the configuration."""
    folder = tmp_path / "incoming"
    folder.mkdir()
    config = tmp_path / "operator-push.toml"
    config.write_text(config.read_text() + f'\n[reconciliation]\ncdr_folder = "{folder}"\n')
    return iso(id_epoch_us(TWO))[:10], folder


def test_a_day_is_reconciled_reported_and_leaves_cases(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day, folder = day_of_sample(tmp_path)
    monkeypatch.setattr(time, "time_ns", lambda: (id_epoch_us(TWO) + 2 * MICROS_PER_DAY) * 1000)
    assert "has no closed CDR file" in run("reconcile", "--day", day, code=2).stderr
    file = cdr_file(folder, A1, ("A2", 12, "DELIVERED", "operator"))
    os.utime(file, (id_epoch_us(TWO) / 1e6 + 9,) * 2)
    told = json.loads(run("reconcile", "--day", day, "--json", code=1).stdout)
    assert told["classes"]["outcome_differs"]["at_risk_micros"] == PRICE
    assert told["cases_opened"] == 1
    assert json.loads(run("reconcile", "--day", day, "--json", code=1).stdout)["cases_opened"] == 0
    reports = tmp_path / "data" / "reconciliation" / day
    names = ["classes.csv", "report.csv", "report.html", "report.json"]
    assert sorted(path.name for path in reports.iterdir()) == names
    with (reports / "report.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["class"] for row in rows].count("outcome_differs") == 1
    assert {row["at_risk_micros"] for row in rows if row["class"] == "outcome_differs"} == {str(PRICE)}
    with (reports / "classes.csv").open(newline="") as lines:
        classes = {row["class"]: row for row in csv.DictReader(lines)}
    assert set(classes) == set(told["classes"])
    assert classes["outcome_differs"]["at_risk_micros"] == str(PRICE)
    assert all(name.replace("_", " ") in (reports / "report.html").read_text() for name in classes)
    page = (reports / "report.html").read_text()
    assert "outcome differs" in page
    assert NUMBER not in page
    (listed,) = json.loads(run("case", "list", "--json").stdout)
    case = str(listed["case_id"])
    assert (listed["class"], listed["state"], listed["at_risk_micros"]) == ("outcome_differs", "open", PRICE)
    run("case", "assign", case, "--to", "mina")
    assert "does not fit" in run("case", "resolve", case, "--how", "credit_note", code=2).stderr
    wrong = run("case", "resolve", case, "--how", "credit_note", "--posting", str(TWO), code=2)
    assert "another kind" in wrong.stderr
    settled = ("--how", "charged_after_all", "--posting", str(TWO), "--note", "late receipt")
    run("case", "resolve", case, *settled)
    assert "late receipt" in run("case", "show", case).stdout
    assert json.loads(run("case", "list", "--json").stdout) == []
    assert "can only be open" in run("case", "dismiss", case, code=2).stderr
    run("case", "reopen", case)
    run("case", "dismiss", case, "--note", "not worth it")
    assert "dismissed" in run("case", "list", "--state", "all").stdout


def test_a_day_that_cannot_be_reconciled_is_a_sentence(store: Path, tmp_path: Path) -> None:
    assert "cdr_folder" in run("reconcile", "--day", "yesterday", code=2).stderr
    day, folder = day_of_sample(tmp_path)
    file = str(cdr_file(folder, A1))
    for words, told in (
        (("--day", day, "--cdr", file), "brings its own files"),
        (("--day", "someday"), "is not a date"),
        (("--day", "2999-01-01"), "has not ended yet"),
        ((), "name the SMSC's files"),
    ):
        assert told in run("reconcile", *words, code=2).stderr


def test_what_cannot_be_reconciled_is_a_sentence(store: Path, tmp_path: Path) -> None:
    path = cdr_file(tmp_path, A1)
    still_open = path.rename(path.with_suffix(".csv.open"))
    assert "close the period first" in run("reconcile", "--cdr", str(still_open), code=2).stderr
    assert "cannot be read" in run("reconcile", "--cdr", str(path), code=2).stderr
    wrong = run("reconcile", "--cdr", str(path), "--until", "yesterday", code=2)
    assert "not a moment with its zone" in wrong.stderr


def test_a_message_tells_its_story(store: Path) -> None:
    text = run("message", "show", str(TWO)).stdout
    for words in (
        "chai (esme, campaign Morning chai) for Chai Point",
        "to         919…78, sender 56070, promotional",
        "segment 1  DELIVERED, told by a receipt",
        "attempt 1 over main, start 1, key 11",
        "ESME_RTHROTTLED",
        "ESME_ROK, SMSC id A1",
        "SETTLE 0.10 INR, HELD to REVENUE",
        "EXPIRED at 1970-01-01T00:00:00.000800Z: charged 0.10, given back 0.10",
    ):
        assert words in text, words
    told = json.loads(run("message", "show", str(TWO), "--json").stdout)
    assert [len(each["attempts"]) for each in told["segments"]] == [2, 1]
    assert told["recipient"] == "919…78"


def test_a_message_that_left_whole_tells_its_story_once(store: Path) -> None:
    database = Database.open(f"sqlite:///{store}")
    database.run(add_whole)
    database.close()
    text = run("message", "show", str(WHOLE_ONE)).stdout
    assert "segments 1 to 3  all in one submit_sm, by message_payload" in text
    assert text.count("attempt 1 over main, start 1, key 21") == 1
    told = json.loads(run("message", "show", str(WHOLE_ONE), "--json").stdout)
    assert told["is_whole"]
    assert [each["attempts"][0]["smsc_message_id"] for each in told["segments"]] == ["W1"] * 3


@pytest.mark.parametrize(
    ("message_id", "words"),
    [
        (REFUSED, "refused because of NO_CREDIT"),
        (OPEN, "no answer: nobody knows yet"),
        (OPEN, "not yet"),
        (WITHDRAWN, "WITHDRAWN, told by ourselves"),
        (WITHDRAWN, "withdrawn before its octets left"),
    ],
)
def test_every_end_is_told_in_words(store: Path, message_id: int, words: str) -> None:
    assert words in run("message", "show", str(message_id)).stdout


def test_an_unknown_message_is_a_sentence(store: Path) -> None:
    assert "no message has the id 12 here" in run("message", "show", "12", code=2).stderr


def test_a_campaign_is_shown_with_what_became_of_its_people(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = {
        "campaign_no": 1,
        "name": "Morning chai",
        "state": "running",
        "account": "chai",
        "brand": "Chai Point",
        "brand_no": 1,
        "created_us": 0,
        "category": 8,
        "rule": "age >= 18",
        "audience": 227,
        "source": "56070",
        "segments": 2,
        "price_micros": PRICE,
        "quoted_micros": 454 * PRICE,
        "ordered_by": "asha",
        "approved_by": "desk",
        "text": "Fresh chai, two for one",
    }

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        return {"campaigns": [campaign], "people": 0, "account": {"brand": "Chai Point"}}

    monkeypatch.setattr(control_client.ControlClient, "call", call)
    text = run("campaign", "show", "Morning chai").stdout
    assert "handed in   1" in text
    assert "ended       1 expired" in text
    told = json.loads(run("campaign", "show", "Morning chai", "--json").stdout)
    assert (told["handed_in"], told["ended"], told["settled_micros"]) == (1, {"EXPIRED": 1}, PRICE)
    for_client = json.loads(run("campaign", "show", "Morning chai", "--for-client", "--json").stdout)
    assert (for_client["handed_in"], for_client["ended"], for_client["open"]) == (
        "<10",
        {"EXPIRED": "<10"},
        0,
    )
    assert "settled_micros" not in for_client
    assert "ended       <10 expired" in run("campaign", "show", "Morning chai", "--for-client").stdout
