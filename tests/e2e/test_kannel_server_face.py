"""Kannel bound to us as to an SMSC: its messages and our receipts, messages from handsets the other way.

smsbox (HTTP) → bearerbox → our server → simulator, and the receipts back to Kannel's dlr-url; the simulator's
handset → our link → [[mo_route]] → bearerbox → smsbox's get-url.
"""

import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from kannel import DELIVERED, FAILED, REFUSED, Kannel, kannel
from peers import require_program
from product import Programs, running, until

CODE = "56070"
SCENARIO = """
seed = 7
[[accounts]]
any = true
[[population.handsets]]
state = "on"
share = 1.0
delay_ms = [0, 50]
[[population.numbers]]
like = "91999*"
state = "barred"
delay_ms = 0
[[assert]]
what = "violations"
value = 0
[control]
port = 0
"""
PRODUCT = f"""
[[mo_route]]
short_code = "{CODE}"
account = "kannel"
"""
# Both sides of these are looked at: what the handset got, and what Kannel's dlr-url was told.
TEXTS = {
    "919812340001": "plain with € and [brackets]",
    "919812340002": "नमस्ते दुनिया",
    "919812340003": "long " * 80,  # three segments
    "919812340004": "लंबा " * 40,  # three segments of UCS-2
}
GSM = ("919812340001", "919812340003")
PERSON, BARRED = "919812340011", "919990000001"
HINDI = {"charset": "UTF-8", "coding": "2"}


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    require_program("bearerbox", package="kannel")
    folder = tmp_path_factory.mktemp("face")
    codes = f'short_codes = ["{CODE}"]'  # stands before the tables, as [database] does
    with running(folder, SCENARIO, more=PRODUCT, database=codes) as both:
        until(lambda: all(both.call("stats")["links"].values()), "the bind at the simulator")
        both.add_account("kannel")
        yield both


@pytest.fixture(scope="module")
def peer(programs: Programs) -> Iterator[Kannel]:
    folder = programs.folder / "kannel"
    with kannel(folder, port=programs.smpp_port, system_id="kannel", password="pw") as bound:
        yield bound


def simulator(programs: Programs, path: str, body: dict[str, str] | None = None) -> Any:
    """The answer of the simulator's HTTP control."""
    port = json.loads((programs.folder / "sim.ready.json").read_text())["control_port"]
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data=data, timeout=30) as answer:
        return json.load(answer)


def handset_writes(programs: Programs, text: str, source: str = PERSON) -> None:
    asked = {"system_id": "gateway", "source": source, "destination": CODE, "text": text}
    simulator(programs, "/api/mo", asked)


def heard(peer: Kannel, count: int) -> list[dict[str, str]]:
    """What smsbox passed on, once it is so many."""
    until(lambda: len(peer.ear.at("/mo")) >= count, f"{count} messages from handsets at Kannel's get-url")
    return peer.ear.at("/mo")


def test_messages_go_out_and_receipts_come_back(programs: Programs, peer: Kannel):
    for number, text in TEXTS.items():
        peer.send(f"+{number}", text, **({} if number in GSM else HINDI))
    peer.send(f"+{BARRED}", "nobody reads this")
    for number in (*TEXTS, BARRED):
        until(lambda number=number: bool(peer.told_of(number)), f"the receipt of {number}")
        assert peer.told_of(number) == [FAILED if number == BARRED else DELIVERED]
    for number, text in TEXTS.items():
        pdus = simulator(programs, f"/api/pdus?command=submit_sm&direction=in&number={number}")["pdus"]
        parts = sorted(pdus, key=lambda pdu: pdu["text"].get("part", {}).get("part", 1))
        assert "".join(pdu["text"]["text"] for pdu in parts) == text


def test_a_refusal_is_told_and_costs_no_bind(programs: Programs, peer: Kannel):
    peer.send("+12", "no such number")
    until(lambda: peer.told_of("12") == [REFUSED], "the refusal")
    peer.send("+919812340009", "and on it goes")
    until(lambda: peer.told_of("919812340009") == [DELIVERED], "the receipt of the next message")


def test_messages_from_handsets_come_to_kannel(programs: Programs, peer: Kannel):
    texts = ("QUIZ b", "नमस्ते", "long " * 60)
    for text in texts:
        handset_writes(programs, text)
    got = heard(peer, len(texts))
    # Kannel writes an international number with its plus.
    assert {(one["from"], one["to"]) for one in got} == {(f"+{PERSON}", CODE)}
    assert {one["text"] for one in got} == set(texts)


def test_a_stop_is_heard_by_us_and_not_passed_on(programs: Programs, peer: Kannel):
    before = len(peer.ear.at("/mo"))
    handset_writes(programs, "STOP")
    handset_writes(programs, "after the stop")
    assert [one["text"] for one in heard(peer, before + 1)[before:]] == ["after the stop"]


def test_what_waits_for_kannel_comes_when_it_binds_again(programs: Programs, peer: Kannel):
    before = len(peer.ear.at("/mo"))
    peer.end()
    handset_writes(programs, "one while away")
    handset_writes(programs, "two while away")
    until(lambda: programs.call("stats")["deliveries_waiting"] == 2, "two that wait")
    peer.start()
    got = heard(peer, before + 2)[before:]
    # smsbox makes its requests side by side, so their order says nothing about ours.
    assert sorted(one["text"] for one in got) == ["one while away", "two while away"]
    peer.send("+919812340010", "and on it goes")
    until(lambda: peer.told_of("919812340010") == [DELIVERED], "the receipt of the next message")


def test_neither_side_complained(programs: Programs, peer: Kannel):
    """Kannel took every PDU of ours without a remark, but for the refusal."""
    until(lambda: simulator(programs, "/api/state")["settled"], "the simulator's rest")
    remarks = re.findall(r" (?:WARNING|ERROR|PANIC): (SMPP.*)", peer.log())
    assert [remark for remark in remarks if "returned error code 0x0000000b" not in remark] == []
    log = (programs.folder / "operator-push.log").read_text(errors="replace")
    assert "Traceback" not in log
    assert programs.call("stats")["deliveries_waiting"] == 0
