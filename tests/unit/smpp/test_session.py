"""One bind without a socket: binding, answering, refusing, timing out, ending."""

import pytest

from operator_push.smpp.codec import PduEncodeError, decode_pdu, encode_pdu, response_to
from operator_push.smpp.constants import PDU_OCTETS_MAX, SEQUENCE_NUMBER_MAX, CommandId, CommandStatus
from operator_push.smpp.framer import Framer
from operator_push.smpp.pdu import (
    AlertNotification,
    BindReceiver,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BroadcastSm,
    BroadcastSmResp,
    DataSm,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    QuerySm,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
    UnknownPdu,
)
from operator_push.smpp.session import SessionRole, SessionSettings, SessionState, SmppSession
from operator_push.smpp.session_events import (
    BindRefused,
    BindTimedOut,
    BoundEvent,
    FramingLost,
    LateResponse,
    PeerSilent,
    ProtocolViolation,
    RequestReceived,
    RequestUnknown,
    ResponseReceived,
    Unbound,
    UnknownReason,
)

pytestmark = pytest.mark.usefixtures("both_codecs")

VERSION_TLV = 0x0210
MESSAGE_PAYLOAD = 0x0424


def written(session):
    return [decode_pdu(octets) for octets in Framer().feed(session.take_output())]


def smsc(bind=BindTransceiver, version=0x34, **settings):
    """A session that an ESME has bound to."""
    session = SmppSession(SessionRole.SMSC, SessionSettings(**settings), 0.0)
    request = bind(sequence_number=1, system_id="esme", password="secret", interface_version=version)
    assert session.receive(encode_pdu(request), 0.0) == [RequestReceived(request, encode_pdu(request))]
    assert session.accept_bind(request, "SMSC", 0.0) == BoundEvent(request)
    session.take_output()
    return session


def esme(bind=BindTransceiver, version=b"\x34", **settings):
    """A session that has bound to an SMSC."""
    session = SmppSession(SessionRole.ESME, SessionSettings(**settings), 0.0)
    number = session.start_bind(bind(system_id="esme"), 0.0)
    answer = response_to(bind(sequence_number=number))
    answer.tlvs = ((VERSION_TLV, version),) if version else ()
    assert session.receive(encode_pdu(answer), 0.0) == [BoundEvent(answer)]
    session.take_output()
    return session


def only_violation(events):
    assert [type(event) for event in events] == [ProtocolViolation]
    return events[0]


# Binding


@pytest.mark.parametrize(
    ("bind", "state", "binding"),
    [
        (BindTransmitter, SessionState.BOUND_TX, "transmitter"),
        (BindReceiver, SessionState.BOUND_RX, "receiver"),
        (BindTransceiver, SessionState.BOUND_TRX, "transceiver"),
    ],
)
def test_both_roles_enter_the_state_of_the_bind(bind, state, binding):
    for session in (smsc(bind), esme(bind)):
        assert (session.state, session.binding) == (state, binding)
        assert session.peer_version == 0x34
    assert smsc(bind).peer_system_id == "esme"


@pytest.mark.parametrize(("asked", "told"), [(0x34, b"\x34"), (0x50, b"\x50"), (0x7B, b"\x50")])
def test_the_bind_response_says_who_we_are_and_the_version_that_holds(asked, told):
    session = SmppSession(SessionRole.SMSC, SessionSettings(), 0.0)
    request = BindTransceiver(sequence_number=9, system_id="esme", interface_version=asked)
    session.receive(encode_pdu(request), 0.0)
    session.accept_bind(request, "SMSC", 0.0)
    assert written(session) == [BindTransceiverResp(9, 0, ((VERSION_TLV, told),), None, "SMSC")]


@pytest.mark.parametrize(
    ("octet", "version"), [(0, 0x33), (0x33, 0x33), (0x34, 0x34), (0x50, 0x50), (0x7B, 0x50)]
)
def test_the_peers_version_is_read_from_its_bind(octet, version):
    assert smsc(version=octet).peer_version == version
    assert esme(version=bytes((octet,))).peer_version == version


