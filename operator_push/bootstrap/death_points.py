"""Death points: named moments of a commit at which the product can be told to kill itself, for crash tests.

The environment variable OPERATOR_PUSH_DIE_AT is read once, when the parts are put together; where it is not
set nothing is wrapped and nothing is asked later. The end is SIGKILL to ourselves: no handler, no flush.

    OPERATOR_PUSH_DIE_AT=response-before-commit:3     at the third commit that passes the point
    OPERATOR_PUSH_DIE_AT=receipt-before-commit:armed  at the first one after a SIGUSR2

Not here: what is judged after such a death (cli.demo.crash_proof, benchmarks/soak.py).
"""

import logging
import os
import signal
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from operator_push.gateway.committer import ChangeWriter
from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes
from operator_push.store.hot_rows import HotRowsWriter
from operator_push.store.seal_rows import LedgerChain

log = logging.getLogger(__name__)

VARIABLE = "OPERATOR_PUSH_DIE_AT"
ARMED = "armed"

COMMIT_BEFORE_WRITE = "commit-before-write"
RESPONSE_BEFORE_COMMIT = "response-before-commit"
RECEIPT_BEFORE_COMMIT = "receipt-before-commit"
INSIDE_THE_COMMIT = "inside-the-commit"
# What a death there means, for the reader of a message and for the tests.
POINTS: Mapping[str, str] = {
    COMMIT_BEFORE_WRITE: "messages or attempts are on disk, no submit_sm and no submit_sm_resp has left",
    RESPONSE_BEFORE_COMMIT: "the SMSC's submit_sm_resp has come, its id is not on disk",
    RECEIPT_BEFORE_COMMIT: "the SMSC's receipt has come, nothing of it is on disk",
    INSIDE_THE_COMMIT: "the rows are in the transaction, COMMIT was not said",
}


class RunsInTransactions(Protocol):
    """What is wrapped of a WriterThread."""

    def submit(self, work: Callable[[Any], Any], done: Callable[[Any], None]) -> None: ...


class DeathPoint:
    """One point and its trigger. `die` is SIGKILL, or what a test puts in its place."""

    def __init__(self, point: str, count: int, die: Callable[[], None]) -> None:
        """`count` 0: not before `arm`."""
        self.point = point
        self._left = count
        self._armed = count > 0
        self._die = die

    def arm(self) -> None:
        """From now on the first commit at the point is the last."""
        self._armed, self._left = True, 1

    def passed(self, point: str) -> None:
        """A commit is at `point`."""
        if not self._armed or point != self.point:
            return
        self._left -= 1
        if self._left <= 0:
            self._die()


class DyingThread:
    """The writer thread's door, with a death between the rows and their COMMIT."""

    def __init__(self, thread: RunsInTransactions, death: DeathPoint) -> None:
        self._thread = thread
        self._death = death

    def submit(self, work: Callable[[Any], Any], done: Callable[[Any], None]) -> None:
        """As WriterThread.submit."""

        def work_and_die(connection: Any) -> Any:
            result = work(connection)
            self._death.passed(INSIDE_THE_COMMIT)
            return result

        self._thread.submit(work_and_die, done)


class DyingWriter:
    """The committer's writer, with deaths before a commit and after it."""

    def __init__(self, writer: ChangeWriter, death: DeathPoint) -> None:
        self._writer = writer
        self._death = death

    def write(self, changes: Changes, done: Callable[[BaseException | None], None]) -> None:
        """As ChangeWriter.write."""
        if changes.submit_result:
            self._death.passed(RESPONSE_BEFORE_COMMIT)
        if changes.message_final or changes.segment_outcome or changes.receipt_aside:
            self._death.passed(RECEIPT_BEFORE_COMMIT)
        promises_octets = bool(changes.attempt or changes.message)

        def committed(error: BaseException | None) -> None:
            if error is None and promises_octets:
                self._death.passed(COMMIT_BEFORE_WRITE)
            done(error)

        self._writer.write(changes, committed)


def change_writer(
    thread: RunsInTransactions,
    shard: int,
    environment: Mapping[str, str] = os.environ,
    chain: LedgerChain | None = None,
) -> ChangeWriter:
    """The committer's writer, mortal only where the environment asks for it.

    Raises:
        OperatorError: as for `death_point`.
    """
    death = death_point(environment)
    if death is None:
        return HotRowsWriter(thread, shard, chain)
    return DyingWriter(HotRowsWriter(DyingThread(thread, death), shard, chain), death)


def death_point(environment: Mapping[str, str], die: Callable[[], None] | None = None) -> DeathPoint | None:
    """The point that the environment asks for; None where it asks for none, as in any real installation.

    Raises:
        OperatorError: the variable names no point or no trigger.
    """
    asked = environment.get(VARIABLE, "")
    if not asked:
        return None
    point, _, trigger = asked.partition(":")
    count = 0 if trigger == ARMED else int(trigger) if trigger.isdecimal() else -1
    if point not in POINTS or count < 0 or trigger == "0":
        raise OperatorError(
            f"{asked!r} is no point of death; write POINT:COUNT or POINT:{ARMED} with POINT one of "
            f"{', '.join(POINTS)}, or unset the variable",
            key=VARIABLE,
        )
    death = DeathPoint(point, count, die or _kill_ourselves)
    log.warning("%s=%s: this product will kill itself; for tests only", VARIABLE, asked)
    if trigger == ARMED:
        signal.signal(signal.SIGUSR2, lambda *_: death.arm())
    return death


def _kill_ourselves() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
