"""Trigger events: what `cdr-ingest triggers` has told, read as it grows.

A file a day, lines in the order of their sequence numbers. A reader that comes back begins behind the last
event that it has seen; what was removed meanwhile by its retention is gone, and would be too late anyway.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from operator_push.kernel.contracts import TRIGGER_EVENTS_GLOB, TRIGGER_EVENTS_VERSION, TriggerEvent
from operator_push.kernel.errors import OperatorError

READ_OCTETS_MAX = 1024 * 1024  # Ours: of one read, some 5,000 events; bounds what waits in memory
_DECODER = msgspec.json.Decoder(TriggerEvent)


class TriggerEvents:
    """The events of a folder; of one thread."""

    def __init__(self, folder: Path, after: int = 0) -> None:
        """`after`: the sequence of the last event that was seen."""
        self._folder = folder
        self._after = after
        self._name = ""
        self._offset = 0

    @property
    def after(self) -> int:
        """The sequence of the last event that was seen."""
        return self._after

    def read(self) -> list[TriggerEvent]:
        """The next events, in order; none where nothing has happened since.

        Raises:
            OperatorError: a line is no event of this version.
        """
        while True:
            octets = self._octets()
            if octets:
                found = [event for event in self._events(octets) if event.sequence > self._after]
                if found:
                    self._after = found[-1].sequence
                    return found
                continue
            following = self._following()
            if following is None:
                return []
            self._name, self._offset = following, 0

    def _octets(self) -> bytes:
        """Whole lines from where we stand; empty where there are none."""
        if not self._name:
            return b""
        try:
            with (self._folder / self._name).open("rb") as file:
                file.seek(self._offset)
                octets = file.read(READ_OCTETS_MAX)
        except FileNotFoundError:
            return b""
        octets = octets[: octets.rfind(b"\n") + 1]
        self._offset += len(octets)
        return octets

    def _events(self, octets: bytes) -> Iterator[TriggerEvent]:
        for line in octets.splitlines():
            try:
                event = _DECODER.decode(line)
            except msgspec.MsgspecError as error:
                raise OperatorError(
                    f"holds a line that is no trigger event ({error})", file=str(self._folder / self._name)
                ) from None
            if event.version != TRIGGER_EVENTS_VERSION:
                raise OperatorError(
                    f"events of version {event.version}, version {TRIGGER_EVENTS_VERSION} is expected",
                    file=str(self._folder / self._name),
                )
            yield event

    def _following(self) -> str | None:
        """The name of the next file; a file is whole once there is a later one."""
        names = sorted(path.name for path in self._folder.glob(TRIGGER_EVENTS_GLOB))
        return next((name for name in names if name > self._name), None)