def test_an_smsc_that_hides_its_version_is_taken_for_3_3_unless_told_otherwise():
    assert esme(version=b"").peer_version == 0x33
    assert esme(version=b"", sc_interface_version_default=0x34).peer_version == 0x34


def test_a_refused_bind_may_be_tried_again():
    session = SmppSession(SessionRole.SMSC, SessionSettings(), 0.0)
    for number in (1, 2):
        request = BindTransceiver(sequence_number=number)
        assert session.receive(encode_pdu(request), 0.0) == [RequestReceived(request, encode_pdu(request))]
        session.refuse_bind(request, CommandStatus.ESME_RINVPASWD)
        assert written(session) == [BindTransceiverResp(number, 0x0E, raw_body=b"")]
    assert session.state is SessionState.OPEN


def test_while_a_bind_is_looked_over_nothing_else_is_legal():
    session = SmppSession(SessionRole.SMSC, SessionSettings(bind_timeout_s=10.0), 0.0)
    first = BindTransceiver(sequence_number=1)
    session.receive(encode_pdu(first), 0.0)
    events = session.receive(encode_pdu(BindTransceiver(sequence_number=2)) + encode_pdu(SubmitSm(3)), 0.0)
    assert [event.answered for event in events] == [CommandStatus.ESME_RALYBND, CommandStatus.ESME_RINVBNDSTS]
    assert session.next_deadline() is None
    assert session.tick(99.0) == []
    session.accept_bind(first, "SMSC", 99.0)
    assert session.state is SessionState.BOUND_TRX


def test_a_bind_is_accepted_once():
    session = smsc()
    with pytest.raises(RuntimeError):
        session.accept_bind(BindTransceiver(), "SMSC", 0.0)
    with pytest.raises(RuntimeError):
        SmppSession(SessionRole.ESME, SessionSettings(), 0.0).accept_bind(BindTransceiver(), "SMSC", 0.0)


def test_esme_sees_its_bind_refused():
    session = SmppSession(SessionRole.ESME, SessionSettings(), 0.0)
    number = session.start_bind(BindTransceiver(), 0.0)
    for answer in (BindTransceiverResp(number, 0x0E, raw_body=b""),):
        assert session.receive(encode_pdu(answer), 0.0) == [BindRefused(answer)]
    assert session.state is SessionState.OPEN


def test_esme_takes_a_generic_nack_as_a_refused_bind():
    session = SmppSession(SessionRole.ESME, SessionSettings(), 0.0)
    nack = GenericNack(session.start_bind(BindTransceiver(), 0.0), 3)
    assert session.receive(encode_pdu(nack), 0.0) == [BindRefused(nack)]


@pytest.mark.parametrize("role", list(SessionRole))
def test_a_stream_without_a_bind_is_closed(role):
    session = SmppSession(role, SessionSettings(bind_timeout_s=10.0), 100.0)
    assert session.next_deadline() == 110.0
    assert session.tick(109.9) == []
    assert session.tick(110.0) == [BindTimedOut()]
    assert session.state is SessionState.CLOSED
    assert session.next_deadline() is None


# Requests of the peer


def test_requests_go_to_the_owner_in_order_and_its_answers_leave_in_one_write():
    session = smsc()
    submits = [SubmitSm(sequence_number=number, destination_addr="919800000001") for number in (5, 6, 7)]
    events = session.receive(b"".join(map(encode_pdu, submits)), 1.0)
    assert events == [RequestReceived(submit, encode_pdu(submit)) for submit in submits]
    for submit in submits:
        answer = response_to(submit)
        answer.message_id = f"id{submit.sequence_number}"
        session.send_response(answer)
    assert [(pdu.sequence_number, pdu.message_id) for pdu in written(session)] == [
        (5, "id5"),
        (6, "id6"),
        (7, "id7"),
    ]
    assert session.take_output() == b""


