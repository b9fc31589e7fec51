"""The desk: opens the control's port, takes a sample of the counters every second, and closes both again."""

import time
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ServerEndpoint, TCP6ServerEndpoint

from operator_push.smpp_twisted.shapes import DelayedCall, ListeningPort
from smsc_sim.control.calls import Calls
from smsc_sim.control.engine import Engine
from smsc_sim.control.http_door import site_for
from smsc_sim.control.observed import Observed
from smsc_sim.control.page_files import page_routes
from smsc_sim.control.rates import SAMPLE_S
from smsc_sim.control.run_door import RunDoor, RunShape
from smsc_sim.moments import RunClock
from smsc_sim.scenario_control import Control

LAST_ANSWER_S = 0.1  # Ours: how long the answer to "stop" has to reach the wire before the reactor ends.


def control_of(reactor: Any, run: RunShape, control: Control) -> "ControlDesk":
    """The control of a run that has not begun: from its first stream on everything is observed."""
    # Capture and rates are real time, whatever the speed of the run's clock.
    clock = run.clock
    if clock.speed != 1:
        clock = RunClock(time.monotonic(), time.time_ns() // 1000)

    def now_us() -> int:
        return clock.epoch_us(time.monotonic())

    observed = Observed(control, now_us)
    for one in run.smscs:
        one.observed = observed
        observed.keep_rows(one.name, one.witness_file, one.cdr)

    def end() -> None:
        if reactor.running:
            reactor.stop()

    def stop() -> None:
        reactor.callLater(LAST_ANSWER_S, end)

    return ControlDesk(reactor, control, RunDoor(run, stop), observed, now_us)


class ControlDesk:
    """The control of one run. `port` is the listening port once `start` has fired."""

    def __init__(
        self,
        reactor: Any,
        control: Control,
        engine: Engine,
        observed: Observed,
        now_us: Callable[[], int],
    ) -> None:
        self._reactor = reactor
        self._control = control
        self._engine = engine
        self._observed = observed
        routes = [*page_routes(), *Calls(engine, observed, now_us).routes()]
        self._site = site_for(routes, control.host, control.token)
        self._listening: ListeningPort | None = None
        self._next_sample: DelayedCall | None = None
        self.port = 0

    @property
    def address(self) -> str:
        """Where a browser finds the page."""
        host = self._control.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    @property
    def place(self) -> str:
        """What is listened on, for a sentence."""
        return f"{self._control.host}:{self._control.port}"

    def start(self) -> "Deferred[None]":
        """Open the port; fails with CannotListenError."""
        host = self._control.host
        kind: Any = TCP6ServerEndpoint if ":" in host else TCP4ServerEndpoint
        endpoint = kind(self._reactor, self._control.port, interface=host)
        opened: Deferred[Any] = endpoint.listen(self._site)
        return opened.addCallback(self._is_open)

    def stop(self) -> None:
        """Close the port and take no more samples; answers that are on their way still leave."""
        if self._next_sample is not None and self._next_sample.active():
            self._next_sample.cancel()
        self._next_sample = None
        if self._listening is not None:
            self._listening.stopListening()
            self._listening = None

    def _is_open(self, port: ListeningPort) -> None:
        self._listening = port
        self.port = port.getHost().port
        self._sample()

    def _sample(self) -> None:
        self._observed.sample(self._engine)
        self._next_sample = self._reactor.callLater(SAMPLE_S, self._sample)
