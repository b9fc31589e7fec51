"""Zip members: a zip file read front to back by its local headers (PKWARE's APPNOTE 4.3), never by its end.

So one that is cut off gives what stands before the cut. Stored and deflated members are read, large ones
(zip64) too.
"""

import struct
import zlib
from collections.abc import Iterator

from cdr_ingest.archives.packed_input import PackedInput
from cdr_ingest.archives.stream_fault import StreamFaultError, StreamFaultKind
from cdr_ingest.archives.unpacking import inflate

LOCAL_HEADER, DATA_DESCRIPTOR = b"PK\x03\x04", b"PK\x07\x08"
_ENDS = (b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x08")
_FIXED = struct.Struct("<HHHHHIIIHH")  # behind the signature: version, flags, method … (4.3.7)
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _SIZES_BEHIND, _UTF8_NAME = 1, 8, 0x800
_ZIP64_EXTRA, _IN_ZIP64 = 1, 0xFFFF_FFFF


def zip_members(packed: PackedInput) -> Iterator[tuple[str, Iterator[bytes]]]:
    """(name, pieces) of every member that is a file; a member's pieces are read before the next member."""
    while True:
        signature = packed.exactly(4)
        if signature in _ENDS:
            return
        if signature != LOCAL_HEADER:
            what = "the zip file ends early" if len(signature) < 4 else "no zip member stands here"
            raise StreamFaultError(StreamFaultKind.BROKEN, what, packed.position)
        name, pieces = _member(packed)
        if not name.endswith("/"):
            yield name, pieces
        for _ in pieces:
            pass  # what the caller left


def _member(packed: PackedInput) -> tuple[str, Iterator[bytes]]:
    fixed = packed.exactly(_FIXED.size)
    if len(fixed) < _FIXED.size:
        raise StreamFaultError(StreamFaultKind.BROKEN, "the zip file ends early", packed.position)
    _, flags, method, _, _, checksum, size, unpacked_size, name_octets, extra_octets = _FIXED.unpack(fixed)
    name = packed.exactly(name_octets).decode("utf-8" if flags & _UTF8_NAME else "cp437", "replace")
    extra = packed.exactly(extra_octets)
    is_zip64 = _IN_ZIP64 in (size, unpacked_size)
    if is_zip64:
        size = _zip64_size(extra, unpacked_size == _IN_ZIP64)
    if flags & _ENCRYPTED:
        what = f"member {name} is encrypted"
    elif method not in (_STORED, _DEFLATED):
        what = f"member {name} is packed by method {method}; 0 and 8 (deflate) can be read"
    elif method == _STORED and flags & _SIZES_BEHIND:
        what = f"member {name} is stored without its size"
    else:
        known = None if flags & _SIZES_BEHIND else checksum
        return name, _pieces(packed, name, method, size, known, is_zip64)
    return name, _cannot(what, packed.position)


def _cannot(what: str, offset: int) -> Iterator[bytes]:
    raise StreamFaultError(StreamFaultKind.BROKEN, what, offset)
    yield b""


def _pieces(
    packed: PackedInput, name: str, method: int, size: int, checksum: int | None, is_zip64: bool
) -> Iterator[bytes]:
    found = 0
    source = inflate(packed, f"zip member {name}'s") if method == _DEFLATED else _stored(packed, name, size)
    for piece in source:
        found = zlib.crc32(piece, found)
        yield piece
    if checksum is None:
        checksum = _descriptor(packed, is_zip64)
    if checksum != found:
        what = f"member {name} is not what its checksum says"
        raise StreamFaultError(StreamFaultKind.BROKEN, what, packed.position)


def _stored(packed: PackedInput, name: str, size: int) -> Iterator[bytes]:
    while size:
        piece = packed.piece(min(size, 1 << 20))
        if not piece:
            what = f"the zip file ends within member {name}"
            raise StreamFaultError(StreamFaultKind.BROKEN, what, packed.position)
        size -= len(piece)
        yield piece


def _descriptor(packed: PackedInput, is_zip64: bool) -> int:
    """The checksum behind a member (4.3.9); its signature may be missing, its sizes may be of 8 octets."""
    head = packed.exactly(4)
    if head == DATA_DESCRIPTOR:
        head = packed.exactly(4)
    packed.exactly(8)
    ahead = packed.peek(4)
    if is_zip64 or (ahead != LOCAL_HEADER and ahead not in _ENDS):
        packed.exactly(8)
    return int.from_bytes(head, "little")


def _zip64_size(extra: bytes, unpacked_first: bool) -> int:
    at = 0
    while at + 4 <= len(extra):
        kind, octets = struct.unpack_from("<HH", extra, at)
        if kind == _ZIP64_EXTRA:
            start = at + 4 + (8 if unpacked_first else 0)
            return int.from_bytes(extra[start : start + 8], "little")
        at += 4 + octets
    return 0
