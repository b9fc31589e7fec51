"""The listening side: a factory that makes one session, one protocol and one owner per TCP stream.

A stream that does not bind within `settings.bind_timeout_s` is closed by its session. Beyond any of the
limits a new stream hears generic_nack with ESME_RTHROTTLED and is closed at once: an unbound stream costs
memory and brings nothing. The limit per address keeps one host from taking the room of all the others.
"""

# ruff: noqa: N802 - Twisted names these methods.

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol
from twisted.python.failure import Failure

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import GenericNack
from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from operator_push.smpp_twisted.input_turns import InputTurns
from operator_push.smpp_twisted.protocol import UNREAD_OCTETS_MAX, ProtocolOwner, SmppProtocol
from operator_push.smpp_twisted.shapes import ListeningPort, ReactorTime, ServerEndpoint

CONNECTIONS_MAX = 10_000  # Ours: below the usual limit of open files of a service.
_GOODBYE = encode_pdu(GenericNack(0, CommandStatus.ESME_RTHROTTLED))
OwnerFactory = Callable[[SmppProtocol], ProtocolOwner]
NewSession = Callable[[SessionRole, SessionSettings, float], SmppSession]


class UnboundLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How many streams may be up that have not bound: at all, and from one IP address."""

    streams_max: int = CONNECTIONS_MAX
    streams_per_address_max: int = CONNECTIONS_MAX


class ListeningFactory(Factory):
    """Twisted's factory for SMPP server streams; `open_streams` are those that are up, bound or not."""

    noisy = False

    def __init__(
        self,
        reactor: ReactorTime,
        owner_factory: OwnerFactory,
        settings: SessionSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        connections_max: int = CONNECTIONS_MAX,
        unread_octets_max: int = UNREAD_OCTETS_MAX,
        session_type: NewSession = SmppSession,
        unbound: UnboundLimits | None = None,
        turns: InputTurns | None = None,
    ) -> None:
        self._reactor = reactor
        self._owner_factory = owner_factory
        self._settings = settings
        self._clock = clock
        self._connections_max = connections_max
        self._unread_octets_max = unread_octets_max
        self._session_type = session_type
        self._unbound_limits = unbound or UnboundLimits()
        self._turns = turns
        self.open_streams: set[SmppProtocol] = set()
        self.unbound_by_address: Counter[str] = Counter()
        self.turned_away = 0

    def buildProtocol(self, addr: object) -> Protocol:
        """A protocol for a new stream; where there are too many, one that says so and closes."""
        address = str(getattr(addr, "host", ""))
        if not self._has_room(address):
            self.turned_away += 1
            return _TurnedAway()
        session = self._session_type(SessionRole.SMSC, self._settings, self._clock())
        protocol = _CountedProtocol(
            session,
            None,
            self._reactor,
            self._clock,
            stop_reading_when_unread=True,
            unread_octets_max=self._unread_octets_max,
            turns=self._turns,
        )
        protocol.factory = self
        protocol.owner = self._owner_factory(protocol)
        protocol.streams = self
        protocol.address = address
        self.open_streams.add(protocol)
        self.unbound_by_address[address] += 1
        return protocol

    def no_longer_unbound(self, address: str) -> None:
        """A stream from this address has bound, or ended without."""
        self.unbound_by_address[address] -= 1
        if self.unbound_by_address[address] <= 0:
            del self.unbound_by_address[address]

    def _has_room(self, address: str) -> bool:
        limits = self._unbound_limits
        return (
            len(self.open_streams) < self._connections_max
            and self.unbound_by_address.total() < limits.streams_max
            and self.unbound_by_address[address] < limits.streams_per_address_max
        )


class _CountedProtocol(SmppProtocol):
    streams: ListeningFactory
    address: str

    def connectionLost(self, reason: Failure | None = None) -> None:
        self.streams.open_streams.discard(self)
        if not self.was_bound:
            self.streams.no_longer_unbound(self.address)
        super().connectionLost(reason)

    def _tell_bound(self) -> None:
        if not self.was_bound:
            self.streams.no_longer_unbound(self.address)
        super()._tell_bound()


class _TurnedAway(Protocol):
    """A stream too many: it hears why, and ends."""

    transport: Any

    def connectionMade(self) -> None:
        self.transport.write(_GOODBYE)
        self.transport.loseConnection()


def listen(
    reactor: ReactorTime,
    endpoint: ServerEndpoint,
    owner_factory: OwnerFactory,
    settings: SessionSettings,
    *,
    clock: Callable[[], float] = time.monotonic,
    connections_max: int = CONNECTIONS_MAX,
    unread_octets_max: int = UNREAD_OCTETS_MAX,
    session_type: NewSession = SmppSession,
    unbound: UnboundLimits | None = None,
) -> "Deferred[ListeningPort]":
    """Listen for ESMEs at an endpoint such as TCP4ServerEndpoint(reactor, port, interface=host).

    Fires with the listening port (`.getHost().port` tells the one that port 0 chose, `.stopListening()`
    ends it), or fails with CannotListenError.
    """
    factory = ListeningFactory(
        reactor,
        owner_factory,
        settings,
        clock=clock,
        connections_max=connections_max,
        unread_octets_max=unread_octets_max,
        session_type=session_type,
        unbound=unbound,
    )
    return endpoint.listen(factory)
