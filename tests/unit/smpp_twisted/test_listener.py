"""ListeningFactory: one session and owner per stream, and no more streams than allowed."""

from types import SimpleNamespace

from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import GenericNack
from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from operator_push.smpp_twisted.listener import ListeningFactory, UnboundLimits
from operator_push.smpp_twisted.protocol import SmppProtocol


def test_every_stream_has_a_session_and_an_owner_of_its_own(clock, recording_transport, new_owner):
    factory = ListeningFactory(clock, lambda protocol: new_owner(), SessionSettings(), clock=clock.seconds)
    first, second = factory.buildProtocol(None), factory.buildProtocol(None)
    assert first.session is not second.session
    assert first.owner is not second.owner
    assert first.session.role is SessionRole.SMSC


def test_streams_beyond_the_limit_are_turned_away_until_one_ends(clock, recording_transport, new_owner):
    factory = ListeningFactory(
        clock, lambda protocol: new_owner(), SessionSettings(), clock=clock.seconds, connections_max=2
    )
    first, _ = factory.buildProtocol(None), factory.buildProtocol(None)
    assert goodbye_of(factory, recording_transport) == [encode_pdu(GenericNack(0, 0x58))]
    assert factory.turned_away == 1
    transport = recording_transport(first)
    first.makeConnection(transport)
    transport.finish()
    assert isinstance(factory.buildProtocol(None), SmppProtocol)


def goodbye_of(factory, recording_transport, address=None):
    """What the next stream hears before it is closed."""
    protocol = factory.buildProtocol(address)
    transport = recording_transport(protocol)
    protocol.makeConnection(transport)
    assert transport.calls == ["lose"]
    return transport.writes


def test_one_address_cannot_take_the_room_of_the_others(clock, recording_transport, new_owner):
    limits = UnboundLimits(streams_max=3, streams_per_address_max=2)
    factory = ListeningFactory(
        clock, lambda protocol: new_owner(), SessionSettings(), clock=clock.seconds, unbound=limits
    )
    here, there = SimpleNamespace(host="192.0.2.1"), SimpleNamespace(host="192.0.2.2")
    bound, _ = factory.buildProtocol(here), factory.buildProtocol(here)
    assert goodbye_of(factory, recording_transport, here)
    assert isinstance(factory.buildProtocol(there), SmppProtocol)
    assert goodbye_of(factory, recording_transport, there)  # the limit of all of them
    bound.makeConnection(recording_transport(bound))
    bound.bound_by_owner()
    assert isinstance(factory.buildProtocol(here), SmppProtocol)  # who has bound counts no more
    bound.connectionLost(Failure(ConnectionDone()))
    assert factory.unbound_by_address == {"192.0.2.1": 2, "192.0.2.2": 1}


def test_a_stream_s_session_is_of_the_type_that_was_asked_for(clock, new_owner):
    class OwnSession(SmppSession):
        pass

    factory = ListeningFactory(
        clock, lambda protocol: new_owner(), SessionSettings(), clock=clock.seconds, session_type=OwnSession
    )
    assert type(factory.buildProtocol(None).session) is OwnSession
