"""The program: one load run on an event loop of its own, with signals, progress and the date."""

import asyncio
import signal
from collections.abc import Callable
from datetime import UTC, datetime

from operator_push.smpp_twisted.reactor_choice import new_event_loop
from smsc_sim.load.plan import LoadPlan
from smsc_sim.load.progress import Progress
from smsc_sim.load.report import Report, make_report
from smsc_sim.load.run import LoadRun


def run_plan(plan: LoadPlan, host: str, write: Callable[[str], None] | None, is_terminal: bool) -> Report:
    """Do what a plan says and report. `write` gets the progress; None is silence.

    SIGINT and SIGTERM end the run early, in order.

    Raises:
        OperatorError: the file of destinations cannot be used.
    """
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    loop = new_event_loop()
    try:
        run = LoadRun(loop, plan, host, loop.stop)
        progress = None if write is None else Progress(run, write, is_terminal)
        _on_signals(loop, run)
        _fail_on_faults(loop, run)
        loop.call_soon(run.start)
        if progress is not None:
            _show_again(loop, progress)
        loop.run_forever()
        if progress is not None:
            progress.done()
    finally:
        loop.close()
    return make_report(run, started_at)


def _show_again(loop: asyncio.AbstractEventLoop, progress: Progress) -> None:
    def again() -> None:
        progress.show()
        loop.call_later(progress.every_s, again)

    loop.call_later(progress.every_s, again)


def _on_signals(loop: asyncio.AbstractEventLoop, run: LoadRun) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, run.interrupt)
        except NotImplementedError:  # Windows: Ctrl-C raises KeyboardInterrupt instead.
            return


def _fail_on_faults(loop: asyncio.AbstractEventLoop, run: LoadRun) -> None:
    """A fault of ours in a callback must end the run, not leave it waiting with wrong figures."""

    def fault(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        run.fault(context.get("exception") or context.get("message"))

    loop.set_exception_handler(fault)