def test_enquire_link_is_answered_here_in_every_living_state():
    for session in (smsc(), esme(), SmppSession(SessionRole.SMSC, SessionSettings(), 0.0)):
        assert session.receive(encode_pdu(EnquireLink(0x80000000)), 1.0) == []
        assert written(session) == [EnquireLinkResp(0x80000000)]


@pytest.mark.parametrize(
    ("session", "request_pdu", "answer_id"),
    [
        (smsc(BindReceiver), SubmitSm(5), CommandId.submit_sm_resp),
        (smsc(BindReceiver), QuerySm(5), CommandId.query_sm_resp),
        (smsc(), DeliverSm(5), CommandId.deliver_sm_resp),
        (esme(BindTransmitter), DeliverSm(5), CommandId.deliver_sm_resp),
        (esme(BindTransmitter), DataSm(5), CommandId.data_sm_resp),
        (esme(), SubmitSm(5), CommandId.submit_sm_resp),
        (SmppSession(SessionRole.SMSC, SessionSettings(), 0.0), SubmitSm(5), CommandId.submit_sm_resp),
        (SmppSession(SessionRole.SMSC, SessionSettings(), 0.0), Unbind(5), CommandId.unbind_resp),
        (SmppSession(SessionRole.SMSC, SessionSettings(), 0.0), BroadcastSm(5), CommandId.broadcast_sm_resp),
        (esme(), BindTransceiver(5), CommandId.bind_transceiver_resp),
    ],
)
def test_a_request_that_is_illegal_now_is_refused_here(session, request_pdu, answer_id):
    state = session.state
    violation = only_violation(session.receive(encode_pdu(request_pdu), 1.0))
    assert violation.answered == CommandStatus.ESME_RINVBNDSTS
    (answer,) = written(session)
    assert (answer.command_id, answer.command_status, answer.sequence_number) == (answer_id, 4, 5)
    assert session.state is state


def test_a_second_bind_is_refused_as_such():
    session = smsc()
    only_violation(session.receive(encode_pdu(BindReceiver(7)), 1.0))
    assert written(session)[0].command_status == CommandStatus.ESME_RALYBND
    assert session.state is SessionState.BOUND_TRX


def test_an_unknown_request_gets_a_generic_nack_and_the_bind_lives():
    session = smsc()
    stream = encode_pdu(UnknownPdu(9, command_id=0x110, body=b"\x0f")) + encode_pdu(EnquireLink(10))
    only_violation(session.receive(stream, 1.0))
    assert written(session) == [GenericNack(9, CommandStatus.ESME_RINVCMDID), EnquireLinkResp(10)]


def test_a_malformed_request_costs_one_answer_not_the_bind():
    session = smsc()
    broken = encode_pdu(SubmitSm(8, short_message=b"12345678"))
    broken = (len(broken) - 3).to_bytes(4, "big") + broken[4:-3]
    good = SubmitSm(9)
    violation, received = session.receive(broken + encode_pdu(good), 1.0)
    assert violation.answered == CommandStatus.ESME_RINVMSGLEN
    assert received == RequestReceived(good, encode_pdu(good))
    assert written(session) == [SubmitSmResp(8, CommandStatus.ESME_RINVMSGLEN, raw_body=b"")]


@pytest.mark.parametrize("body", [b"", b"WAP\0\0"], ids=["empty", "cut off"])
def test_what_is_not_offered_is_an_invalid_command_however_it_is_filled(body):
    session = smsc(not_offered=frozenset((0x111,)))
    octets = (16 + len(body)).to_bytes(4, "big") + bytes.fromhex("00000111 00000000 00000009") + body
    assert only_violation(session.receive(octets, 1.0)).answered == CommandStatus.ESME_RINVCMDID
    assert written(session) == [BroadcastSmResp(9, CommandStatus.ESME_RINVCMDID, raw_body=b"")]


