"""The engine as ESMEs see it: binds, answers, receipts, answers from handsets, limits, and its records."""

import pytest

from operator_push.smpp.constants import CommandStatus, MessageState
from operator_push.smpp.pdu import BroadcastSm, CancelBroadcastSm, QueryBroadcastSm
from operator_push.smpp.receipt_text import parse_receipt
from operator_push.smpp.tlv import TlvTag

TWO_ACCOUNTS = """
[[accounts]]
system_id = "shop"
password = "secret"
[[accounts]]
system_id = "bank"
password = "vault"
binds_max = 1
"""
BROADCAST = (
    (int(TlvTag.broadcast_area_identifier), b"\0x"),
    (int(TlvTag.broadcast_content_type), b"\0\0\0"),
    (int(TlvTag.broadcast_rep_num), b"\0\1"),
    (int(TlvTag.broadcast_frequency_interval), b"\x08\0\1"),
)
UMR = ((int(TlvTag.user_message_reference), b"\x01\x02"),)


def only(items):
    [item] = items
    return item


def handsets(state, **more):
    extra = "\n".join(f"{name} = {value}" for name, value in more.items())
    return f'[[population.handsets]]\nstate = "{state}"\nshare = 1.0\n{extra}\n'


def test_a_friendly_smsc_takes_a_message_delivers_it_and_sends_a_receipt(world):
    w = world()
    esme = w.esme(system_id="anybody", password="whatever")
    esme.submit("919876543210", tlvs=UMR)
    w.run(1)
    _, response = only(esme.responses)
    _, receipt = only(esme.delivered)
    assert response.command_status == 0
    fields = parse_receipt(receipt.short_message)
    assert fields.id == response.message_id
    assert (fields.stat, fields.err, fields.dlvrd) == ("DELIVRD", "000", 1)
    assert receipt.esm_class == 0x04
    assert (receipt.source_addr, receipt.destination_addr) == ("919876543210", "56070")
    assert receipt.tlv(TlvTag.receipted_message_id) == response.message_id.encode() + b"\0"
    assert receipt.tlv(TlvTag.message_state) == bytes([MessageState.DELIVERED])
    assert receipt.tlv(TlvTag.user_message_reference) == b"\x01\x02"
    assert w.smsc.unfinished() == 0


@pytest.mark.parametrize(
    ("system_id", "password", "status"),
    [("shop", "wrong", "ESME_RINVPASWD"), ("nobody", "secret", "ESME_RINVSYSID")],
)
def test_a_wrong_bind_is_refused_by_name(world, system_id, password, status):
    w = world(TWO_ACCOUNTS)
    esme = w.esme(system_id=system_id, password=password)
    assert esme.session.binding is None
    row = only(w.witness_rows(decision="refused"))
    assert (row["status"], row["system_id"]) == (status, system_id)


def test_an_account_has_no_more_binds_than_it_may(world):
    w = world(TWO_ACCOUNTS)
    first = w.esme(system_id="bank", password="vault")
    assert w.esme(system_id="bank", password="vault").session.binding is None
    first.lose()
    assert w.esme(system_id="bank", password="vault").session.binding == "transceiver"


@pytest.mark.parametrize(
    ("registered_delivery", "state", "receipts"),
    [(0, "on", 0), (1, "on", 1), (2, "on", 0), (1, "memory_full", 1), (2, "memory_full", 1)],
)
def test_receipts_come_where_they_were_asked_for(world, registered_delivery, state, receipts):
    w = world(handsets(state))
    esme = w.esme()
    esme.submit("919876543210", registered_delivery=registered_delivery)
    w.run(2)
    assert len(esme.delivered) == receipts


def test_a_full_memory_is_undeliverable_with_its_error_code(world):
    w = world(handsets("memory_full"))
    esme = w.esme()
    esme.submit("919876543210")
    w.run(2)
    fields = parse_receipt(only(esme.delivered)[1].short_message)
    assert (fields.stat, fields.err, fields.dlvrd) == ("UNDELIV", "032", 0)


