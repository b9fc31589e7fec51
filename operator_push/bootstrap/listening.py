"""Listening: the ports for ESMEs, with and without TLS, over one factory, so that limits count both."""

import random
import time
from collections.abc import Callable
from typing import Any

from operator_push.bootstrap.assembly import Gateway
from operator_push.bootstrap.tls import CONNECT_TIMEOUT_S, TlsParts
from operator_push.config import Settings
from operator_push.gateway.outbind_calls import OutbindCalls
from operator_push.smpp.constants import CommandId
from operator_push.smpp.pdu import Outbind
from operator_push.smpp.session import SessionSettings
from operator_push.smpp_twisted.input_turns import InputTurns
from operator_push.smpp_twisted.listener import ListeningFactory, UnboundLimits
from operator_push.smpp_twisted.outbind import Ended, call_with_outbind
from operator_push.smpp_twisted.protocol import ProtocolOwner

# Broadcasts to an area of cells (SMPP v5.0 section 4.4) are for a cell broadcast centre.
CELL_BROADCAST = frozenset(
    (CommandId.broadcast_sm, CommandId.query_broadcast_sm, CommandId.cancel_broadcast_sm)
)


def esme_session_settings(settings: Settings) -> SessionSettings:
    """The limits of a session with an ESME."""
    server = settings.smpp_server
    return SessionSettings(
        bind_timeout_s=server.bind_timeout_s,
        enquire_link_s=server.enquire_link_s,
        response_timeout_s=server.response_timeout_s,
        window=server.window,
        not_offered=CELL_BROADCAST,
    )


def outbind_calls(reactor: Any, settings: Settings, gateway: Gateway) -> OutbindCalls:
    """What calls ESMEs that are owed something and do not listen."""
    from twisted.internet.endpoints import HostnameEndpoint

    def place_call(host: str, port: int, password: str, ended: Ended) -> None:
        outbind = Outbind(system_id=settings.smpp_server.system_id, password=password)
        endpoint: Any = HostnameEndpoint(reactor, host, port, timeout=CONNECT_TIMEOUT_S)
        session_settings = esme_session_settings(settings)
        call_with_outbind(reactor, endpoint, gateway.server, session_settings, outbind, ended)

    return OutbindCalls(
        gateway.state.registry,
        gateway.deliveries,
        place_call,
        reactor.callLater,
        time.monotonic,
        random.Random(),  # spreads calls, guards nothing
        gateway.meters,
    )


class Listening:
    """The open ports; `plain` and `tls` are their numbers, None where there is none of that kind."""

    def __init__(self, reactor: Any, settings: Settings, owner: ProtocolOwner, tls: TlsParts) -> None:
        self._reactor = reactor
        self._settings = settings
        self._tls = tls
        server = settings.smpp_server
        self._factory = ListeningFactory(
            reactor,
            lambda protocol: owner,
            esme_session_settings(settings),
            connections_max=server.max_binds,
            unbound=UnboundLimits(
                streams_max=server.max_unbound, streams_per_address_max=server.max_unbound_per_address
            ),
            unread_octets_max=settings.limits.write_buffer_octets_max,
            turns=InputTurns(reactor),
        )
        self._ports: list[Any] = []
        self.plain: int | None = None
        self.tls: int | None = None

    def start(self, listens: Callable[[], None], cannot: Callable[[int, str], None]) -> None:
        """Open the ports; `listens()` once all are open, or `cannot(port, why)` for the first that is not."""
        from twisted.internet.error import CannotListenError
        from twisted.protocols.tls import TLSMemoryBIOFactory

        server = self._settings.smpp_server
        wanted: list[tuple[int, Any]] = []
        if not (server.tls.is_on and server.tls.only):
            wanted.append((server.port, self._factory))
        if self._tls.server is not None:
            wrap: Any = TLSMemoryBIOFactory  # Twisted's interfaces are beyond a checker without a plugin
            wrapped = wrap(self._tls.server, False, self._factory)
            wrapped.noisy = False
            wanted.append((server.tls.port, wrapped))
        for number, factory in wanted:
            try:
                port = self._reactor.listenTCP(number, factory, interface=server.host)
            except CannotListenError as error:
                cannot(number, str(error.socketError))
                return
            self._ports.append(port)
            if factory is self._factory:
                self.plain = port.getHost().port
            else:
                self.tls = port.getHost().port
        listens()

    def stop(self) -> None:
        """Take no more connections; those that are up go on."""
        for port in self._ports:
            port.stopListening()
