"""Ready scenarios of faults: each runs, and its fault really happens, judged by the witness.

A case is a function with the scenario's name: it talks to the simulator as a well-behaved ESME does, ends the
run, and reads the records. The scenario's own assertions must hold for such an ESME.
"""

import collections
import time

import pytest
from library_runs import Esme, library_runs, numbers, wait_for

from operator_push.smpp.pdu import DeliverSm
from operator_push.smpp.receipt_text import parse_receipt
from operator_push.smpp.session_events import RequestReceived, ResponseReceived

CASES = {}


def case(function):
    CASES[function.__name__.replace("_", "-")] = function
    return function


@pytest.fixture
def simulator(tmp_path):
    with library_runs(tmp_path) as start:
        yield start


@case
def bad_lengths_and_unknown_tlvs(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(80))
    kinds = {
        "unknown TLV",
        "unknown command",
        "trailing octets",
        "TLV longer than its PDU",
        "sm_length off by one",
    }
    wait_for(lambda: esme.read() or len(esme.receipts) + len(esme.violations) >= 80)
    sim.stop()
    assert set(sim.faults()) == kinds
    assert any(dict(pdu.tlvs).get(0x1400) == bytes.fromhex("c0ffee") for pdu in esme.receipts)
    assert esme.violations
    assert esme.binds == 1


@case
def byte_by_byte(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(12))
    esme.read_until(lambda: len(esme.responses) == len(esme.receipts) == 12)
    sim.stop()
    assert set(sim.faults()) == {"one octet at a time", "seven octets at a time"}


@case
def cut_in_mid_pdu(sim):
    esme = Esme(sim.port)
    sent = 0
    while esme.binds < 4 or not esme.resets:
        esme.submit_all(numbers(5, f"91980{sent:03d}"))
        sent += 5
        assert sent < 2000
        esme.read(0.01)
    esme.read_for(0.3)  # What is on its way may be cut too; then it binds again.
    sim.stop()
    assert set(sim.faults()) == {"cut by FIN", "cut by RST"}
    assert len(sim.rows(decision="closed")) >= 3


@case
def doubled_and_late_receipts(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(60))
    esme.read_until(lambda: sum(sim_faults_seen(esme).values()) >= 60)
    sim.stop()
    assert set(sim.faults()) == {"twice", "late", "out of order", "lost"}
    sent = collections.Counter(row["smsc_message_id"] for row in sim.rows(decision="sent", kind="receipt"))
    assert max(sent.values()) >= 2
    lost = {row["smsc_message_id"] for row in sim.rows(decision="fault", fault="lost")}
    assert lost
    assert not lost & set(sent)


def sim_faults_seen(esme):
    return collections.Counter(parse_receipt(pdu.short_message).id for pdu in esme.receipts)


@case
def half_open(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(30))
    esme.arrived_at = time.monotonic()
    wait_for(lambda: esme.read() or time.monotonic() > esme.arrived_at + 0.4)
    got = len(esme.responses)
    assert got < 30
    esme.bind_again()
    esme.submit_all(numbers(30, "9199"))
    esme.read_until(lambda: len(esme.responses) == got + 30)
    esme.read_until(lambda: esme.receipts)
    sim.stop()
    assert sim.faults() == {"half-open": 1}
    [hit] = sim.rows(decision="fault")
    assert hit["bind"] == "b1"
    assert sim.rows(bind="b1", decision="swallowed")


@case
def lost_responses(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(60))
    esme.read_until(lambda: len(esme.receipts) == 60)
    sim.stop()
    lost = {row["smsc_message_id"] for row in sim.rows(decision="fault")}
    assert lost
    assert len(esme.accepted_ids()) == 60 - len(lost)
    assert lost <= {parse_receipt(pdu.short_message).id for pdu in esme.receipts}


@case
def receipts_before_responses(sim):
    esme = Esme(sim.port)
    order = []
    take = esme.take

    def noting(event):
        match event:
            case ResponseReceived(pdu=pdu):
                order.append(("response", pdu.message_id))
            case RequestReceived(pdu=DeliverSm() as pdu):
                order.append(("receipt", parse_receipt(pdu.short_message).id))
        take(event)

    esme.take = noting
    esme.submit_all(numbers(30))
    esme.read_until(lambda: len(esme.responses) == len(esme.receipts) == 30)
    sim.stop()
    hit = {row["smsc_message_id"] for row in sim.rows(decision="fault")}
    assert 3 <= len(hit) <= 20
    for identifier in set(esme.accepted_ids()):
        first = order.index(("receipt", identifier)) < order.index(("response", identifier))
        assert first == (identifier in hit)


@case
def slow_smsc(sim):
    esme = Esme(sim.port)
    began = time.monotonic()
    esme.submit_all(numbers(60))
    esme.read_until(lambda: len(esme.responses) == 60)
    assert time.monotonic() - began >= 0.06  # At least the median: nothing is faster than it is told to be.
    sequence = [pdu.sequence_number for pdu in esme.responses]
    esme.read_until(lambda: len(esme.receipts) == 60)
    sim.stop()
    assert sim.faults()["slow answers"] == 60
    assert sim.faults()["silence"] >= 1
    assert sequence != sorted(sequence)


@case
def vendor_receipts(sim):
    esme = Esme(sim.port)
    esme.submit_all([f"919{digit}{number:08d}" for digit in range(10) for number in range(20)])
    twice = 40  # tyntec's: two receipts for a message
    esme.read_until(lambda: len(esme.responses) == 200 and len(esme.receipts) == 200 + twice)
    sim.stop()
    assert set(sim.faults()) == {
        "LINK Mobility",
        "Vonage",
        "tyntec",
        "no TLVs, dates with seconds",
        "labels in another order",
        "text cut short",
    }
    texts = b"\n".join(pdu.short_message for pdu in esme.receipts)
    for mark in (b"sub:000 dlvrd:000", b"stat:FAILED", b"stat:BUFFRED", b"sub:001 id:"):
        assert mark in texts, mark


@case
def wrong_id_base(sim):
    esme = Esme(sim.port)
    esme.submit_all(numbers(40))
    esme.read_until(lambda: len(esme.responses) == len(esme.receipts) == 40)
    sim.stop()
    told = esme.accepted_ids()
    reported = [parse_receipt(pdu.short_message).id for pdu in esme.receipts]
    assert not set(told) & set(reported)
    assert sorted(int(one, 16) for one in told) == sorted(int(one) for one in reported)
    assert any(one.startswith("000") for one in told)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_scenario_does_what_it_says_and_a_good_esme_passes_its_assertions(name, simulator):
    sim = simulator(name)
    CASES[name](sim)
    assert sim.process.returncode == 0, sim.output
    assert "FAILED" not in sim.output
    assert "holds " in sim.output
