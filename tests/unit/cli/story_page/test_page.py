"""The story of a message on one page: decision, prices, PDUs, postings, records; no number and no text."""

import sqlite3
from pathlib import Path

import pytest
from campaign_desk import write_config
from click.testing import CliRunner
from proof_sample import OPEN, REFUSED, TWO, fill
from store_rows import NOON_US, row

from operator_push.cli.main import main
from operator_push.domain.ledger import TransferKind
from operator_push.kernel.instants import iso
from operator_push.services.correct_invoices import credit_subject
from operator_push.services.smsc_cdr import SMSC_CDR_COLUMNS
from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import DeliverSm, SubmitSm
from operator_push.store import migrate, schema
from operator_push.store.database import Database

NUMBER = "919812345678"
SECRET = b"your one-time code is 4711"
TEXT = SECRET * 7  # two segments


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample store, with octets of a real submit_sm, and of a receipt that its ESME is owed."""
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(write_config(tmp_path)))
    path = tmp_path / "data" / "operator-push.db"
    migrate.upgrade(f"sqlite:///{path}")
    database = Database.open(f"sqlite:///{path}")
    database.run(fill)
    database.close()
    submit = SubmitSm(source_addr="56070", destination_addr=NUMBER, short_message=TEXT, registered_delivery=1)
    receipt = DeliverSm(
        source_addr=NUMBER,
        destination_addr="56070",
        esm_class=4,
        short_message=b"id:1 stat:DELIVRD text:" + SECRET[:20],
    )
    with sqlite3.connect(path) as file:
        file.execute("UPDATE message SET body = ? WHERE message_id = ?", (encode_pdu(submit), TWO))
        day = file.execute("SELECT day FROM message WHERE message_id = ?", (TWO,)).fetchone()[0]
        row = (0, day, TWO + 100, 1, 1, TWO, encode_pdu(receipt))
        file.execute("INSERT INTO esme_delivery VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    return tmp_path


def page_of(message_id: int, folder: Path, *more: str) -> str:
    file = folder / "story.html"
    result = CliRunner().invoke(main, ["message", "show", str(message_id), "--page", str(file), *more])
    assert result.exit_code == 0, result.output
    text = file.read_text(encoding="utf-8")
    assert NUMBER not in text
    assert "one-time" not in text
    assert SECRET.hex() not in text
    assert "http" not in text.partition("</style>")[2]  # it needs nothing but itself
    return text


def test_the_whole_story_stands_on_one_page(store: Path) -> None:
    text = page_of(TWO, store)
    for said in (
        "1 of 2 segments delivered, 0.10 charged",
        "Chai Point",
        "campaign Morning chai",
        "It was admitted at once.",
        "0.10 a segment",
        "submit_sm",
        "deliver_sm",
        "919…78",
        f"{len(TEXT)} octets, not shown",
        "ESME_RTHROTTLED",
        "segment 2: EXPIRED, told by a receipt",
        "HOLD",
        "SETTLE",
        "RELEASE",
        "On no invoice yet.",
        "No CDR file was given",
    ):
        assert said in text, said


def test_pdus_stand_in_order_those_over_links_rebuilt(store: Path) -> None:
    pdus = page_of(TWO, store).partition('id="pdus"')[2].partition("</section>")[0]
    names = [part.partition("</code>")[0] for part in pdus.split("<summary><code>")[1:]]
    assert names[0] == "submit_sm of the client"
    assert sorted(names[1:]) == sorted(
        [
            "submit_sm_resp to the client",
            "submit_sm, segment 1 over main",
            "submit_sm_resp, segment 1 over main",
            "submit_sm, segment 2 over main",
            "submit_sm_resp, segment 2 over main",
            # It was throttled first, and tried again.
            *["submit_sm, segment 1 over main", "submit_sm_resp, segment 1 over main"],
            *["deliver_sm, receipt of the SMSC"] * 2,
            "deliver_sm to the client",
        ]
    )
    assert "cannot be rebuilt" not in pdus
    for field in ("user_message_reference", "message_state", "receipted_message_id"):
        assert f"<code>{field}</code>" in pdus
    assert "it cannot be rebuilt" in page_of(OPEN, store)  # nothing of its submit_sm is kept


def test_a_refused_message_has_its_reason_and_no_money(store: Path) -> None:
    text = page_of(REFUSED, store)
    assert "It was refused, and nothing was charged." in text
    assert "None: no money moved." in text
    assert "How it was priced" not in text


def test_an_open_message_is_on_its_way(store: Path) -> None:
    assert "On its way" in page_of(OPEN, store)


def test_the_smscs_own_rows_are_shown(store: Path) -> None:
    at = iso(NOON_US)
    lines = [",".join(SMSC_CDR_COLUMNS)]
    for identifier, number in (("A1", NUMBER), ("Z9", "917000000000")):
        lines.append(f"{identifier},operator,56070,{number},11,{at},{at},DELIVERED,0,0,9,,,")
    file = store / "period.csv"
    file.write_text("\n".join(lines) + "\n")
    section = page_of(TWO, store, "--cdr", str(file)).partition('id="smsc"')[2].partition("</section>")[0]
    assert "A1" in section
    assert "Z9" not in section
    other = page_of(OPEN, store, "--cdr", str(file)).partition('id="smsc"')[2]
    assert "have no row of this message" in other


def test_its_invoice_and_its_credit_note_are_named(store: Path) -> None:
    with sqlite3.connect(store / "data" / "operator-push.db") as file:
        columns = len(file.execute("SELECT * FROM pragma_table_info('invoice_document')").fetchall())
        insert = f"INSERT INTO invoice_document VALUES ({', '.join('?' * columns)})"
        rest = [0] * (columns - 9)
        file.execute(insert, ["I", 1, "INV-2027-000001", "invoice", 1, "s", "", 0, 1 << 61, *rest])
        subject = credit_subject(1, "claim")
        file.execute(insert, ["C", 1, "CN-2027-000001", "credit_note", 1, subject, "", 0, 0, *rest])
        kept = {"account_no": 1, "client_reference": "claim", "kind": int(TransferKind.CREDIT_NOTE)}
        values = row(schema.correction, **kept, message_id=TWO)
        file.execute(f"INSERT INTO correction VALUES ({', '.join('?' * len(values))})", values)
    assert "It stands on INV-2027-000001, CN-2027-000001." in page_of(TWO, store)
