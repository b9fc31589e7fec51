"""Framing: where the records of a stream's piece lie, what lies between them that is none, how far it goes.

Law: octets are passed over only as filler; all others are a record or a broken piece with its place.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cdr_ingest.ber_columns.places import RecordPlaces, behind_record, places_of, records_from
from operator_push.cdr import ber
from operator_push.cdr.ber import context
from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.file_32297 import (
    BER_FORMAT,
    CDR_HEADER_OCTETS,
    EXTENDED_RELEASE,
    FORMATS,
    FileHeader,
    begins_as_32297,
    read_file_header,
)
from operator_push.cdr.records_32298 import RECORDS
from operator_push.cdr.shared_fields_32298 import RECORD_TYPE

RECORD_OCTETS_MAX = 1024 * 1024  # Ours: TS 32.297 counts a record's octets in 16 bits.
_BEYOND_ANY = 1 << 62  # as the end of octets: it cuts no length off
_NOT_FILLER = re.compile(rb"[^\x00\xff]")
_RECORD_TYPES = {name: number for number, name in RECORD_TYPE.names.items()}
_RECORD_TYPES["transitRecord"] = _RECORD_TYPES["transitCallRecord"]
# Of each record its tag, and the recordType that it carries in [0]: how a record is known among octets.
_TYPE_OF_TAG = {tag: _RECORD_TYPES[found.name] for tag, found in RECORDS.items()}
_BEGIN = re.compile(rb"[\xa0-\xa7\xb4]|\xbf[\x4e\x4f\x5d\x5e\x6e-\x71]")
_Search = Callable[[bytes, int, bool], int | None]


@dataclass(slots=True)
class BrokenPiece:
    """Octets that are no record: from `start` to `end`, and why."""

    start: int
    end: int
    what: str


@dataclass(slots=True)
class Framed:
    """Records and broken pieces of some octets; `behind` is where the next octets go on."""

    places: RecordPlaces
    broken: list[BrokenPiece] = field(default_factory=list)
    behind: int = 0


class BareFraming:
    """Records back to back, with filler of 0x00 and 0xFF between them."""

    def frame(self, data: bytes, is_last: bool) -> Framed:
        """The records that are whole in `data`; what is cut off at its end is left, unless it is the last."""
        rows: list[np.ndarray] = []
        broken: list[BrokenPiece] = []
        at, size = 0, len(data)
        chains = records_from(data)
        while (found := _NOT_FILLER.search(data, at)) is not None:
            at = found.start()
            what = _fault(data, at)
            if what is None:
                run = chains(at)
                behind = int(run[-1, 3])
                follows = is_last if behind >= size else _may_follow(data, behind)
                if follows or _is_whole(data, int(run[-1, 1])):
                    rows.append(run)
                    at = behind_record(data, run[-1])
                    continue
                rows.append(run[:-1])
                at = int(run[-1, 1])
                what = "the record's length or fields are damaged"
            if not is_last and size - at < RECORD_OCTETS_MAX and _may_go_on(data, at):
                return Framed(places_of(rows), broken, at)
            resumed = _resumed(next_record, data, at, is_last)
            if resumed is None:
                return Framed(places_of(rows), broken, at)
            broken.append(BrokenPiece(at, resumed, what))
            at = resumed
        return Framed(places_of(rows), broken, size)


class FileFraming:
    """Records in a file of TS 32.297, each behind a header of its own."""

    def __init__(self) -> None:
        self.header: FileHeader | None = None
        self._found = 0
        self._taken = 0

    def frame(self, data: bytes, is_last: bool) -> Framed:
        """As BareFraming.frame; at the end also what the file's header says otherwise."""
        at = 0
        if self.header is None:
            self.header = read_file_header(data)
            at = self.header.header_length
        rows: list[tuple[int, int, int, int]] = []
        broken: list[BrokenPiece] = []
        size = len(data)
        while at < size:
            if at + CDR_HEADER_OCTETS > size and not is_last:
                break
            start, end, what = _frame(data, at)
            if end > size and not is_last:
                break
            if what is None and end > size:
                what = f"the file ends within a record of {end - start} octets"
            if what is not None and end <= at:
                resumed = _resumed(_next_frame, data, at, is_last)
                if resumed is None:
                    break
                broken.append(BrokenPiece(at, resumed, what))
                at = resumed
                continue
            self._found += 1
            row = None if what is not None else _framed_row(data, start, end)
            if row is None:
                broken.append(BrokenPiece(start, min(end, size), what or "what is framed is not one record"))
            else:
                rows.append(row)
            at = end
        behind = min(at, size)
        self._taken += behind
        if is_last:
            broken += self._disagreements(size)
        return Framed(places_of([np.array(rows, dtype=np.int64).reshape(-1, 4)]), broken, behind)

    def _disagreements(self, size: int) -> list[BrokenPiece]:
        header = self.header
        if header is None:
            return []
        if header.file_length != self._taken:
            what = f"the file's header says {header.file_length} octets, it has {self._taken}"
            return [BrokenPiece(size, size, what)]
        if header.cdr_count not in (self._found, 0xFFFF_FFFF):
            what = f"the file's header says {header.cdr_count} records, it has {self._found}"
            return [BrokenPiece(size, size, what)]
        return []


