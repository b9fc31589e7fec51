"""Ledger heads: what is given away of the chain, one JSON line a day, signed.

    {"format":"operator-push ledger head 1","shard":0,"day":"2026-11-22","seal_no":412,"head":"9f…",
     "previous":"41…","signed_at":"2026-11-23T00:10:00.000000Z","key":"c0…","signature":"7a…"}   (in one line)

`head` is that of seal `seal_no` (domain.ledger_chain), the last one of `day`; `previous` is the SHA-256 of
the line before it, 64 zeros in the first; `key` the first 16 hexadecimal digits of the SHA-256 of the public
key's 32 octets. The signature (Ed25519, RFC 8032) is over the octets of the line up to `,"signature":`, and a
closing brace. Who holds the latest line can tell whether anything before it was rewritten.
"""

import hashlib

import msgspec

HEAD_FORMAT = "operator-push ledger head 1"
NO_LINE = "0" * 64
_SIGNATURE = ',"signature":"'


class LedgerHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line, its members in their order. Octets are hexadecimal text, times ISO 8601 in UTC."""

    format: str
    shard: int
    day: str
    seal_no: int
    head: str
    previous: str
    signed_at: str
    key: str
    signature: str

    @property
    def name(self) -> str:
        """How messages speak of it."""
        return f"the signed head of {self.day} (seal {self.seal_no})"


def key_id(public_key: bytes) -> str:
    """The short name of a public key (32 octets, RFC 8032)."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def line_of(head: LedgerHead) -> str:
    """The JSON line, without its end of line."""
    return msgspec.json.encode(head).decode()


def line_digest(line: str) -> str:
    """What the next line names as `previous`."""
    return hashlib.sha256(line.encode()).hexdigest()


def signed_octets(line: str) -> bytes:
    """The octets of a line that its signature is over."""
    return (line.rpartition(_SIGNATURE)[0] + "}").encode()


def head_of_line(line: str) -> LedgerHead:
    """A line read back.

    Raises:
        ValueError: it is no such line, with the reason.
    """
    try:
        head = msgspec.json.decode(line, type=LedgerHead)
    except msgspec.MsgspecError as error:
        raise ValueError(f"is no ledger head ({error})") from error
    if head.format != HEAD_FORMAT:
        raise ValueError(f"has the format {head.format!r}; this version reads {HEAD_FORMAT!r}")
    return head
