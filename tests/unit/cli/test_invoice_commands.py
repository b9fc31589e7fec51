"""operator-push invoice: from draft to file, over a store without a server."""

import csv
import io
import json
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest
from campaign_desk import write_config
from click.testing import CliRunner, Result
from invoice_room import ACCOUNT, HOUR_US, Charged
from store_rows import NOON_US

from operator_push.cli import invoice_commands, invoice_corrections, invoice_reading
from operator_push.cli.main import main
from operator_push.documents.csv_lines import LINE_COLUMNS
from operator_push.kernel.instants import iso
from operator_push.services.manage_routes import RoutingKind, RoutingRow
from operator_push.store import migrate
from operator_push.store.database import Database
from operator_push.store.routing_rows import write_routing_row

NUMBER = "919812345678"
UNTIL = iso(NOON_US + HOUR_US)
OPERATOR = """
[invoices]
name = "Example Telecom Ltd"
[[invoices.tax]]
name = "GST"
percent = "18"
[[network]]
prefix = "9198"
mcc = "404"
mnc = "45"
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of an operator with a name, and a store with three messages of one account."""
    config = write_config(tmp_path)
    config.write_text(config.read_text() + OPERATOR)
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(config))
    monkeypatch.setattr(invoice_commands, "_now_us", lambda: NOON_US + 2 * HOUR_US)
    url = f"sqlite:///{tmp_path / 'data' / 'operator-push.db'}"
    migrate.upgrade(url)
    database, room = Database.open(url), Charged()
    database.run(room.account)
    for price in (100_000, 100_000, 33_333):
        database.run(lambda connection, price=price: room.message(connection, price, 2))
    database.close()
    return config


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ("invoice", *words))
    assert result.exit_code == code, result.output
    assert NUMBER not in result.output
    return result


def test_a_draft_is_shown_and_not_kept(store: Path) -> None:
    told = json.loads(run("draft", ACCOUNT, "--until", UNTIL, "--json").stdout)
    assert (told["number"], told["final"], told["total_micros"]) == ("", False, 466_666)
    assert [(line["units"], line["country"], line["network"]) for line in told["lines"]] == [
        (2, "IN", "404-45"),
        (4, "IN", "404-45"),
    ]
    assert json.loads(run("list", "--json").stdout) == []
    assert "draft of an invoice" in run("draft", ACCOUNT, "--until", UNTIL).stdout


def test_networks_are_those_of_the_store_once_it_has_any(store: Path) -> None:
    """Network rows that commands added or removed count, as they do for routing; the file only fills them."""
    rows = [
        RoutingRow(1, RoutingKind.NETWORK, {"prefix": "9198", "mcc": "404", "mnc": "45"}, 1, "x", 2, "ann"),
        RoutingRow(2, RoutingKind.NETWORK, {"prefix": "91981234567", "mcc": "405", "mnc": "05"}, 3, "ann"),
        RoutingRow(3, RoutingKind.ROUTE, {"links": ["main"]}, 3, "ann"),
    ]
    database = Database.open(f"sqlite:///{store.parent / 'data' / 'operator-push.db'}")
    for row in rows:
        database.run(lambda connection, row=row: write_routing_row(connection, row))
    database.close()
    told = json.loads(run("draft", ACCOUNT, "--until", UNTIL, "--json").stdout)
    assert {line["network"] for line in told["lines"]} == {"405-05"}


def test_an_issued_invoice_is_listed_shown_and_written_as_csv(store: Path, tmp_path: Path) -> None:
    issued = json.loads(run("issue", ACCOUNT, "--until", UNTIL, "--json").stdout)
    assert issued["number"] == "INV-2027-000001"
    assert issued["payable_micros"] == 470_000
    assert json.loads(run("show", issued["number"], "--json").stdout) == issued
    [listed] = json.loads(run("list", ACCOUNT, "--json").stdout)
    assert (listed["state"], listed["open_micros"]) == ("open", 470_000)
    assert "INV-2027-000001" in run("list").stdout
    shown = run("show", issued["number"]).stdout
    assert "Chai Point Ltd" in shown
    assert "0.466666 INR" in shown
    file = tmp_path / "lines.csv"
    run("csv", issued["number"], "--out", str(file))
    assert file.read_text() == run("csv", issued["number"]).stdout
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert list(rows[0]) == list(LINE_COLUMNS)
    assert [row["amount"] for row in rows] == ["0.066666", "0.400000", "0.003334"]
    assert rows[-1]["what"] == "rounding"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("issue", ACCOUNT, "--until", "soon"), "is not a moment"),
        (("issue", ACCOUNT, "--month", "2026-10", "--until", UNTIL), "not both"),
        (("issue", "nobody", "--until", UNTIL), "no account is called"),
        (("issue", ACCOUNT, "--until", "2099-01-01T00:00:00Z"), "has not passed yet"),
        (("show", "INV-1"), "no document has the number"),
    ],
)
def test_what_cannot_be_done_is_said(store: Path, words: tuple[str, ...], error: str) -> None:
    assert error in run(*words, code=2).output


