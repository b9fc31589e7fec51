"""CDR files of 3GPP TS 32.297: the file's header, a header before each record, and the records between.

Read from octets and written as octets; nothing is opened here. A header's length is stated, so what a later
release puts behind is kept in `rest`. The times of a header have neither year nor seconds.
"""

import struct
from collections.abc import Iterator, Sequence

import msgspec

from operator_push.cdr.cdr_error import CdrError

HEADER_OCTETS_MIN = 52  # section 6.1.1: everything up to the empty extensions
HEADER_OCTETS_MAX = 52 + 2 * 0xFFFF + 16
CDR_HEADER_OCTETS = 4
EXTENDED_RELEASE = 7  # section 6.1.1.3: beyond release 9, which one stands in an octet of its own
RELEASE_OF_0 = 3  # three bits: 0 is release 99 (the third), 1 release 4, … 6 release 9
RELEASE_OF_EXTENSION_0 = 10
FORMATS = {1: "BER", 2: "unaligned PER", 3: "aligned PER", 4: "XER"}
BER_FORMAT = 1
TS_32274 = 15  # section 6.1.2.4: the specification of SMS charging
NODE_ADDRESS_OCTETS = 20
CLOSED_NORMALLY = 0
CLOSED_BY_TIME = 3  # section 6.1.1.10: "File open-time limit reached"

_CLOSURES = frozenset((*range(6), *range(128, 132)))  # section 6.1.1.10: normal and abnormal reasons
_CLOSURE_AT = 26
_FIXED = struct.Struct(">IIBBIIIIB20sB")


class Release(msgspec.Struct, frozen=True):
    """Release (3 for release 99) and version of the specification; above 9 it takes an extension octet."""

    release: int
    version: int


class FileHeader(msgspec.Struct, frozen=True):
    """The file's header. `opened` and `appended` as `header_time` packs them; `lost_cdrs` as it stands."""

    high: Release
    low: Release
    opened: int
    appended: int
    cdr_count: int
    sequence_number: int
    closure_reason: int = CLOSED_NORMALLY
    node_address: bytes = bytes(NODE_ADDRESS_OCTETS)
    lost_cdrs: int = 0
    filter: bytes = b""
    private_extension: bytes = b""
    file_length: int = 0
    header_length: int = 0
    rest: bytes = b""

    def as_json(self) -> dict[str, object]:
        """The header as JSON values; octets are hexadecimal."""
        return {
            "high": msgspec.to_builtins(self.high),
            "low": msgspec.to_builtins(self.low),
            "opened": time_text(self.opened),
            "appended": time_text(self.appended),
            "cdr_count": self.cdr_count,
            "sequence_number": self.sequence_number,
            "closure_reason": self.closure_reason,
            "node_address": self.node_address.hex(),
            "lost_cdrs": self.lost_cdrs,
            "filter": self.filter.hex(),
            "private_extension": self.private_extension.hex(),
            "file_length": self.file_length,
            "header_length": self.header_length,
        }


class FramedCdr(msgspec.Struct, frozen=True):
    """One record's place: its octets are data[start:end]. `format` as in FORMATS."""

    start: int
    end: int
    format: int
    specification: int
    release: Release


def read_file_header(data: bytes) -> FileHeader:
    """The header at the begin of a file's octets.

    Raises:
        CdrError: it is cut short, or its own lengths disagree.
    """
    if len(data) < HEADER_OCTETS_MIN:
        raise CdrError(f"has {len(data)} octets, the shortest header has {HEADER_OCTETS_MIN}", len(data))
    length, header_length, high, low, opened, appended, count, sequence, reason, node, lost = (
        _FIXED.unpack_from(data)
    )
    if not HEADER_OCTETS_MIN <= header_length <= min(len(data), HEADER_OCTETS_MAX):
        raise CdrError(f"says that the header has {header_length} octets", 4)
    filter_octets, at = _counted(data, _FIXED.size, header_length)
    extension, at = _counted(data, at, header_length)
    releases = []
    for octet in (high, low):
        release, at = _release(octet, data, at, header_length)
        releases.append(release)
    return FileHeader(
        high=releases[0],
        low=releases[1],
        opened=opened,
        appended=appended,
        cdr_count=count,
        sequence_number=sequence,
        closure_reason=reason,
        node_address=node,
        lost_cdrs=lost,
        filter=filter_octets,
        private_extension=extension,
        file_length=length,
        header_length=header_length,
        rest=data[at:header_length],
    )


def framed_cdrs(data: bytes, header: FileHeader) -> Iterator[FramedCdr]:
    """Every record of a file in its order.

    Raises:
        CdrError: a record's header or length does not fit, or there are not as many as the header says.
    """
    if header.file_length != len(data):
        raise CdrError(f"says {header.file_length} octets in all and has {len(data)}", 0)
    at, found = header.header_length, 0
    while at < len(data):
        if at + CDR_HEADER_OCTETS > len(data):
            raise CdrError("ends within a CDR header", at)
        length = data[at] << 8 | data[at + 1]
        coding, specification = data[at + 3] >> 5, data[at + 3] & 31
        release, start = _release(data[at + 2], data, at + CDR_HEADER_OCTETS, len(data))
        if coding not in FORMATS:
            raise CdrError(f"has data record format {coding}, known are {sorted(FORMATS)}", at + 3)
        end = start + length
        if end > len(data):
            raise CdrError(f"says {length} octets, {len(data) - start} follow", at)
        yield FramedCdr(start, end, coding, specification, release)
        found += 1
        at = end
    if found != header.cdr_count:
        raise CdrError(f"holds {found} CDRs, its header says {header.cdr_count}", 18)


