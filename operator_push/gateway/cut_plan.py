"""Cut plans: how an accepted message is cut, kept with its body so that nothing can change it later.

A plan is made once, when the message is accepted, from the options of its link; the price is that of its
segments. It stands in the stored body as a TLV of ours, which never leaves for an SMSC: so a restart, or a
link that has other options by then, cuts the same octets. A body without one is cut by the default.
"""

from array import array
from enum import IntEnum
from zlib import crc32

import msgspec

PLAN_TAG = 0x3FF1  # Ours, among the tags that SMPP v3.4 section 5.3.1 leaves to vendors.
_PLAN_OCTETS = 5
COUNTERS = 1 << 18  # Ours: 1 MiB, and two destinations in 262,144 share a counter.
_UNUSED = -1


class Way(IntEnum):
    """How the SMSC learns which segments belong together; the numbers stand in rows."""

    UDH = 0  # header with an 8-bit reference
    UDH16 = 1  # header with a 16-bit reference
    SAR = 2  # TLVs
    PAYLOAD = 3  # it gets the whole text at once, in message_payload, and cuts it itself


class Form(IntEnum):
    """What becomes of the octets that were submitted; the numbers stand in rows."""

    AS_SUBMITTED = 0
    UCS2 = 1  # GSM 7-bit with a character that the SMSC's default alphabet lacks
    NATIONAL = 2  # UCS2 as GSM 7-bit with shift tables


class CutPlan(msgspec.Struct, frozen=True, gc=False):
    """How one message is cut. `locking` and `single` are the shift tables of NATIONAL."""

    way: Way = Way.UDH
    form: Form = Form.AS_SUBMITTED
    reference: int = 0
    locking: int = 0
    single: int = 0

    def to_octets(self) -> bytes:
        """The value of its TLV."""
        head = self.way << 4 | self.form
        return bytes((head, self.locking, self.single, self.reference >> 8 & 0xFF, self.reference & 0xFF))


def plan_from_octets(octets: bytes) -> CutPlan:
    """The plan in a TLV's value.

    Raises:
        ValueError: not written by `CutPlan.to_octets`.
    """
    if len(octets) != _PLAN_OCTETS:
        raise ValueError(f"a cut plan has {_PLAN_OCTETS} octets, not {len(octets)}")
    way, form = Way(octets[0] >> 4), Form(octets[0] & 0x0F)
    return CutPlan(way, form, octets[3] << 8 | octets[4], octets[1], octets[2])


class ConcatReferences:
    """Concatenation references, one counter per destination.

    A handset ties the parts of a message together by sender and reference, so what counts is that messages
    to one destination differ: they count up. A destination that is new begins where the clock stands. At
    start the references of open messages are told again. There are `counters` of them, found by the
    destination's CRC-32, so that memory does not grow: destinations that share one count up together, and
    the messages to each still differ.
    """

    def __init__(self, counters: int = COUNTERS) -> None:
        self._last = array("i", [_UNUSED]) * counters

    def next(self, destination: str, at_us: int) -> int:
        """The reference (0..65535) of a long message to a destination; 8-bit headers use the low half."""
        place = self._place(destination)
        last = self._last[place]
        reference = (at_us >> 10 if last == _UNUSED else last + 1) & 0xFFFF
        self._last[place] = reference
        return reference

    def remember(self, destination: str, reference: int) -> None:
        """This destination has a message of this reference; the next one counts on from it."""
        self._last[self._place(destination)] = reference

    def _place(self, destination: str) -> int:
        return crc32(destination.encode()) % len(self._last)
