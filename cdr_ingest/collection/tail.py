"""The tailed folder: files that grow, each range of whole lines as one arrival as soon as it is written.

For programs that write records line by line as they happen. The position in every file is the cursor, by the
file's own number on its disk, so that a rotated file is read to its end under its new name and the one that
takes its place from its begin. Lines that do not end yet wait. The first line of a file can be the header of
all its ranges.
"""

import fnmatch
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from cdr_ingest.collection.port import Arrival, read_options
from operator_push.kernel.errors import OperatorError, ResourceError

LINE_OCTETS_MAX = 64 * 1024  # as of cdr_ingest.formats.text_blocks; a longer line passes as what it is
PIECE_OCTETS_MAX = 4 * 1024 * 1024  # Ours: bounds memory where much was written meanwhile


class TailOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The options of a tailed folder; `pattern` is of file names, a rotated one among them or not.

    `header`: the first line names the columns and is given before every range.
    """

    path: str
    pattern: str = "*"
    header: bool = True


class _Place(msgspec.Struct, array_like=True):
    """How far a file is read: its name when it was read last, the octets, those of its header."""

    name: str
    offset: int
    header: int = 0


class TailedFolder:
    """A Source over the growing files of one folder; they stay where they are."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Check the options.

        Raises:
            OperatorError: one cannot be, or there is no such folder.
        """
        self._options = read_options(options, TailOptions)
        self._folder = Path(self._options.path)
        if not self._folder.is_dir():
            raise OperatorError(f"there is no folder {self._folder}", key="source.options.path")

    def arrivals(self, cursor: str, _now_us: int) -> Iterator[Arrival]:
        """As Source.arrivals; `cursor` is JSON, the number of a file on its disk → how far it is read."""
        places = msgspec.json.decode(cursor, type=dict[str, _Place]) if cursor else {}
        try:
            found = self._files()
            here = {number for number, _, _, _ in found}
            places = {number: place for number, place in places.items() if number in here}
            for number, path, octets, wanted in found:
                place = places.get(number)
                if place is None:
                    if not wanted:
                        continue
                    place = _Place(path.name, 0, self._header_of(path))
                elif octets < place.offset:
                    place = _Place(path.name, 0, self._header_of(path))  # written anew, in its place
                place.name = path.name
                yield from self._ranges(number, path, octets, place, places)
        except OSError as error:
            raise ResourceError(f"{self._folder}: {error.strerror}") from None

    def fetch(self, arrival: Arrival, target: BinaryIO) -> None:
        """As Source.fetch."""
        number, first, end = arrival.version.split("-")
        places = msgspec.json.decode(arrival.cursor, type=dict[str, _Place])
        place = places[number]
        try:
            with (self._folder / place.name).open("rb") as file:
                if f"{os.fstat(file.fileno()).st_ino}" != number:
                    raise ResourceError(f"{self._folder / place.name}: it was renamed just now")
                if int(first) and place.header:
                    target.write(file.read(place.header))
                file.seek(int(first))
                target.write(file.read(int(end) - int(first)))
        except OSError as error:
            raise ResourceError(f"{self._folder / place.name}: {error.strerror}") from None

    def close(self) -> None:
        """Nothing is held."""

    def _files(self) -> list[tuple[str, Path, int, bool]]:
        """(number on the disk, path, octets, whether its name is wanted), oldest change first."""
        found = []
        for path in self._folder.iterdir():
            if path.name.startswith(".") or not path.is_file():
                continue
            stat = path.stat()
            wanted = fnmatch.fnmatchcase(path.name, self._options.pattern)
            found.append((stat.st_mtime_ns, f"{stat.st_ino}", path, stat.st_size, wanted))
        return [row[1:] for row in sorted(found)]

    def _header_of(self, path: Path) -> int:
        """How many octets the first line of a file has, 0 where it is no header or does not end yet."""
        if not self._options.header:
            return 0
        with path.open("rb") as file:
            return file.read(LINE_OCTETS_MAX).find(b"\n") + 1

    def _ranges(
        self, number: str, path: Path, octets: int, place: _Place, places: dict[str, _Place]
    ) -> Iterator[Arrival]:
        while octets > place.offset:
            first = place.offset
            with path.open("rb") as file:
                file.seek(first)
                read = file.read(min(PIECE_OCTETS_MAX, octets - first))
            whole = read.rfind(b"\n") + 1
            if not whole and len(read) > LINE_OCTETS_MAX:
                whole = len(read)
            if not whole:
                return
            if self._options.header and not place.header:
                place.header = read.find(b"\n") + 1
            place.offset = first + whole
            places[number] = place
            if first == 0 and whole == place.header:
                continue  # nothing but its header
            stem, dot, ending = path.name.partition(".")
            name = f"{stem}-{first:012}{dot}{ending}"
            yield Arrival(name, f"{number}-{first}-{place.offset}", _cursor(places))


def _cursor(places: Mapping[str, _Place]) -> str:
    return msgspec.json.encode(places).decode()