def test_a_message_to_an_absent_handset_expires_with_the_default_validity(world):
    w = world(handsets("absent") + "[validity]\ndefault_s = 3600\nacceleration = 3600\n")
    esme = w.esme()
    start = w.now
    esme.submit("919876543210")
    w.run(2)
    when, receipt = only(esme.delivered)
    assert parse_receipt(receipt.short_message).stat == "EXPIRED"
    assert 1.0 <= when - start < 1.05


def test_the_message_s_own_validity_counts_before_the_default(world):
    w = world(handsets("absent") + "[validity]\ndefault_s = 3600\nacceleration = 3600\n")
    esme = w.esme()
    start = w.now
    esme.submit("919876543210", validity_period="000000003000000R")
    w.run(2)
    when, _ = only(esme.delivered)
    assert 0.5 <= when - start < 0.55


def test_a_handset_that_comes_on_after_the_validity_never_gets_it(world):
    w = world(handsets("off", delay_ms=2000) + "[validity]\ndefault_s = 1\n")
    esme = w.esme()
    esme.submit("919876543210")
    w.run(3)
    assert parse_receipt(only(esme.delivered)[1].short_message).stat == "EXPIRED"


def test_a_scheduled_message_waits(world):
    w = world(handsets("on", delay_ms=0) + "[validity]\nacceleration = 60\n")
    esme = w.esme()
    start = w.now
    esme.submit("919876543210", schedule_delivery_time="000000000100000R")
    w.run(2)
    when, _ = only(esme.delivered)
    assert 1.0 <= when - start < 1.05


def test_a_receipt_never_overtakes_its_response_by_chance(world):
    w = world(handsets("on", delay_ms=0) + "[latency]\nsubmit_sm_resp_ms = [0, 300]\n")
    esme = w.esme()
    for i in range(100):
        esme.submit(f"9198765432{i:02d}")
    w.run(1)
    answered = {pdu.message_id: when for when, pdu in esme.responses}
    assert len(answered) == 100
    for when, receipt in esme.delivered:
        assert when >= answered[parse_receipt(receipt.short_message).id]


def test_receipts_come_before_the_response_where_the_scenario_says_so(world):
    w = world("[receipts]\nbefore_response_share = 1.0\n[latency]\nsubmit_sm_resp_ms = 100\n")
    esme = w.esme()
    esme.submit("919876543210")
    w.run(1)
    received, receipt = only(esme.delivered)
    answered, response = only(esme.responses)
    assert received < answered
    assert parse_receipt(receipt.short_message).id == response.message_id


def test_doubled_receipts_come_twice_and_late_ones_late(world):
    w = world(
        handsets("on", delay_ms=0)
        + "[receipts]\nlate = {share = 1.0, by_ms = 500}\ndoubled = {share = 1.0, after_ms = 200}\n"
    )
    esme = w.esme()
    start = w.now
    esme.submit("919876543210")
    w.run(2)
    (first, one), (second, two) = esme.delivered
    assert 0.5 <= first - start < 0.55
    assert 0.195 <= second - first < 0.25
    assert one.short_message == two.short_message
    assert w.smsc.counters.receipts_acknowledged == 2


def test_the_echo_can_be_switched_off_everywhere(world):
    w = world("[receipts]\necho_user_message_reference = false\n")
    esme = w.esme()
    esme.submit("919876543210", tlvs=UMR)
    w.run(1)
    assert only(esme.delivered)[1].tlv(TlvTag.user_message_reference) is None
    assert only(w.cdr_rows())["user_message_reference"] == ""


def test_hexadecimal_message_ids(world):
    w = world('[message_ids]\nbase = "hex"\n')
    esme = w.esme()
    esme.submit("919876543210")
    w.run(1)
    identifier = only(esme.responses)[1].message_id
    assert int(identifier, 16) > 10**18
    assert parse_receipt(only(esme.delivered)[1].short_message).id == identifier
    assert only(w.cdr_rows())["smsc_message_id"] == identifier


