"""The writer thread: a thread that owns a Database, so that a slow commit stops no bind.

Laws: work runs in the order in which it was submitted, each piece in a transaction of its own; its outcome
goes back through `call_in_loop` (Twisted's callFromThread, asyncio's call_soon_threadsafe); every submitted
piece is answered, also when it fails. Grouping many changes into one commit is the committer's work.
A second one that only reads (`reads_only`) spares the commits what may be slow: archived days, long answers.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection

from operator_push.store.database import Database

T = TypeVar("T")

_Job = tuple[Callable[[Connection], Any], Callable[[Any], None]]


class WriterThread:
    """Runs work against the store away from the loop.

    The database is open when the constructor returns, which raises what `Database.open` raises.
    """

    def __init__(
        self,
        database_url: str,
        call_in_loop: Callable[[Callable[[], None]], object],
        *,
        reads_only: bool = False,
    ) -> None:
        self._call_in_loop = call_in_loop
        self._reads_only = reads_only
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._stopping = False
        self._opened = threading.Event()
        self._open_error: BaseException | None = None
        self._thread = threading.Thread(
            target=self._serve,
            args=(database_url,),
            name="store-reader" if reads_only else "store-writer",
            daemon=True,
        )
        self._thread.start()
        self._opened.wait()
        if self._open_error is not None:
            raise self._open_error

    def submit(self, work: Callable[[Connection], T], done: Callable[[T | BaseException], None]) -> None:
        """Run `work` in one transaction and call `done` in the loop with its result or its exception.

        Where `done` is told a result, it is on disk. Called from the loop's thread only.

        Raises:
            RuntimeError: the thread was stopped.
        """
        if self._stopping:
            raise RuntimeError("the store's writer thread is stopped")
        self._jobs.put((work, done))

    def stop(self) -> None:
        """Finish what was submitted, close the database, end the thread; a second call does nothing.

        The last `done` calls are handed to the loop before this returns, and run when the loop goes on.
        """
        if not self._stopping:
            self._stopping = True
            self._jobs.put(None)
        self._thread.join()

    def _serve(self, database_url: str) -> None:
        try:
            database = Database.open(database_url)
        except BaseException as error:
            self._open_error = error
            return
        finally:
            self._opened.set()
        try:
            while (job := self._jobs.get()) is not None:
                self._run_job(database, *job)
        finally:
            database.close()

    def _run_job(
        self, database: Database, work: Callable[[Connection], Any], done: Callable[[Any], None]
    ) -> None:
        outcome: Any
        try:
            outcome = database.read(work) if self._reads_only else database.run(work)
        except BaseException as error:  # told to the caller, who must never wait for ever
            outcome = error
        self._call_in_loop(lambda: done(outcome))
