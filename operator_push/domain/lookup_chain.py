"""The chain of the vault's audit: each row is bound to the one before it, so that none can be changed or
taken out unseen.

    chain = SHA-256("operator-push look-up 1" 0x00 | chain of the row before, 32 octets | chain_no u64
                    | MessagePack of the row's own columns)

The first row follows 32 octets of zero. What was cut off at the end is seen by who has kept a head.
"""

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

_FORMAT = b"operator-push look-up 1\x00"
_ENCODE = msgspec.msgpack.Encoder().encode
OWN_COLUMNS = 8  # of vault_audit; chain_no and chain follow
Row = tuple[Any, ...]


class LookupHead(NamedTuple):
    """Where a chain ends."""

    chain_no: int
    chain: bytes


LOOKUP_START = LookupHead(0, bytes(32))


def chained(head: LookupHead, rows: Iterable[Row]) -> tuple[list[Row], LookupHead]:
    """The rows with their last two columns, and the head after them; rows that had them get new ones."""
    out: list[Row] = []
    chain_no, chain = head
    for row in rows:
        own = row[:OWN_COLUMNS]
        chain_no += 1
        chain = link(chain, chain_no, own)
        out.append((*own, chain_no, chain))
    return out, LookupHead(chain_no, chain)


def link(before: bytes, chain_no: int, own: Row) -> bytes:
    """The chain value of a row."""
    return hashlib.sha256(_FORMAT + before + chain_no.to_bytes(8, "big") + _ENCODE(own)).digest()
