"""The virtual run: one virtual SMSC on a real reactor, with its port, its files and its calls to ESMEs.

`program` holds one or several of these; each keeps its records in a folder of its own, or in the run's where
it is the only one. Not here: signals, the status file and reloading (`program`), decisions (`smsc`).
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ServerEndpoint

from operator_push.smpp.session import SessionRole, SessionSettings
from operator_push.smpp.session_events import Event
from operator_push.smpp_twisted.listener import listen
from operator_push.smpp_twisted.protocol import SmppProtocol
from operator_push.smpp_twisted.shapes import DelayedCall, ListeningPort
from smsc_sim.bind import SimBind
from smsc_sim.cdr_files import CdrFiles
from smsc_sim.cdr_record_files import CdrRecordFiles
from smsc_sim.faults.session import FaultableSession
from smsc_sim.line_file import LineFile
from smsc_sim.moments import RunClock
from smsc_sim.outbind import OutbindCaller
from smsc_sim.scenario import Scenario
from smsc_sim.smsc import VirtualSmsc
from smsc_sim.witness import Witness

if TYPE_CHECKING:
    from smsc_sim.control.observed import Observed

TICK_S = 0.005  # What becomes due within one tick leaves together.
WITNESS_FILE = "witness.jsonl"
OnDisk = Callable[[Callable[[], None]], None]


class SmscRun:
    """From `listen` to `close`. `port` is the listening port once it is open."""

    def __init__(
        self,
        reactor: Any,
        name: str,
        scenario: Scenario,
        seed: int,
        clock: RunClock,
        now: float,
        out: Path | None,
        on_disk: OnDisk,
    ) -> None:
        self.name = name
        self.scenario = scenario
        self.port = 0
        self.out = out
        self._reactor = reactor
        self._clock = clock
        self._on_disk = on_disk
        self._tick: DelayedCall | None = None
        self._tick_at = 0.0
        self._listening: ListeningPort | None = None
        self._callers: list[OutbindCaller] = []
        self.observed: Observed | None = None  # With [control]: who watches the streams
        self.witness_file = LineFile(None if out is None else out / WITNESS_FILE, is_read=False)
        folder, start_us = None if out is None else out / "cdr", clock.epoch_us(now)
        records = None
        if folder is not None and scenario.cdr.format != "csv":
            records = CdrRecordFiles(folder, scenario.cdr.node_address, start_us)
        self.cdr = CdrFiles(
            folder,
            scenario.receipts.echo_user_message_reference,
            start_us,
            records,
            writes_csv=scenario.cdr.format != "ts32297",
            is_read=False,
        )
        self.witness = Witness(self.witness_file)
        self.smsc = VirtualSmsc(scenario, seed, clock, self.witness, self.cdr, now)

    def new_session(self, role: SessionRole, at_start: SessionSettings, now: float) -> FaultableSession:
        """The session of a new stream, with the limits of the scenario as it is now."""
        return FaultableSession(role, self.session_settings(), now)

    def session_settings(self) -> SessionSettings:
        """The limits of every bind."""
        listening = self.scenario.listen
        return SessionSettings(
            bind_timeout_s=listening.bind_timeout_s,
            enquire_link_s=listening.enquire_link_s,
            response_timeout_s=listening.response_timeout_s,
            window=self.scenario.limits.deliver_window,
        )

    def listen(self) -> "Deferred[None]":
        """Open the port; fails with CannotListenError."""
        address = self.scenario.listen
        endpoint = TCP4ServerEndpoint(self._reactor, address.port, interface=address.host)
        opened = listen(
            self._reactor,
            endpoint,
            self.new_owner,
            self.session_settings(),
            session_type=self.new_session,
        )

        def is_open(port: ListeningPort) -> None:
            self._listening = port
            self.port = port.getHost().port

        return opened.addCallback(is_open)

    def begin(self) -> None:
        """Every port of the run is open."""
        for row in self.scenario.outbind:
            caller = OutbindCaller(
                self._reactor,
                row,
                self._clock,
                self.new_owner,
                self.session_settings,
                self.witness,
                partial(self.smsc.is_stuck, row.account),
            )
            self._callers.append(caller)
            caller.start()
        self._arm(time.monotonic())

    def stop_listening(self) -> None:
        """Take no new stream and call nobody any more; what is due happens now."""
        if self._listening is not None:
            self._listening.stopListening()
        for caller in self._callers:
            caller.stop()
        now = time.monotonic()
        self.smsc.tick(now)
        self.smsc.end_open_messages(now)

    def close_files(self) -> Path | None:
        """Close the records; the path of the last CDR period."""
        self.witness_file.close()
        return self.cdr.close()

    def flush(self) -> None:
        """Hand all records to the operating system."""
        self.witness_file.flush()
        self.cdr.flush()

    def reload(self, scenario: Scenario) -> None:
        """Go on with another scenario; who listens where stays."""
        now = time.monotonic()
        self.scenario = scenario
        self.smsc.reload(scenario, now)
        self.chunk_done(now)

    def new_owner(self, protocol: SmppProtocol) -> "StreamOwner":
        """The owner of a new stream."""
        return StreamOwner(self)

    def chunk_done(self, now: float) -> None:
        """After every chunk and tick: bounded buffers, and a tick for what is due next."""
        self._on_disk(self._flush_when_long)
        self._arm(now)

    def _arm(self, now: float) -> None:
        """See to it that the next due event finds a tick; ticks are at least TICK_S apart."""
        due = self.smsc.wheel.next_due()
        if due is None:
            return
        at = max(due, now + TICK_S)
        tick = self._tick
        if tick is not None:
            if self._tick_at <= at:
                return
            tick.cancel()
        self._tick_at = at
        self._tick = self._reactor.callLater(at - now, self._tick_fired)

    def _tick_fired(self) -> None:
        self._tick = None
        now = time.monotonic()
        self.smsc.tick(now)
        self.chunk_done(now)

    def _flush_when_long(self) -> None:
        self.witness_file.flush_when_long()
        self.cdr.flush_when_long()


class StreamOwner:
    """Hands one stream's events to the engine."""

    def __init__(self, run: SmscRun) -> None:
        self._run = run
        self._smsc = run.smsc
        self.bind: SimBind

    def connected(self, protocol: SmppProtocol) -> None:
        self.bind = self._smsc.new_bind(protocol.session, protocol.flush)
        self.bind.abort = partial(protocol.abort, "reset by a fault")
        observed = self._run.observed
        self._tap = None if observed is None else observed.stream_up(protocol, self.bind, self._run.name)

    def bound(self, protocol: SmppProtocol) -> None:
        """The engine accepts binds itself."""

    def events(self, protocol: SmppProtocol, events: list[Event], now: float) -> None:
        self._smsc.events(self.bind, events, now)
        if not protocol.was_bound and self.bind.identity is not None:
            protocol.bound_by_owner()
        self._run.chunk_done(now)

    def closed(self, protocol: SmppProtocol, reason: str) -> None:
        now = time.monotonic()
        self._smsc.closed(self.bind, now, reason)
        if self._tap is not None:
            self._tap.closed(reason)
        self._run.chunk_done(now)
