"""The program: one run of the simulator on a real reactor, with clocks, signals and files.

With `virtual_run` and `outbind` the only modules of the simulator that read a clock or open a port.
`reactor_choice.install()` must have run before it is imported by anyone who then imports a reactor; the
reactor itself is an argument.
"""

import gc
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from twisted.internet.defer import gatherResults
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from operator_push.kernel.errors import OperatorError
from smsc_sim.moments import RunClock
from smsc_sim.reloading import changes, virtual_seed
from smsc_sim.scenario import Scenario
from smsc_sim.status_file import write_json
from smsc_sim.virtual_run import WITNESS_FILE, SmscRun

if TYPE_CHECKING:
    from smsc_sim.control.desk import ControlDesk

FLUSH_S = 0.1
STATUS_S = 1.0
LAST_READ_S = 0.05
# The file and its scenario as it stands now, with the options of the command line, which outlive a reload.
ReadAgain = Callable[[], tuple[Path, Scenario]]
GC_THRESHOLD = 50_000  # A run makes no cycles per message; frequent collections only walk open messages.


class SimulatorRun:
    """From `start` to `stop`. `smscs` are its virtual SMSCs; `port` is the first one's, once it is open."""

    def __init__(
        self,
        reactor: Any,
        scenario: Scenario,
        seed: int,
        out: Path | None,
        say: Callable[[str], None],
        read_again: "ReadAgain | None" = None,
    ) -> None:
        self._reactor = reactor
        self.scenario = scenario
        self.seed = seed
        self._out = out
        self._say = say
        self._read_again = read_again
        self._stopped = False
        self.failure = ""  # Why the run ended by itself, a sentence
        now = time.monotonic()
        self.clock = RunClock(now, time.time_ns() // 1000, scenario.clock.speed)
        self.smscs: list[SmscRun] = []
        for name, virtual in scenario.virtual():
            folder = out / name if out is not None and name else out
            if folder is not None:
                _make_folder(folder)
                if _has_records(folder):
                    say(f"{folder} has the records of an earlier run; those of this one go behind them")
            own_seed = virtual_seed(seed, name)
            run = SmscRun(reactor, name, virtual, own_seed, self.clock, now, folder, self._on_disk)
            self.smscs.append(run)
        self.control: ControlDesk | None = None
        if scenario.control is not None:
            from smsc_sim.control.desk import control_of  # twisted.web only for who wants it

            self.control = control_of(reactor, self, scenario.control)

    @property
    def port(self) -> int:
        """The listening port of the first virtual SMSC; 0 until it is open."""
        return self.smscs[0].port

    @property
    def ports(self) -> dict[str, int]:
        """The listening port of every virtual SMSC by its name."""
        return {run.name: run.port for run in self.smscs}

    def start(self, on_listening: Callable[[], None]) -> None:
        """Open the ports, then tell; call it with the reactor running or about to."""
        opening = []
        for run in self.smscs:
            listening = run.scenario.listen
            where = f"{listening.host}:{listening.port}"
            opened = run.listen()
            opened.addErrback(self._cannot_listen, where)
            opening.append(opened)
        if self.control is not None:
            opened = self.control.start()
            opened.addErrback(self._cannot_listen, self.control.place)
            opening.append(opened)

        def all_open(_: object) -> None:
            if not self.failure:
                self._begin()
                on_listening()

        gatherResults(opening).addCallback(all_open)

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
        if self.control is not None:
            self.control.stop()
        for run in self.smscs:
            run.stop_listening()
        self._on_disk(self._close_files)

    @property
    def is_stopped(self) -> bool:
        """Whether the end has begun."""
        return self._stopped

    def flush(self) -> None:
        """Hand all records to the operating system."""
        self._on_disk(self._flush)

    def close_cdr_period(self) -> list[Path]:
        """Close the current CDR period of every virtual SMSC and start the next; the closed files."""
        now_us = self.clock.epoch_us(time.monotonic())
        closed: list[Path] = []

        def close() -> None:
            for run in self.smscs:
                period = run.cdr.close_period(now_us)
                if period is not None:
                    closed.append(period)
                    self._say(f"CDR period closed: {period}")

        self._on_disk(close)
        return closed

    def reload(self) -> str:
        """Read the scenario's file again and go on with it; a sentence that tells what changed.

        A file that is wrong changes nothing.

        Raises:
            OperatorError: there is no file, or it is wrong, or it names other virtual SMSCs.
        """
        if self._read_again is None:
            raise OperatorError("this run has no scenario file (--config), so there is nothing to read again")
        file, scenario = self._read_again()
        told = changes(self.scenario, scenario)
        for run, (_, virtual) in zip(self.smscs, scenario.virtual(), strict=True):
            run.reload(virtual)
        self.scenario = scenario
        return f"{file} read again: {told}"

    def status(self) -> dict[str, Any]:
        """What status.json holds: counters in sum and, of several virtual SMSCs, of each."""
        own = {run.name: self._status_of(run) for run in self.smscs}
        total: Counter[str] = Counter()
        for counted in own.values():
            total.update({name: value for name, value in counted.items() if name != "port"})
        told: dict[str, Any] = dict(total) | {
            "t": self.clock.epoch_us(time.monotonic()),
            "pid": os.getpid(),
            "port": self.port,
            "seed": self.seed,
            "running": not self._stopped,
            "settled": total["unfinished"] == 0,
        }
        return told | {"smsc": own} if len(own) > 1 or "" not in own else told

    def _status_of(self, run: SmscRun) -> dict[str, int]:
        return msgspec.structs.asdict(run.smsc.counters) | {
            "port": run.port,
            "unfinished": run.smsc.unfinished(),
            "witness_rows": run.witness.rows_written,
            "cdr_rows": run.cdr.rows_written,
        }

    def _cannot_listen(self, failure: Failure, where: str) -> None:
        cause = getattr(failure.value, "socketError", None)
        reason = cause.strerror if isinstance(cause, OSError) else failure.getErrorMessage()
        self.fail(f"cannot listen on {where}: {reason}")

    def _begin(self) -> None:
        gc.collect()
        gc.freeze()
        gc.set_threshold(GC_THRESHOLD)
        self._every(FLUSH_S, self._flush)
        if self._out is not None:
            self._on_disk(self._write_status)
            self._every(STATUS_S, self._write_status)
        if self.scenario.cdr.period_s:
            self._every(self.scenario.cdr.period_s / self.clock.speed, self.close_cdr_period)
        for run in self.smscs:
            run.begin()

    def _on_disk(self, work: Callable[[], object]) -> None:
        """Do something with files. A simulator that cannot keep its records must not go on as if it did."""
        try:
            work()
        except OSError as error:
            self.fail(f"cannot write the records in {self._out}: {error.strerror}")

    def _close_files(self) -> None:
        for run in self.smscs:
            period = run.close_files()
            if period is not None:
                self._say(f"CDR period closed: {period}")
        self._write_status()

    def _flush(self) -> None:
        for run in self.smscs:
            run.flush()

    def _every(self, seconds: float, work: Callable[[], object]) -> None:
        def again() -> None:
            if not self._stopped:
                self._on_disk(work)
                self._reactor.callLater(seconds, again)

        self._reactor.callLater(seconds, again)

    def _write_status(self) -> None:
        if self._out is not None:
            write_json(self._out / "status.json", self.status())


class RunWatcher(Protocol):
    """Who watches a run from before its first stream to its end, and may end it."""

    def attach(self, reactor: Any, run: SimulatorRun) -> None:
        """The run is made and has not begun."""

    def begin(self) -> None:
        """Its ports are open."""

    def end(self) -> None:
        """It is about to stop; its binds still stand."""


def run_until_stopped(
    reactor: Any,
    scenario: Scenario,
    seed: int,
    out: Path | None,
    ready_file: Path | None,
    say: Callable[[str], None],
    read_again: ReadAgain | None = None,
    watcher: "RunWatcher | None" = None,
) -> None:
    """Run until SIGINT or SIGTERM; SIGUSR1 closes a CDR period, SIGHUP goes on with what `read_again` reads.

    `say` prints a line for a person.

    Raises:
        OperatorError: a port cannot be opened, or the records cannot be written.
    """
    run = SimulatorRun(reactor, scenario, seed, out, say, read_again)
    if watcher is not None:
        watcher.attach(reactor, run)

    def listening() -> None:
        if ready_file is not None:
            ready: dict[str, object] = {"port": run.port, "pid": os.getpid()}
            if scenario.smsc:
                ready["ports"] = run.ports
            if run.control is not None:
                ready["control_port"] = run.control.port
            try:
                write_json(ready_file, ready)
            except OSError as error:
                run.fail(f"cannot write {ready_file}: {error.strerror}")
                return
        for one in run.smscs:
            who = f"smsc-sim {one.name}".rstrip()
            say(f"{who} listens on {one.scenario.listen.host}:{one.port} (seed {seed}); Ctrl-C ends it")
        if run.control is not None:
            say(f"control and live page: {run.control.address}")
        if watcher is not None:
            watcher.begin()

    def reload() -> None:
        try:
            say(run.reload())
        except OperatorError as error:
            say(f"the scenario stays as it is: {error}")

    def end() -> None:
        if watcher is not None:
            watcher.end()
        run.stop()

    reactor.callWhenRunning(run.start, listening)
    reactor.callWhenRunning(_on_signal, reactor, "SIGUSR1", run.close_cdr_period)
    reactor.callWhenRunning(_on_signal, reactor, "SIGHUP", reload)
    # What was on its way here when the signal came is read first, such as the answer to the last receipt.
    reactor.addSystemEventTrigger("before", "shutdown", deferLater, reactor, LAST_READ_S, end)
    reactor.run()
    if run.failure:
        raise OperatorError(run.failure)


def _on_signal(reactor: Any, name: str, work: Callable[[], object]) -> None:
    number = getattr(signal, name, None)
    if number is None:  # Windows has neither SIGUSR1 nor SIGHUP.
        return
    loop = getattr(reactor, "_asyncioEventloop", None)
    if loop is not None:
        loop.add_signal_handler(number, work)
    else:
        signal.signal(number, lambda *_: reactor.callFromThread(work))


def _has_records(folder: Path) -> bool:
    """Whether a witness with rows is there: whoever counts its lines would count two runs."""
    witness = folder / WITNESS_FILE
    try:
        return witness.stat().st_size > 0
    except OSError:
        return False


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(f"cannot make the folder {folder}: {error.strerror}", key="--out") from error