@pytest.mark.parametrize("pdu", [AlertNotification(5), Outbind(5)])
def test_a_request_without_response_is_never_answered(pdu):
    session = smsc()
    assert only_violation(session.receive(encode_pdu(pdu), 1.0)).answered is None
    octets = encode_pdu(pdu)[:17]
    assert only_violation(session.receive(b"\0\0\0\x11" + octets[4:], 1.0)).answered is None
    assert session.take_output() == b""


def test_the_esme_gets_alert_notification_and_outbind():
    session = esme(BindReceiver)
    alert = AlertNotification(5, source_addr="1")
    assert session.receive(encode_pdu(alert), 1.0) == [RequestReceived(alert, encode_pdu(alert))]
    fresh = SmppSession(SessionRole.ESME, SessionSettings(), 0.0)
    outbind = Outbind(1, system_id="SMSC")
    assert fresh.receive(encode_pdu(outbind), 1.0) == [RequestReceived(outbind, encode_pdu(outbind))]


def test_illegal_field_values_are_refused_as_smsc_and_carried_as_esme():
    submit = SubmitSm(5, esm_class=0x30)
    session = smsc()
    only_violation(session.receive(encode_pdu(submit), 1.0))
    assert written(session)[0].command_status == CommandStatus.ESME_RINVESMCLASS
    deliver = DeliverSm(5, esm_class=0x30, source_addr="1" * 30)
    assert esme().receive(encode_pdu(deliver), 1.0) == [RequestReceived(deliver, encode_pdu(deliver))]
    lenient = smsc(check_fields=False)
    assert lenient.receive(encode_pdu(submit), 1.0) == [RequestReceived(submit, encode_pdu(submit))]
    strict = esme(check_fields=True)
    assert only_violation(strict.receive(encode_pdu(deliver), 1.0)).answered


# Responses of the peer


def test_a_response_comes_back_with_its_context():
    session = esme()
    number = session.send_request(SubmitSm(), 1.0, context="message 7")
    assert session.open_requests == 1
    answer = SubmitSmResp(number, message_id="42")
    assert session.receive(encode_pdu(answer), 2.0) == [
        ResponseReceived(answer, CommandId.submit_sm, "message 7")
    ]
    assert session.open_requests == 0


def test_generic_nack_answers_any_request():
    session = esme()
    nack = GenericNack(session.send_request(SubmitSm(), 1.0, "c"), 8)
    assert session.receive(encode_pdu(nack), 2.0) == [ResponseReceived(nack, CommandId.submit_sm, "c")]


@pytest.mark.parametrize("pdu", [SubmitSmResp(99), GenericNack(0, 2), UnknownPdu(99, command_id=0x80000110)])
def test_a_response_to_nothing_is_noted_and_not_answered(pdu):
    session = esme()
    assert only_violation(session.receive(encode_pdu(pdu), 1.0)).answered is None
    assert session.take_output() == b""


def test_a_response_of_another_operation_leaves_the_request_open():
    session = esme()
    number = session.send_request(SubmitSm(), 1.0, "c")
    session.take_output()
    only_violation(session.receive(encode_pdu(DeliverSmResp(number)), 1.0))
    answer = SubmitSmResp(number, message_id="1")
    assert session.receive(encode_pdu(answer), 1.0) == [ResponseReceived(answer, CommandId.submit_sm, "c")]
    assert session.take_output() == b""


def test_a_malformed_response_resolves_its_request_as_unknown_and_is_not_answered():
    session = esme()
    number = session.send_request(SubmitSm(), 1.0, "c")
    session.take_output()
    malformed = bytes.fromhex(f"0000001180000004 00000000 {number:08x} 39")
    _, unknown = session.receive(malformed, 2.0)
    assert unknown == RequestUnknown(number, CommandId.submit_sm, "c", UnknownReason.MALFORMED_RESPONSE)
    assert session.take_output() == b""
    assert (session.open_requests, session.state) == (0, SessionState.BOUND_TRX)