def framing_of(head: bytes) -> BareFraming | FileFraming:
    """The framing of a stream by its first octets."""
    return FileFraming() if begins_as_32297(head) else BareFraming()


def next_record(data: bytes, at: int, may_wait: bool = False) -> int | None:
    """Where the next octets stand that are surely a record; with `may_wait`, may be one with more octets."""
    for found in _BEGIN.finditer(data, at):
        start = found.start()
        if _is_record(data, start) or (may_wait and _is_cut_off(data, start)):
            return start
    return None


def _resumed(search: _Search, data: bytes, at: int, is_last: bool) -> int | None:
    """Where to go on behind damage; None: more octets must tell, or it would depend on where a piece ends."""
    size = len(data)
    may_wait = not is_last and size - at < RECORD_OCTETS_MAX
    found = search(data, at + 1, may_wait)
    if may_wait and (found is None or _is_cut_off(data, found)):
        return None
    if found is None:
        return size if is_last else size - 0xFFFF
    return found


def _is_cut_off(data: bytes, start: int) -> bool:
    """Whether a record that begins there ends behind the octets."""
    try:
        return ber.read_header(data, start, start + RECORD_OCTETS_MAX)[3] > len(data)
    except CdrError:
        return False
    except IndexError:
        return True


def _fault(data: bytes, at: int) -> str | None:
    """What is wrong with a record's own tag and length, wherever the piece that it begins in ends."""
    try:
        tag, constructed, _, end = ber.read_header(data, at, at + _BEYOND_ANY)
        if tag >> 28 != 2 or not constructed:
            return f"{ber.tag_text(tag)} is no record of TS 32.298"
        if end - at > RECORD_OCTETS_MAX:
            return f"{end - at} octets are no record (the limit is {RECORD_OCTETS_MAX})"
    except CdrError as error:
        return error.what
    except IndexError:
        pass  # cut off: what is missing is told next
    try:
        end = ber.read_header(data, at, len(data))[3]
        if end < 0:
            end = ber.decode(data, at, len(data))[1]
    except CdrError as error:
        return error.what
    if end - at > RECORD_OCTETS_MAX:
        return f"{end - at} octets are no record (the limit is {RECORD_OCTETS_MAX})"
    return None


def _may_follow(data: bytes, at: int) -> bool:
    """Whether a filler or the begin of a known record stands there."""
    return data[at] in ber.FILLERS or _BEGIN.match(data, at) is not None


def _may_go_on(data: bytes, at: int) -> bool:
    """Whether a record that begins there may be whole with more octets."""
    try:
        tag, constructed, _, _ = ber.read_header(data, at, at + RECORD_OCTETS_MAX)
    except CdrError:
        return False
    except IndexError:
        return True
    return tag >> 28 == 2 and constructed


def _is_whole(data: bytes, start: int) -> bool:
    try:
        ber.decode(data, start)
    except CdrError:
        return False
    return True


def _is_record(data: bytes, start: int) -> bool:
    """Whether a known record stands there, whole, with the recordType of its tag."""
    try:
        element, _ = ber.decode(data, start)
    except CdrError:
        return False
    kind = _TYPE_OF_TAG.get(element.tag)
    if kind is None or isinstance(element.value, bytes):
        return False
    return any(one.tag == context(0) and _number(one.value) == kind for one in element.value)


def _number(value: object) -> int | None:
    return int.from_bytes(value, "big") if isinstance(value, bytes) and value else None


def _frame(data: bytes, at: int) -> tuple[int, int, str | None]:
    """(begin, end) of the record behind a CDR header, why it cannot be read; end 0 where framing is lost."""
    if at + CDR_HEADER_OCTETS > len(data):
        return at, 0, "the file ends within a record's header"
    length = data[at] << 8 | data[at + 1]
    start = at + CDR_HEADER_OCTETS + (data[at + 2] >> 5 == EXTENDED_RELEASE)
    coding = data[at + 3] >> 5
    if coding not in FORMATS:
        return at, 0, f"the record's header has data record format {coding}, known are {sorted(FORMATS)}"
    if coding != BER_FORMAT:
        return start, start + length, f"the record is in {FORMATS[coding]}; only BER is read"
    return start, start + length, None


def _framed_row(data: bytes, start: int, end: int) -> tuple[int, int, int, int] | None:
    try:
        tag, constructed, content, content_end = ber.read_header(data, start, end)
        if content_end < 0:
            behind = ber.decode(data, start, end)[1]
            content_end = behind - 2
        else:
            behind = content_end
    except CdrError:
        return None
    if tag >> 28 != 2 or not constructed or data[behind:end].strip(ber.FILLERS):
        return None
    return tag, start, content, content_end


def _next_frame(data: bytes, at: int, may_wait: bool = False) -> int | None:
    """The header of the next record whose length is that of the record behind it; or as next_record."""
    while (start := next_record(data, at, may_wait)) is not None:
        if may_wait and _is_cut_off(data, start):
            return start
        length = ber.decode(data, start)[1] - start
        for before in (CDR_HEADER_OCTETS, CDR_HEADER_OCTETS + 1):
            header = start - before
            if header >= at and data[header] << 8 | data[header + 1] == length:
                return header
        at = start + 1
    return None