def test_more_unanswered_submits_than_allowed_are_throttled(world):
    w = world("[limits]\noutstanding_submits_max = 3\n[latency]\nsubmit_sm_resp_ms = 100\n")
    esme = w.esme()
    for i in range(5):
        esme.submit(f"91987654321{i}")
    w.run(1)
    statuses = [pdu.command_status for _, pdu in esme.responses]
    assert sorted(statuses) == [0, 0, 0, CommandStatus.ESME_RTHROTTLED, CommandStatus.ESME_RTHROTTLED]
    assert w.smsc.counters.submits_refused == 2


def test_a_full_smsc_says_so(world):
    w = world("[limits]\nopen_messages_max = 1\n")
    esme = w.esme()
    esme.submit("919876543210")
    esme.submit("919876543211")
    w.run(1)
    assert [pdu.command_status for _, pdu in esme.responses] == [0, CommandStatus.ESME_RMSGQFUL]


@pytest.mark.parametrize("destination", ["", "abc", "9198x", "+"])
def test_a_destination_that_is_no_number_is_refused(world, destination):
    w = world()
    esme = w.esme()
    esme.submit(destination)
    w.run(0.1)
    assert only(esme.responses)[1].command_status == CommandStatus.ESME_RINVDSTADR
    assert w.cdr_rows() == []


@pytest.mark.parametrize(
    ("pdu", "status"),
    [
        (BroadcastSm(tlvs=BROADCAST), CommandStatus.ESME_RBCASTFAIL),
        (QueryBroadcastSm(message_id="1"), CommandStatus.ESME_RBCASTQUERYFAIL),
        (CancelBroadcastSm(message_id="1"), CommandStatus.ESME_RBCASTCANCELFAIL),
    ],
)
def test_what_the_smsc_does_not_perform_is_answered_with_its_own_status(world, pdu, status):
    w = world()
    esme = w.esme()
    esme.session.send_request(pdu, w.now)
    esme.write()
    esme.take()
    assert only(esme.responses)[1].command_status == status
    assert only(w.witness_rows(decision="refused"))["status"] == status.name


def test_receipts_wait_for_an_account_that_is_away_and_come_in_order(world):
    w = world(handsets("on", delay_ms=50))
    esme = w.esme()
    for i in range(20):
        esme.submit(f"9198765432{i:02d}")
    esme.write()
    esme.take()
    esme.lose()
    w.run(1)
    assert w.smsc.unfinished() == 20
    again = w.esme("receiver")
    w.run(0.1)
    assert [pdu.source_addr for _, pdu in again.delivered] == [f"9198765432{i:02d}" for i in range(20)]
    assert w.smsc.unfinished() == 0


def test_what_was_unanswered_at_a_lost_bind_goes_again_before_everything_newer(world):
    w = world("[limits]\ndeliver_window = 3\n" + handsets("on", delay_ms=0))
    silent = w.esme(deliver_status=None)
    for i in range(6):
        silent.submit(f"91987654321{i}")
    w.run(0.1)
    assert len(silent.delivered) == 3
    silent.lose()
    again = w.esme()
    w.run(0.2)
    assert [pdu.source_addr[-1] for _, pdu in again.delivered] == ["0", "1", "2", "3", "4", "5"]
    sent_again = w.witness_rows(command="deliver_sm", decision="sent_again")
    assert [row["source"][-1] for row in sent_again] == ["0", "1", "2"]
    assert len(w.witness_rows(command="deliver_sm_resp", decision="unanswered")) == 3


def test_a_refused_receipt_is_tried_again_until_it_is_taken(world):
    w = world("[limits]\ndeliver_retry_ms = 100\n" + handsets("on", delay_ms=0))
    esme = w.esme(deliver_status=int(CommandStatus.ESME_RX_T_APPN))
    esme.submit("919876543210")
    w.run(0.35)
    assert len(esme.delivered) >= 3
    assert w.smsc.unfinished() == 1
    esme.deliver_status = 0
    w.run(0.3)
    assert w.smsc.unfinished() == 0
    assert w.smsc.counters.receipts_acknowledged == 1