def test_a_malformed_response_to_nothing_changes_nothing():
    session = esme()
    number = session.send_request(SubmitSm(), 1.0, "c")
    session.take_output()
    for stray in (number + 1, number):  # the second has the number but another operation
        octets = bytes.fromhex(f"0000001180000005 00000000 {stray:08x} 39")
        only_violation(session.receive(octets, 2.0))
    assert (session.open_requests, session.take_output()) == (1, b"")


def test_an_unreadable_body_under_an_error_status_is_still_that_error():
    session = esme()
    number = session.send_request(SubmitSm(), 1.0, "c")
    octets = bytes.fromhex(f"0000001180000004 0000000b {number:08x} 39")
    (event,) = session.receive(octets, 2.0)
    assert (event.pdu.command_status, event.context) == (CommandStatus.ESME_RINVDSTADR, "c")


def test_an_unanswered_request_times_out_and_its_late_answer_is_told_apart():
    session = esme(enquire_link_s=0.0, response_timeout_s=30.0)
    number = session.send_request(SubmitSm(), 1.0, "c")
    assert session.next_deadline() == 31.0
    assert session.tick(30.9) == []
    assert session.tick(31.0) == [RequestUnknown(number, CommandId.submit_sm, "c", UnknownReason.TIMED_OUT)]
    answer = SubmitSmResp(number, message_id="late")
    assert session.receive(encode_pdu(answer), 40.0) == [LateResponse(answer, CommandId.submit_sm, "c")]
    only_violation(session.receive(encode_pdu(answer), 41.0))


# Sending


def test_numbers_wrap():
    session = esme(last_sequence_number=SEQUENCE_NUMBER_MAX - 3)
    numbers = [session.send_request(SubmitSm(), 0.0) for _ in range(4)]
    assert numbers == [SEQUENCE_NUMBER_MAX - 1, SEQUENCE_NUMBER_MAX, 1, 2]
    assert [pdu.sequence_number for pdu in written(session)] == numbers


def test_the_window_tells_its_room_and_does_not_refuse():
    session = esme(window=2)
    assert session.window_free() == 2
    for _ in range(3):
        session.send_request(SubmitSm(), 0.0)
    assert (session.window_free(), session.open_requests) == (0, 3)


@pytest.mark.parametrize(
    ("session", "pdu"),
    [
        (smsc(), SubmitSm()),
        (smsc(BindTransmitter), DeliverSm()),
        (esme(BindReceiver), SubmitSm()),
        (SmppSession(SessionRole.ESME, SessionSettings(), 0.0), SubmitSm()),
    ],
)
def test_we_do_not_send_what_is_illegal_for_us(session, pdu):
    with pytest.raises(RuntimeError, match="may not be sent"):
        session.send_request(pdu, 0.0)
    assert (session.take_output(), session.open_requests) == (b"", 0)


def test_a_request_that_has_no_octets_is_not_queued():
    session = esme()
    with pytest.raises(PduEncodeError):
        session.send_request(SubmitSm(source_addr="\0"), 0.0)
    assert (session.take_output(), session.open_requests) == (b"", 0)


def test_alert_notification_takes_no_place_in_the_window():
    session = smsc()
    session.send_request(AlertNotification(), 0.0)
    assert session.open_requests == 0
    assert [type(pdu) for pdu in written(session)] == [AlertNotification]


def test_no_tlv_leaves_on_3_3():
    session = smsc(version=0x33)
    session.send_request(DeliverSm(tlvs=((0x1400, b"x"),)), 0.0)
    session.send_request(DeliverSm(tlvs=((MESSAGE_PAYLOAD, b"text"),)), 0.0)
    submit = SubmitSm(5)
    session.receive(encode_pdu(submit), 0.0)
    session.send_response(SubmitSmResp(5, 0x45, ((0x001D, b"why\0"),)))
    pdus = written(session)
    assert [pdu.tlvs for pdu in pdus] == [(), (), ()]
    assert [pdu.short_message for pdu in pdus[:2]] == [b"", b"text"]
    with pytest.raises(PduEncodeError, match="message_payload"):
        session.send_request(DeliverSm(tlvs=((MESSAGE_PAYLOAD, bytes(255)),)), 0.0)


