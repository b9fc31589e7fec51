"""The program: one run of the simulator on a real reactor, with sockets, clocks, signals and files.

The only module of the simulator that reads a clock or opens a port. `reactor_choice.install()` must have run
before it is imported by anyone who then imports a reactor; the reactor itself is an argument.
"""

import gc
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from twisted.internet.endpoints import TCP4ServerEndpoint

from operator_push.kernel.errors import OperatorError
from operator_push.smpp.session import SessionSettings
from operator_push.smpp.session_events import Event
from operator_push.smpp_twisted.listener import listen
from operator_push.smpp_twisted.protocol import SmppProtocol
from operator_push.smpp_twisted.shapes import DelayedCall, ListeningPort
from smsc_sim.bind import SimBind
from smsc_sim.cdr_files import CdrFiles
from smsc_sim.line_file import LineFile
from smsc_sim.moments import RunClock
from smsc_sim.scenario import Scenario
from smsc_sim.smsc import VirtualSmsc
from smsc_sim.status_file import write_json
from smsc_sim.witness import Witness

TICK_S = 0.005  # What becomes due within one tick leaves together.
FLUSH_S = 0.1
STATUS_S = 1.0
GC_THRESHOLD = 50_000  # A run makes no cycles per message; frequent collections only walk open messages.


