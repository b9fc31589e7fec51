"""Side process: what reads much of the gateway's memory and changes none of it, in a child of its own.

A fork on the loop's thread is a picture of everything that was true at that moment, for the price of its
page tables; the loop goes on while the child counts (docs/adr/0012). Laws: the child keeps no descriptor of
ours, so that no stream outlives its end in the gateway; it answers one JSON object through a pipe, and is
ended where that takes too long. Not here: what is counted.
"""

import gc
import json
import logging
import os
import select
import signal
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from operator_push.kernel.errors import OperatorPushError, ResourceError

log = logging.getLogger(__name__)

CHILDREN_MAX = 1  # Ours: counting may take a core, not the machine.
WAITING_MAX = 16  # Ours: beyond it whoever asks is told so.
TIMEOUT_S = 600.0
NICENESS = 10  # the gateway goes first
_PIPE_OCTETS = 1 << 16

Work = Callable[[], Mapping[str, Any]]
Told = Callable[[Mapping[str, Any] | OperatorPushError], None]


def fork(work: Work) -> tuple[int, int]:
    """Start `work` in a child; its process id, and the descriptor from which `collect` reads its answer."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write_end)
        return pid, read_end
    status = 1
    try:
        _become_a_child(write_end)
        answer = json.dumps(_answer_of(work)).encode()
        while answer:
            answer = answer[os.write(write_end, answer) :]
        status = 0
    finally:
        os._exit(status)  # no exit handler, no buffer and no lock of the gateway is the child's


def collect(pid: int, read_end: int, timeout_s: float = TIMEOUT_S) -> Mapping[str, Any] | OperatorPushError:
    """Wait for a child's answer; an error where it refused, failed, died, or took too long. Blocks."""
    deadline = time.monotonic() + timeout_s
    octets: list[bytes] = []
    try:
        while select.select([read_end], [], [], max(0.0, deadline - time.monotonic()))[0]:
            chunk = os.read(read_end, _PIPE_OCTETS)
            if not chunk:
                break
            octets.append(chunk)
        else:
            os.kill(pid, signal.SIGKILL)
            return ResourceError(f"this took more than {timeout_s:.0f} s and was ended; ask for less at once")
    finally:
        os.close(read_end)
        os.waitpid(pid, 0)
    try:
        told: dict[str, Any] = json.loads(b"".join(octets))
    except ValueError:
        return ResourceError("the process that was to answer ended without an answer; see the log, try again")
    if "refused" in told:
        return OperatorPushError(str(told["refused"]))
    result: dict[str, Any] = told["result"]
    return result


class SideProcess:
    """Runs one child after the other. All methods belong to the loop's thread."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._waiting: deque[tuple[Work, Told]] = deque()
        self._pids: set[int] = set()
        self._stopped = False
        reactor.addSystemEventTrigger("before", "shutdown", self._stop)

    def run(self, work: Work, told: Told) -> None:
        """Call `told` on the loop with what `work` returned in a child, or with an error that says why."""
        if len(self._waiting) >= WAITING_MAX:
            told(ResourceError(f"{WAITING_MAX} counts wait already; try again later"))
            return
        self._waiting.append((work, told))
        self._next()

    def _next(self) -> None:
        from twisted.internet.threads import deferToThreadPool

        if self._stopped or not self._waiting or len(self._pids) >= CHILDREN_MAX:
            return
        work, told = self._waiting.popleft()
        pid, read_end = fork(work)
        self._pids.add(pid)

        def ended(answer: Any) -> None:
            self._pids.discard(pid)
            try:
                told(answer)
            finally:
                self._next()

        collecting = deferToThreadPool(self._reactor, self._reactor.getThreadPool(), collect, pid, read_end)
        collecting.addErrback(lambda failure: ResourceError(failure.getErrorMessage()))
        collecting.addCallback(ended)
        collecting.addErrback(lambda failure: log.error("after a count: %s", failure.getErrorMessage()))

    def _stop(self) -> None:
        self._stopped = True
        for pid in self._pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _become_a_child(keep: int) -> None:
    gc.disable()  # a collection would touch, and so copy, every page
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    os.nice(NICENESS)
    os.closerange(3, keep)
    os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX") if os.sysconf("SC_OPEN_MAX") > 0 else 1 << 16)


def _answer_of(work: Work) -> dict[str, Any]:
    try:
        return {"result": work()}
    except OperatorPushError as error:
        return {"refused": str(error)}
    except Exception:
        with suppress(Exception):  # A log that writes to one of the closed descriptors keeps no answer back.
            log.exception("a count failed")
        return {"refused": "this failed inside the product; see its log"}
