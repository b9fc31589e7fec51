"""Sign heads: Ed25519 over the lines that are given away, and the check that a stranger makes of them.

Not here: where the key is kept (bootstrap.ledger_key), what a head is (domain.ledger_heads).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from operator_push.domain.ledger_heads import (
    HEAD_FORMAT,
    NO_LINE,
    LedgerHead,
    head_of_line,
    key_id,
    line_digest,
    line_of,
    signed_octets,
)
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso


def signed_line(
    key: Ed25519PrivateKey, shard: int, day: int, seal_no: int, head: bytes, previous: str | None, now_us: int
) -> str:
    """The line that gives the head of a day (days since 1970) away; `previous` is the line before, if any."""
    unsigned = LedgerHead(
        format=HEAD_FORMAT,
        shard=shard,
        day=(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date().isoformat(),
        seal_no=seal_no,
        head=head.hex(),
        previous=NO_LINE if previous is None else line_digest(previous),
        signed_at=iso(now_us),
        key=key_id(key.public_key().public_bytes_raw()),
        signature="",
    )
    signature = key.sign(signed_octets(line_of(unsigned)))
    return line_of(msgspec.structs.replace(unsigned, signature=signature.hex()))


def check_lines(
    lines: Iterable[str], public_keys: Sequence[Ed25519PublicKey], file: str, *, other_keys: bool = False
) -> list[LedgerHead]:
    """The heads of a published file, once every line is signed by one of the keys and names the one before.

    `other_keys`: a line that names another key is taken unchecked, as where the key was changed once.

    Raises:
        OperatorError: a line is not, with its number.
    """
    keys = {key_id(key.public_bytes_raw()): key for key in public_keys}
    heads: list[LedgerHead] = []
    previous = NO_LINE
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        try:
            head = head_of_line(line)
            if head.key in keys or not other_keys:
                _check_signature(keys, head, line)
            if head.previous != previous:
                raise ValueError("does not follow from the line before it: lines are missing or were changed")
            if heads and (head.shard != heads[0].shard or head.seal_no < heads[-1].seal_no):
                raise ValueError(f"names seal {head.seal_no} of shard {head.shard}, which goes back")
        except ValueError as error:
            raise OperatorError(f"this line {error}", file=file, line=number) from error
        heads.append(head)
        previous = line_digest(line)
    return heads


def _check_signature(keys: dict[str, Ed25519PublicKey], head: LedgerHead, line: str) -> None:
    key = keys.get(head.key)
    if key is None:
        raise ValueError(f"is signed with the key {head.key}; the one given is {', '.join(keys)}")
    try:
        key.verify(bytes.fromhex(head.signature), signed_octets(line))
    except InvalidSignature as error:
        raise ValueError("has a signature that is not of its octets") from error
