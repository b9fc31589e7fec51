"""Number portability by a CSV file: msisdn, network and, where wanted, valid_from.

The file is read at the start, and again where it has changed: every `reload_s` seconds (option; 60, and 0 for
never) its time and size are looked at. It is read on a thread; until the new list is whole the old one
counts, and it goes on counting where the new one is wrong.
"""

from pathlib import Path
from typing import Any

from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure

from operator_push.domain.rating.portability import PortedNumbers, read_ported
from operator_push.kernel.errors import OperatorError
from operator_push.services.ports import NumberPortabilitySettings

RELOAD_S = 60.0
OPTIONS = ("reload_s",)

log = Logger()


class PortedFile:
    """A domain.rating.portability.NumberPortability over one file; `reactor` may be None: read once."""

    def __init__(self, settings: NumberPortabilitySettings, reactor: Any) -> None:
        """Read the file.

        Raises:
            OperatorError: no file is named, it cannot be read, a line is wrong, or an option is unknown.
        """
        if settings.numbers_file is None:
            raise OperatorError("is required by the kind csv", key="number_portability.numbers_file")
        unknown = sorted(set(settings.options) - set(OPTIONS))
        if unknown:
            raise OperatorError(
                f"{', '.join(unknown)}: no option of the kind csv, which are {', '.join(OPTIONS)}",
                key="number_portability.options",
            )
        self._file = settings.numbers_file
        self._reload_s = float(settings.options.get("reload_s", RELOAD_S))
        self._reactor = reactor
        self._numbers, self._seen = _read(self._file)
        self._wait()

    def network_of(self, msisdn: str, at_us: int) -> str | None:
        """The network to which the number was ported last by then, None where it was not."""
        return self._numbers.network_of(msisdn, at_us)

    def look(self) -> Any:
        """Read the file again where it has changed."""
        if _stamp(self._file) == self._seen:
            self._wait()
            return None
        reading = deferToThreadPool(self._reactor, self._reactor.getThreadPool(), _read, self._file)
        reading.addCallbacks(self._put, self._keep)
        return reading

    def _put(self, read: tuple[PortedNumbers, tuple[int, int] | None]) -> None:
        self._numbers, self._seen = read
        log.info("{count} ported numbers are read again", count=len(self._numbers))
        self._wait()

    def _keep(self, failure: Failure) -> None:
        self._seen = _stamp(self._file)
        log.error("the ported numbers stay as they were: {error}", error=failure.getErrorMessage())
        self._wait()

    def _wait(self) -> None:
        if self._reload_s > 0 and self._reactor is not None:
            self._reactor.callLater(self._reload_s, self.look)


def _read(file: Path) -> tuple[PortedNumbers, tuple[int, int] | None]:
    seen = _stamp(file)  # before reading: what is written meanwhile is read again
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return read_ported(lines, str(file)), seen
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"cannot be read: {error}", file=str(file)) from error


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
