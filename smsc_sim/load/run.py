"""Run: a whole load run on an event loop: bind all, send, wait for answers and receipts, unbind.

Phases: binding → sending → draining → unbinding → over. Sending begins when every bind is bound, so that the
first second is not of slow binds; a bind that is refused then ends the run, one that is lost later is made
again. Not here: what is printed (progress.py) and what is written (report.py).
"""

import asyncio
import gc
import time
from collections.abc import Callable
from math import inf

from smsc_sim.load.esme import LoadEsme, Phase
from smsc_sim.load.feed import Feed, make_feeds
from smsc_sim.load.message_mix import prepare_kinds
from smsc_sim.load.plan import LoadPlan
from smsc_sim.load.receipt_intake import ReceiptIntake
from smsc_sim.load.receipt_ledger import ReceiptLedger
from smsc_sim.load.schedule import Schedule, stages_of
from smsc_sim.load.stream import LoadStream
from smsc_sim.load.tally import Tally

TICK_S = 0.05
PUMP_S = 0.001  # What falls due within it leaves together; latencies count from when it was due.
UNBIND_S = 5.0
GC_THRESHOLD = 50_000  # A run makes no cycles per message.


class LoadRun:
    """One run. `over` is called once, at its end; `failure` says why it could not be done, or is empty."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        plan: LoadPlan,
        host: str,
        over: Callable[[], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.plan = plan
        self.phase = "binding"
        self.failure = ""
        self.interrupted = False
        self.kinds = prepare_kinds(plan)
        self.tally = Tally(len(self.kinds))
        self.ledger = ReceiptLedger(self.tally)
        self.feeds: list[Feed] = make_feeds(plan, self.kinds)
        self.schedule = None if plan.loop.kind == "closed" else Schedule(stages_of(plan))
        self.sending_s = 0.0  # how long messages were sent
        self.total_s = 0.0  # from the first message to the last thing awaited
        self.cpu_s = 0.0  # processor time of this process over total_s
        self._loop = loop
        self._clock = clock
        self._over = over
        self._origin = 0.0
        self._cpu_at = 0.0
        self._deadline = inf  # of the phase, monotonic seconds
        self._tick: asyncio.TimerHandle | None = None
        intake = ReceiptIntake(plan.receipts, self.ledger, self.tally)
        self.esmes = _make_esmes(plan, self.feeds, self.tally, intake)
        self._streams = [
            LoadStream(
                loop, esme, host, plan.target.port, plan.patience.reconnect_s, clock, self._stream_changed
            )
            for esme in self.esmes
        ]

    def start(self) -> None:
        """Connect every bind; call it with the loop running."""
        self._deadline = self._clock() + self.plan.patience.bind_s
        for stream in self._streams:
            stream.start()
        self._ticked()

    def interrupt(self) -> None:
        """End early but in order; a second time at once."""
        if self.interrupted or self.phase == "binding":
            self.interrupted = True
            self._finish()
            return
        self.interrupted = True
        for feed in self.feeds:
            feed.stop()
        if self.phase in ("sending", "draining"):
            self._enter_unbinding(self._clock())

    def fault(self, what: object) -> None:
        """End the run because of a fault in this program."""
        self._fail(f"a fault in smsc-sim load: {what!r}")

    def elapsed_s(self) -> float:
        """Seconds since sending began."""
        return self._clock() - self._origin if self._origin else 0.0

    def progress_share(self) -> float:
        """How much of the sending is done, 0..1, by time or by count, whichever is further."""
        loop = self.plan.loop
        by_count = self.sent_messages() / loop.count if loop.count else 0.0
        duration_s = loop.duration_s or 0.0
        if self.plan.stages and self.schedule is not None:
            duration_s = self.schedule.duration_s
        by_time = self.elapsed_s() / duration_s if duration_s else 0.0
        return min(1.0, max(by_count, by_time))

    def sent_messages(self) -> int:
        """Messages of which at least one segment was taken to be sent."""
        return sum(feed.messages for feed in self.feeds)

    def open_requests(self) -> int:
        """submit_sm that wait for their response, on all binds."""
        return sum(esme.open_count for esme in self.esmes)

    # The way of a run

    def _stream_changed(self, stream: LoadStream) -> None:
        if self.phase == "binding":
            if stream.failure:
                self._fail(f"bind {stream.esme.name} could not be made: {stream.failure}")
            elif all(esme.phase is Phase.BOUND for esme in self.esmes):
                self._begin_sending()
        elif self.phase == "unbinding" and all(stream.is_down for stream in self._streams):
            self._finish()

    def _begin_sending(self) -> None:
        gc.collect()
        gc.freeze()
        gc.set_threshold(GC_THRESHOLD)
        now = self._origin = self._clock()
        self._cpu_at = time.process_time()
        self.phase = "sending"
        self.tally.begin(now)
        duration_s = self.plan.loop.duration_s
        self._deadline = now + duration_s if duration_s is not None and self.schedule is None else inf
        for feed in self.feeds:
            feed.start(now)
        if self.schedule is None:
            for stream in self._streams:
                stream.esme.fill(now)
                stream.flush()
        else:
            self._pump()

    def _ticked(self) -> None:
        """What is seen to 20 times a second: time-outs, slices, phases."""
        now = self._clock()
        for stream in self._streams:
            esme = stream.esme
            before = esme.phase
            esme.tick(now)
            esme.fill(now)
            stream.flush()
            if esme.phase is not before:
                self._stream_changed(stream)
        self.tally.at(now)
        self._advance(now)
        if self.phase != "over":
            self._tick = self._loop.call_later(TICK_S, self._ticked)

    def _pump(self) -> None:
        """Send what has fallen due; then sleep until something is due that may be sent."""
        if self.phase != "sending":
            return
        now = self._clock()
        next_due = now + TICK_S
        for stream in self._streams:
            feed = stream.esme.feed
            if feed is None:
                continue
            if feed.due_at <= now:
                stream.esme.fill(now)
                stream.flush()
            # Where the window is full, its next response sends.
            if now < feed.due_at < next_due:
                next_due = feed.due_at
        self._loop.call_later(max(PUMP_S, next_due - now), self._pump)

    def _advance(self, now: float) -> None:
        """See whether the phase is done."""
        patience = self.plan.patience
        match self.phase:
            case "binding" if now >= self._deadline:
                missing = [esme.name for esme in self.esmes if esme.phase is not Phase.BOUND]
                self._fail(f"{', '.join(missing)} not bound within {patience.bind_s:g} s")
            case "sending":
                if now >= self._deadline:
                    for feed in self.feeds:
                        feed.stop()
                if all(feed.due_at == inf for feed in self.feeds):
                    self._begin_draining(now)
                elif self._schedule_is_over(now) and now >= self._schedule_end() + patience.drain_s:
                    for esme in self.esmes:
                        esme.count_unsent(now)
                    self._begin_draining(now)
            case "draining":
                waits = self.open_requests() or (self.plan.receipts.ask and self.ledger.open_count)
                if not waits or (now >= self._deadline and not self.open_requests()):
                    self._enter_unbinding(now)
            case "unbinding" if now >= self._deadline:
                for stream in self._streams:
                    stream.abort()
                self._finish()

    def _begin_draining(self, now: float) -> None:
        self.phase = "draining"
        self.sending_s = now - self._origin
        self._deadline = now + self.plan.receipts.wait_s

    def _enter_unbinding(self, now: float) -> None:
        self.sending_s = self.sending_s or now - self._origin
        self.total_s = now - self._origin
        self.cpu_s = time.process_time() - self._cpu_at
        self.phase = "unbinding"
        self._deadline = now + UNBIND_S
        for stream in self._streams:
            stream.unbind()
        if all(stream.is_down for stream in self._streams):
            self._finish()

    def _fail(self, reason: str) -> None:
        self.failure = self.failure or reason
        self._finish()

    def _finish(self) -> None:
        if self.phase == "over":
            return
        self.phase = "over"
        now = self._clock()
        for stream in self._streams:
            stream.esme.end(now)
            stream.abort()
        if self._origin:
            self.sending_s = self.sending_s or self._clock() - self._origin
            self.total_s = self.total_s or self._clock() - self._origin
            self.cpu_s = self.cpu_s or time.process_time() - self._cpu_at
        self.tally.finish()
        self.ledger.finish(now)
        self._loop.call_later(0, self._over)

    def _schedule_end(self) -> float:
        return self._origin + (self.schedule.duration_s if self.schedule is not None else inf)

    def _schedule_is_over(self, now: float) -> bool:
        return self.schedule is not None and now >= self._schedule_end()


def _make_esmes(plan: LoadPlan, feeds: list[Feed], tally: Tally, intake: ReceiptIntake) -> list[LoadEsme]:
    waiting = iter(feeds)
    esmes: list[LoadEsme] = []
    for group in plan.binds:
        for _ in range(group.count):
            name = f"{len(esmes) + 1} ({group.system_id}, {group.type})"
            feed = next(waiting) if group.sends else None
            esmes.append(LoadEsme(name, group, feed, tally, intake, plan.patience))
    return esmes