def test_a_receipt_that_the_esme_will_never_take_is_dropped(world):
    w = world(handsets("on", delay_ms=0))
    esme = w.esme(deliver_status=int(CommandStatus.ESME_RX_R_APPN))
    esme.submit("919876543210")
    w.run(1)
    assert len(esme.delivered) == 1
    assert w.smsc.counters.receipts_dropped == 1
    assert w.smsc.unfinished() == 0


def test_a_transmitter_gets_its_receipts_on_the_receiver_of_its_account(world):
    w = world()
    transmitter, receiver, stranger = w.esme("transmitter"), w.esme("receiver"), w.esme(system_id="other")
    transmitter.submit("919876543210")
    w.run(1)
    assert (len(transmitter.delivered), len(receiver.delivered), len(stranger.delivered)) == (0, 1, 0)


def test_two_receiving_binds_share_the_work(world):
    w = world(handsets("on", delay_ms=0))
    first, second = w.esme(), w.esme()
    for i in range(100):
        first.submit(f"9198765432{i:02d}")
    w.run(0.5)
    assert len(first.delivered) + len(second.delivered) == 100
    assert min(len(first.delivered), len(second.delivered)) >= 30


def test_an_answer_due_after_its_bind_is_gone_is_noted_and_the_message_goes_on(world):
    w = world("[latency]\nsubmit_sm_resp_ms = 100\n")
    esme = w.esme()
    esme.submit("919876543210")
    esme.write()
    esme.lose()
    w.run(1)
    assert len(w.witness_rows(command="submit_sm_resp", decision="bind_gone")) == 1
    assert only(w.cdr_rows())["state"] == "DELIVERED"


def test_handsets_answer_once_and_the_answer_goes_to_the_sender_s_account(world):
    w = world(
        handsets("on", delay_ms=0)
        + '[[mo.answers]]\nshare = 1.0\ntext = "STOP"\nafter_ms = [100, 200]\nto_source_like = "56*"\n'
    )
    esme = w.esme()
    esme.submit("919876543210", registered_delivery=0)
    esme.submit("919876543210", registered_delivery=0)
    esme.submit("919876543211", source="99999", registered_delivery=0)
    w.run(1)
    _, stop = only(esme.delivered)
    assert stop.short_message == b"STOP"
    assert stop.esm_class == 0
    assert (stop.source_addr, stop.destination_addr) == ("919876543210", "56070")
    row = only(w.witness_rows(command="deliver_sm", kind="mo_answer"))
    acknowledged = only(w.witness_rows(command="deliver_sm_resp", kind="mo_answer"))
    assert row["text"] == "STOP"
    assert acknowledged["t"] >= row["t"]
    assert w.smsc.counters.mo_acknowledged == 1


def test_only_delivered_messages_are_answered(world):
    w = world(handsets("memory_full") + '[[mo.answers]]\nshare = 1.0\ntext = "STOP"\nafter_ms = 10\n')
    esme = w.esme()
    esme.submit("919876543210", registered_delivery=0)
    w.run(2)
    assert esme.delivered == []


def test_at_least_so_many_handsets_answer(world):
    w = world(
        handsets("on", delay_ms=0)
        + '[[mo.answers]]\nshare = 0.0\ntext = "STOP"\nafter_ms = 10\nat_least = 5\n'
    )
    esme = w.esme()
    for i in range(20):
        esme.submit(f"9198765432{i:02d}", registered_delivery=0)
    w.run(1)
    assert len(esme.delivered) == 5


def test_a_scripted_message_comes_at_its_moment_in_as_many_segments_as_it_needs(world):
    w = world(
        '[[mo.script]]\nat_s = 0.5\nsystem_id = "shop"\nsource = "919876543210"\ndestination = "56070"\n'
        f'text = "{"ज" * 100}"\n'
    )
    start = w.now
    esme = w.esme()
    w.run(1)
    assert [pdu.data_coding for _, pdu in esme.delivered] == [8, 8]
    assert all(pdu.esm_class == 0x40 for _, pdu in esme.delivered)
    assert 0.5 <= esme.delivered[0][0] - start < 0.55


