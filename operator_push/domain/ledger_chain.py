"""The ledger's chain: every commit's postings in one seal, each seal bound to the one before it.

    head = SHA-256("operator-push ledger seal 1" 0x00 | previous head, 32 octets
                   | shard u16 | day u32 | seal_no u64 | at_us u64 | postings u32 | entries)

Numbers are big-endian. `entries` is the MessagePack array of the commit's postings in the order in which they
were written, each an array of the columns of ledger_transfer in their order. The first seal follows 32 octets
of zero. So one octet changed, dropped, added or moved anywhere changes every head after it.

Laws: `seal_no` counts from 1 without gaps; `at_us` is the latest moment of the postings and never goes back,
`day` is its UTC day. Not here: where seals are stored (store.seal_rows), who signs heads (ledger_heads).
"""

import hashlib
import struct
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, NamedTuple, cast

import msgspec

from operator_push.kernel.instants import MICROS_PER_DAY

SEAL_FORMAT = b"operator-push ledger seal 1\x00"
HEAD_OCTETS = 32
POSTING_FIELDS = (
    "shard",
    "day",
    "reference",
    "kind",
    "account_no",
    "debit",
    "credit",
    "amount_micros",
    "currency",
    "at_us",
)
_moment = itemgetter(POSTING_FIELDS.index("at_us"))
_NUMBERS = struct.Struct(">HIQQI")
_ENCODE = msgspec.msgpack.Encoder().encode
Posting = tuple[Any, ...]
_DECODE = msgspec.msgpack.Decoder(list[tuple[int, int, int, int, int, int, int, int, str, int]]).decode


class Tip(NamedTuple):
    """Where a chain ends: what the next seal follows."""

    seal_no: int
    day: int
    at_us: int
    head: bytes


START = Tip(0, 0, 0, bytes(HEAD_OCTETS))


class Seal(NamedTuple):
    """One seal, its fields in the order of the columns of ledger_seal."""

    shard: int
    day: int
    seal_no: int
    at_us: int
    postings: int
    entries: bytes
    head: bytes

    @property
    def tip(self) -> Tip:
        """The end of a chain whose last seal is this one."""
        return Tip(self.seal_no, self.day, self.at_us, self.head)


def next_seal(shard: int, tip: Tip, postings: Sequence[Posting]) -> Seal:
    """The seal of the postings of one commit (rows of ledger_transfer as tuples), after `tip`."""
    at_us = max(tip.at_us, max(map(_moment, postings)))
    day, seal_no = at_us // MICROS_PER_DAY, tip.seal_no + 1
    entries = _ENCODE(postings)
    head = head_of(tip.head, shard, day, seal_no, at_us, len(postings), entries)
    return Seal(shard, day, seal_no, at_us, len(postings), entries, head)


def head_of(
    previous: bytes, shard: int, day: int, seal_no: int, at_us: int, postings: int, entries: bytes
) -> bytes:
    """The head that follows from these octets.

    Raises:
        struct.error: a number does not fit its width.
    """
    digest = hashlib.sha256(SEAL_FORMAT + previous)
    digest.update(_NUMBERS.pack(shard, day, seal_no, at_us, postings))
    digest.update(entries)
    return digest.digest()


def why_broken(previous: Tip, seal: Seal) -> str | None:
    """What is wrong with a stored seal that should follow `previous`, in words; None where it follows.

    Trusts no type: a store that somebody changed may hold anything.
    """
    if seal.seal_no != previous.seal_no + 1:
        missing = previous.seal_no + 1
        return f"seal_no {seal.seal_no} stands where {missing} belongs; the seals between are missing"
    try:
        head = head_of(previous.head, *seal[:6])
    except (struct.error, TypeError) as error:
        return f"its columns are no seal ({error})"
    if head != seal.head:
        return "its head does not follow from its columns and the seal before it: one of them was changed"
    if seal.at_us < previous.at_us or seal.day != seal.at_us // MICROS_PER_DAY:
        return "its moment lies before the seal before it, or its day is not that of its moment"
    return None


def postings_of(seal: Seal) -> list[Posting]:
    """The postings that a seal holds, as rows of ledger_transfer.

    Raises:
        ValueError: the octets are no such list (of a seal whose head follows: never).
    """
    try:
        return cast(list[Posting], _DECODE(seal.entries))
    except (msgspec.MsgspecError, TypeError) as error:
        raise ValueError(f"seal {seal.seal_no} holds no postings ({error})") from error
