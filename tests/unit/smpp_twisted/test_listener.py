"""ListeningFactory: one session and owner per stream, and no more streams than allowed."""

from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from operator_push.smpp_twisted.listener import ListeningFactory


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
    assert factory.buildProtocol(None) is None
    assert factory.turned_away == 1
    transport = recording_transport(first)
    first.makeConnection(transport)
    transport.finish()
    assert factory.buildProtocol(None) is not None


def test_a_stream_s_session_is_of_the_type_that_was_asked_for(clock, new_owner):
    class OwnSession(SmppSession):
        pass

    factory = ListeningFactory(
        clock, lambda protocol: new_owner(), SessionSettings(), clock=clock.seconds, session_type=OwnSession
    )
    assert type(factory.buildProtocol(None).session) is OwnSession
