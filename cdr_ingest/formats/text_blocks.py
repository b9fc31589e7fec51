"""Text blocks: a stream read in bounded pieces of whole lines, each line with its number.

Lines end at a newline (a carriage return before it is dropped); a quoted field may hold a delimiter but no
newline. Empty lines are not rows. What the columns mean is not known here.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field

from cdr_ingest.archives.members import Octets
from cdr_ingest.archives.stream_fault import StreamFaultError, StreamFaultKind
from cdr_ingest.formats.dialects import HOUSE, UTF_8, Dialect, as_it_came, decoder
from cdr_ingest.formats.reject_reasons import RejectReason
from cdr_ingest.formats.row_blocks import BrokenRow

BLOCK_OCTETS = (
    16 * 1024 * 1024
)  # Ours: about 170,000 rows, large enough for columns, small enough for memory.
LINE_OCTETS_MAX = 64 * 1024  # Ours: no row of these files is longer; bounds what a missing newline costs.
_SHOWN_OCTETS = 200
REASON_OF_FAULT = {
    StreamFaultKind.BROKEN: RejectReason.BROKEN_ARCHIVE,
    StreamFaultKind.TOO_LARGE: RejectReason.ARCHIVE_TOO_LARGE,
}


@dataclass(slots=True)
class TextBlock:
    """Rows of a stream in order: either all in `plain`, or those that could be split in `rows`.

    `plain` is UTF-8 without carriage returns, NULs and empty lines, from line `first_line_no` on, with quotes
    only where `has_quotes`; `rows` holds (line number, line, its fields).
    """

    dialect: Dialect = HOUSE
    first_line_no: int = 1
    plain: bytes = b""
    has_quotes: bool = False
    rows: list[tuple[int, str, list[str]]] = field(default_factory=list)
    broken: list[BrokenRow] = field(default_factory=list)
    plain_count: int = 0  # how many lines `plain` has

    def plain_lines(self) -> list[str]:
        """The lines of `plain`, the one of first_line_no first."""
        return self.plain.decode().removesuffix("\n").split("\n") if self.plain else []

    def first_row(self) -> tuple[int, list[str]] | None:
        """The number and the fields of the first readable row."""
        if self.plain:
            line = self.plain.partition(b"\n")[0].decode()
            fields = split_line(line, self.dialect)
            return None if fields is None else (self.first_line_no, fields)
        return (self.rows[0][0], self.rows[0][2]) if self.rows else None

    def drop_first_row(self) -> None:
        """The first row leaves the block: it is a header, not a row."""
        if self.plain:
            self.plain = self.plain.partition(b"\n")[2]
            self.plain_count -= 1
            self.first_line_no += 1
        else:
            self.rows.pop(0)

    def split_lines(self) -> None:
        """Move what is in `plain` to `rows`, line by line."""
        lines, self.plain, self.plain_count = self.plain, b"", 0
        for number, raw in enumerate(lines.removesuffix(b"\n").split(b"\n"), self.first_line_no):
            _sort_line(self, number, raw)


def read_blocks(
    source: Octets, dialect: Dialect = HOUSE, block_octets: int = BLOCK_OCTETS
) -> Iterator[TextBlock]:
    """The lines of a stream, line 1 first; the header, too, is a line of the first block.

    A stream that ends before its end gives a last broken row, which says where.

    Raises:
        OSError: the file cannot be read.
    """
    line_no = 1
    lines = _WholeLines(source, dialect.encoding, block_octets)
    for octets, ends in lines:
        block = TextBlock(dialect=dialect, first_line_no=line_no)
        line_no += _fill(block, octets, ends)
        yield block
    if lines.fault is not None:
        detail = f"octet {lines.fault.offset} of the file: {lines.fault.what}"
        rest = BrokenRow(line_no, REASON_OF_FAULT[lines.fault.kind], detail, lines.rest)
        yield TextBlock(dialect=dialect, first_line_no=line_no, broken=[rest])


class _WholeLines:
    """Pieces that end with a newline (True), or without one: the stream's end or an overlong line's part.

    `fault` is why the stream ended early; `rest` the piece of a line before it.
    """

    def __init__(self, source: Octets, encoding: str, block_octets: int) -> None:
        self._source = source
        self._decoder = None if encoding == UTF_8 else decoder(encoding)
        self._block_octets = block_octets
        self.fault: StreamFaultError | None = None
        self.rest = b""

    def __iter__(self) -> Iterator[tuple[bytes, bool]]:
        parts: list[bytes] = []  # of a line whose end was not seen yet
        overlong: bytes | None = None
        for piece in self._pieces():
            if overlong is not None:
                # A line without an end: its beginning is kept as evidence, the rest of it passed over.
                end = piece.find(b"\n")
                if end < 0:
                    continue
                yield overlong + b"\n", True
                overlong, piece = None, piece[end + 1 :]
            cut = piece.rfind(b"\n")
            if cut >= 0:
                yield b"".join([*parts, memoryview(piece)[: cut + 1]]), True
                parts = []
            parts.append(piece[cut + 1 :])
            if sum(map(len, parts)) > LINE_OCTETS_MAX:
                overlong = b"".join(parts)[: LINE_OCTETS_MAX + 1]
                parts = []
        self.rest = overlong or b"".join(parts)
        if self.rest and self.fault is None:
            yield self.rest, False

    def _pieces(self) -> Iterator[bytes]:
        is_first = True
        while True:
            try:
                octets = self._source.read(self._block_octets)
            except StreamFaultError as fault:
                self.fault = fault
                return
            piece = octets
            if self._decoder is not None:
                piece = self._decoder.decode(octets, final=not octets).encode()
            elif is_first and octets and len(octets) < 3:
                piece = octets = octets + self._source.read(3 - len(octets))
            if is_first and piece:
                is_first = False
                piece = piece.removeprefix(b"\xef\xbb\xbf")  # a byte order mark is no part of the first name
            if piece:
                yield piece
            if not octets:
                return


def split_line(line: str, dialect: Dialect) -> list[str] | None:
    """The fields of a line, None where a quoted one does not end."""
    if not dialect.delimiter:
        return [line]
    if not dialect.quote:
        return line.split(dialect.delimiter)
    escape = "\\" if dialect.backslash else None
    try:
        return next(_reader(line, dialect, escape, strict=True))
    except csv.Error:
        # Text behind a closing quote is taken as it is; a quote that is left open is not.
        if line.count(dialect.quote) % 2 and not dialect.backslash:
            return None
    try:
        fields = next(_reader(line, dialect, escape, strict=False))
    except csv.Error:
        return None
    return None if "\n" in fields[-1] else fields


def _reader(line: str, dialect: Dialect, escape: str | None, *, strict: bool) -> Iterator[list[str]]:
    return csv.reader(
        [line], delimiter=dialect.delimiter, quotechar=dialect.quote, escapechar=escape, strict=strict
    )


def _fill(block: TextBlock, octets: bytes, ends: bool) -> int:
    """Put the lines of `octets` into `block`; how many there are."""
    line_count = octets.count(b"\n") + (not ends)
    if b"\r" in octets and octets.count(b"\r") == octets.count(b"\r\n"):
        octets = octets.replace(b"\r\n", b"\n")
    if _is_plain(block, octets):
        block.plain, block.plain_count = octets, line_count
        quote = block.dialect.quote.encode()
        block.has_quotes = bool(block.dialect.delimiter and quote) and quote in octets
    else:
        for number, raw in enumerate(
            octets.removesuffix(b"\n" if ends else b"").split(b"\n"), block.first_line_no
        ):
            _sort_line(block, number, raw.removesuffix(b"\r"))
    return line_count


def _is_plain(block: TextBlock, octets: bytes) -> bool:
    """True where all lines are rows that Arrow can split: the usual block, checked in a few passes."""
    if b"\r" in octets or b"\0" in octets or b"\n\n" in octets or octets[:1] == b"\n":
        return False
    if block.first_line_no <= block.dialect.skip_lines:
        return False
    if any(octets.startswith(prefix) or b"\n" + prefix in octets for prefix in block.dialect.ignored):
        return False
    if _may_have_long_lines(octets) and max(map(len, octets.split(b"\n"))) > LINE_OCTETS_MAX:
        return False
    try:
        return octets.isascii() or bool(octets.decode())
    except UnicodeDecodeError:
        return False


def _may_have_long_lines(octets: bytes) -> bool:
    """False where each half of the longest line that may be has a newline: a look at a few places."""
    half = LINE_OCTETS_MAX // 2
    return any(octets.find(b"\n", at, at + half) < 0 for at in range(0, len(octets) - half, half))


def _sort_line(block: TextBlock, line_no: int, raw: bytes) -> None:
    if not raw or line_no <= block.dialect.skip_lines or raw.startswith(block.dialect.ignored):
        return
    if len(raw) > LINE_OCTETS_MAX:
        block.broken.append(BrokenRow(line_no, RejectReason.LINE_TOO_LONG, "", raw[:_SHOWN_OCTETS]))
        return
    try:
        line = raw.decode()
    except UnicodeDecodeError:
        block.broken.append(BrokenRow(line_no, RejectReason.BAD_ENCODING, "", raw))
        return
    if "\0" in line:
        octets = raw if block.dialect.encoding == UTF_8 else as_it_came(line, block.dialect.encoding)
        block.broken.append(BrokenRow(line_no, RejectReason.BAD_ENCODING, "", octets))
        return
    fields = split_line(line, block.dialect)
    if fields is None:
        block.broken.append(BrokenRow(line_no, RejectReason.BAD_QUOTING, "", raw))
    else:
        block.rows.append((line_no, line, fields))
