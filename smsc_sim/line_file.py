"""Line files: text lines appended to a file, kept in memory until they are flushed.

Writers append to `lines` directly, because there are five lines per message. The engine's owner calls
`flush_when_long` after every chunk and tick, and `flush` at least every 100 ms and at the end. What was
flushed has been handed to the operating system and survives a kill of the process.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import IO, Protocol

LINES_MAX = 2_000  # Ours: about half a megabyte of witness rows.


class LineTail(Protocol):
    """Who is handed the lines that were flushed; a deque is one."""

    def extend(self, lines: Iterable[str], /) -> None: ...


class LineFile:
    """An append-only text file, UTF-8; a line brings its own newline. Without a path lines go nowhere.

    `is_read` False: nobody looks at `lines` themselves, so that where there is neither a path nor a tail a
    writer need not make them (`goes_nowhere`).
    """

    __slots__ = ("_file", "_is_read", "lines", "path", "tail")

    def __init__(self, path: Path | None, *, is_read: bool = True) -> None:
        self.path = path
        self._is_read = is_read
        self.lines: list[str] = []  # The same list for the whole life: writers may keep its `append`.
        self.tail: LineTail | None = None  # Where lines go too, once they are flushed.
        self._file: IO[bytes] | None = None if path is None else path.open("ab", buffering=0)

    @property
    def goes_nowhere(self) -> bool:
        """True while a line that is appended would be lost; a tail may be there later."""
        return self.path is None and self.tail is None and not self._is_read

    def flush_when_long(self) -> None:
        """Flush where many lines wait, so that memory stays bounded under load."""
        if len(self.lines) >= LINES_MAX:
            self.flush()

    def flush(self) -> None:
        """Hand every line to the operating system."""
        if self.lines:
            if self._file is not None:
                rest = memoryview("".join(self.lines).encode())
                while rest:  # A raw write may take less than it was given.
                    rest = rest[self._file.write(rest) :]
            if self.tail is not None:
                self.tail.extend(self.lines)
            self.lines.clear()

    def close(self) -> None:
        """Flush and close; closing twice is harmless."""
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None