def test_every_accepted_message_has_one_cdr_row_even_if_the_run_ends_first(world):
    w = world(handsets("off", delay_ms=60000))
    esme = w.esme()
    esme.submit("919876543210", short_message=b"\x05\x00\x03\x2a\x02\x01abc", esm_class=0x40, tlvs=UMR)
    w.run(0.1)
    assert w.cdr_rows() == []
    w.smsc.end_open_messages(w.now)
    row = only(w.cdr_rows())
    assert row["state"] == "UNKNOWN"
    assert (row["concat_reference"], row["concat_total"], row["concat_part"]) == ("42", "2", "1")
    assert (row["octets"], row["system_id"], row["user_message_reference"]) == ("9", "shop", "258")
    assert w.smsc.unfinished() == 0


MIXED = """
[latency]
submit_sm_resp_ms = [0, 50]
[receipts]
delay_ms = {mean = 50}
late = {share = 0.1, by_ms = [100, 500]}
doubled = {share = 0.1, after_ms = [10, 100]}
before_response_share = 0.05
[validity]
acceleration = 345600
[[population.handsets]]
state = "on"
share = 0.7
[[population.handsets]]
state = "off"
share = 0.1
delay_ms = [100, 300]
[[population.handsets]]
state = "absent"
share = 0.1
[[population.handsets]]
state = "memory_full"
share = 0.1
[[mo.answers]]
share = 0.2
text = "STOP"
after_ms = [50, 500]
"""


def test_witness_cdr_and_counters_agree(world):
    w = world(MIXED)
    esme = w.esme()
    for i in range(300):
        esme.submit(f"91987654{i:04d}", registered_delivery=1)
        w.run(0.005)
    w.run(3)
    counters, cdr = w.smsc.counters, w.cdr_rows()
    accepted = w.witness_rows(command="submit_sm", decision="accepted")
    acknowledged = w.witness_rows(command="deliver_sm_resp", decision="acknowledged")
    assert w.smsc.unfinished() == 0
    assert counters.submits_accepted == len(accepted) == len(cdr) == len(esme.responses) == 300
    assert {row["smsc_message_id"] for row in accepted} == {row["smsc_message_id"] for row in cdr}
    assert counters.receipts_acknowledged + counters.mo_acknowledged == len(acknowledged)
    assert len(acknowledged) == len(esme.delivered)
    assert {row["state"] for row in cdr} == {"DELIVERED", "EXPIRED", "UNDELIVERABLE"}
    assert counters.mo_acknowledged > 0
    assert counters.receipts_acknowledged > 300
    assert [row["n"] for row in w.witness_rows()] == list(range(1, len(w.witness_file.lines) + 1))


def test_the_same_seed_gives_the_same_run_and_another_seed_another(world):
    def run(seed):
        w = world(MIXED, seed)
        esme = w.esme()
        for i in range(100):
            esme.submit(f"91987654{i:04d}")
            w.run(0.005)
        w.run(2)
        return w.witness_file.lines, w.cdr_rows()

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_a_number_s_fate_does_not_depend_on_the_order_of_arrival(world):
    numbers = [f"91987654{i:04d}" for i in range(100)]

    def fates(order):
        w = world(MIXED)
        esme = w.esme()
        for number in order:
            esme.submit(number)
        w.run(2)
        return {row["destination_addr"]: row["state"] for row in w.cdr_rows()}

    assert fates(numbers) == fates(numbers[::-1])


def test_what_the_session_refuses_by_itself_is_witnessed(world):
    w = world()
    esme = w.esme()
    unknown = (16).to_bytes(4, "big") + (0x00000999).to_bytes(4, "big") + bytes(4) + (7).to_bytes(4, "big")
    w.smsc.events(esme.bind, esme.smsc_session.receive(unknown, w.now), w.now)
    row = only(w.witness_rows(decision="violation"))
    assert (row["command"], row["sequence_number"], row["status"]) == ("0x00000999", 7, "ESME_RINVCMDID")
