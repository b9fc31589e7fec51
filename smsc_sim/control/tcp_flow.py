"""TCP flow: one direction of a recorded stream, cut into segments that a dissector can follow.

Wireshark's SMPP dissector (4.0) loses a direction for good where a segment ends within the header of a PDU.
So a cut never falls there: what is there of such a header goes with the segment after it, whenever that came.
Everything else is cut where it was read or written, and at SEGMENT_OCTETS. Pure.
"""

import struct

from operator_push.smpp.constants import HEADER_OCTETS, PDU_OCTETS_MAX

SEGMENT_OCTETS = 1_440  # Fits 1,500 octets of Ethernet with either IP header.
_LENGTH = struct.Struct(">I").unpack_from
_NEVER = 2**63


class Flow:
    """Octets in, (offset in the stream, octets) of segments out. `start` is where the first PDU begins."""

    def __init__(self, start: int) -> None:
        self.position = start  # How far the segments have come.
        self.begun = False
        self._start = start
        self._next_pdu = start  # _NEVER once a command_length was impossible.
        self._kept = b""  # The beginning of a header that is not complete.

    def take(self, offset: int, octets: bytes) -> list[tuple[int, bytes]]:
        """The segments of a chunk that stands at `offset`."""
        skipped = max(0, self._start - offset)
        if skipped >= len(octets):
            return []
        data = self._kept + octets[skipped:] if self._kept or skipped else octets
        base = max(offset, self._start) - len(self._kept)
        self._kept = b""
        end = base + len(data)
        segments: list[tuple[int, bytes]] = []
        at = base
        while at < end:
            stop = self._cut(data, base, min(at + SEGMENT_OCTETS, end))
            if stop == at:
                self._kept = data[at - base :]
                break
            segments.append((at, data[at - base : stop - base]))
            at = stop
        return self._sent(segments)

    def rest(self) -> list[tuple[int, bytes]]:
        """What was kept back and nobody completed."""
        if not self._kept:
            return []
        kept, self._kept = self._kept, b""
        return self._sent([(self.position, kept)])

    def _cut(self, data: bytes, base: int, stop: int) -> int:
        """`stop`, or the beginning of the PDU whose header would be cut there."""
        while self._next_pdu + HEADER_OCTETS <= stop:
            length = _LENGTH(data, self._next_pdu - base)[0]
            is_possible = HEADER_OCTETS <= length <= PDU_OCTETS_MAX
            self._next_pdu = self._next_pdu + length if is_possible else _NEVER
        return min(stop, self._next_pdu)

    def _sent(self, segments: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
        if segments:
            at, octets = segments[-1]
            self.position = at + len(octets)
            self.begun = True
        return segments
