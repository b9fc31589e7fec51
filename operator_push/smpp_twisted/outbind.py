"""Outbind: a stream that we open to an ESME, on which it may then bind to us (SMPP v3.4 section 2.2.1)."""

# ruff: noqa: N802 - Twisted names these methods.

import time
from collections.abc import Callable
from typing import Any

from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from operator_push.smpp.pdu import Outbind
from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from operator_push.smpp_twisted.protocol import ProtocolOwner, SmppProtocol
from operator_push.smpp_twisted.shapes import ClientEndpoint, ReactorTime

Ended = Callable[[bool, str], None]  # was it bound, why it ended


def call_with_outbind(
    reactor: ReactorTime,
    endpoint: ClientEndpoint,
    owner: ProtocolOwner,
    settings: SessionSettings,
    outbind: Outbind,
    ended: Ended,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Connect, send `outbind` and leave the stream to its owner; `ended` is told once, when it is over.

    The stream closes after settings.bind_timeout_s without a bind, like one that the ESME opened.
    """

    def build() -> SmppProtocol:
        session = SmppSession(SessionRole.SMSC, settings, clock())
        protocol = _CallingProtocol(session, owner, reactor, clock, stop_reading_when_unread=True)
        protocol.outbind, protocol.ended = outbind, ended
        return protocol

    def failed(failure: Failure) -> None:
        ended(False, failure.getErrorMessage())

    endpoint.connect(_CallingFactory(build)).addErrback(failed)


class _CallingFactory(Factory):
    noisy = False

    def __init__(self, build: Callable[[], SmppProtocol]) -> None:
        self._build = build

    def buildProtocol(self, addr: Any) -> SmppProtocol:
        protocol = self._build()
        protocol.factory = self
        return protocol


class _CallingProtocol(SmppProtocol):
    outbind: Outbind
    ended: Ended

    def connectionMade(self) -> None:
        super().connectionMade()
        self.session.send_request(self.outbind, self.clock())
        self.flush()

    def connectionLost(self, reason: Failure | None = None) -> None:
        why = self.close_reason or (reason.getErrorMessage() if reason else "")
        super().connectionLost(reason)
        self.ended(self.was_bound, why)
