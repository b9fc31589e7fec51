"""Snapshot keeping: a permission snapshot written anew every so often, in a thread of its own.

For `cdr-ingest triggers`, which goes by the newest one: who permits it now is heard of from then on, and what
is remembered of people who have withdrawn is forgotten. Until then the server's own permissions keep back
what it tells of them.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from operator_push.cli.audience_counting import Server
from operator_push.kernel.errors import OperatorPushError

log = logging.getLogger(__name__)


class SnapshotKeeping:
    """Writes at its begin, then every `every_s` seconds until its end; what fails is told and tried again."""

    def __init__(
        self, connect: Callable[[], AbstractContextManager[Server]], path: Path, every_s: float
    ) -> None:
        self._connect = connect
        self._path = path.absolute()
        self._every_s = every_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="permission-snapshot", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """No further one; one that is being written is the server's to end."""
        self._stopped.set()

    def _run(self) -> None:
        while True:
            try:
                with self._connect() as server:
                    server.call("permission.snapshot", out=str(self._path))
            except OperatorPushError as error:
                log.warning("the permission snapshot was not written: %s", error)
            if self._stopped.wait(self._every_s):
                return
