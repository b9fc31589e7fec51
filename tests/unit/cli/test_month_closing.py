"""operator-push tariff close-month: each posting once, also where the first run was interrupted."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from campaign_desk import write_config
from click.testing import CliRunner, Result
from invoice_room import ACCOUNT, ACCOUNT_NO, Charged
from sqlalchemy import Connection, insert
from store_rows import NOON_US

from operator_push.cli import invoice_commands, invoice_corrections, month_closing
from operator_push.cli.main import main
from operator_push.domain.rating.charge import Charge, ChargePlan, plan_for
from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.rating.values import RatingRequest, Usage
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import MICROS_PER_DAY
from operator_push.services.manage_documents import StoredDocument
from operator_push.store import migrate, schema
from operator_push.store.database import Database

MONTH, LATER_US = "2027-01", NOON_US + 20 * MICROS_PER_DAY
TEXT = """
tariff = "retail"
version = 1
currency = "INR"
zone = "Asia/Kolkata"
[[price]]
name = "india"
volume = "all_units"
tiers = [{ up_to = 2, per_segment = "1.00" }, { per_segment = "0.70" }]
[[bundle]]
name = "starter"
segments = 1
per_month = 5
[[tax]]
name = "GST"
percent = 18
"""
DOCUMENT = read_tariff(TEXT, "retail.toml")


def charge(used: int) -> Charge:
    request = RatingRequest(account=ACCOUNT, destination="91", segments=1, at_us=NOON_US, country="IN")
    plan = plan_for(1, DOCUMENT, request)
    assert isinstance(plan, ChargePlan)
    return Charge(plan, NOON_US, plan.narrowed(Usage(segments={"starter": 1, "india": used})))


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    config = write_config(tmp_path)
    config.write_text(config.read_text() + '[invoices]\nname = "Example Telecom Ltd"\n')
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(config))
    monkeypatch.setattr(invoice_commands, "_now_us", lambda: LATER_US)
    monkeypatch.setattr(invoice_corrections, "now_us", lambda: LATER_US)
    url = f"sqlite:///{tmp_path / 'data' / 'operator-push.db'}"
    migrate.upgrade(url)
    database, room = Database.open(url), Charged()

    def write(connection: Connection) -> None:
        room.account(connection, tariff="retail")
        stored = StoredDocument(1, DOCUMENT, "retail.toml", TEXT, NOON_US, "ann")
        connection.execute(insert(schema.tariff_document).values(**stored.as_row()))
        room.priced(connection, charge(0), 2, 2)
        room.priced(connection, charge(2), 4, 4)

    database.run(write)
    yield database
    database.close()


class Server:
    """Posts as the running server does, as far as commands see it; dies after so many postings."""

    def __init__(self, database: Database, dies_after: int) -> None:
        self._database = database
        self._left = dies_after
        self.posted: list[tuple[str, str, int, int]] = []

    def call(self, do: str, **args: Any) -> dict[str, Any]:
        if not self._left:
            raise OperatorError("the server is gone")
        self._left -= 1
        reference, micros, tax = args["reference"], args["amount_micros"], args.get("tax_micros", 0)
        self.posted.append((args["kind"], reference, micros, tax))
        kind = {"charge": TransferKind.CHARGE, "credit-note": TransferKind.CREDIT_NOTE}[args["kind"]]
        row = {"kind": int(kind), "reference": len(self.posted), "amount_micros": micros, "tax_micros": tax}
        row |= {"account_no": ACCOUNT_NO, "client_reference": reference, "message_id": 0, "at_us": LATER_US}
        row |= {"reason": args["reason"], "changed_by": "ann"}
        self._database.run(lambda each: each.execute(insert(schema.correction).values(**row)))
        return {"posting": 1, "duplicate": False}


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == code, result.output
    return result


def serve(monkeypatch: pytest.MonkeyPatch, server: Server) -> Server:
    monkeypatch.setattr(month_closing, "server_of", lambda settings: nullcontext(server))
    return server


CLOSE = ("tariff", "close-month", ACCOUNT, MONTH)


def test_each_posting_is_made_once_whenever_it_was_interrupted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = serve(monkeypatch, Server(database, 1))
    told = json.loads(run(*CLOSE, "--dry-run", "--json").stdout)
    assert [each["amount_micros"] for each in told["postings"]] == [5_900_000, 708_000]
    assert first.posted == []
    assert "issue the invoice of 2027-01 first" in run(*CLOSE, code=2).output
    assert first.posted == [("charge", f"{MONTH} bundle starter", 5_900_000, 900_000)]
    run("invoice", "issue", ACCOUNT, "--month", MONTH)
    assert "the server is gone" in run(*CLOSE, code=2).output
    second = serve(monkeypatch, Server(database, 9))
    run(*CLOSE)
    # 0.30 for each of two segments, and beside it their tax: together what the credit note says.
    assert second.posted == [("credit-note", f"{MONTH} all units india", 600_000, 108_000)]
    told = json.loads(run(*CLOSE, "--json").stdout)
    assert all(each["was_posted"] for each in told["postings"])
    assert len(second.posted) == 1
    [note] = [each for each in json.loads(run("invoice", "list", "--json").stdout) if "note" in each["kind"]]
    assert note["total_micros"] == 708_000


def test_a_month_that_is_not_over_or_has_open_messages_is_not_closed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "has not passed yet" in run("tariff", "close-month", ACCOUNT, "2027-03", code=2).output
    database.run(lambda connection: connection.execute(schema.message_final.delete()))
    assert "2 messages of 2027-01 have not ended yet" in run(*CLOSE, code=2).output


def close_all(*more: str, code: int = 0) -> Any:
    return json.loads(run("invoice", "close-month", "--month", MONTH, "--json", *more, code=code).stdout)


def test_one_command_closes_the_month_of_every_account_and_again_makes_nothing_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = Charged(account_no=2)
    database.run(lambda connection: other.account(connection, "quiet"))
    [draft, quiet] = close_all("--drafts")["accounts"]
    assert (draft["did"], draft["total_micros"], quiet["did"]) == ("draft", 5_664_000, "nothing charged")
    assert json.loads(run("invoice", "list", "--json").stdout) == []
    # It dies after the first posting: the invoice stands, what is left is told, and the next run goes on.
    server = serve(monkeypatch, Server(database, 1))
    [shop, _] = close_all(code=75)["accounts"]
    assert (shop["did"], shop["number"], shop["left"]) == (
        "issued",
        "INV-2027-000001",
        ["the server is gone"],
    )
    server = serve(monkeypatch, Server(database, 9))
    folder = tmp_path / "sent"
    [shop, quiet] = close_all("--out", str(folder))["accounts"]
    assert (shop["did"], shop["number"], shop["left"], shop["postings"]) == (
        "was issued",
        "INV-2027-000001",
        [],
        2,
    )
    assert (quiet["did"], quiet["left"]) == ("nothing charged", [])
    assert [each[0] for each in server.posted] == ["credit-note"]
    assert close_all()["accounts"][0] == shop
    assert len(server.posted) == 1
    kinds = sorted(each["kind"] for each in json.loads(run("invoice", "list", "--json").stdout))
    assert kinds == ["credit_note", "invoice"]
    names = {f"{number}-2027-000001.{form}" for number in ("INV", "CN") for form in ("pdf", "csv")}
    assert {file.name for file in folder.iterdir()} == names
    assert "has not passed yet" in run("invoice", "close-month", "--month", "2027-03", code=2).output
    assert "no account is called 'no'" in run("invoice", "close-month", "--account", "no", code=2).output


def test_an_account_that_must_wait_keeps_none_of_the_others_waiting(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Charged(account_no=2)

    def write(connection: Connection) -> None:
        connection.execute(schema.message_final.delete())
        other.account(connection, "simple", tariff="rows")
        other.message(connection, 100_000, accepted_us=NOON_US + 5_000)

    database.run(write)
    serve(monkeypatch, Server(database, 9))
    done = run("invoice", "close-month", "--month", MONTH, code=75)
    assert f"{ACCOUNT} waits: 2 messages of 2027-01 have not ended yet" in done.output
    told = close_all(code=75)["accounts"]
    assert [(each["account"], each["number"], len(each["left"])) for each in told] == [
        (ACCOUNT, "INV-2027-000001", 1),
        ("simple", "INV-2027-000002", 0),
    ]


def close_due(code: int = 0) -> list[tuple[str, str, str, str]]:
    told = json.loads(run("invoice", "close-month", "--due", "--json", code=code).stdout)["accounts"]
    return [(each["account"], each["month"], each["did"], each["number"]) for each in told]


def test_what_is_due_is_closed_once_for_the_accounts_that_ask(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = serve(monkeypatch, Server(database, 1))
    assert close_due() == []  # off
    config = next(tmp_path.glob("*.toml"))
    config.write_text(config.read_text() + 'close_months = "asked"\ndocuments_folder = "sent"\n')
    other = Charged(account_no=2)

    def asks(account_no: int, answer: str) -> None:
        terms = {"tariff": "rows" if account_no == 2 else "retail", "billing": {"every_month": answer}}
        row = schema.account
        written = row.update().where(row.c.account_no == account_no).values(terms=json.dumps(terms))
        database.run(lambda connection: connection.execute(written))

    database.run(lambda connection: other.account(connection, "quiet"))
    assert close_due() == []  # nobody asked
    asks(ACCOUNT_NO, "yes")
    asks(2, "no")
    first = (ACCOUNT, MONTH, "issued", "INV-2027-000001")
    assert close_due(code=75) == [first]  # the server dies after one posting, so that the month is not done
    server = serve(monkeypatch, Server(database, 9))
    assert close_due() == [(ACCOUNT, MONTH, "was issued", "INV-2027-000001")]
    assert (len(server.posted), close_due()) == (1, [])
    assert {file.suffix for file in (tmp_path / "sent").iterdir()} == {".pdf", ".csv"}
    # Two months later both of those that were missed are closed, one by one; the other account asks too now.
    asks(2, "yes")
    monkeypatch.setattr(invoice_corrections, "now_us", lambda: LATER_US + 59 * MICROS_PER_DAY)
    assert close_due() == [
        (ACCOUNT, "2027-02", "nothing charged", ""),
        (ACCOUNT, "2027-03", "nothing charged", ""),
        ("quiet", "2027-03", "nothing charged", ""),
    ]
    assert "goes by [invoices] alone" in run("invoice", "close-month", "--due", "--drafts", code=2).output
