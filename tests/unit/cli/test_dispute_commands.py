"""operator-push dispute: opened, walked, and its money given back once, with a credit note on the invoice."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from campaign_desk import write_config
from click.testing import CliRunner, Result
from invoice_room import ACCOUNT, ACCOUNT_NO, HOUR_US, Charged
from sqlalchemy import insert
from store_rows import NOON_US

from operator_push.cli import dispute_postings, invoice_commands, invoice_corrections
from operator_push.cli.main import main
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso
from operator_push.store import migrate, schema
from operator_push.store.database import Database

NUMBER = "919812345678"
PRICE = 118_000
UNTIL = iso(NOON_US + HOUR_US)
OPERATOR = '[invoices]\nname = "Example Telecom Ltd"\n[[invoices.tax]]\nname = "GST"\npercent = "18"\n'


class Server:
    """Posts credit notes as the running server does, as far as commands see it; `dies` after posting."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.posted: list[tuple[str, int, int, int]] = []
        self.dies = False

    def call(self, do: str, **args: Any) -> dict[str, Any]:
        assert (do, args["kind"], args["account"]) == ("ledger.post", "credit-note", ACCOUNT)
        known = [each for each in self.posted if each[0] == args["reference"]]
        asked = (args["reference"], args["amount_micros"], args["tax_micros"], args["message_id"])
        if known:
            assert known == [asked]
        else:
            self.posted.append(asked)
            row = {"account_no": ACCOUNT_NO, "client_reference": asked[0], "reason": args["reason"]}
            row |= {"kind": int(TransferKind.CREDIT_NOTE), "reference": 70 + len(self.posted)}
            row |= {"amount_micros": asked[1], "tax_micros": asked[2], "message_id": asked[3]}
            row |= {"at_us": NOON_US, "changed_by": "ann"}
            self._database.run(lambda each: each.execute(insert(schema.correction).values(**row)))
        if self.dies:
            raise OperatorError("the server is gone")
        return {"posting": 70 + len(self.posted), "duplicate": bool(known)}


