"""QuickSession: what its owner has written leaves as the codec's would."""

import pytest

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import BindTransceiver, DeliverSm, DeliverSmResp
from operator_push.smpp.session import SessionRole, SessionSettings
from smsc_sim.quick_session import QuickSession


def new():
    return QuickSession(SessionRole.SMSC, SessionSettings(), 0.0)


def bound(session, interface_version=0x34):
    [event] = session.receive(encode_pdu(BindTransceiver(1, interface_version=interface_version)), 0.0)
    session.accept_bind(event.pdu, "smsc", 0.0)
    session.take_output()
    return session


def test_a_body_that_is_written_leaves_as_the_request_of_the_codec_would():
    deliver = DeliverSm(source_addr="91", destination_addr="5", short_message=b"x")
    quick, usual = bound(new()), bound(new())
    numbers = [
        (quick.send_body(0x05, encode_pdu(deliver)[16:], 1.0, "context"), usual.send_request(deliver, 1.0))
        for _ in range(3)
    ]
    assert numbers == [(1, 1), (2, 2), (3, 3)]
    assert quick.take_output() == usual.take_output()
    assert quick.open_requests == 3
    [event] = quick.receive(encode_pdu(DeliverSmResp(2)), 2.0)
    assert (event.context, event.request_command_id) == ("context", 0x05)


def test_a_body_is_no_way_around_the_state():
    session = new()
    with pytest.raises(RuntimeError, match="0x00000005 may not be sent in state open"):
        session.send_body(0x05, b"", 1.0, None)


def test_written_octets_leave_as_they_are_only_where_nothing_has_to_look_at_them():
    assert bound(new()).is_plain
    assert not bound(new(), 0x33).is_plain
    watched, ended = bound(new()), bound(new())
    watched.is_watched = True
    ended.connection_lost(1.0)
    assert not watched.is_plain
    assert not ended.is_plain
