"""The watched folder: files that lie on this machine, or on a disk that it mounts.

A file is complete, by `complete`: "renamed" when it has its final name (names that begin with a dot or end in
.tmp, .part or .filepart are still being written), "stable" when moreover nothing was written for `stable_s`
seconds, "marker" when a file of its name and `marker` lies beside it.
"""

import fnmatch
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Literal

import msgspec

from cdr_ingest.collection.port import Arrival, read_options
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.instants import MICROS_PER_SECOND

_UNFINISHED = (".tmp", ".part", ".filepart")


class FolderOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The options of a folder; `pattern` is of file names."""

    path: str
    pattern: str = "*"
    complete: Literal["renamed", "stable", "marker"] = "stable"
    stable_s: float = 10.0
    marker: str = ".done"


class WatchedFolder:
    """A Source over one folder; the files stay where they are."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Check the options.

        Raises:
            OperatorError: one cannot be, or there is no such folder.
        """
        self._options = read_options(options, FolderOptions)
        self._folder = Path(self._options.path)
        if not self._folder.is_dir():
            raise OperatorError(f"there is no folder {self._folder}", key="source.options.path")

    def arrivals(self, _cursor: str, now_us: int) -> Iterable[Arrival]:
        """As Source.arrivals."""
        found = []
        try:
            for path in self._folder.iterdir():
                if self._is_wanted(path):
                    stat = path.stat()
                    if self._is_complete(path, stat.st_mtime_ns // 1_000, now_us):
                        found.append((stat.st_mtime_ns, path.name, stat.st_size))
        except OSError as error:
            raise ResourceError(f"{self._folder}: {error.strerror}") from None
        return [Arrival(name, f"{size}-{changed_ns}") for changed_ns, name, size in sorted(found)]

    def fetch(self, arrival: Arrival, target: BinaryIO) -> None:
        """As Source.fetch."""
        try:
            with (self._folder / arrival.name).open("rb") as file:
                shutil.copyfileobj(file, target, 1024 * 1024)
        except OSError as error:
            raise ResourceError(f"{self._folder / arrival.name}: {error.strerror}") from None

    def close(self) -> None:
        """Nothing is held."""

    def _is_wanted(self, path: Path) -> bool:
        name = path.name
        if name.startswith(".") or name.endswith(_UNFINISHED) or not path.is_file():
            return False
        if self._options.complete == "marker" and name.endswith(self._options.marker):
            return False
        return fnmatch.fnmatchcase(name, self._options.pattern)

    def _is_complete(self, path: Path, changed_us: int, now_us: int) -> bool:
        match self._options.complete:
            case "stable":
                return now_us - changed_us >= self._options.stable_s * MICROS_PER_SECOND
            case "marker":
                return path.with_name(path.name + self._options.marker).exists()
            case "renamed":
                return True
