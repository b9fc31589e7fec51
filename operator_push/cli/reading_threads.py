"""Reading threads: a few threads that each keep the store open, so that pages need not open it anew."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLateError
from typing import TypeVar

from sqlalchemy import Connection

from operator_push.kernel.errors import ResourceError
from operator_push.store.database import Database

T = TypeVar("T")

READERS = 2  # Ours: pages are small; a person waits for one at a time
READ_TIMEOUT_S = 20.0


class ReadingThreads:
    """Reads for callers of any thread. Close it at the end."""

    def __init__(self, url: str, readers: int = READERS) -> None:
        self._url = url
        self._kept = threading.local()
        self._threads = ThreadPoolExecutor(readers, "store-reader")

    def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` answers within one reading transaction.

        Raises:
            ResourceError: the database cannot be read now, or not in time.
        """
        running = self._threads.submit(self._read, work)
        try:
            return running.result(READ_TIMEOUT_S)
        except TooLateError:
            running.cancel()
            raise ResourceError(f"the store was not read within {READ_TIMEOUT_S:g} s") from None

    def close(self) -> None:
        """Let the threads end, with their connections."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _read(self, work: Callable[[Connection], T]) -> T:
        database: Database | None = getattr(self._kept, "database", None)
        if database is None:
            database = self._kept.database = Database.open(self._url)
        try:
            return database.read(work)
        except ResourceError:
            self._kept.database = None  # a broken connection is not kept
            database.close()
            raise
