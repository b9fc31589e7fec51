"""pcap: a capture as Ethernet, IP and TCP around the recorded octets, for Wireshark and tshark.

The file format is libpcap's (draft-ietf-opsawg-pcap, microseconds, LINKTYPE_ETHERNET); headers are those of
RFC 791 / RFC 8200 and RFC 9293, with right checksums. Each stream gets its three-way handshake where its
beginning is still kept, its octets with the sequence numbers of their place in the stream, an acknowledgement
after every chunk and its end, so that TCP analysis finds nothing to say. The frames did not exist like this:
what is true is the octets, their order, their direction and when our process read or wrote them (but for the
first few of a PDU, see `tcp_flow`). Pure.
"""

import struct
from collections.abc import Iterator
from ipaddress import ip_address

from operator_push.kernel.instants import MICROS_PER_SECOND
from smsc_sim.control.capture import Address, Chunk, ChunkKind, StreamRecord, framed_from
from smsc_sim.control.tcp_flow import SEGMENT_OCTETS, Flow

SNAP_OCTETS = 262_144  # tcpdump's default.
PIECE_OCTETS = 128 * 1024  # Ours: how much is built in one go, about a millisecond.
_LINKTYPE_ETHERNET = 1
_MAC_ESME = bytes.fromhex("020000000002")  # Locally administered.
_MAC_SMSC = bytes.fromhex("020000000001")
_IPV4, _IPV6 = b"\x08\x00", b"\x86\xdd"
_PROTOCOL_TCP = 6
_HOP_LIMIT = 64
_WINDOW = 0xFFFF
# Maximum segment size, then window scale 7 (65,535 << 7 octets): otherwise a burst looks like a full window.
_SYN_OPTIONS = struct.pack(">BBHBBBB", 2, 4, SEGMENT_OCTETS, 1, 3, 3, 7)
_FIN, _SYN, _RST, _PSH, _ACK = 1, 2, 4, 8, 16
_FILE_HEADER = struct.Struct("<IHHiIII")
_RECORD_HEADER = struct.Struct("<IIII")
_IPV4_HEADER = struct.Struct(">BBHHHBBH4s4s")
_TCP_HEADER = struct.Struct(">HHIIBBHHH")
_SEQUENCE_MASK = 0xFFFF_FFFF
_OTHER = {ChunkKind.IN: ChunkKind.OUT, ChunkKind.OUT: ChunkKind.IN}


def pcap_pieces(chunks: list[Chunk], server_port: int | None = None) -> Iterator[bytes]:
    """The capture file in pieces of about PIECE_OCTETS.

    `server_port`, where given, is written in place of the port that was listened on: 2775 is the one that
    Wireshark takes for SMPP without being told. Octets before the first PDU boundary of a
    direction whose beginning has left the ring are skipped, so that no dissector starts in mid-PDU.
    """
    yield _FILE_HEADER.pack(0xA1B2C3D4, 2, 4, 0, 0, SNAP_OCTETS, _LINKTYPE_ETHERNET)
    piece: list[bytes] = []
    size = 0
    for t, frame in _frames(chunks, server_port):
        piece.append(_record(t, frame))
        size += len(frame)
        if size >= PIECE_OCTETS:
            yield b"".join(piece)
            piece.clear()
            size = 0
    if piece:
        yield b"".join(piece)


def _frames(chunks: list[Chunk], server_port: int | None) -> Iterator[tuple[int, bytes]]:
    """(moment, frame) in order."""
    starts = framed_from(chunks)
    stories: dict[int, _Story] = {}
    for chunk in chunks:
        number = chunk.stream.number
        story = stories.get(number)
        if story is None:
            story = stories[number] = _Story(chunk.stream, server_port, starts)
        match chunk.kind:
            case ChunkKind.OPENED:
                made = story.handshake()
            case ChunkKind.CLOSED:
                made = story.end(chunk)
            case _:
                made = story.data(chunk)
        for frame in made:
            yield chunk.t, frame
    if chunks:
        for story in stories.values():
            for frame in story.rest():
                yield chunks[-1].t, frame


def _record(t: int, frame: bytes) -> bytes:
    seconds, micros = divmod(t, MICROS_PER_SECOND)
    return _RECORD_HEADER.pack(seconds & _SEQUENCE_MASK, micros, len(frame), len(frame)) + frame


