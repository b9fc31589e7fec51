"""The committer: one transaction at a time for everything that arrived while the last one ran.

Law 1: nothing is acknowledged before the disk. Whoever stages changes registers what is to happen after
their commit; those promises run in order, and each touched bind is then flushed with one write. There is no
timer: an idle system commits in the loop's next turn, when every socket that had something was read, and a
busy one groups by itself.
"""

import logging
from collections.abc import Callable
from typing import Protocol

from operator_push.kernel.errors import ResourceError
from operator_push.services.changes import Changes

log = logging.getLogger(__name__)

RETRY_S = 0.5  # Ours: how soon a commit is tried again when the store was locked or away.


class Flushable(Protocol):
    """A bind with output waiting."""

    def flush(self) -> None: ...


class ChangeWriter(Protocol):
    """Writes changes in one transaction off the loop and reports back on the loop."""

    def write(self, changes: Changes, done: Callable[[BaseException | None], None]) -> None: ...


class Committer:
    """Groups changes into commits. All methods belong to the loop's thread."""

    def __init__(
        self,
        writer: ChangeWriter,
        call_later: Callable[[float, Callable[[], None]], object],
        fail: Callable[[BaseException], None],
        call_soon: Callable[[Callable[[], None]], object] = lambda call: call(),
    ) -> None:
        """`call_soon` calls something when what the sockets hold by now has been read, at the earliest."""
        self._call_soon = call_soon
        self._writer = writer
        self._call_later = call_later
        self._fail = fail
        self._promises: list[Callable[[], None]] = []
        self._touched: dict[int, Flushable] = {}
        self._busy = False  # from the moment at which a commit is bound to begin, until its promises have run
        self.changes = Changes()
        self.before_commit: list[Callable[[], None]] = []
        self.commits = 0
        self.stalled = False

    def promise(self, callback: Callable[[], None]) -> None:
        """Run `callback` once everything staged up to now is on disk."""
        self._promises.append(callback)

    def touch(self, bind: Flushable) -> None:
        """Flush this bind after the promises of the current commit have run."""
        self._touched[id(bind)] = bind

    @property
    def idle(self) -> bool:
        """True where nothing is being written and nothing waits."""
        return not self._busy and not self._promises and self.changes.is_empty()

    def kick(self) -> None:
        """Start a commit if none runs, once what has come by now is staged; what comes later goes into the
        next one."""
        if not self._busy:
            self._busy = True
            self._call_soon(self._begin)

    def _begin(self) -> None:
        self._busy = False
        try:
            for stage_more in self.before_commit:
                stage_more()
        except Exception as error:
            self._fail(error)
            return
        if self.changes.is_empty() and not self._promises:
            return
        changes, self.changes = self.changes, Changes()
        promises, self._promises = self._promises, []
        self._busy = True
        self._write(changes, promises)

    def _write(self, changes: Changes, promises: list[Callable[[], None]]) -> None:
        if changes.is_empty():
            self._committed(promises)
            return

        def done(error: BaseException | None) -> None:
            if error is None:
                if self.stalled:
                    log.warning("the store answers again; what waited is committed")
                self.stalled = False
                self.commits += 1
                self._committed(promises)
            elif isinstance(error, ResourceError):
                if not self.stalled:
                    log.error(
                        "the store does not take a commit, nothing is acknowledged until it does: %s", error
                    )
                self.stalled = True
                self._call_later(RETRY_S, lambda: self._write(changes, promises))
            else:
                self._fail(error)

        self._writer.write(changes, done)

    def _committed(self, promises: list[Callable[[], None]]) -> None:
        try:
            for promise in promises:
                promise()
        except Exception as error:  # A broken promise cannot be kept later: stop, and let the rows speak.
            self._fail(error)
            return
        touched, self._touched = self._touched, {}
        for bind in touched.values():
            try:
                bind.flush()
            except Exception:  # one bind's stream is that bind's trouble
                log.exception("a bind could not be written to")
        self._busy = False
        self.kick()
