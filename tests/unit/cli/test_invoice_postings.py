"""operator-push invoice credit-note and write-off: posted by the server, kept as documents, once."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from campaign_desk import write_config
from click.testing import CliRunner, Result
from invoice_room import ACCOUNT, HOUR_US, Charged
from store_rows import NOON_US

from operator_push.cli import invoice_commands, invoice_corrections, invoice_postings
from operator_push.cli.main import main
from operator_push.kernel.instants import iso
from operator_push.store import migrate
from operator_push.store.database import Database

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


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What reached the server's ledger."""
    calls: list[dict[str, Any]] = []

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        assert do == "ledger.post"
        calls.append(args)
        return {"posting": 7, "duplicate": False}

    monkeypatch.setattr(invoice_postings, "server_of", lambda settings: nullcontext(Server(call)))
    monkeypatch.setattr(invoice_corrections, "now_us", lambda: NOON_US + 2 * HOUR_US)
    return calls


class Server:
    """A control client that answers by a function."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def call(self, do: str, **args: Any) -> dict[str, Any]:
        return dict(self._call(self, do, **args))


def test_a_credit_note_is_posted_once_and_lowers_its_invoice(
    store: Path, posted: list[dict[str, Any]]
) -> None:
    number = json.loads(run("issue", ACCOUNT, "--until", UNTIL, "--json").stdout)["number"]
    words = ("credit-note", number, "0.2", "--reason", "not delivered", "--reference", "c1", "--message", "9")
    note = json.loads(run(*words, "--json").stdout)
    assert (note["number"], note["about"], note["total_micros"]) == ("CN-2027-000001", number, 200_000)
    assert note["net_micros"] + note["tax_micros"] == 200_000
    assert note["taxes"][0]["name"] == "GST"
    assert json.loads(run(*words, "--json").stdout) == note
    [posting] = posted
    assert (posting["kind"], posting["amount_micros"], posting["reference"]) == ("credit-note", 200_000, "c1")
    listed = json.loads(run("list", "--json").stdout)
    assert {each["kind"]: each["open_micros"] for each in listed} == {"invoice": 270_000, "credit_note": None}
    assert "is left" in run("credit-note", number, "0.3", "--reason", "x", "--reference", "c2", code=2).output
    assert (
        "was used for" in run("credit-note", number, "1", "--reason", "x", "--reference", "c1", code=2).output
    )
    assert len(posted) == 1


def test_what_is_open_can_be_written_off_once(store: Path, posted: list[dict[str, Any]]) -> None:
    number = json.loads(run("issue", ACCOUNT, "--until", UNTIL, "--json").stdout)["number"]
    run("write-off", number, "--reason", "bankrupt")
    assert [(each["kind"], each["amount_micros"]) for each in posted] == [("write-off", 470_000)]
    [listed] = json.loads(run("list", "--json").stdout)
    assert (listed["state"], listed["open_micros"]) == ("written_off", 0)
    assert "nothing open" in run("write-off", number, "--reason", "again", code=2).output