def looks_like_32297(data: bytes, file_octets: int) -> bool:
    """True where the first octets say the file's own length, as no CSV and no bare BER does by chance."""
    if len(data) < HEADER_OCTETS_MIN:
        return False
    length, header_length = struct.unpack_from(">II", data)
    return bool(length == file_octets and HEADER_OCTETS_MIN <= header_length <= file_octets)


def begins_as_32297(head: bytes) -> bool:
    """True where the first octets are such a header, for who does not know the length of the whole file."""
    if len(head) < HEADER_OCTETS_MIN:
        return False
    length, header_length = struct.unpack_from(">II", head)
    return (
        HEADER_OCTETS_MIN <= header_length <= min(length, HEADER_OCTETS_MAX)
        and head[_CLOSURE_AT] in _CLOSURES
        and head[_FIXED.size : _FIXED.size + 2] <= (header_length - HEADER_OCTETS_MIN).to_bytes(4, "big")[2:]
    )


def write_file_header(header: FileHeader, records_octets: int) -> bytes:
    """The header's octets before records of that many octets, CDR headers counted; its lengths are set here.

    Raises:
        ValueError: filter or extension is longer than 65,535 octets, or the file longer than 4 GiB.
    """
    variable = b"".join(
        len(octets).to_bytes(2, "big") + octets
        for octets in (_bounded(header.filter), _bounded(header.private_extension))
    )
    variable += b"".join(_extension(release) for release in (header.high, header.low)) + header.rest
    header_length = _FIXED.size + len(variable)
    total = header_length + records_octets
    if total > 0xFFFF_FFFF:
        raise ValueError(f"{total} octets are more than a file of TS 32.297 can be (4 GiB)")
    return (
        _FIXED.pack(
            total,
            header_length,
            _release_octet(header.high),
            _release_octet(header.low),
            header.opened,
            header.appended,
            header.cdr_count,
            header.sequence_number,
            header.closure_reason,
            header.node_address,
            header.lost_cdrs,
        )
        + variable
    )


def write_cdr(record: bytes, release: Release, specification: int = TS_32274) -> bytes:
    """A record behind its header, as BER.

    Raises:
        ValueError: it is longer than 65,535 octets.
    """
    octets = _bounded(record)
    head = len(octets).to_bytes(2, "big") + bytes((_release_octet(release), BER_FORMAT << 5 | specification))
    return head + _extension(release) + octets


def write_file(header: FileHeader, records: Sequence[bytes]) -> bytes:
    """A whole file of BER records; `cdr_count` and the lengths are those of the records."""
    body = b"".join(write_cdr(record, header.high) for record in records)
    return write_file_header(msgspec.structs.replace(header, cdr_count=len(records)), len(body)) + body


def header_time(month: int, day: int, hour: int, minute: int, offset_minutes: int = 0) -> int:
    """A time of a file's header (section 6.1.1.5): month 4 bits, day 5, hour 5, minute 6, sign 1, zone 11."""
    sign, offset = (1, offset_minutes) if offset_minutes >= 0 else (0, -offset_minutes)
    zone = sign << 11 | offset // 60 << 6 | offset % 60
    return month << 28 | day << 23 | hour << 18 | minute << 12 | zone


def time_text(packed: int) -> str:
    """A header's time as people write it: "11-21T19:40+03:00"."""
    sign = "+" if packed >> 11 & 1 else "-"
    return (
        f"{packed >> 28:02d}-{packed >> 23 & 31:02d}T{packed >> 18 & 31:02d}:{packed >> 12 & 63:02d}"
        f"{sign}{packed >> 6 & 31:02d}:{packed & 63:02d}"
    )


def _counted(data: bytes, at: int, limit: int) -> tuple[bytes, int]:
    if at + 2 > limit:
        raise CdrError("the header ends before a length", at)
    end = at + 2 + (data[at] << 8 | data[at + 1])
    if end > limit:
        raise CdrError(f"a field of the header ends {end - limit} octets behind the header", at)
    return data[at + 2 : end], end


def _bounded(octets: bytes) -> bytes:
    if len(octets) > 0xFFFF:
        raise ValueError(f"{len(octets)} octets are more than the 65535 that a length of two octets can say")
    return octets


def _release(octet: int, data: bytes, at: int, limit: int) -> tuple[Release, int]:
    """The release of an octet, with its extension at `at` where it has one; and the octet behind."""
    release, version = octet >> 5, octet & 31
    if release < EXTENDED_RELEASE:
        return Release(release + RELEASE_OF_0, version), at
    if at >= limit:
        raise CdrError("ends where the extension of a release should stand", at)
    return Release(RELEASE_OF_EXTENSION_0 + data[at], version), at + 1


def _release_octet(release: Release) -> int:
    return min(release.release - RELEASE_OF_0, EXTENDED_RELEASE) << 5 | release.version


def _extension(release: Release) -> bytes:
    number = release.release - RELEASE_OF_EXTENSION_0
    return bytes((number,)) if number >= 0 else b""
