"""Faults of PDUs that leave, on the wire: the SMSC's decision stands, the ESME sees something else."""

import pytest

from operator_push.smpp.codec import decode_pdu
from operator_push.smpp.constants import CommandId, CommandStatus
from operator_push.smpp.pdu import SubmitSmResp, Unbind
from operator_push.smpp.receipt_text import parse_receipt
from operator_push.smpp.tlv import TlvTag

RESP = int(CommandId.submit_sm_resp)


def numbers(count):
    return [f"91987654{i:04d}" for i in range(count)]


def submit_all(w, esme, count, seconds=2.0, **fields):
    start = w.now
    for number in numbers(count):
        esme.submit(number, **fields)
    w.run(seconds)
    return start


def agreed(w, count):
    """Whatever the ESME saw, the SMSC has accepted and ended every message."""
    assert w.smsc.counters.submits_accepted == w.smsc.counters.finals == len(w.cdr_rows()) == count
    assert w.smsc.unfinished() == 0


def hits(w):
    return [state.hits for state in w.smsc.faults.states()]


def test_lost_responses_of_accepted_messages(faulty):
    w = faulty({"kind": "response_lost", "share": 0.5})
    esme = w.esme()
    submit_all(w, esme, 100)
    agreed(w, 100)
    lost = w.witness_rows(decision="fault", fault="response_lost")
    assert 30 < len(lost) < 70
    assert len(esme.responses) == 100 - len(lost)
    assert len(esme.delivered) == 100
    answered = {pdu.message_id for _, pdu in esme.responses}
    assert answered.isdisjoint(row["smsc_message_id"] for row in lost)
    assert {row["command"] for row in lost} == {"submit_sm_resp"}


def test_doubled_responses(faulty, octets_of):
    w = faulty({"kind": "response_doubled", "times": 2, "after_ms": 100})
    esme = w.esme()
    submit_all(w, esme, 3, registered_delivery=0)
    assert len(esme.responses) == 3
    agreed(w, 3)
    assert [violation.command_id for violation in esme.violations] == [RESP] * 6


@pytest.mark.parametrize(
    "form",
    [{"delay_ms": 200}, {"lognormal_ms": {"median": 200, "p99": 200}}, {"percentiles_ms": {"p0.001": 200}}],
)
def test_late_responses_by_each_form_of_distribution(faulty, form):
    w = faulty({"kind": "latency"} | form)
    esme = w.esme()
    start = submit_all(w, esme, 1)
    [(when, _)] = esme.responses
    assert 0.199 <= when - start < 0.25
    agreed(w, 1)


def test_latency_is_spread_and_receipts_wait_for_their_response(faulty):
    w = faulty({"kind": "latency", "delay_ms": [0, 500]})
    esme = w.esme()
    start = submit_all(w, esme, 100)
    waits = [when - start for when, _ in esme.responses]
    assert min(waits) < 0.1
    assert max(waits) > 0.4
    answered = {pdu.message_id: when for when, pdu in esme.responses}
    assert len(answered) == 100
    assert all(when >= answered[parse_receipt(pdu.short_message).id] for when, pdu in esme.delivered)
    order = [pdu.sequence_number for _, pdu in esme.responses]
    assert order != sorted(order)


def test_latency_can_keep_the_order_and_let_receipts_overtake(faulty):
    w = faulty({"kind": "latency", "delay_ms": [0, 500], "keep_order": True, "receipts_may_overtake": True})
    esme = w.esme()
    submit_all(w, esme, 100)
    order = [pdu.sequence_number for _, pdu in esme.responses]
    assert order == sorted(order)
    assert len(order) == 100
    answered = {pdu.message_id: when for when, pdu in esme.responses}
    assert any(when < answered[parse_receipt(pdu.short_message).id] for when, pdu in esme.delivered)


def test_responses_out_of_order(faulty):
    w = faulty({"kind": "response_out_of_order", "every": 4, "behind": 2})
    esme = w.esme()
    submit_all(w, esme, 8, registered_delivery=0)
    order = [pdu.sequence_number - 2 for _, pdu in esme.responses]
    assert order == [0, 1, 2, 4, 5, 3, 6, 7]
    agreed(w, 8)


def test_a_response_that_nobody_follows_leaves_by_itself(faulty):
    w = faulty({"kind": "response_out_of_order", "max_ms": 300})
    esme = w.esme()
    start = submit_all(w, esme, 1, registered_delivery=0)
    assert 0.3 <= esme.responses[0][0] - start < 0.35


def test_an_error_for_a_message_that_was_accepted(faulty):
    w = faulty({"kind": "response_status", "status": "ESME_RSUBMITFAIL"})
    esme = w.esme()
    submit_all(w, esme, 1)
    assert esme.responses[0][1].command_status == CommandStatus.ESME_RSUBMITFAIL
    assert len(esme.delivered) == 1
    agreed(w, 1)


