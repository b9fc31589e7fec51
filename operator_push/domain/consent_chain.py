"""The chain of consent acts: a salted commitment to each act, all of a commit in one seal, each seal bound to
the one before it.

    commitment = SHA-256("operator-push consent act 1" 0x00 | salt, 16 octets | MessagePack of the columns)
    head       = SHA-256("operator-push consent seal 1" 0x00 | previous head, 32 octets | shard u16 | day u32
                         | seal_no u64 | at_us u64 | events u32 | entries)

Numbers are big-endian; `entries` are 40 octets an act, its event_id (u64) and its commitment; the columns are
those of consent_event in order without the salt. Erasing an act empties its columns and its salt: then nobody
can try out who it was about, and the chain stays whole. The first seal follows 32 octets of zero.
"""

import hashlib
import struct
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from operator_push.kernel.instants import MICROS_PER_DAY

ACT_FORMAT = b"operator-push consent act 1\x00"
SEAL_FORMAT = b"operator-push consent seal 1\x00"
SALT_OCTETS = 16
HEAD_OCTETS = 32
_ENTRY = struct.Struct(">Q32s")
_NUMBERS = struct.Struct(">HIQQI")
_ENCODE = msgspec.msgpack.Encoder().encode
Act = tuple[Any, ...]  # a row of consent_event, the salt last


class ConsentSeal(NamedTuple):
    """One seal, its fields in the order of the columns of consent_seal."""

    shard: int
    day: int
    seal_no: int
    at_us: int
    events: int
    entries: bytes
    head: bytes


class ChainEnd(NamedTuple):
    """Where a chain ends: what the next seal follows."""

    seal_no: int
    at_us: int
    head: bytes


CHAIN_START = ChainEnd(0, 0, bytes(HEAD_OCTETS))


def commitment(act: Act) -> bytes:
    """The commitment to a row of consent_event; its last column is the salt."""
    return hashlib.sha256(ACT_FORMAT + act[-1] + _ENCODE(act[:-1])).digest()


def next_consent_seal(shard: int, end: ChainEnd, acts: Sequence[Act], at_us: int) -> ConsentSeal:
    """The seal of the acts of one commit, after `end`; `at_us` the moment of the commit."""
    at_us = max(at_us, end.at_us)
    entries = b"".join(_ENTRY.pack(act[2], commitment(act)) for act in acts)
    seal = ConsentSeal(shard, at_us // MICROS_PER_DAY, end.seal_no + 1, at_us, len(acts), entries, b"")
    return seal._replace(head=head_after(end.head, seal))


def head_after(previous: bytes, seal: ConsentSeal) -> bytes:
    """The head that follows from a seal's columns and the head before it."""
    numbers = _NUMBERS.pack(seal.shard, seal.day, seal.seal_no, seal.at_us, seal.events)
    return hashlib.sha256(SEAL_FORMAT + previous + numbers + seal.entries).digest()


def entries_of(seal: ConsentSeal) -> Iterator[tuple[int, bytes]]:
    """(event_id, commitment) of every act that a seal holds."""
    whole = len(seal.entries) - len(seal.entries) % _ENTRY.size
    yield from _ENTRY.iter_unpack(seal.entries[:whole])


def why_broken(previous: ChainEnd, seal: ConsentSeal) -> str | None:
    """What is wrong with a stored seal that should follow `previous`, in words; None where it follows."""
    if seal.seal_no != previous.seal_no + 1:
        return f"seal_no {seal.seal_no} stands where {previous.seal_no + 1} belongs; seals are missing"
    try:
        head = head_after(previous.head, seal)
    except (struct.error, TypeError) as error:
        return f"its columns are no seal ({error})"
    if head != seal.head:
        return "its head does not follow from its columns and the seal before it: one of them was changed"
    return None


def is_erased(act: Act) -> bool:
    """True where the act was erased: it names nobody and has no salt."""
    return act[3] == 0 and not act[-1]
