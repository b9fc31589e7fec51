"""Packed input: the file as it lies on the disk, read in small pieces, with the octet that is reached."""

from typing import BinaryIO

PIECE_OCTETS = 64 * 1024


class PackedInput:
    """Octets of a file in order; what was read too much can be put back."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._ahead = b""
        self._read = 0

    @property
    def position(self) -> int:
        """How many octets were taken."""
        return self._read - len(self._ahead)

    def piece(self, octets_max: int = PIECE_OCTETS) -> bytes:
        """Some octets, b"" at the end."""
        if self._ahead:
            piece, self._ahead = self._ahead[:octets_max], self._ahead[octets_max:]
            return piece
        piece = self._file.read(octets_max)
        self._read += len(piece)
        return piece

    def exactly(self, octets: int) -> bytes:
        """So many octets, fewer at the end of the file."""
        out = b""
        while len(out) < octets and (piece := self.piece(octets - len(out))):
            out += piece
        return out

    def put_back(self, octets: bytes) -> None:
        """These come next."""
        self._ahead = octets + self._ahead

    def peek(self, octets: int) -> bytes:
        """What comes next, without taking it."""
        ahead = self.exactly(octets)
        self.put_back(ahead)
        return ahead
