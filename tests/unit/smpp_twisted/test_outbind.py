"""An outbind call: outbind is the first thing said, and its end is told once, with or without a bind."""

from twisted.internet.defer import fail, succeed

from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.pdu import BindReceiver, Outbind
from operator_push.smpp.session import SessionSettings
from operator_push.smpp_twisted.outbind import call_with_outbind


class Endpoint:
    """Connects at once over a recording transport."""

    def __init__(self, recording_transport):
        self._recording_transport = recording_transport

    def connect(self, factory):
        self.protocol = factory.buildProtocol(None)
        self.transport = self._recording_transport(self.protocol)
        self.protocol.makeConnection(self.transport)
        return succeed(self.protocol)


class Closed:
    def connect(self, factory):
        return fail(ConnectionRefusedError("refused"))


def called(clock, endpoint, owner):
    ends = []
    call_with_outbind(
        clock,
        endpoint,
        owner,
        SessionSettings(bind_timeout_s=10),
        Outbind(system_id="us", password="ours"),
        lambda was_bound, reason: ends.append((was_bound, reason)),
        clock=clock.seconds,
    )
    return ends


def test_outbind_comes_first_and_a_bind_may_follow(clock, owner, recording_transport):
    endpoint = Endpoint(recording_transport)
    ends = called(clock, endpoint, owner)
    (first,) = [decode_pdu(octets) for octets in endpoint.transport.writes]
    assert (type(first), first.system_id, first.password) == (Outbind, "us", "ours")
    owner.on_events = lambda protocol, events, now: protocol.accept_bind(events[0].pdu, "us")
    endpoint.protocol.dataReceived(encode_pdu(BindReceiver(sequence_number=1, system_id="shop")))
    assert endpoint.protocol.was_bound
    assert ends == []
    endpoint.transport.finish()
    assert [was_bound for was_bound, _ in ends] == [True]


def test_a_call_without_a_bind_ends_at_the_bind_timeout(clock, owner, recording_transport):
    endpoint = Endpoint(recording_transport)
    ends = called(clock, endpoint, owner)
    clock.advance(11)
    assert "lose" in endpoint.transport.calls
    endpoint.transport.finish()
    assert [was_bound for was_bound, _ in ends] == [False]


def test_a_call_that_nobody_takes_is_told(clock, owner):
    assert called(clock, Closed(), owner) == [(False, "refused")]
