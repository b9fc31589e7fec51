"""FaultableSession: without faults an SmppSession; with them every PDU is shown, and gates may hold it."""

from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.framer import Framer
from operator_push.smpp.pdu import (
    BindTransceiver,
    BindTransceiverResp,
    DeliverSm,
    EnquireLink,
    EnquireLinkResp,
    SubmitSmResp,
)
from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from smsc_sim.faults.session import FaultableSession
from smsc_sim.faults.stream import StallGate

BIND = encode_pdu(BindTransceiver(1, system_id="shop"))


class Recorder:
    """Faults that note what they are shown and let it leave."""

    def __init__(self, session):
        self.session = session
        self.shown = []
        self.ended = False

    def leaves(self, octets, request, context):
        self.shown.append((type(decode_pdu(octets)), request is not None, context))
        self.session.put(octets)

    def stream_ended(self):
        self.ended = True


def talk(session):
    """The same conversation with any session; what it wrote."""
    [event] = session.receive(BIND, 0.0)
    session.accept_bind(event.pdu, "smsc", 0.0)
    session.receive(encode_pdu(EnquireLink(2)), 1.0)
    session.send_request(DeliverSm(short_message=b"x"), 2.0, "context")
    session.send_response(SubmitSmResp(3, message_id="42"))
    return session.take_output()


def new(session_type=FaultableSession):
    return session_type(SessionRole.SMSC, SessionSettings(), 0.0)


def test_without_faults_it_says_what_a_session_says():
    assert talk(new()) == talk(new(SmppSession))


def test_every_pdu_that_leaves_is_shown_once_and_in_order():
    session = new()
    session.faults = Recorder(session)
    session.is_watched = True
    octets = talk(session)
    assert octets == talk(new(SmppSession))
    assert session.faults.shown == [
        (BindTransceiverResp, False, None),
        (EnquireLinkResp, False, None),
        (DeliverSm, True, "context"),
        (SubmitSmResp, False, None),
    ]
    assert not session.faults.ended
    session.connection_lost(3.0)
    assert session.faults.ended


def test_a_refused_bind_is_shown_and_a_response_after_the_end_is_not():
    session = new()
    session.faults = Recorder(session)
    session.is_watched = True
    [event] = session.receive(BIND, 0.0)
    session.refuse_bind(event.pdu, 0x0D)
    session.end_stream()
    session.send_response(SubmitSmResp(3, message_id="42"))
    assert [kind for kind, _, _ in session.faults.shown] == [BindTransceiverResp]


def test_a_deaf_gate_stops_timers_window_and_octets():
    session = new()
    talk(session)
    session.gate = gate = StallGate(b"", b"")
    assert session.receive(encode_pdu(EnquireLink(9)), 1e6) == []
    assert (session.tick(1e6), session.next_deadline(), session.window_free()) == ([], None, 0)
    assert session.take_output() == b""
    session.gate = None
    session.receive(b"".join(gate.held_in), 1e6)
    [answer] = Framer().feed(session.take_output())
    assert decode_pdu(answer).sequence_number == 9
    assert session.window_free() > 0
