"""Unpacking: gzip (RFC 1952), zstd (RFC 8878) and zip's deflate as iterators of bounded pieces.

Each yields all that can be unpacked, then raises StreamFaultError where its input ends early or is damaged.
"""

import zlib
from collections.abc import Iterator

import zstandard

from cdr_ingest.archives.packed_input import PackedInput
from cdr_ingest.archives.stream_fault import StreamFaultError, StreamFaultKind

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
# A frame of zstd may ask for a window of any size; this is what its own program grants without being asked.
ZSTD_WINDOW_OCTETS_MAX = 128 * 1024 * 1024
UNPACKED_PIECE_OCTETS = 1024 * 1024
# Four octets of zstd can stand for a block of 128 KiB, so that its input is taken in drops.
_ZSTD_DROP_OCTETS = 512
_GZIP_WINDOW, _RAW_WINDOW = 31, -15  # zlib's wbits: with gzip's header and checksum, and with neither


def gunzip(packed: PackedInput) -> Iterator[bytes]:
    """All members of a gzip file; zeros that a tape leaves behind the last one are passed over."""
    while True:
        yield from inflate(packed, "gzip", _GZIP_WINDOW)
        while (piece := packed.piece()) and not piece.strip(b"\0"):
            continue
        if not piece:
            return
        piece = piece.lstrip(b"\0")
        packed.put_back(piece)
        if not packed.peek(2).startswith(GZIP_MAGIC):
            raise _broken("something that is no gzip stands behind a gzip stream", packed)


def inflate(packed: PackedInput, name: str, window: int = _RAW_WINDOW) -> Iterator[bytes]:
    """One deflated stream; what stands behind it stays in `packed`."""
    unpacker = zlib.decompressobj(window)
    while not unpacker.eof:
        piece = unpacker.unconsumed_tail or packed.piece()
        if not piece:
            if rest := unpacker.flush():
                yield rest
            raise _broken(f"the {name} stream ends early", packed)
        try:
            unpacked = unpacker.decompress(piece, UNPACKED_PIECE_OCTETS)
        except zlib.error as error:
            raise _broken(f"the {name} stream is damaged ({error})", packed) from None
        if unpacked:
            yield unpacked
    packed.put_back(unpacker.unused_data)


def unzstd(packed: PackedInput) -> Iterator[bytes]:
    """All frames of a zstd file."""
    while packed.peek(1):
        unpacker = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_OCTETS_MAX).decompressobj()
        while not unpacker.eof:
            piece = packed.piece(_ZSTD_DROP_OCTETS)
            if not piece:
                raise _broken("the zstd stream ends early", packed)
            try:
                unpacked = unpacker.decompress(piece)
            except zstandard.ZstdError as error:
                raise _broken(f"the zstd stream is damaged ({error})", packed) from None
            if unpacked:
                yield unpacked
        packed.put_back(unpacker.unused_data)


def _broken(what: str, packed: PackedInput) -> StreamFaultError:
    return StreamFaultError(StreamFaultKind.BROKEN, what, packed.position)
