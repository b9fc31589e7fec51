"""Framer: cuts a stream of octets into PDUs by command_length (SMPP v3.4 section 3.2).

Laws: where TCP cuts the stream does not matter; at most PDU_OCTETS_MAX octets are kept, beside what a caller
that limits its PDUs left for its next call; nothing is buffered for an impossible command_length, and nothing
after it is believed. One below the header's length is noticed with its fourth octet (the peer may send no
more), one over the maximum with the header, so that the generic_nack can name the sequence_number.
Not here: what the PDUs mean (codec.py), how the loss is answered (session.py).
"""

import struct

from operator_push.smpp.codec_choice import compiled
from operator_push.smpp.constants import HEADER_OCTETS, PDU_OCTETS_MAX

ALL_PDUS = 1 << 30
_quick_cut = None if compiled is None else compiled.cut
_LENGTH = struct.Struct(">I")
_SEQUENCE_NUMBER = struct.Struct(">12xI")


class Framer:
    """The octets of one direction of one bind.

    Once `lost_length` is not None the framing is gone for good: it is the command_length that could not be,
    and `lost_sequence_number` what stood where the sequence_number would be (0 where it had not arrived).
    """

    __slots__ = ("_rest", "has_more", "lost_length", "lost_sequence_number")

    def __init__(self) -> None:
        self._rest = b""
        self.has_more = False  # The last feed ended at its limit: feed(b"") goes on.
        self.lost_length: int | None = None
        self.lost_sequence_number = 0

    @property
    def waiting_octets(self) -> int:
        """How many octets of an incomplete PDU are kept."""
        return len(self._rest)

    def feed(self, octets: bytes, pdus_max: int = ALL_PDUS) -> list[bytes]:
        """The PDUs that are complete now, oldest first, each with its header; check `lost_length` after it.

        At most `pdus_max` of them: where `has_more` is true, the others come with the next call.

        PDUs before an impossible command_length are still returned; after it the answer is always [].
        """
        if self.lost_length is not None:
            return []
        stream = self._rest + octets if self._rest else octets
        end = len(stream)
        found: list[bytes] = []
        self.has_more = False
        at = 0
        if _quick_cut is not None:
            found, at = _quick_cut(stream, pdus_max)  # What stopped it is for the loop to tell.
        while end - at >= 4:
            if len(found) >= pdus_max:
                self.has_more = True
                break
            length = _LENGTH.unpack_from(stream, at)[0]
            if not HEADER_OCTETS <= length <= PDU_OCTETS_MAX:
                if length > PDU_OCTETS_MAX and end - at < HEADER_OCTETS:
                    break
                self._lose(stream[at : at + HEADER_OCTETS], length)
                return found
            stop = at + length
            if stop > end:
                break
            found.append(stream[at:stop])
            at = stop
        self._rest = stream[at:] if at else stream
        return found

    def _lose(self, header: bytes, length: int) -> None:
        self._rest = b""
        self.lost_length = length
        if len(header) == HEADER_OCTETS:
            self.lost_sequence_number = _SEQUENCE_NUMBER.unpack(header)[0]
