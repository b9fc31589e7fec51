"""The last PDUs of a capture, newest first, decoded when somebody asks and not before."""

from collections.abc import Iterator
from typing import Any

import msgspec

from operator_push.smpp.framer import Framer
from smsc_sim.control.capture import UNKNOWN, Capture, Chunk, ChunkKind, framed_from
from smsc_sim.control.pdu_view import name_of_command, view_of

SEARCHED_MAX = 20_000  # Ours: PDUs looked at in one call where few match; about 25 ms.
_WIDER = 8  # How much farther back it is looked where too few match.


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which PDUs: each condition that is given must hold. `number` stands anywhere in the PDU's octets."""

    limit: int = 50
    bind: str | None = None
    command: str | None = None
    direction: str | None = None  # "in" or "out"
    number: str | None = None

    def matches(self, octets: bytes, direction: str) -> bool:
        """Whether this PDU is wanted; the bind was looked at before."""
        if self.direction is not None and direction != self.direction:
            return False
        if self.number is not None and self.number.encode("latin-1", "replace") not in octets:
            return False
        return self.command is None or name_of_command(int.from_bytes(octets[4:8], "big")) == self.command


class SeenPdu(msgspec.Struct, frozen=True):
    """One PDU and the chunk that completed it."""

    chunk: Chunk
    octets: bytes


def last_pdus(capture: Capture, wanted: Wanted) -> list[dict[str, Any]]:
    """The newest PDUs that are wanted, newest first.

    `at` (an ascending number per chunk), `t` (µs since 1970), `bind`, `direction` and `view_of` each.
    """
    chunks = capture.chunks(wanted.bind)
    searched = wanted.limit
    while True:
        recent = _tail(chunks, searched)
        found = [seen for seen in pdus_of(recent) if wanted.matches(seen.octets, seen.chunk.kind.value)]
        if len(found) >= wanted.limit or searched >= SEARCHED_MAX or len(recent) == len(chunks):
            break
        searched = min(searched * _WIDER, SEARCHED_MAX)
    return [_shown(seen) for seen in reversed(found[-wanted.limit :])]


def pdus_of(chunks: list[Chunk]) -> Iterator[SeenPdu]:
    """All PDUs that these chunks hold as a whole, in the order in which they were completed.

    A direction ends where a command_length is impossible.
    """
    starts = framed_from(chunks)
    framers: dict[tuple[int, ChunkKind], Framer] = {}
    for chunk in chunks:
        key = (chunk.stream.number, chunk.kind)
        start = starts.get(key)
        if not chunk.octets or start is None or start >= chunk.offset + len(chunk.octets):
            continue
        framer = framers.get(key)
        if framer is None:
            framer = framers[key] = Framer()
        octets = chunk.octets[start - chunk.offset :] if start > chunk.offset else chunk.octets
        for pdu in framer.feed(octets):
            yield SeenPdu(chunk, pdu)


def _tail(chunks: list[Chunk], pdus: int) -> list[Chunk]:
    """The newest chunks in which at least so many PDUs begin, and one before each end of a long PDU."""
    wanted = pdus + _streams(chunks) * 2  # The last PDU of each direction may not be complete yet.
    at = len(chunks)
    while at > 0 and wanted > 0:
        at -= 1
        wanted -= chunks[at].pdus if chunks[at].first_pdu != UNKNOWN else 0
    return chunks[at:]


def _streams(chunks: list[Chunk]) -> int:
    return len({chunk.stream.number for chunk in chunks[-1000:]})


def _shown(seen: SeenPdu) -> dict[str, Any]:
    chunk = seen.chunk
    where = {"at": chunk.number, "t": chunk.t, "bind": chunk.stream.bind, "direction": chunk.kind.value}
    return where | view_of(seen.octets)
