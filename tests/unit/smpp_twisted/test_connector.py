"""ReconnectingLink: tries again with growing, jittered waits, and starts anew after a bind."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import BindTransceiver, BindTransceiverResp
from operator_push.smpp.session import SessionSettings
from operator_push.smpp_twisted.bind_rate import BindRate
from operator_push.smpp_twisted.connector import ReconnectingLink, ReconnectSettings, reconnect_wait_s


@given(failures=st.integers(0, 10_000), unit=st.floats(0, 1, exclude_max=True))
def test_a_wait_is_between_half_the_minimum_and_the_maximum(failures, unit):
    settings = ReconnectSettings(min_s=0.5, max_s=30)
    assert 0.25 <= reconnect_wait_s(settings, failures, unit) <= 30


def test_waits_double_up_to_the_cap():
    settings = ReconnectSettings(min_s=1, max_s=10)
    assert [reconnect_wait_s(settings, n, 0.0) for n in (1, 2, 3, 4, 5, 6)] == [0.5, 1, 2, 4, 5, 5]


class Endpoint:
    """Fails or connects as the test says."""

    def __init__(self, transport_type):
        self.transport_type = transport_type
        self.attempts = []

    def connect(self, factory):
        attempt = Deferred()
        attempt.factory = factory
        self.attempts.append(attempt)
        return attempt

    def succeed(self):
        attempt = self.attempts[-1]
        protocol = attempt.factory.buildProtocol(None)
        transport = self.transport_type(protocol)
        protocol.makeConnection(transport)
        attempt.callback(protocol)
        return protocol, transport


def make_link(clock, recording_transport, new_owner, downs, bind_rate=None):
    endpoint = Endpoint(recording_transport)
    link = ReconnectingLink(
        clock,
        endpoint,
        lambda protocol: new_owner(),
        SessionSettings(),
        ReconnectSettings(min_s=1, max_s=8),
        Random(1),
        clock=clock.seconds,
        on_down=lambda reason, wait_s: downs.append((reason, wait_s)),
        bind_rate=bind_rate,
    )
    return link, endpoint


def bind(protocol):
    protocol.start_bind(BindTransceiver(system_id="shop"))
    protocol.dataReceived(encode_pdu(BindTransceiverResp(sequence_number=1)))
    assert protocol.was_bound


def test_a_failed_try_is_repeated_after_a_wait(clock, recording_transport, new_owner):
    downs = []
    link, endpoint = make_link(clock, recording_transport, new_owner, downs)
    link.start()
    endpoint.attempts[-1].errback(ConnectionRefusedError("nobody there"))
    [(reason, wait_s)] = downs
    assert "nobody there" in reason
    clock.advance(wait_s - 0.01)
    assert len(endpoint.attempts) == 1
    clock.advance(0.02)
    assert len(endpoint.attempts) == 2


def test_waits_grow_while_streams_end_unbound_and_start_anew_after_a_bind(
    clock, recording_transport, new_owner
):
    downs = []
    link, endpoint = make_link(clock, recording_transport, new_owner, downs)
    link.start()
    for _ in range(3):
        _, transport = endpoint.succeed()
        transport.finish()
        clock.advance(downs[-1][1])
    assert downs[0][1] <= 1
    assert downs[2][1] >= 2
    protocol, transport = endpoint.succeed()
    bind(protocol)
    assert link.protocol is protocol
    transport.finish()
    assert link.protocol is None
    assert downs[-1][1] <= 1


def test_a_stopped_link_closes_and_stays_down(clock, recording_transport, new_owner):
    downs = []
    link, endpoint = make_link(clock, recording_transport, new_owner, downs)
    link.start()
    _, transport = endpoint.succeed()
    link.stop()
    assert transport.closing
    transport.finish()
    clock.advance(100)
    assert len(endpoint.attempts) == 1
    assert downs == []


def test_a_link_stopped_while_it_waits_does_not_try_again(clock, recording_transport, new_owner):
    link, endpoint = make_link(clock, recording_transport, new_owner, [])
    link.start()
    endpoint.attempts[-1].errback(ConnectionRefusedError())
    link.stop()
    clock.advance(100)
    assert len(endpoint.attempts) == 1


def test_a_link_stopped_while_it_connects_gives_the_try_up(clock, recording_transport, new_owner):
    link, endpoint = make_link(clock, recording_transport, new_owner, [])
    link.start()
    link.stop()
    clock.advance(100)
    assert endpoint.attempts[-1].called
    assert len(endpoint.attempts) == 1


def test_a_retired_link_lets_its_stream_end_and_stays_down(clock, recording_transport, new_owner):
    link, endpoint = make_link(clock, recording_transport, new_owner, [])
    link.start()
    _, transport = endpoint.succeed()
    link.retire()
    assert not transport.closing
    transport.finish()
    clock.advance(100)
    assert len(endpoint.attempts) == 1


def test_start_twice_makes_one_stream(clock, recording_transport, new_owner):
    link, endpoint = make_link(clock, recording_transport, new_owner, [])
    link.start()
    link.start()
    endpoint.succeed()
    link.start()
    assert len(endpoint.attempts) == 1


def test_links_to_one_smsc_share_its_binds_of_a_minute(clock, recording_transport, new_owner):
    downs = []
    rate = BindRate(2)
    links = [make_link(clock, recording_transport, new_owner, downs, rate) for _ in range(3)]
    for link, _ in links:
        link.start()
    assert [len(endpoint.attempts) for _, endpoint in links] == [1, 1, 0]
    assert downs == [("its binds of this minute are used up", 60.0)]
    clock.advance(60.1)
    assert len(links[2][1].attempts) == 1