@pytest.mark.parametrize(
    ("form", "same"),
    [
        ("hex", lambda told, known: int(told, 16) == int(known)),
        ("HEX", lambda told, known: told.isupper() and int(told, 16) == int(known)),
        ("zeros", lambda told, known: told != known and int(told) == int(known)),
        ("empty", lambda told, known: told == ""),
        ("foreign", lambda told, known: told != known and told.isdecimal()),
    ],
)
def test_the_response_s_id_is_in_another_form_than_the_receipt_s(faulty, form, same):
    w = faulty({"kind": "response_id", "form": form})
    esme = w.esme()
    submit_all(w, esme, 1)
    known = w.cdr_rows()[0]["smsc_message_id"]
    assert parse_receipt(esme.delivered[0][1].short_message).id == known
    assert same(esme.responses[0][1].message_id, known)


def test_an_id_in_decimal_where_the_scenario_writes_hex(faulty):
    w = faulty({"kind": "response_id", "form": "decimal"}, extra='[message_ids]\nbase = "hex"\n')
    esme = w.esme()
    submit_all(w, esme, 1)
    known = w.cdr_rows()[0]["smsc_message_id"]
    assert int(esme.responses[0][1].message_id) == int(known, 16)


def test_an_id_on_the_first_segment_only(faulty):
    w = faulty({"kind": "response_id", "only_first_segment": True})
    esme = w.esme()
    for part in (1, 2, 3):
        esme.submit("919876543210", esm_class=0x40, short_message=bytes((5, 0, 3, 7, 3, part)) + b"text")
    w.run(1)
    ids = [pdu.message_id for _, pdu in esme.responses]
    assert [bool(identifier) for identifier in ids] == [True, False, False]
    assert len({row["smsc_message_id"] for row in w.cdr_rows()}) == 3


def test_a_wrong_sequence_number_answers_nobody(faulty):
    w = faulty({"kind": "response_sequence", "by_numbers": 1000})
    esme = w.esme()
    submit_all(w, esme, 1)
    assert esme.responses == []
    assert [violation.sequence_number for violation in esme.violations] == [1002]
    agreed(w, 1)


def test_the_receipt_comes_before_the_response(faulty):
    w = faulty({"kind": "receipt_before_response", "by_ms": 50})
    esme = w.esme()
    start = submit_all(w, esme, 10)
    assert len(esme.responses) == len(esme.delivered) == 10
    received = {parse_receipt(pdu.short_message).id: when for when, pdu in esme.delivered}
    for when, pdu in esme.responses:
        assert received[pdu.message_id] + 0.045 <= when < start + 0.2
    agreed(w, 10)


def test_a_response_whose_receipt_does_not_come_leaves_by_itself(faulty):
    w = faulty(
        {"kind": "receipt_before_response", "max_ms": 300},
        {"kind": "receipt_lost"},
    )
    esme = w.esme()
    start = submit_all(w, esme, 1)
    esme.submit("919876543210", registered_delivery=0)
    w.run(0.1)
    assert 0.3 <= esme.responses[0][0] - start < 0.35
    assert len(esme.responses) == 2


def test_unknown_tlvs_in_both_directions_of_a_message(faulty):
    w = faulty({"kind": "unknown_tlv", "tag": 0x1403, "value_hex": "CAFE"})
    esme = w.esme()
    submit_all(w, esme, 1)
    assert esme.responses[0][1].tlv(0x1403) == b"\xca\xfe"
    assert esme.delivered[0][1].tlv(0x1403) == b"\xca\xfe"
    assert hits(w) == [2]


def test_no_tlv_leaves_to_a_peer_of_3_3_even_by_a_fault(faulty):
    w = faulty({"kind": "unknown_tlv"})
    esme = w.esme(interface_version=0x33)
    submit_all(w, esme, 1)
    assert esme.delivered[0][1].tlvs == ()
    assert esme.responses[0][1].tlvs == ()


def test_a_bind_response_without_sc_interface_version(faulty, pdus_of):
    w = faulty({"kind": "tlv_omitted", "in_all": 1})
    without, usual = w.esme(), w.esme()
    assert without.session.binding == usual.session.binding == "transceiver"
    assert (without.bound.tlvs, usual.bound.tlvs) == ((), ((TlvTag.sc_interface_version, b"\x34"),))


def test_unknown_pdus_between_the_others(faulty):
    w = faulty({"kind": "unknown_pdu", "command_id": 0x00010200, "body_hex": "ABCD"})
    esme = w.esme()
    submit_all(w, esme, 2, registered_delivery=0)
    assert len(esme.responses) == 2
    assert [violation.command_id for violation in esme.violations] == [0x00010200] * 2
    assert len(w.witness_rows(decision="violation")) == 2  # The ESME's generic_nack answers nothing of ours.


