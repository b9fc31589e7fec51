"""QuickSession: what its owner has written may leave where nobody has to look at it."""

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import BindTransceiver
from operator_push.smpp.session import SessionRole, SessionSettings
from smsc_sim.quick_session import QuickSession


def new():
    return QuickSession(SessionRole.SMSC, SessionSettings(), 0.0)


def bound(session, interface_version=0x34):
    [event] = session.receive(encode_pdu(BindTransceiver(1, interface_version=interface_version)), 0.0)
    session.accept_bind(event.pdu, "smsc", 0.0)
    session.take_output()
    return session


def test_written_octets_leave_as_they_are_only_where_nothing_has_to_look_at_them():
    assert bound(new()).is_plain
    assert not bound(new(), 0x33).is_plain
    watched, ended = bound(new()), bound(new())
    watched.is_watched = True
    ended.connection_lost(1.0)
    assert not watched.is_plain
    assert not ended.is_plain


def test_what_is_put_leaves_as_it_is():
    session = bound(new())
    session.put(b"octets")
    assert session.take_output() == b"octets"
