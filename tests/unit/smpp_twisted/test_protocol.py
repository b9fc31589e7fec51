"""SmppProtocol: one chunk, one owner call, one write; timers, closing and peers that do not read."""

from operator_push.smpp.codec import decode_pdu, encode_pdu, response_to
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.framer import Framer
from operator_push.smpp.pdu import BindTransceiver, BindTransceiverResp, EnquireLink, SubmitSm, SubmitSmResp
from operator_push.smpp.session import SessionRole, SessionSettings
from operator_push.smpp.session_events import RequestReceived
from operator_push.smpp_twisted.protocol import CLOSE_PATIENCE_S

BIND = encode_pdu(BindTransceiver(sequence_number=1, system_id="shop", password="secret"))


def answer_everything(protocol, events, now):
    for event in events:
        if not isinstance(event, RequestReceived):
            continue
        if isinstance(event.pdu, BindTransceiver):
            protocol.accept_bind(event.pdu, "smsc")
        else:
            protocol.session.send_response(
                SubmitSmResp(sequence_number=event.pdu.sequence_number, message_id="1")
            )


def submits(first, count):
    return b"".join(
        encode_pdu(SubmitSm(sequence_number=first + i, destination_addr="91700000", short_message=b"hi"))
        for i in range(count)
    )


def written(transport):
    framer = Framer()
    return [decode_pdu(octets) for data in transport.writes for octets in framer.feed(data)]


def test_a_connected_stream_is_set_up_for_small_quick_writes(stream, owner):
    protocol, transport = stream()
    assert "nodelay True" in transport.calls
    assert owner.told == ["connected"]
    assert protocol.peer == "127.0.0.1:50000"


def test_a_chunk_of_many_pdus_is_one_owner_call_and_one_write(stream, owner):
    protocol, transport = stream()
    owner.on_events = answer_everything
    protocol.dataReceived(BIND)
    transport.writes.clear()
    owner.told.clear()
    protocol.dataReceived(submits(2, 50))
    assert owner.told == [["RequestReceived"] * 50]
    assert len(transport.writes) == 1
    assert [pdu.sequence_number for pdu in written(transport)] == list(range(2, 52))


def test_flush_inside_the_owner_call_waits_for_its_end(stream, owner):
    protocol, transport = stream()

    def answer_and_flush(protocol, events, now):
        answer_everything(protocol, events, now)
        protocol.flush()
        assert transport.writes == []

    owner.on_events = answer_and_flush
    protocol.dataReceived(BIND)
    assert len(transport.writes) == 1


def test_flush_outside_writes_at_once(stream, owner):
    protocol, transport = stream()
    owner.on_events = answer_everything
    protocol.dataReceived(BIND)
    transport.writes.clear()
    protocol.session.send_response(SubmitSmResp(sequence_number=9, message_id="late"))
    protocol.flush()
    assert [pdu.message_id for pdu in written(transport)] == ["late"]


def test_bound_is_told_to_an_smsc_when_it_accepts(stream, owner):
    protocol, _ = stream()
    owner.on_events = answer_everything
    protocol.dataReceived(BIND)
    assert owner.told == ["connected", ["RequestReceived"], "bound"]
    assert protocol.was_bound


def test_an_owner_that_binds_through_the_session_says_so_once(stream, owner):
    protocol, _ = stream()

    def accept_in_the_session(protocol, events, now):
        protocol.session.accept_bind(events[0].pdu, "smsc", now)

    owner.on_events = accept_in_the_session
    protocol.dataReceived(BIND)
    assert not protocol.was_bound
    protocol.bound_by_owner()
    protocol.bound_by_owner()
    assert protocol.was_bound
    assert owner.told.count("bound") == 1


def test_bound_is_told_to_an_esme_before_the_events_of_the_chunk(stream, owner):
    protocol, transport = stream(SessionRole.ESME)
    protocol.start_bind(BindTransceiver(system_id="shop"))
    [bind] = written(transport)
    protocol.dataReceived(encode_pdu(BindTransceiverResp(sequence_number=bind.sequence_number)))
    assert owner.told == ["connected", "bound", ["BoundEvent"]]


