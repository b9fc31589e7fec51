"""Papers of the ledger: a digest of what stands beside a posting, so that a change of one octet is found.

Top-ups and corrections say why money moved, by whose word and under which reference of the client. Their
postings are sealed in the chain; the words beside them bear a digest of their own. It keeps nobody from
writing both anew; what they say about money is held against the postings (store.ledger_joins).
"""

import hashlib
from collections.abc import Mapping

import msgspec

DIGEST = "content_sha256"  # the column of the digest
_ENCODE = msgspec.msgpack.Encoder().encode


def paper_digest(table: str, row: Mapping[str, object]) -> str:
    """SHA-256 in hexadecimal of a row (column → value, the digest left out) and the name of its table."""
    values = sorted((str(name), value) for name, value in row.items() if name != DIGEST)
    return hashlib.sha256(_ENCODE((str(table), values))).hexdigest()


def with_digest(table: str, row: dict[str, object]) -> dict[str, object]:
    """The row as it is stored, with its digest."""
    return {**row, DIGEST: paper_digest(table, row)}