class Desk:
    """A store with two messages of one account, one of them charged nothing, and the commands on it."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'data' / 'operator-push.db'}"
        migrate.upgrade(url)
        self.database, room = Database.open(url), Charged()
        self.database.run(room.account)
        self.message = self.database.run(lambda each: room.message(each, PRICE))
        self.free = self.database.run(lambda each: room.message(each, PRICE, delivered=0))
        self.server = Server(self.database)

    def run(self, *words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, words)
        assert result.exit_code == code, result.output
        assert NUMBER not in result.output
        return result

    def told(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json").stdout)

    def open(self, message_id: int, *more: str) -> Any:
        return self.told("dispute", "open", str(message_id), "--reason", "never came", *more)

    def issue(self) -> Any:
        return self.told("invoice", "issue", ACCOUNT, "--until", UNTIL)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    config = write_config(tmp_path)
    config.write_text(config.read_text() + OPERATOR)
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(config))
    monkeypatch.setattr(invoice_commands, "_now_us", lambda: NOON_US + 2 * HOUR_US)
    monkeypatch.setattr(invoice_corrections, "now_us", lambda: NOON_US + 2 * HOUR_US)
    one = Desk(tmp_path)
    monkeypatch.setattr(dispute_postings, "server_of", lambda settings: nullcontext(one.server))
    return one


def test_an_upheld_dispute_is_a_credit_note_on_the_invoice_once(desk: Desk, tmp_path: Path) -> None:
    number = desk.issue()["number"]
    assert desk.open(desk.message, "--reference", "claim-7")["dispute"] == 1
    assert desk.open(desk.message, "--reference", "claim-7")["dispute"] == 1
    desk.run("dispute", "review", "1", "--note", "asked the SMSC")
    upheld = desk.told("dispute", "resolve", "1", "upheld", "--reason", "the handset was off")
    last = upheld["events"][-1]
    assert (upheld["state"], last["amount_micros"], last["document"]) == ("upheld", PRICE, "CN-2027-000001")
    assert desk.told("dispute", "resolve", "1", "upheld", "--reason", "again") == upheld
    # Its taxes were in the price and never posted, so that the ledger gives the whole of it back in one.
    assert desk.server.posted == [("dispute 1", PRICE, 0, desk.message)]
    note = desk.told("invoice", "show", "CN-2027-000001")
    assert (note["about"], note["total_micros"], note["tax_micros"]) == (number, PRICE, 18_000)
    assert note["reason"] == "dispute 1: the handset was off"
    shown = desk.run("dispute", "show", "1").output
    assert "0.118 given back, posting 71, CN-2027-000001" in shown
    page = tmp_path / "story.html"
    told = desk.told("dispute", "show", "1", "--page", str(page))
    assert (told["charged_micros"], told["invoices"]) == (PRICE, [number])
    text = page.read_text()
    for said in ("Dispute 1, opened by the client", "asked the SMSC", "CREDIT_NOTE", f"{number}, CN-2027"):
        assert said in text
    assert "dispute 1: upheld" in text


def test_what_was_given_back_before_the_invoice_gets_its_note_with_it(desk: Desk) -> None:
    desk.open(desk.message)
    said = desk.run("dispute", "resolve", "1", "upheld", "--reason", "a test", "--amount", "0.059").output
    assert "0.059 given back by posting 71; its credit note comes with the invoice" in said
    number = desk.issue()["number"]
    [note] = [each for each in desk.told("invoice", "list") if each["kind"] == "credit_note"]
    assert (note["about"], note["total_micros"]) == (number, 59_000)
    assert desk.told("invoice", "show", note["number"])["reason"] == "dispute 1: a test"
    # Nothing is left to be given twice.
    desk.open(desk.message)
    over = desk.run("dispute", "resolve", "2", "upheld", "--reason", "x", "--amount", "0.06", code=2).output
    assert "0.059 of what the message was charged is left" in over


def test_a_resolution_that_was_interrupted_goes_on(desk: Desk) -> None:
    desk.issue()
    desk.open(desk.message)
    desk.server.dies = True
    resolve = ("dispute", "resolve", "1", "upheld", "--reason", "late", "--amount", "0.1")
    assert "the server is gone" in desk.run(*resolve, code=2).output
    assert desk.told("dispute", "show", "1")["state"] == "open"
    refused = desk.run("dispute", "resolve", "1", "rejected", "--reason", "no", code=2).output
    assert "has given money back already (posting 71); resolve it as upheld" in refused
    desk.server.dies = False
    told = desk.told("dispute", "resolve", "1", "upheld", "--reason", "late")
    assert (told["state"], told["events"][-1]["amount_micros"]) == ("upheld", 100_000)
    assert len(desk.server.posted) == 1


def test_where_nothing_was_charged_nothing_is_posted(desk: Desk) -> None:
    desk.open(desk.free, "--by", "operator")
    told = desk.told("dispute", "resolve", "1", "upheld", "--reason", "no consent")
    assert told["events"][-1] == told["events"][-1] | {"amount_micros": 0, "posting": None, "document": None}
    assert desk.server.posted == []


def test_rejected_and_withdrawn_give_nothing_and_stay(desk: Desk) -> None:
    desk.open(desk.message)
    wrong = ("dispute", "resolve", "1", "rejected", "--reason", "it came", "--amount", "1")
    assert "gives nothing back" in desk.run(*wrong, code=2).output
    desk.run("dispute", "resolve", "1", "rejected", "--reason", "it came")
    assert "was rejected (it came)" in desk.run("dispute", "review", "1", code=2).output
    desk.open(desk.message)
    assert (
        "is disputed already: dispute 2"
        in desk.run("dispute", "open", str(desk.message), "--reason", "x", code=2).output
    )
    desk.run("dispute", "withdraw", "2", "--reason", "found it")
    assert desk.told("dispute", "list") == []
    listed = desk.told("dispute", "list", "--state", "all", "--account", ACCOUNT)
    assert [(each["dispute"], each["state"], each["account"]) for each in listed] == [
        (1, "rejected", ACCOUNT),
        (2, "withdrawn", ACCOUNT),
    ]
    assert "rejected" in desk.run("dispute", "list", "--state", "all").output


def test_a_message_that_is_not_there_cannot_be_disputed(desk: Desk) -> None:
    assert "no message has the id 12" in desk.run("dispute", "open", "12", "--reason", "x", code=2).output
    assert (
        "reason: say it in" in desk.run("dispute", "open", str(desk.message), "--reason", "", code=2).output
    )
