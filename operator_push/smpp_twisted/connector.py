"""The connecting side: a link that keeps one bind to an SMSC up and reconnects with jitter and a cap.

A new stream gets a new session, protocol and owner. The wait between tries doubles from `min_s` to `max_s`
and is drawn between half of it and all of it, so that a hundred links do not knock in step; it starts anew
only after a bind succeeded, because an SMSC that takes the stream and refuses the bind is not up.
"""

# ruff: noqa: N802 - Twisted names these methods.

import time
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from operator_push.smpp_twisted.bind_rate import BindRate
from operator_push.smpp_twisted.input_turns import InputTurns
from operator_push.smpp_twisted.protocol import ProtocolOwner, SmppProtocol
from operator_push.smpp_twisted.shapes import ClientEndpoint, DelayedCall, ReactorTime

_DOUBLINGS_MAX = 30  # Keeps the power small; any sensible max_s is reached long before.


class ReconnectSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Waits between tries, seconds."""

    min_s: float = 0.5
    max_s: float = 30.0


def reconnect_wait_s(settings: ReconnectSettings, failures: int, unit: float) -> float:
    """How long to wait after `failures` tries in a row without a bind; `unit` is chance in [0, 1)."""
    full_s = min(settings.max_s, settings.min_s * 2.0 ** min(max(failures - 1, 0), _DOUBLINGS_MAX))
    return full_s * (0.5 + 0.5 * unit)


class ReconnectingLink:
    """Keeps a stream to one endpoint. `protocol` is the stream that is up, or None.

    `on_down(reason, wait_s)` is told after each failed try or lost stream, before the wait; `bind_rate` is
    shared by all links to one SMSC, `turns` by all links.
    """

    def __init__(
        self,
        reactor: ReactorTime,
        endpoint: ClientEndpoint,
        owner_factory: Callable[[SmppProtocol], ProtocolOwner],
        settings: SessionSettings,
        reconnect: ReconnectSettings,
        chance: Random,
        *,
        clock: Callable[[], float] = time.monotonic,
        on_down: Callable[[str, float], None] | None = None,
        bind_rate: BindRate | None = None,
        turns: InputTurns | None = None,
    ) -> None:
        self._reactor = reactor
        self._endpoint = endpoint
        self._owner_factory = owner_factory
        self._settings = settings
        self._reconnect = reconnect
        self._chance = chance
        self._clock = clock
        self._on_down = on_down
        self._bind_rate = bind_rate
        self._turns = turns
        self._failures = 0
        self._wanted = False
        self._attempt: Deferred[Any] | None = None
        self._retry: DelayedCall | None = None
        self.protocol: SmppProtocol | None = None

    def start(self) -> None:
        """Connect now, and again whenever the stream ends, until `stop`."""
        self._wanted = True
        if self._is_idle():
            self._connect()

    def stop(self, reason: str = "stopped") -> None:
        """Do not connect again; close the stream that is up (the owner sends its unbind before)."""
        self.retire()
        if self.protocol is not None:
            self.protocol.close(reason)

    def retire(self) -> None:
        """Do not connect again; a stream that is up ends by itself (the owner has sent its unbind)."""
        self._wanted = False
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        if self._attempt is not None:
            self._attempt.cancel()

    def build_protocol(self) -> SmppProtocol:
        """A new stream's protocol with its session and owner."""
        session = SmppSession(SessionRole.ESME, self._settings, self._clock())
        protocol = _LinkProtocol(session, None, self._reactor, self._clock, turns=self._turns)
        protocol.link = self
        protocol.owner = self._owner_factory(protocol)
        return protocol

    def stream_ended(self, protocol: SmppProtocol, reason: str) -> None:
        """Called by the protocol when its stream is gone."""
        if self.protocol is protocol:
            self.protocol = None
        if protocol.was_bound:
            self._failures = 0
        self._wait(reason)

    def _connect(self) -> None:
        self._retry = None
        wait_s = self._bind_rate.wait_s(self._clock()) if self._bind_rate is not None else 0.0
        if wait_s:
            if self._on_down is not None:
                self._on_down("its binds of this minute are used up", wait_s)
            self._retry = self._reactor.callLater(wait_s, self._connect)
            return
        attempt = self._attempt = self._endpoint.connect(_ClientFactory(self))
        attempt.addCallbacks(self._connected, self._not_connected)

    def _connected(self, protocol: Any) -> None:
        self._attempt = None
        if not self._wanted:
            protocol.close("stopped")

    def _not_connected(self, failure: Failure) -> None:
        self._attempt = None
        self._wait(failure.getErrorMessage())

    def _wait(self, reason: str) -> None:
        if not self._wanted or not self._is_idle():
            return
        self._failures += 1
        wait_s = reconnect_wait_s(self._reconnect, self._failures, self._chance.random())
        if self._on_down is not None:
            self._on_down(reason, wait_s)
        self._retry = self._reactor.callLater(wait_s, self._connect)

    def _is_idle(self) -> bool:
        return self.protocol is None and self._attempt is None and self._retry is None


class _ClientFactory(Factory):
    noisy = False

    def __init__(self, link: ReconnectingLink) -> None:
        self._link = link

    def buildProtocol(self, addr: object) -> SmppProtocol:
        protocol = self._link.build_protocol()
        protocol.factory = self
        return protocol


class _LinkProtocol(SmppProtocol):
    link: ReconnectingLink

    def connectionMade(self) -> None:
        self.link.protocol = self
        super().connectionMade()

    def connectionLost(self, reason: Failure | None = None) -> None:
        why = self.close_reason or (reason.getErrorMessage() if reason else "")
        super().connectionLost(reason)
        self.link.stream_ended(self, why)