def test_the_bind_response_to_a_3_3_peer_has_no_tlv():
    session = SmppSession(SessionRole.SMSC, SessionSettings(), 0.0)
    request = BindTransceiver(1, interface_version=0x33)
    session.receive(encode_pdu(request), 0.0)
    session.accept_bind(request, "SMSC", 0.0)
    assert written(session)[0].tlvs == ()


# The link's life


def test_an_idle_link_is_asked_and_a_silent_peer_is_given_up():
    session = smsc(enquire_link_s=30.0, response_timeout_s=5.0)
    deliver = session.send_request(DeliverSm(), 29.0, "receipt")
    session.take_output()
    assert session.next_deadline() == 30.0
    assert session.tick(30.0) == []
    (asked,) = written(session)
    assert isinstance(asked, EnquireLink)
    assert session.tick(34.0) == [
        RequestUnknown(deliver, CommandId.deliver_sm, "receipt", UnknownReason.TIMED_OUT)
    ]
    assert session.next_deadline() == 35.0
    assert session.tick(35.0) == [PeerSilent(35.0)]
    assert session.state is SessionState.CLOSED


def test_an_answered_question_starts_the_idle_time_anew():
    session = esme(enquire_link_s=30.0, response_timeout_s=5.0)
    session.tick(30.0)
    (asked,) = written(session)
    assert session.receive(encode_pdu(EnquireLinkResp(asked.sequence_number)), 34.0) == []
    assert session.tick(35.0) == []
    assert session.next_deadline() == 64.0
    assert session.open_requests == 0


def test_other_traffic_counts_as_life_though_the_question_stays_unanswered():
    session = smsc(enquire_link_s=30.0, response_timeout_s=5.0)
    session.tick(30.0)
    submit = SubmitSm(9)
    session.receive(encode_pdu(submit), 33.0)
    assert session.tick(36.0) == []
    assert session.state is SessionState.BOUND_TRX


def test_unbind_of_the_peer_is_answered_and_open_requests_become_unknown():
    session = smsc()
    number = session.send_request(DeliverSm(), 0.0, "receipt")
    session.take_output()
    events = session.receive(encode_pdu(Unbind(4)) + encode_pdu(SubmitSm(5)), 1.0)
    assert events == [
        Unbound(by_peer=True),
        RequestUnknown(number, CommandId.deliver_sm, "receipt", UnknownReason.BIND_LOST),
    ]
    assert written(session) == [UnbindResp(4)]
    assert session.state is SessionState.CLOSED


def test_our_unbind_waits_for_its_response_and_late_answers_still_count():
    session = esme()
    number = session.send_request(SubmitSm(), 0.0, "c")
    session.unbind(1.0)
    *_, unbind = written(session)
    assert (type(unbind), session.state) == (Unbind, SessionState.UNBINDING)
    only_violation(session.receive(encode_pdu(DeliverSm(3)), 1.5))
    answer = SubmitSmResp(number, message_id="1")
    events = session.receive(encode_pdu(answer) + encode_pdu(UnbindResp(unbind.sequence_number)), 2.0)
    assert events == [ResponseReceived(answer, CommandId.submit_sm, "c"), Unbound(by_peer=False)]
    assert session.state is SessionState.CLOSED


def test_our_unbind_ends_with_the_time_out_and_with_the_peers_own_unbind():
    session = esme(response_timeout_s=30.0)
    session.unbind(1.0)
    assert session.tick(31.0) == [Unbound(by_peer=False)]
    crossing = esme()
    crossing.unbind(1.0)
    crossing.take_output()
    assert crossing.receive(encode_pdu(Unbind(8)), 1.0) == [Unbound(by_peer=True)]
    assert written(crossing) == [UnbindResp(8)]


