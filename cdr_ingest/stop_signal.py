"""Stop signal: Ctrl-C and SIGTERM, remembered, so that a round ends before the program does."""

import signal
import time
from types import FrameType

_TICK_S = 0.2


class StopSignal:
    """From its making on; belongs to the main thread."""

    def __init__(self) -> None:
        self._told = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._tell)

    def waited(self, seconds: float) -> bool:
        """Wait so long; True as soon as a signal came."""
        until = time.monotonic() + seconds
        while not self._told and time.monotonic() < until:
            time.sleep(min(_TICK_S, seconds))
        return self._told

    def _tell(self, _number: int, _frame: FrameType | None) -> None:
        self._told = True
