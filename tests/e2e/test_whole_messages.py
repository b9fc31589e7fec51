"""long_messages = "payload": one submit_sm, one receipt, and every segment that it becomes is billed once."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from operator_desk import asked
from product import Programs, running, until
from raw_esme import AskingEsme

from operator_push.smpp.pdu import DeliverSm
from operator_push.smpp.tlv import TlvTag

PRICE_MICROS = 100_000
TEXT = b"x" * 400  # 153 + 153 + 94
SEGMENTS = 3
# The answer comes so late that a product can die before it; so does the receipt of the numbers that wait.
SLOW = """
seed = 7
[latency]
submit_sm_resp_ms = 1500
"""
FAR = """
[[smsc]]
name = "far"
host = "127.0.0.1"
port = {port}
system_id = "gateway"
password = "secret"
prefixes = ["9197"]
long_messages = "payload"
"""


def a_dead_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    folder = tmp_path_factory.mktemp("whole")
    with running(folder, SLOW, more=FAR.format(port=a_dead_port())) as programs:
        programs.add_account()
        yield programs


def submit(esme: AskingEsme, destination: str) -> None:
    tlvs = ((int(TlvTag.message_payload), TEXT),)
    esme.submit(destination, short_message=b"", tlvs=tlvs)


def receipt(programs: Programs) -> DeliverSm:
    with AskingEsme(programs.smpp_port) as esme:
        esme.bind()
        return esme.receipt()


def arrived(programs: Programs, destination: str) -> list[dict[str, Any]]:
    return [
        line
        for line in programs.witness()
        if line.get("command") == "submit_sm"
        and line.get("decision") == "accepted"
        and line.get("destination") == destination
    ]


def money(programs: Programs) -> tuple[int, int]:
    """(held, available) of the account."""
    account = programs.call("account.show", name="shop")["account"]
    return account["held_micros"], account["available_micros"]


def by_payload(programs: Programs, way: str = "payload") -> None:
    programs.call("link.set", name="main", settings={"long_messages": way}, by="test")


def test_one_submit_sm_one_receipt_and_all_segments_are_billed(both: Programs):
    by_payload(both)
    _, before = money(both)
    with AskingEsme(both.smpp_port) as esme:
        esme.bind()
        submit(esme, "919812345601")
        assert money(both)[0] == SEGMENTS * PRICE_MICROS
        text = esme.receipt().short_message
    assert b"sub:003 dlvrd:003" in text
    assert b"stat:DELIVRD" in text
    assert len(arrived(both, "919812345601")) == 1
    assert money(both) == (0, before - SEGMENTS * PRICE_MICROS)


def test_a_crash_before_the_answer_neither_sends_nor_bills_again(both: Programs):
    by_payload(both)
    _, before = money(both)
    with AskingEsme(both.smpp_port) as esme:
        esme.bind()
        submit(esme, "919812345602")
        until(lambda: len(arrived(both, "919812345602")) == 1, "the submit_sm at the SMSC")
        assert both.product is not None
        both.product.kill()
    both.start_product()
    held, available = money(both)
    assert held in (SEGMENTS * PRICE_MICROS, 0), "0 where its receipt was waiting for the bind"
    assert available == before - SEGMENTS * PRICE_MICROS
    assert b"sub:003 dlvrd:003" in receipt(both).short_message
    assert len(arrived(both, "919812345602")) == 1
    assert money(both) == (0, before - SEGMENTS * PRICE_MICROS)


def test_a_failover_to_a_link_of_another_way_keeps_the_count(both: Programs):
    by_payload(both, "udh16")
    _, before = money(both)
    with AskingEsme(both.smpp_port) as esme:
        esme.bind()
        submit(esme, "919712345603")  # planned for the far SMSC, which is dead
        assert b"sub:003 dlvrd:003" in esme.receipt().short_message
    assert len(arrived(both, "919712345603")) == 1
    assert money(both) == (0, before - SEGMENTS * PRICE_MICROS)


def test_the_smscs_records_match_segment_by_segment(both: Programs):
    """The last of this file: it ends the simulator, which closes its period."""
    assert both.simulator is not None
    both.simulator.stop()
    files = sorted((both.folder / "smsc" / "cdr").glob("*.csv"))
    assert any(",,3,\n" in file.read_text(encoding="utf-8") for file in files), "the SMSC counts segments"
    told = asked(both, "reconcile", *(f"--cdr={file}" for file in files))
    assert told["mismatched"] == 0
    assert told["segments_ledger"] == told["segments_smsc"] == told["matched"] == 3 * SEGMENTS
    proof = asked(both, "ledger", "verify")
    assert proof["ok"]