def test_unbind_without_a_bind_does_nothing():
    session = SmppSession(SessionRole.ESME, SessionSettings(), 0.0)
    session.unbind(0.0)
    assert (session.take_output(), session.state) == (b"", SessionState.OPEN)


def test_a_lost_connection_makes_every_open_request_unknown_oldest_first():
    session = esme()
    numbers = [session.send_request(SubmitSm(), 0.0, context) for context in "ab"]
    assert session.connection_lost(1.0) == [
        RequestUnknown(number, CommandId.submit_sm, context, UnknownReason.BIND_LOST)
        for number, context in zip(numbers, "ab", strict=True)
    ]
    assert session.connection_lost(1.0) == []


@pytest.mark.parametrize("length", [15, 70_001, 0xFFFFFFFF])
def test_lost_framing_is_nacked_and_closes(length):
    session = smsc()
    number = session.send_request(DeliverSm(), 0.0, "receipt")
    session.take_output()
    header = length.to_bytes(4, "big") + bytes.fromhex("000000060000000000000042")
    events = session.receive(encode_pdu(EnquireLink(3)) + header, 1.0)
    assert events == [
        FramingLost(length),
        RequestUnknown(number, CommandId.deliver_sm, "receipt", UnknownReason.BIND_LOST),
    ]
    assert written(session) == [EnquireLinkResp(3), GenericNack(0x42, CommandStatus.ESME_RINVCMDLEN)]
    assert session.state is SessionState.CLOSED


def test_a_closed_session_hears_and_says_nothing_more():
    session = smsc()
    session.receive(encode_pdu(Unbind(4)), 1.0)
    session.take_output()
    assert session.receive(encode_pdu(EnquireLink(5)), 2.0) == []
    session.send_response(SubmitSmResp(6))
    session.refuse_bind(BindTransceiver(7), 13)
    assert session.take_output() == b""
    assert session.tick(999.0) == []
    with pytest.raises(RuntimeError):
        session.send_request(DeliverSm(), 3.0)


# Octets that are known already


def test_a_request_of_octets_is_the_request_of_its_pdu():
    one, other = smsc(), smsc()
    pdu = DeliverSm(source_addr="1", short_message=b"x", tlvs=((0x0204, b"\0\1"),))
    body = encode_pdu(pdu)[16:]
    assert one.send_request_body(CommandId.deliver_sm, body, 1.0, "context") == 1
    other.send_request(pdu, 1.0, "context")
    assert one.take_output() == other.take_output()
    (event,) = one.receive(encode_pdu(DeliverSmResp(1)), 2.0)
    assert event.context == "context"


def test_octets_lose_their_tlvs_on_3_3_too():
    session = smsc(version=0x33)
    body = encode_pdu(DeliverSm(short_message=b"x", tlvs=((0x0204, b"\0\1"),)))[16:]
    session.send_request_body(CommandId.deliver_sm, body, 1.0)
    assert written(session) == [DeliverSm(1, short_message=b"x")]


def test_octets_that_are_not_legal_now_or_too_many_are_not_queued():
    session = smsc()
    with pytest.raises(RuntimeError):
        session.send_request_body(CommandId.submit_sm, encode_pdu(SubmitSm())[16:], 1.0)
    with pytest.raises(PduEncodeError):
        session.send_request_body(CommandId.deliver_sm, bytes(PDU_OCTETS_MAX), 1.0)
    assert session.take_output() == b""
    assert session.open_requests == 0


def test_response_octets_go_out_as_they_are_until_the_end():
    session = smsc()
    session.send_octets(encode_pdu(SubmitSmResp(1, message_id="7")))
    assert written(session) == [SubmitSmResp(1, message_id="7")]
    session.connection_lost(2.0)
    session.send_octets(b"late")
    assert session.take_output() == b""
