"""Text blocks: a file read in bounded pieces of whole lines, each line with its number.

Lines end at a newline (a carriage return before it is dropped); a quoted field may hold a comma but no
newline. Empty lines are not rows. What the columns mean is not known here.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from cdr_ingest.formats.reject_reasons import RejectReason

BLOCK_OCTETS = (
    16 * 1024 * 1024
)  # Ours: about 170,000 rows, large enough for columns, small enough for memory.
LINE_OCTETS_MAX = 64 * 1024  # Ours: no row of these files is longer; bounds what a missing newline costs.
_SHOWN_OCTETS = 200


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line that cannot be split into columns."""

    line_no: int
    reason: RejectReason
    text: str


@dataclass(slots=True)
class TextBlock:
    """Rows of a file in order: either all in `plain`, or those that could be split in `rows`.

    `plain` is UTF-8 without quotes, carriage returns, NULs and empty lines, from line `first_line_no` on;
    `rows` holds (line number, line, its fields). `octets` is how much of the file the block took.
    """

    octets: int = 0
    first_line_no: int = 1
    plain: bytes = b""
    rows: list[tuple[int, str, list[str]]] = field(default_factory=list)
    broken: list[BrokenLine] = field(default_factory=list)

    def plain_lines(self) -> list[str]:
        """The lines of `plain`, the one of first_line_no first."""
        return self.plain.decode().removesuffix("\n").split("\n") if self.plain else []

    def header(self) -> list[str] | None:
        """The fields of line 1, None where this block has no readable line 1."""
        if self.plain and self.first_line_no == 1:
            return self.plain.partition(b"\n")[0].decode().split(",")
        return self.rows[0][2] if self.rows and self.rows[0][0] == 1 else None

    def drop_header(self) -> None:
        """Line 1 leaves the block: it is a header, not a row."""
        if self.plain:
            self.plain = self.plain.partition(b"\n")[2]
            self.first_line_no = 2
        else:
            self.rows.pop(0)


def read_blocks(path: Path, block_octets: int = BLOCK_OCTETS) -> Iterator[TextBlock]:
    """The lines of a file, line 1 first; the header, too, is a line of the first block.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        if file.read(3) != b"\xef\xbb\xbf":  # a byte order mark is no part of the first column's name
            file.seek(0)
        line_no = 1
        for octets, ends in _whole_lines(file, block_octets):
            block = TextBlock(octets=len(octets), first_line_no=line_no)
            line_no += _fill(block, octets, ends)
            yield block


def _whole_lines(file: BinaryIO, block_octets: int) -> Iterator[tuple[bytes, bool]]:
    """Pieces that end with a newline (True), or without one: the file's end or an overlong line's part."""
    rest = b""
    while piece := file.read(block_octets):
        cut = piece.rfind(b"\n")
        if cut < 0:
            rest += piece
            if len(rest) > LINE_OCTETS_MAX:
                # A line without an end: keep its beginning as evidence and pass over the rest of it.
                found = _skip_line(file, block_octets)
                yield rest[: LINE_OCTETS_MAX + 1] + (b"\n" if found else b""), found
                rest = b""
            continue
        yield rest + piece[: cut + 1], True
        rest = piece[cut + 1 :]
    if rest:
        yield rest, False


def _skip_line(file: BinaryIO, block_octets: int) -> bool:
    while piece := file.read(block_octets):
        end = piece.find(b"\n")
        if end >= 0:
            file.seek(end + 1 - len(piece), 1)
            return True
    return False


def _fill(block: TextBlock, octets: bytes, ends: bool) -> int:
    """Put the lines of `octets` into `block`; how many there are."""
    line_count = octets.count(b"\n") + (not ends)
    if _is_plain(octets):
        block.plain = octets
    else:
        for number, raw in enumerate(
            octets.removesuffix(b"\n" if ends else b"").split(b"\n"), block.first_line_no
        ):
            _sort_line(block, number, raw.removesuffix(b"\r"))
    return line_count


def _is_plain(octets: bytes) -> bool:
    """True where every line can be split at its commas as it is: the usual block, checked in a few passes."""
    if b'"' in octets or b"\r" in octets or b"\0" in octets or b"\n\n" in octets or octets[:1] == b"\n":
        return False
    if max(map(len, octets.split(b"\n"))) > LINE_OCTETS_MAX:
        return False
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True


def _sort_line(block: TextBlock, line_no: int, raw: bytes) -> None:
    if not raw:
        return
    if len(raw) > LINE_OCTETS_MAX:
        shown = raw[:_SHOWN_OCTETS].decode(errors="backslashreplace")
        block.broken.append(BrokenLine(line_no, RejectReason.LINE_TOO_LONG, shown))
        return
    try:
        line = raw.decode()
    except UnicodeDecodeError:
        shown = raw.decode(errors="backslashreplace")
        block.broken.append(BrokenLine(line_no, RejectReason.BAD_ENCODING, shown))
        return
    if "\0" in line:
        block.broken.append(BrokenLine(line_no, RejectReason.BAD_ENCODING, line.replace("\0", "\\0")))
        return
    try:
        block.rows.append((line_no, line, next(csv.reader([line], strict=True))))
    except csv.Error:
        block.broken.append(BrokenLine(line_no, RejectReason.BAD_QUOTING, line))
