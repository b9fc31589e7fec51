"""The listening side: a factory that makes one session, one protocol and one owner per TCP stream.

A stream that does not bind within `settings.bind_timeout_s` is closed by its session, and beyond
`connections_max` a new stream is closed at once: an unbound stream costs memory and brings nothing.
"""

# ruff: noqa: N802 - Twisted names these methods.

import time
from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from operator_push.smpp_twisted.protocol import UNREAD_OCTETS_MAX, ProtocolOwner, SmppProtocol
from operator_push.smpp_twisted.shapes import ListeningPort, ReactorTime, ServerEndpoint

CONNECTIONS_MAX = 10_000  # Ours: below the usual limit of open files of a service.
OwnerFactory = Callable[[SmppProtocol], ProtocolOwner]
NewSession = Callable[[SessionRole, SessionSettings, float], SmppSession]


class ListeningFactory(Factory):
    """Twisted's factory for SMPP server streams; `open_streams` counts those that are up."""

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
    ) -> None:
        self._reactor = reactor
        self._owner_factory = owner_factory
        self._settings = settings
        self._clock = clock
        self._connections_max = connections_max
        self._unread_octets_max = unread_octets_max
        self._session_type = session_type
        self.open_streams: set[SmppProtocol] = set()
        self.turned_away = 0

    def buildProtocol(self, addr: object) -> SmppProtocol | None:
        """A protocol for a new stream, or None (the stream is closed) where there are too many."""
        if len(self.open_streams) >= self._connections_max:
            self.turned_away += 1
            return None
        session = self._session_type(SessionRole.SMSC, self._settings, self._clock())
        protocol = _CountedProtocol(
            session,
            None,
            self._reactor,
            self._clock,
            stop_reading_when_unread=True,
            unread_octets_max=self._unread_octets_max,
        )
        protocol.factory = self
        protocol.owner = self._owner_factory(protocol)
        protocol.open_streams = self.open_streams
        self.open_streams.add(protocol)
        return protocol


class _CountedProtocol(SmppProtocol):
    open_streams: set[SmppProtocol]

    def connectionLost(self, reason: Failure | None = None) -> None:
        self.open_streams.discard(self)
        super().connectionLost(reason)


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
    )
    return endpoint.listen(factory)