def test_nobody_issues_without_a_name(store: Path) -> None:
    store.write_text(store.read_text().replace('name = "Example Telecom Ltd"', ""))
    assert "invoices.name" in run("issue", ACCOUNT, "--until", UNTIL, code=2).output


def test_who_is_overdue_is_reminded(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number = json.loads(run("issue", ACCOUNT, "--until", UNTIL, "--json").stdout)["number"]
    monkeypatch.setattr(invoice_corrections, "now_us", lambda: NOON_US + 2 * HOUR_US)
    assert "is open, not overdue" in run("remind", number, code=2).output
    month_later = NOON_US + 30 * 24 * HOUR_US
    monkeypatch.setattr(invoice_corrections, "now_us", lambda: month_later)
    monkeypatch.setattr(invoice_commands, "_now_us", lambda: month_later)
    [listed] = json.loads(run("list", "--json").stdout)
    assert listed["state"] == "overdue"
    reminded = json.loads(run("remind", number, "--note", "by letter", "--json").stdout)
    assert (reminded["state"], reminded["reminders"], reminded["open_micros"]) == ("reminded", 1, 470_000)
    assert "reminded 2 times" in run("remind", number).stdout


def test_a_top_up_has_one_receipt(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invoice_corrections, "now_us", lambda: NOON_US + 2 * HOUR_US)
    database, room = Database.open(f"sqlite:///{tmp_path / 'data' / 'operator-push.db'}"), Charged(shard=1)
    database.run(lambda connection: room.top_up(connection, 5_000_000))
    database.close()
    [reference] = [f"pay {number}" for number in [Charged(shard=1).ids.next_id(NOON_US)]]
    made = json.loads(run("receipt", ACCOUNT, reference, "--json").stdout)
    assert (made["number"], made["total_micros"], made["kind"]) == ("RCP-2027-000001", 5_000_000, "receipt")
    assert json.loads(run("receipt", ACCOUNT, reference, "--json").stdout) == made
    assert "has no top-up" in run("receipt", ACCOUNT, "nothing", code=2).output
    run("pdf", made["number"], "--out", str(tmp_path / "receipt.pdf"))
    assert "no form in UBL" in run("ubl", made["number"], code=2).output


def test_a_statement_leads_from_opening_to_closing(store: Path, tmp_path: Path) -> None:
    words = ("statement", ACCOUNT, "--from", iso(NOON_US - HOUR_US), "--until", UNTIL)
    told = json.loads(run(*words, "--json").stdout)
    assert told["opening_micros"] == 0
    assert told["closing_micros"] == -466_666
    assert [(entry["what"], entry["postings"]) for entry in told["entries"]] == [("settle", 3)]
    after = json.loads(
        run("statement", ACCOUNT, "--from", UNTIL, "--until", iso(NOON_US + 2 * HOUR_US), "--json").stdout
    )
    assert after["opening_micros"] == after["closing_micros"] == -466_666
    pdf = tmp_path / "statement.pdf"
    assert "closing" in run(*words, "--pdf", str(pdf)).stdout
    assert pdf.read_bytes().startswith(b"%PDF-")


def test_the_detail_of_an_invoice_sums_to_it(store: Path) -> None:
    number = json.loads(run("issue", ACCOUNT, "--until", UNTIL, "--json").stdout)["number"]
    rows = list(csv.DictReader(io.StringIO(run("detail", number).stdout)))
    assert list(rows[0]) == list(invoice_reading.DETAIL_COLUMNS)
    told = json.loads(run("detail", number, "--json").stdout)
    assert [{name: str(value) for name, value in row.items()} for row in told] == rows
    assert sum(Decimal(row["amount"]) for row in rows) == Decimal("0.466666")
    assert {(row["network"], row["segments"], row["what"]) for row in rows} == {("404-45", "2", "settle")}


def test_files_are_the_same_octets_every_time(store: Path, tmp_path: Path) -> None:
    number = json.loads(run("issue", ACCOUNT, "--until", UNTIL, "--json").stdout)["number"]
    for kind in ("pdf", "csv"):
        files = [tmp_path / f"{turn}.{kind}" for turn in (1, 2)]
        for file in files:
            run(kind, number, "--out", str(file))
        assert files[0].read_bytes() == files[1].read_bytes()
    assert "the operator's country" in run("ubl", number, code=2).output


def test_documents_are_proved_and_a_changed_one_is_named(store: Path, tmp_path: Path) -> None:
    number = json.loads(run("issue", ACCOUNT, "--until", UNTIL, "--json").stdout)["number"]
    assert json.loads(run("verify", "--json").stdout)["ok"] is True
    with sqlite3.connect(tmp_path / "data" / "operator-push.db") as file:
        file.execute("UPDATE invoice_document SET content = replace(content, 'Chai', 'Thai')")
    assert f"{number}: its text is not the one that was issued" in run("verify", code=1).stdout
    with sqlite3.connect(tmp_path / "data" / "operator-push.db") as file:
        file.execute("DELETE FROM invoice_document")
    assert "1 numbers were given, 0 documents are there" in run("verify", code=1).stdout
