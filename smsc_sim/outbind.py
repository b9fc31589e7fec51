"""Outbind: the SMSC opens a stream to an ESME that listens, and asks it to bind (SMPP v3.4 section 4.1.7).

The bind that follows on this stream is like any other. A stream on which none follows in time is closed by
its session; a call that fails is noted in the witness and, with `when_waiting`, made again later.
"""

# ruff: noqa: N802 - Twisted names these methods.

import time
from collections.abc import Callable
from typing import Any

from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from operator_push.smpp.pdu import Outbind
from operator_push.smpp.session import SessionRole, SessionSettings
from operator_push.smpp_twisted.protocol import ProtocolOwner, SmppProtocol
from operator_push.smpp_twisted.shapes import DelayedCall
from smsc_sim.faults.session import FaultableSession
from smsc_sim.moments import RunClock
from smsc_sim.scenario_accounts import OutbindRow
from smsc_sim.witness import Witness

CONNECT_TIMEOUT_S = 5.0
LOOK_S = 0.1  # How often it is looked whether an account's messages wait.
OwnerFactory = Callable[[SmppProtocol], ProtocolOwner]


class OutbindCaller:
    """One `[[outbind]]` entry at work."""

    def __init__(
        self,
        reactor: Any,
        row: OutbindRow,
        clock: RunClock,
        owner_factory: OwnerFactory,
        settings: Callable[[], SessionSettings],
        witness: Witness,
        is_stuck: Callable[[], bool],
    ) -> None:
        self._reactor = reactor
        self._row = row
        self._clock = clock
        self._owner_factory = owner_factory
        self._settings = settings
        self._witness = witness
        self._is_stuck = is_stuck
        self._next: DelayedCall | None = None
        self._protocol: OutbindProtocol | None = None
        self._is_calling = False
        self._stopped = False

    def start(self) -> None:
        """Call at the entry's moment, or look for messages that wait from then on."""
        self._later(self._row.at_s / self._clock.speed)

    def stop(self) -> None:
        """Call no more; a stream that is up goes on."""
        self._stopped = True
        if self._next is not None and self._next.active():
            self._next.cancel()

    def build_protocol(self) -> "OutbindProtocol":
        """The protocol of a new stream; the SMSC's role in it is the usual one."""
        session = FaultableSession(SessionRole.SMSC, self._settings(), time.monotonic())
        protocol = OutbindProtocol(session, None, self._reactor, stop_reading_when_unread=True)
        protocol.owner = self._owner_factory(protocol)
        protocol.caller = self
        self._protocol = protocol
        return protocol

    def stream_is_up(self, protocol: "OutbindProtocol") -> None:
        """Say who calls."""
        row = self._row
        protocol.session.send_request(
            Outbind(system_id=row.system_id, password=row.password), protocol.clock()
        )
        bind = getattr(protocol.owner, "bind", None)
        name = "" if bind is None else bind.name
        self._witness.bind_event(self._now_us(), name, "out", "outbind", row.system_id, "sent")

    def stream_ended(self) -> None:
        """The stream is gone."""
        self._protocol = None

    def _later(self, seconds: float) -> None:
        if not self._stopped:
            self._next = self._reactor.callLater(seconds, self._look)

    def _look(self) -> None:
        if not self._row.when_waiting:
            self._call()
        elif self._is_stuck() and self._protocol is None and not self._is_calling:
            self._call()
            self._later(self._row.retry_s)
        else:
            self._later(LOOK_S)

    def _call(self) -> None:
        row = self._row
        endpoint: Any = TCP4ClientEndpoint(self._reactor, row.host, row.port, timeout=CONNECT_TIMEOUT_S)
        self._is_calling = True
        endpoint.connect(_OutbindFactory(self)).addCallbacks(self._connected, self._failed)

    def _connected(self, protocol: object) -> None:
        self._is_calling = False

    def _failed(self, failure: Failure) -> None:
        self._is_calling = False
        where = f"{self._row.host}:{self._row.port}"
        detail = f"{where}: {failure.getErrorMessage()}"
        self._witness.stream_event(self._now_us(), "", "outbind_failed", detail)

    def _now_us(self) -> int:
        return self._clock.epoch_us(time.monotonic())


class OutbindProtocol(SmppProtocol):
    """A stream that the SMSC opened."""

    caller: OutbindCaller

    def connectionMade(self) -> None:
        super().connectionMade()
        self.caller.stream_is_up(self)
        self.flush()

    def connectionLost(self, reason: Failure | None = None) -> None:
        self.caller.stream_ended()
        super().connectionLost(reason)


class _OutbindFactory(Factory):
    noisy = False

    def __init__(self, caller: OutbindCaller) -> None:
        self._caller = caller

    def buildProtocol(self, addr: object) -> SmppProtocol:
        protocol = self._caller.build_protocol()
        protocol.factory = self
        return protocol
