"""Invoices of the running product: what was sent is invoiced, corrected by the ledger, and proved."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from operator_desk import asked
from product import Programs, running, until
from raw_esme import RawEsme

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import SubmitSm

PRICE = 100_000
OPERATOR = """
[invoices]
name = "Example Telecom Ltd"
country = "IN"
[[network]]
prefix = "9198"
mcc = "404"
mnc = "45"
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    with running(tmp_path_factory.mktemp("invoices"), more=OPERATOR) as both:
        yield both


def send(programs: Programs, count: int) -> list[int]:
    """Submit so many messages and wait until all have ended; returns their ids."""
    ids = []
    with RawEsme(programs.smpp_port) as esme:
        assert esme.bind("shop").command_status == 0
        for number in range(count):
            pdu = SubmitSm(
                source_addr_ton=5,
                source_addr="SHOP",
                dest_addr_ton=1,
                dest_addr_npi=1,
                destination_addr=f"91981234567{number}",
                short_message=b"hi",
            )
            pdu.sequence_number = 1000 + number
            esme.send_octets(encode_pdu(pdu))
            ids.append(int(esme.read().message_id))  # type: ignore[attr-defined]
    until(lambda: programs.call("account.show", name="shop")["account"]["held_micros"] == 0, "the receipts")
    return ids


def now_iso() -> str:
    return datetime.now(UTC).isoformat()


def test_a_postpaid_month_from_message_to_credit_note(programs: Programs) -> None:
    billing = {"name": "Chai Point Ltd", "country": "IN"}
    programs.add_account("shop", prepaid_micros=0, credit_limit_micros=10 * PRICE, billing=billing)
    [disputed, other, _] = send(programs, 3)
    invoice = asked(programs, "invoice", "issue", "shop", "--until", now_iso())
    assert (invoice["total_micros"], invoice["payable_micros"]) == (3 * PRICE, 3 * PRICE)
    assert invoice["buyer"]["name"] == "Chai Point Ltd"
    [line] = invoice["lines"]
    assert (line["units"], line["network"], line["tariff"]) == (3, "404-45", "tariff version 1")
    note = ("invoice", "credit-note", invoice["number"], "0.10", "--reason", "claim", "--reference", "c-1")
    credited = asked(programs, *note, "--message", str(disputed))
    assert asked(programs, *note, "--message", str(disputed)) == credited
    assert credited["about"] == invoice["number"]
    asked(programs, "ledger", "payment", "shop", "0.15", "--reference", "p-1", "--reason", "transfer")
    [open_one] = [each for each in asked(programs, "invoice", "list") if each["kind"] == "invoice"]
    assert (open_one["state"], open_one["open_micros"]) == ("open", PRICE // 2)
    written_off = asked(programs, "invoice", "write-off", invoice["number"], "--reason", "small")
    assert (written_off["state"], written_off["open_micros"]) == ("written_off", 0)
    page = programs.folder / "story.html"
    asked(programs, "message", "show", str(disputed), "--page", str(page))
    text = page.read_text()
    assert f"{invoice['number']}, {credited['number']}" in text
    for pdu in ("submit_sm of", "submit_sm_resp to", "submit_sm, segment 1 over", "deliver_sm, receipt of"):
        assert f"<code>{pdu}" in text
    # Only 0.10 of it was charged, and is given back already: an upheld dispute has nothing left to give.
    assert asked(programs, "dispute", "open", str(disputed), "--reason", "claim")["dispute"] == 1
    told = asked(programs, "dispute", "resolve", "1", "upheld", "--reason", "claim")
    assert (told["state"], told["events"][-1]["posting"]) == ("upheld", None)
    asked(programs, "dispute", "open", str(other), "--reason", "never came")
    told = asked(programs, "dispute", "resolve", "2", "upheld", "--reason", "lost", "--amount", "0.04")
    assert told["events"][-1]["document"] == "CN-" + credited["number"][3:-1] + "2"
    assert asked(programs, "ledger", "verify")["ok"]
    assert asked(programs, "invoice", "verify")["ok"] is True
    receipt = asked(programs, "invoice", "receipt", "shop", "p-1")
    assert receipt["total_micros"] == PRICE * 3 // 2
    send(programs, 1)
    following = asked(programs, "invoice", "issue", "shop", "--until", now_iso())
    assert (following["total_micros"], following["period_from"]) == (PRICE, invoice["period_until"])
