"""data_sm in transaction mode: the response comes with the end of the delivery, and tells it."""

import pytest

from operator_push.smpp.constants import CommandStatus, EsmClass
from operator_push.smpp.pdu import CancelSm, DataSm, DataSmResp
from operator_push.smpp.tlv import TlvTag
from smsc_sim.transactions import is_transaction

NUMBER = "919876543210"
FAILED = int(CommandStatus.ESME_RDELIVERYFAILURE)
REASON, NETWORK = int(TlvTag.delivery_failure_reason), int(TlvTag.network_error_code)


def handsets(state, delay_ms=None):
    delay = "" if delay_ms is None else f"delay_ms = {delay_ms}\n"
    return f'[[population.handsets]]\nstate = "{state}"\nshare = 1.0\n{delay}'


def transaction(**fields):
    fields = {"esm_class": int(EsmClass.MODE_FORWARD), "destination_addr": NUMBER} | fields
    return DataSm(
        source_addr="56070", data_coding=0, tlvs=((int(TlvTag.message_payload), b"hello"),), **fields
    )


def send(esme, pdu):
    esme.session.send_request(pdu, esme.world.now)
    esme.write()


def answers(esme):
    return [pdu for _, pdu in esme.responses if isinstance(pdu, DataSmResp)]


@pytest.mark.parametrize(
    ("esm_class", "is_one"), [(0x02, True), (0x42, True), (0, False), (1, False), (3, False)]
)
def test_the_mode_is_in_the_lowest_bits(esm_class, is_one):
    assert is_transaction(esm_class) is is_one


def test_a_delivered_one_is_answered_when_it_has_arrived(world):
    w = world(handsets("on", 500))
    esme = w.esme()
    send(esme, transaction())
    w.run(0.4)
    assert answers(esme) == []
    assert (w.smsc.unfinished(), esme.bind.outstanding_submits) == (1, 1)
    w.run(0.2)
    [response] = answers(esme)
    [row] = w.cdr_rows()
    assert (response.command_status, response.message_id) == (0, row["smsc_message_id"])
    assert row["state"] == "DELIVERED"
    assert (w.smsc.unfinished(), esme.bind.outstanding_submits) == (0, 0)
    assert esme.delivered == []  # No receipt was asked for.


@pytest.mark.parametrize(
    ("state", "reason", "error"),
    [("off", 0, 27), ("absent", 0, 27), ("ported", 1, 1), ("barred", 2, 13), ("memory_full", 3, 32)],
)
@pytest.mark.parametrize("schedule", ["", "[retry]\nschedule_s = [60]\n"])
def test_one_that_failed_tells_why_and_is_not_stored(world, state, reason, error, schedule):
    w = world(handsets(state) + schedule)
    esme = w.esme()
    send(esme, transaction(registered_delivery=1))
    w.run(1.5)
    [response] = answers(esme)
    assert response.command_status == FAILED
    assert dict(response.tlvs) == {REASON: bytes((reason,)), NETWORK: b"\3\0" + bytes((error,))}
    [row] = w.cdr_rows()
    assert (row["state"], row["smsc_message_id"]) == ("UNDELIVERABLE", response.message_id)
    [answered] = w.witness_rows(command="data_sm_resp", decision="answered")
    assert answered["status"] == "ESME_RDELIVERYFAILURE"
    assert len(esme.delivered) == 1  # The receipt that it asked for
    w.run(200)
    assert len(answers(esme)) == 1


def test_another_mode_is_answered_at_once(world):
    w = world(handsets("on", 500))
    esme = w.esme()
    send(esme, transaction(esm_class=int(EsmClass.MODE_STORE_AND_FORWARD)))
    w.run(0.1)
    assert [pdu.command_status for pdu in answers(esme)] == [0]


def test_the_answer_of_another_esme_is_the_outcome(world):
    w = world('[[mo.routes]]\ndestination_like = "91*"\nsystem_id = "bank"\n')
    esme, _ = w.esme(), w.esme(system_id="bank")
    send(esme, transaction())
    w.run(0.2)
    assert [pdu.command_status for pdu in answers(esme)] == [0]
    refusing = world('[[mo.routes]]\ndestination_like = "91*"\nsystem_id = "bank"\n')
    esme = refusing.esme()
    refusing.esme(system_id="bank", deliver_status=int(CommandStatus.ESME_RX_P_APPN))
    send(esme, transaction())
    refusing.run(0.2)
    assert [pdu.command_status for pdu in answers(esme)] == [FAILED]


def test_one_that_is_cancelled_on_its_way_is_answered_too(world):
    w = world(handsets("on", 500))
    esme = w.esme()
    send(esme, transaction())
    w.run(0.1)
    send(esme, CancelSm(source_addr="56070", destination_addr=NUMBER))
    w.run(0.6)
    assert [pdu.command_status for pdu in answers(esme)] == [FAILED]
    assert [row["state"] for row in w.cdr_rows()] == ["DELETED"]


def test_a_handset_that_changes_meanwhile_decides_anew(world):
    w = world(handsets("on", 500))
    esme = w.esme()
    send(esme, transaction())
    w.run(0.1)
    w.smsc.set_handset_state(NUMBER, "off", w.now)
    w.run(0.6)
    assert [pdu.command_status for pdu in answers(esme)] == [FAILED]


def test_a_bind_that_is_lost_hears_nothing_and_the_books_agree(world):
    w = world(handsets("on", 500))
    esme = w.esme()
    send(esme, transaction())
    esme.lose()
    w.run(0.7)
    assert w.smsc.counters.responses_without_bind == 1
    assert [row["state"] for row in w.cdr_rows()] == ["DELIVERED"]
    assert w.smsc.unfinished() == 0


def test_the_latency_comes_on_top(world):
    w = world(handsets("on", 100) + "[latency]\nsubmit_sm_resp_ms = 300\n")
    esme = w.esme()
    send(esme, transaction())
    w.run(0.35)
    assert answers(esme) == []
    w.run(0.1)
    assert len(answers(esme)) == 1