def test_a_refused_bind_is_answered_and_closed(stream, owner):
    protocol, transport = stream()
    owner.on_events = lambda protocol, events, now: protocol.refuse_bind(
        events[0].pdu, CommandStatus.ESME_RINVPASWD
    )
    protocol.dataReceived(BIND)
    assert [pdu.command_status for pdu in written(transport)] == [CommandStatus.ESME_RINVPASWD]
    assert transport.calls[-2:] == ["unregister", "lose"]
    transport.finish()
    assert owner.told[-1] == ("closed", "bind refused")


def test_a_stream_that_does_not_bind_in_time_is_closed(stream, clock, owner):
    _, transport = stream(settings=SessionSettings(bind_timeout_s=10))
    clock.advance(9.9)
    assert not transport.closing
    clock.advance(0.2)
    assert transport.closing
    assert owner.told == ["connected", ["BindTimedOut"]]


def test_an_idle_bind_is_asked_and_a_silent_one_closed(stream, clock, owner):
    protocol, transport = stream(settings=SessionSettings(enquire_link_s=30, response_timeout_s=5))
    owner.on_events = answer_everything
    protocol.dataReceived(BIND)
    transport.writes.clear()
    clock.advance(31)
    assert [type(pdu) for pdu in written(transport)] == [EnquireLink]
    protocol.dataReceived(encode_pdu(response_to(written(transport)[0])))
    clock.advance(29)
    assert not transport.closing
    for _ in range(20):
        clock.advance(1)
    assert transport.closing
    assert ["PeerSilent"] in owner.told


def test_a_busy_bind_sets_no_new_timer_per_chunk(stream, clock, owner):
    protocol, _ = stream()
    owner.on_events = answer_everything
    protocol.dataReceived(BIND)
    [standing] = clock.getDelayedCalls()
    for chunk in range(20):
        clock.advance(0.01)
        protocol.dataReceived(submits(2 + chunk, 1))
    assert clock.getDelayedCalls() == [standing]


def test_a_listening_side_stops_reading_a_peer_that_does_not_read(stream):
    protocol, transport = stream(stop_reading_when_unread=True)
    protocol.pauseProducing()
    assert transport.calls[-1] == "pause reading"
    protocol.resumeProducing()
    assert transport.calls[-1] == "resume reading"


def test_a_connecting_side_goes_on_reading(stream):
    protocol, transport = stream(SessionRole.ESME)
    protocol.pauseProducing()
    protocol.resumeProducing()
    assert "pause reading" not in transport.calls


def test_a_peer_that_never_reads_is_dropped_at_the_limit(stream, owner):
    protocol, transport = stream(unread_octets_max=1000)
    owner.on_events = answer_everything
    protocol.dataReceived(BIND)
    protocol.pauseProducing()
    protocol.dataReceived(submits(2, 10))
    assert "abort" not in transport.calls
    protocol.dataReceived(submits(12, 100))
    assert transport.calls[-1] == "abort"
    transport.finish()
    assert "unread" in owner.told[-1][1]


def test_a_closing_stream_that_does_not_finish_is_aborted(stream, clock):
    protocol, transport = stream()
    protocol.close("enough")
    assert transport.calls[-2:] == ["unregister", "lose"]
    clock.advance(CLOSE_PATIENCE_S + 0.1)
    assert transport.calls[-1] == "abort"


def test_what_arrives_while_closing_is_not_answered(stream, owner):
    protocol, transport = stream()
    owner.on_events = answer_everything
    protocol.dataReceived(BIND)
    protocol.close("enough")
    transport.writes.clear()
    protocol.dataReceived(submits(2, 1))
    assert transport.writes == []


def test_the_end_of_the_stream_returns_open_requests_and_stops_the_timers(stream, clock, owner):
    protocol, transport = stream(SessionRole.ESME)
    protocol.start_bind(BindTransceiver(system_id="shop"))
    protocol.dataReceived(
        encode_pdu(BindTransceiverResp(sequence_number=written(transport)[0].sequence_number))
    )
    protocol.session.send_request(SubmitSm(destination_addr="91700000"), clock.seconds(), "context")
    protocol.flush()
    transport.finish()
    assert owner.told[-2] == ["RequestUnknown"]
    assert owner.told[-1][0] == "closed"
    assert clock.getDelayedCalls() == []


def test_lost_framing_is_answered_and_closed(stream, owner):
    protocol, transport = stream()
    protocol.dataReceived(b"\x00\x00\x00\x01" + b"\x00" * 12)
    assert transport.closing
    assert len(transport.writes) == 1
    assert owner.told[-1] == ["FramingLost"]
