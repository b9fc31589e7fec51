"""The capture: the octets of every stream in the order in which they came and went, in a bounded ring.

One chunk is kept per read and per write, never per PDU; the octets are those of the transport, not a copy.
Each chunk knows where in its direction of the stream it stands, how much of the other direction was seen by
then, and where its first PDU begins, so that what is left after the oldest chunks have gone can still be
framed (`last_pdus`) and written as TCP with right sequence numbers (`pcap`). Pure: the time is an argument.
"""

import struct
from collections import deque
from enum import Enum

import msgspec

from operator_push.smpp.constants import HEADER_OCTETS, PDU_OCTETS_MAX

CHUNK_COST_OCTETS = 256  # Ours: what a chunk costs beside its octets, so that small ones are bounded too.
UNKNOWN = -1
_LENGTH = struct.Struct(">I").unpack_from
_LENGTH_OCTETS = 4


class ChunkKind(Enum):
    """What a chunk tells; IN and OUT as the SMSC sees them."""

    OPENED = "opened"
    IN = "in"
    OUT = "out"
    CLOSED = "closed"


class Address(msgspec.Struct, frozen=True):
    """One end of a stream."""

    host: str
    port: int


class Direction:
    """One direction of a stream: how many octets have passed, and where the next PDU begins."""

    __slots__ = ("_head", "next_pdu", "octets", "pdus")

    def __init__(self) -> None:
        self.octets = 0
        self.pdus = 0
        self.next_pdu = 0  # Offset in the stream; UNKNOWN once a command_length was impossible.
        self._head = b""  # What is there of a command_length that two chunks share.

    def pass_on(self, octets: bytes) -> tuple[int, int]:
        """Count a chunk; (offset of its first whole-headed PDU or UNKNOWN, how many PDUs begin)."""
        base = self.octets
        self.octets = base + len(octets)
        if self.next_pdu == UNKNOWN:
            return UNKNOWN, 0
        data = self._head + octets if self._head else octets
        data_base = self.octets - len(data)
        at = self.next_pdu - data_base
        end = len(data) - _LENGTH_OCTETS
        first, count = UNKNOWN, 0
        while at <= end:
            length = _LENGTH(data, at)[0]
            if not HEADER_OCTETS <= length <= PDU_OCTETS_MAX:
                self.next_pdu, self._head = UNKNOWN, b""
                self.pdus += count
                return first, count
            count += 1
            if first == UNKNOWN and data_base + at >= base:
                first = data_base + at
            at += length
        self.next_pdu = data_base + at
        self._head = data[at:] if at < len(data) else b""
        self.pdus += count
        return first, count


class StreamRecord:
    """One TCP stream: who talks to whom, and its two directions."""

    __slots__ = ("bind", "esme", "incoming", "number", "opened_by_smsc", "outgoing", "smsc")

    def __init__(
        self, number: int, bind: str, esme: Address, smsc: Address, opened_by_smsc: bool = False
    ) -> None:
        self.number = number
        self.bind = bind
        self.esme = esme
        self.smsc = smsc
        self.opened_by_smsc = opened_by_smsc  # An outbind
        self.incoming = Direction()
        self.outgoing = Direction()


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """One read or write, or the beginning or end of a stream.

    `offset` is where the octets stand in their direction, `seen` how many octets of the other one had passed,
    `first_pdu` the offset of the first PDU that begins in them (UNKNOWN where none does), `pdus` how many do.
    """

    number: int
    t: int  # Microseconds since 1970
    stream: StreamRecord
    kind: ChunkKind
    offset: int
    seen: int
    octets: bytes = b""
    first_pdu: int = UNKNOWN
    pdus: int = 0
    by_smsc: bool = False  # CLOSED: our side ended it
    broken: bool = False  # CLOSED: without an orderly end


class Capture:
    """The ring of chunks; the oldest go once `octets_max` would be passed."""

    def __init__(self, octets_max: int) -> None:
        self._octets_max = octets_max
        self._chunks: deque[Chunk] = deque()
        self._cost = 0
        self._streams = 0
        self._number = 0
        self.chunks_dropped = 0

    def open(self, t: int, bind: str, esme: Address, smsc: Address, *, by_smsc: bool = False) -> StreamRecord:
        """A stream is up, opened by the ESME or `by_smsc`."""
        self._streams += 1
        stream = StreamRecord(self._streams, bind, esme, smsc, by_smsc)
        self._keep(Chunk(self._next(), t, stream, ChunkKind.OPENED, 0, 0))
        return stream

    def came_in(self, t: int, stream: StreamRecord, octets: bytes) -> None:
        """The ESME sent octets."""
        incoming = stream.incoming
        offset = incoming.octets
        first, count = incoming.pass_on(octets)
        seen = stream.outgoing.octets
        self._keep(Chunk(self._next(), t, stream, ChunkKind.IN, offset, seen, octets, first, count))

    def went_out(self, t: int, stream: StreamRecord, octets: bytes) -> None:
        """The SMSC wrote octets."""
        outgoing = stream.outgoing
        offset = outgoing.octets
        first, count = outgoing.pass_on(octets)
        seen = stream.incoming.octets
        self._keep(Chunk(self._next(), t, stream, ChunkKind.OUT, offset, seen, octets, first, count))

    def close(self, t: int, stream: StreamRecord, *, by_smsc: bool, broken: bool) -> None:
        """The stream is gone."""
        offset, seen = stream.outgoing.octets, stream.incoming.octets
        if not by_smsc:
            offset, seen = seen, offset
        kind = ChunkKind.CLOSED
        self._keep(Chunk(self._next(), t, stream, kind, offset, seen, by_smsc=by_smsc, broken=broken))

    def chunks(self, bind: str | None = None) -> list[Chunk]:
        """What is kept, oldest first; of one bind where it is named."""
        if bind is None:
            return list(self._chunks)
        return [chunk for chunk in self._chunks if chunk.stream.bind == bind]

    @property
    def octets_kept(self) -> int:
        """Octets of the streams that are kept now, without the cost of their chunks."""
        return self._cost - len(self._chunks) * CHUNK_COST_OCTETS

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _keep(self, chunk: Chunk) -> None:
        chunks = self._chunks
        chunks.append(chunk)
        self._cost += len(chunk.octets) + CHUNK_COST_OCTETS
        while self._cost > self._octets_max and len(chunks) > 1:
            gone = chunks.popleft()
            self._cost -= len(gone.octets) + CHUNK_COST_OCTETS
            self.chunks_dropped += 1


def framed_from(chunks: list[Chunk]) -> dict[tuple[int, ChunkKind], int]:
    """Where reading can begin in each direction of `chunks`: (stream number, IN or OUT) → stream offset.

    The beginning of the stream where it is kept, else the first PDU that begins in what is left. A direction
    in which no PDU begins is left out; one whose framing is lost begins with what is left.
    """
    found: dict[tuple[int, ChunkKind], int] = {}
    for chunk in chunks:
        if not chunk.octets:
            continue
        key = (chunk.stream.number, chunk.kind)
        if key in found:
            continue
        direction = chunk.stream.incoming if chunk.kind is ChunkKind.IN else chunk.stream.outgoing
        if chunk.offset == 0:
            found[key] = 0
        elif chunk.first_pdu != UNKNOWN:
            found[key] = chunk.first_pdu
        elif direction.next_pdu == UNKNOWN:
            found[key] = chunk.offset
    return found