class _Side:
    """One end as a sender: the constant parts of its frames."""

    def __init__(self, source: Address, target: Address, to_smsc: bool, first_sequence: int) -> None:
        self.first_sequence = first_sequence
        self._ports = (source.port, target.port)
        source_ip, target_ip = ip_address(source.host).packed, ip_address(target.host).packed
        self._is_v4 = len(source_ip) == 4 == len(target_ip)
        self._source_ip, self._target_ip = source_ip, target_ip
        macs = _MAC_SMSC + _MAC_ESME if to_smsc else _MAC_ESME + _MAC_SMSC
        self._ethernet = macs + (_IPV4 if self._is_v4 else _IPV6)
        self._addresses_sum = int.from_bytes(source_ip + target_ip, "big") % 0xFFFF
        self._packets = 0

    def frame(self, flags: int, sequence: int, acknowledged: int, octets: bytes = b"") -> bytes:
        """One Ethernet frame; the numbers are offsets from each side's first sequence number."""
        options = _SYN_OPTIONS if flags & _SYN else b""
        data_offset = (_TCP_HEADER.size + len(options)) // 4 << 4
        numbers = (sequence & _SEQUENCE_MASK, acknowledged & _SEQUENCE_MASK)
        header = (*self._ports, *numbers, data_offset, flags, _WINDOW)
        length = _TCP_HEADER.size + len(options) + len(octets)
        plain = _TCP_HEADER.pack(*header, 0, 0) + options + octets
        # RFC 9293 section 3.1: one's complement sum of pseudo header and segment; 2**16 is 1 modulo 0xFFFF,
        # so the remainder of the whole number is that sum.
        even = plain + b"\0" if length % 2 else plain
        total = (int.from_bytes(even, "big") + self._addresses_sum + _PROTOCOL_TCP + length) % 0xFFFF
        segment = _TCP_HEADER.pack(*header, 0xFFFF - total if total else 0, 0) + options + octets
        return self._ethernet + self._ip_header(length) + segment

    def _ip_header(self, length: int) -> bytes:
        self._packets += 1
        if not self._is_v4:
            fixed = struct.pack(">IHBB", 6 << 28, length, _PROTOCOL_TCP, _HOP_LIMIT)
            return fixed + self._source_ip + self._target_ip
        total = _IPV4_HEADER.size + length
        fields = (0x45, 0, total, self._packets & 0xFFFF, 0x4000, _HOP_LIMIT, _PROTOCOL_TCP)
        plain = _IPV4_HEADER.pack(*fields, 0, self._source_ip, self._target_ip)
        remainder = int.from_bytes(plain, "big") % 0xFFFF
        return _IPV4_HEADER.pack(
            *fields, 0xFFFF - remainder if remainder else 0, self._source_ip, self._target_ip
        )


class _Story:
    """The frames of one stream."""

    def __init__(
        self, stream: StreamRecord, server_port: int | None, starts: dict[tuple[int, ChunkKind], int]
    ) -> None:
        esme, smsc = stream.esme, stream.smsc
        self._opened_by_smsc = stream.opened_by_smsc
        if server_port is not None and self._opened_by_smsc:
            esme = Address(esme.host, server_port)
        elif server_port is not None:
            smsc = Address(smsc.host, server_port)
        # Any first numbers do; these are the same at every export, and differ between streams.
        self._esme = _Side(esme, smsc, True, stream.number * 1_000_003 & _SEQUENCE_MASK)
        self._smsc = _Side(smsc, esme, False, stream.number * 7_000_003 & _SEQUENCE_MASK)
        self._flows = {
            kind: Flow(starts[stream.number, kind])
            for kind in (ChunkKind.IN, ChunkKind.OUT)
            if (stream.number, kind) in starts
        }
        self._ended = False

    def handshake(self) -> Iterator[bytes]:
        """SYN, SYN and ACK, ACK (RFC 9293 section 3.5)."""
        caller, called = self._sides(ChunkKind.OUT if self._opened_by_smsc else ChunkKind.IN)
        yield caller.frame(_SYN, caller.first_sequence, 0)
        yield called.frame(_SYN | _ACK, called.first_sequence, caller.first_sequence + 1)
        yield caller.frame(_ACK, caller.first_sequence + 1, called.first_sequence + 1)

    def data(self, chunk: Chunk) -> Iterator[bytes]:
        """The chunk's octets, as far as a dissector can begin with them, and their acknowledgement."""
        flow = self._flows.get(chunk.kind)
        if flow is not None:
            yield from self._sent(chunk.kind, flow.take(chunk.offset, chunk.octets), chunk.seen)

    def rest(self, seen: int = 0) -> Iterator[bytes]:
        """What was kept back."""
        if not self._ended:
            for kind, flow in self._flows.items():
                yield from self._sent(kind, flow.rest(), seen)

    def end(self, chunk: Chunk) -> Iterator[bytes]:
        """FIN and its answer, or RST."""
        yield from self.rest(chunk.seen)
        self._ended = True
        kind = ChunkKind.OUT if chunk.by_smsc else ChunkKind.IN
        sender, receiver = self._sides(kind)
        sequence = sender.first_sequence + 1 + self._position(kind, chunk.offset)
        seen = receiver.first_sequence + 1 + self._position(_OTHER[kind], chunk.seen)
        if chunk.broken:
            yield sender.frame(_RST | _ACK, sequence, seen)
            return
        yield sender.frame(_FIN | _ACK, sequence, seen)
        yield receiver.frame(_FIN | _ACK, seen, sequence + 1)
        yield sender.frame(_ACK, sequence + 1, seen + 1)

    def _sent(self, kind: ChunkKind, segments: list[tuple[int, bytes]], seen: int) -> Iterator[bytes]:
        sender, receiver = self._sides(kind)
        base = sender.first_sequence + 1
        acknowledged = receiver.first_sequence + 1 + self._position(_OTHER[kind], seen)
        for number, (at, octets) in enumerate(segments, start=1):
            flags = _ACK | _PSH if number == len(segments) else _ACK
            yield sender.frame(flags, base + at, acknowledged, octets)
        if segments:
            at, octets = segments[-1]
            yield receiver.frame(_ACK, acknowledged, base + at + len(octets))

    def _position(self, kind: ChunkKind, seen: int) -> int:
        """How far a direction has come in these frames; before its first one, how far it had come then."""
        flow = self._flows.get(kind)
        return seen if flow is None or not flow.begun else flow.position

    def _sides(self, kind: ChunkKind) -> tuple[_Side, _Side]:
        return (self._esme, self._smsc) if kind is ChunkKind.IN else (self._smsc, self._esme)
