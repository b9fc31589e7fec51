"""Members: the streams in a file, told by its first octets, not by its name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from cdr_ingest.archives.packed_input import PackedInput
from cdr_ingest.archives.stream_fault import StreamFaultError, StreamFaultKind
from cdr_ingest.archives.unpacking import GZIP_MAGIC, ZSTD_MAGIC, gunzip, unzstd
from cdr_ingest.archives.zip_members import LOCAL_HEADER, zip_members

# A file may become this many times its size, and this much more: text of mediation packs 5 to 60 times.
UNPACKED_RATIO_MAX = 250
UNPACKED_OCTETS_FREE = 1024**3
_MAGIC_OCTETS = 4
_EMPTY_ZIP = b"PK\x05\x06"
# What packers of other systems put beside the files.
_NOT_DATA = ("__MACOSX/", ".DS_Store")


class Octets(Protocol):
    """What a format reads from."""

    def read(self, octets: int) -> bytes:
        """Exactly so many octets, fewer only at the end, then b""; StreamFaultError where it ends early."""
        ...


class Member:
    """One stream of a file. `name` is that within the archive, "" for the file itself."""

    def __init__(self, name: str, pieces: Iterator[bytes], packed: PackedInput, octets_max: int) -> None:
        self.name = name
        self._pieces = pieces
        self._packed = packed
        self._octets_max = octets_max
        self._waiting = b""
        self._fault: StreamFaultError | None = None
        self.unpacked = 0

    @property
    def position(self) -> int:
        """How many octets of the file on the disk were taken."""
        return self._packed.position

    def read(self, octets: int) -> bytes:
        """As Octets.read."""
        parts, have = [self._waiting], len(self._waiting)
        while have < octets and self._fault is None:
            try:
                piece = next(self._pieces, b"")
            except StreamFaultError as fault:
                self._fault = fault
                break
            if not piece:
                break
            parts.append(piece)
            have += len(piece)
            self.unpacked += len(piece)
            if self.unpacked > self._octets_max:
                self._fault = StreamFaultError(
                    StreamFaultKind.TOO_LARGE,
                    f"it unpacks to more than {self._octets_max} octets, its limit",
                    self._packed.position,
                )
        joined = b"".join(parts)
        self._waiting = joined[octets:]
        if not joined and self._fault is not None:
            raise self._fault
        return joined[:octets]

    def peek(self, octets: int) -> bytes:
        """What comes next, without taking it; fewer octets at the end."""
        try:
            ahead = self.read(octets)
        except StreamFaultError:
            return b""
        self._waiting = ahead + self._waiting
        return ahead


@contextmanager
def opened(path: Path) -> Iterator[Iterator[Member]]:
    """The members of a file, to be read one after the other.

    The iterator raises StreamFaultError where an archive cannot be read on.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        yield members_of(file, path.stat().st_size)


def members_of(file: BinaryIO, octets: int) -> Iterator[Member]:
    """As `opened`, of an open file of so many octets."""
    packed = PackedInput(file)
    octets_max = UNPACKED_OCTETS_FREE + UNPACKED_RATIO_MAX * octets
    magic = packed.peek(_MAGIC_OCTETS)
    if magic in (LOCAL_HEADER, _EMPTY_ZIP):
        left = octets_max
        for name, pieces in zip_members(packed):
            if name.startswith(_NOT_DATA) or name.endswith(_NOT_DATA):
                continue
            member = Member(name, _plain(pieces), packed, left)
            yield member
            left -= member.unpacked
    else:
        yield Member("", _plain_or_unpacked(packed, magic), packed, octets_max)


def _plain_or_unpacked(packed: PackedInput, magic: bytes) -> Iterator[bytes]:
    if magic.startswith(GZIP_MAGIC):
        return gunzip(packed)
    if magic == ZSTD_MAGIC:
        return unzstd(packed)
    return iter(packed.piece, b"")


def _plain(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """A member of a zip file that is itself packed by gzip or zstd is unpacked, once."""
    inner = PackedInput(cast(BinaryIO, _PieceFile(pieces)))
    return _plain_or_unpacked(inner, inner.peek(_MAGIC_OCTETS))


class _PieceFile:
    """Pieces as something that can be read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._waiting = b""

    def read(self, octets: int) -> bytes:
        if not self._waiting:
            self._waiting = next(self._pieces, b"")
        out, self._waiting = self._waiting[:octets], self._waiting[octets:]
        return out