class SimulatorRun:
    """From `start` to `stop`. `port` is the listening port once `start` has succeeded."""

    def __init__(
        self, reactor: Any, scenario: Scenario, seed: int, out: Path | None, say: Callable[[str], None]
    ) -> None:
        self._reactor = reactor
        self._scenario = scenario
        self._seed = seed
        self._out = out
        self._say = say
        self._tick: DelayedCall | None = None
        self._tick_at = 0.0
        self._listening: ListeningPort | None = None
        self._stopped = False
        self.port = 0
        self.failure = ""  # Why the run ended by itself, a sentence
        now = time.monotonic()
        self._clock = RunClock(now, time.time_ns() // 1000)
        if out is not None:
            _make_folder(out)
        self._witness_file = LineFile(None if out is None else out / "witness.jsonl")
        self._cdr = CdrFiles(
            None if out is None else out / "cdr",
            scenario.receipts.echo_user_message_reference,
            self._clock.epoch_us(now),
        )
        self._witness = Witness(self._witness_file)
        self.smsc = VirtualSmsc(scenario, seed, self._clock, self._witness, self._cdr, now)

    def start(self, on_listening: Callable[[], None]) -> None:
        """Open the port, then tell; call it with the reactor running or about to."""
        settings = self._scenario.listen
        endpoint = TCP4ServerEndpoint(self._reactor, settings.port, interface=settings.host)
        session_settings = SessionSettings(
            bind_timeout_s=settings.bind_timeout_s,
            enquire_link_s=settings.enquire_link_s,
            response_timeout_s=settings.response_timeout_s,
            window=self._scenario.limits.deliver_window,
        )
        opened = listen(self._reactor, endpoint, lambda _: _Owner(self), session_settings)

        def is_open(port: ListeningPort) -> None:
            self._listening = port
            self.port = port.getHost().port
            self._begin()
            on_listening()

        where = f"{settings.host}:{settings.port}"
        opened.addCallback(is_open)
        opened.addErrback(lambda failure: self.fail(f"cannot listen on {where}: {failure.getErrorMessage()}"))

    def fail(self, reason: str) -> None:
        """End the run because it cannot go on; the first reason counts."""
        self.failure = self.failure or reason
        if not self._stopped and self._reactor.running:
            self._reactor.callLater(0, self._reactor.stop)

    def stop(self) -> None:
        """End cleanly: no new stream, everything flushed, the CDR period closed, the last status written."""
        if self._stopped:
            return
        self._stopped = True
        if self._listening is not None:
            self._listening.stopListening()
        now = time.monotonic()
        self.smsc.tick(now)
        self.smsc.end_open_messages(now)
        self._on_disk(self._close_files)

    def close_cdr_period(self) -> None:
        """Close the current CDR period and start the next."""
        now_us = self._clock.epoch_us(time.monotonic())
        self._on_disk(lambda: self._tell_closed(self._cdr.close_period(now_us)))

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

    def _begin(self) -> None:
        gc.collect()
        gc.freeze()
        gc.set_threshold(GC_THRESHOLD)
        self._every(FLUSH_S, self._flush)
        if self._out is not None:
            self._on_disk(self._write_status)
            self._every(STATUS_S, self._write_status)
        if self._scenario.cdr.period_s:
            self._every(self._scenario.cdr.period_s, self.close_cdr_period)
        self._arm(time.monotonic())

    def _tick_fired(self) -> None:
        self._tick = None
        now = time.monotonic()
        self.smsc.tick(now)
        self.chunk_done(now)

    def _on_disk(self, work: Callable[[], None]) -> None:
        """Do something with files. A simulator that cannot keep its records must not go on as if it did."""
        try:
            work()
        except OSError as error:
            self.fail(f"cannot write the records in {self._out}: {error.strerror}")

    def _flush_when_long(self) -> None:
        self._witness_file.flush_when_long()
        self._cdr.flush_when_long()

    def _close_files(self) -> None:
        self._witness_file.close()
        self._tell_closed(self._cdr.close())
        self._write_status()

    def _tell_closed(self, period: Path | None) -> None:
        if period is not None:
            self._say(f"CDR period closed: {period}")

    def _flush(self) -> None:
        self._witness_file.flush()
        self._cdr.flush()

    def _every(self, seconds: float, work: Callable[[], None]) -> None:
        def again() -> None:
            if not self._stopped:
                self._on_disk(work)
                self._reactor.callLater(seconds, again)

        self._reactor.callLater(seconds, again)

    def _write_status(self) -> None:
        if self._out is None:
            return
        unfinished = self.smsc.unfinished()
        status = msgspec.structs.asdict(self.smsc.counters) | {
            "t": self._clock.epoch_us(time.monotonic()),
            "pid": os.getpid(),
            "port": self.port,
            "seed": self._seed,
            "running": not self._stopped,
            "unfinished": unfinished,
            "settled": unfinished == 0,
            "witness_rows": self._witness.rows_written,
            "cdr_rows": self._cdr.rows_written,
        }
        write_json(self._out / "status.json", status)


class _Owner:
    """Hands one stream's events to the engine."""

    def __init__(self, run: SimulatorRun) -> None:
        self._run = run
        self._smsc = run.smsc
        self._bind: SimBind

    def connected(self, protocol: SmppProtocol) -> None:
        self._bind = self._smsc.new_bind(protocol.session, protocol.flush)

    def bound(self, protocol: SmppProtocol) -> None:
        """The engine accepts binds itself."""

    def events(self, protocol: SmppProtocol, events: list[Event], now: float) -> None:
        self._smsc.events(self._bind, events, now)
        self._run.chunk_done(now)

    def closed(self, protocol: SmppProtocol, reason: str) -> None:
        now = time.monotonic()
        self._smsc.closed(self._bind, now, reason)
        self._run.chunk_done(now)


def run_until_stopped(
    reactor: Any,
    scenario: Scenario,
    seed: int,
    out: Path | None,
    ready_file: Path | None,
    say: Callable[[str], None],
) -> None:
    """Run until SIGINT or SIGTERM; SIGUSR1 closes a CDR period. `say` prints a line for a person.

    Raises:
        OperatorError: the port cannot be opened, or the records cannot be written.
    """
    run = SimulatorRun(reactor, scenario, seed, out, say)

    def listening() -> None:
        if ready_file is not None:
            try:
                write_json(ready_file, {"port": run.port, "pid": os.getpid()})
            except OSError as error:
                run.fail(f"cannot write {ready_file}: {error.strerror}")
                return
        say(f"smsc-sim listens on {scenario.listen.host}:{run.port} (seed {seed}); Ctrl-C ends it")

    reactor.callWhenRunning(run.start, listening)
    reactor.callWhenRunning(_on_signal, reactor, "SIGUSR1", run.close_cdr_period)
    reactor.addSystemEventTrigger("before", "shutdown", run.stop)
    reactor.run()
    if run.failure:
        raise OperatorError(run.failure)


def _on_signal(reactor: Any, name: str, work: Callable[[], None]) -> None:
    number = getattr(signal, name, None)
    if number is None:  # Windows has no SIGUSR1.
        return
    loop = getattr(reactor, "_asyncioEventloop", None)
    if loop is not None:
        loop.add_signal_handler(number, work)
    else:
        signal.signal(number, lambda *_: reactor.callFromThread(work))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(f"cannot make the folder {folder}: {error.strerror}", key="--out") from error