@pytest.mark.parametrize("form", ["truncated", "tlv_length", "trailing"])
def test_a_bad_length_inside_costs_one_answer_not_the_bind(faulty, form):
    w = faulty({"kind": "bad_length", "form": form, "by_octets": 3, "count": 1})
    esme = w.esme()
    submit_all(w, esme, 2, registered_delivery=0)
    assert len(esme.responses) == 1
    assert len(esme.violations) == 1
    agreed(w, 2)


def test_an_sm_length_off_by_one(faulty):
    w = faulty(
        {"kind": "bad_length", "form": "sm_length", "by_octets": 1, "commands": ["deliver_sm"], "in_all": 1}
    )
    esme = w.esme()
    submit_all(w, esme, 1)
    assert w.smsc.counters.receipts_sent == 2  # The ESME refused the broken one; it was sent again, whole.
    assert len(esme.delivered) == 1
    agreed(w, 1)


@pytest.mark.parametrize("form", ["huge", "tiny"])
def test_a_bad_command_length_loses_the_framing(faulty, form):
    w = faulty({"kind": "bad_length", "form": form})
    esme = w.esme()
    submit_all(w, esme, 1, registered_delivery=0)
    assert esme.session.is_closed


@pytest.mark.parametrize(("form", "difference"), [("short", -2), ("long", 2)])
def test_a_command_length_that_is_a_little_wrong(faulty, octets_of, form, difference):
    w = faulty({"kind": "bad_length", "form": form, "by_octets": 2, "commands": ["submit_sm_resp"]})
    esme = w.esme()
    esme.submit("919876543210", registered_delivery=0)
    esme.write()
    octets = octets_of(esme)
    assert int.from_bytes(octets[:4], "big") == len(octets) + difference


def test_a_lost_deliver_sm_is_sent_again_after_its_time_out(faulty):
    w = faulty({"kind": "response_lost", "commands": ["deliver_sm"], "in_all": 1})
    esme = w.esme()
    submit_all(w, esme, 1, seconds=0.5)
    assert esme.delivered == []
    w.now += 31
    w.smsc.events(esme.bind, esme.smsc_session.tick(w.now), w.now)
    w.run(0.1)
    assert len(esme.delivered) == 1
    agreed(w, 1)


def test_close_instead_of_unbind_resp(faulty, octets_of):
    w = faulty({"kind": "response_lost", "commands": ["unbind_resp"]})
    esme = w.esme()
    esme.session.send_request(Unbind(), w.now)
    esme.write()
    assert octets_of(esme) == b""
    assert esme.smsc_session.is_closed
    assert w.witness_rows(decision="fault")[0]["command"] == "unbind_resp"


def test_enquire_link_without_an_answer(faulty, pdus_of):
    w = faulty({"kind": "response_lost", "commands": ["enquire_link_resp"], "after": 1})
    esme = w.esme()
    answers = []
    for number in (101, 102, 103):
        esme.smsc_session.receive(
            bytes.fromhex("00000010000000150000000000000000")[:15] + bytes((number,)), w.now
        )
        esme.read_smsc()
        answers += pdus_of(esme)
    assert [pdu.sequence_number for pdu in answers] == [101]


def test_what_is_said_of_a_deliver_sm_is_drawn_anew_for_each_try(faulty):
    w = faulty({"kind": "response_lost", "commands": ["deliver_sm"], "share": 0.5})
    esme = w.esme()
    submit_all(w, esme, 20, seconds=0.2)
    for _ in range(12):
        w.now += 31
        w.smsc.events(esme.bind, esme.smsc_session.tick(w.now), w.now)
        w.run(0.05)
    assert len(esme.delivered) == 20
    agreed(w, 20)


def test_faults_add_up_in_a_sensible_order(faulty):
    w = faulty(
        {"kind": "bad_length", "form": "trailing", "commands": ["submit_sm_resp"]},
        {"kind": "response_id", "form": "hex"},
        {"kind": "unknown_tlv", "commands": ["submit_sm_resp"]},
        {"kind": "response_status", "share": 0.0},
    )
    esme = w.esme()
    esme.submit("919876543210", registered_delivery=0)
    esme.write()
    octets = b"".join(esme.arrivals)
    pdu = decode_pdu(len(octets[:-1]).to_bytes(4, "big") + octets[4:-1])
    assert isinstance(pdu, SubmitSmResp)
    assert int(pdu.message_id, 16) == int(
        w.witness_rows(decision="accepted", command="submit_sm")[0]["smsc_message_id"]
    )
    assert pdu.tlv(0x1400) == b"\x01\x02"
    assert hits(w) == [1, 1, 1, 0]
