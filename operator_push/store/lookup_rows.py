"""Look-up rows: the vault's audit, chained in the transaction that writes it, listed and verified."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from operator_push.domain.lookup_chain import LOOKUP_START, OWN_COLUMNS, LookupHead, Row, chained, link
from operator_push.store import schema
from operator_push.store.chain_proof import ChainProof
from operator_push.store.statements import pages

_ROW = schema.vault_audit.c


class LookupChain:
    """The end of one shard's chain, kept between commits so that none has to look for it."""

    def __init__(self, shard: int) -> None:
        self._shard = shard
        self._head: LookupHead | None = None

    def forget(self) -> None:
        """A commit failed, or nobody knows: look the end up before the next row."""
        self._head = None

    def chain(self, connection: Connection, rows: list[Row]) -> None:
        """Give rows that this transaction writes their places, in the list itself."""
        if rows:
            rows[:], self._head = chained(self._head or lookup_head(connection, self._shard), rows)


class Lookup(msgspec.Struct, frozen=True):
    """A row of the audit. `subscriber_no` 0: the row counts the look-ups of many, or of nobody."""

    day: int
    audit_id: int
    actor: str
    purpose: str
    subscriber_no: int
    lookups: int
    at_us: int


class LookupProof(ChainProof, kw_only=True):
    """What verifying found; rows of an older version stand before the chain and are only counted."""

    rows: int = 0
    unchained: int = 0


def lookup_head(connection: Connection, shard: int) -> LookupHead:
    """Where the chain of a shard ends; LOOKUP_START before its first row."""
    found = connection.execute(
        select(_ROW.chain_no, _ROW.chain)
        .where(_ROW.shard == shard, _ROW.chain_no > 0)
        .order_by(_ROW.day.desc(), _ROW.chain_no.desc())
        .limit(1)
    ).first()
    return LookupHead(found[0], bytes(found[1])) if found is not None else LOOKUP_START


def verify_lookups(connection: Connection, shard: int, head: str = "") -> LookupProof:
    """Follow the chain from its first row; `head` (NUMBER:HEX, as told by an earlier call) must be in it."""
    proof, end = LookupProof(), LOOKUP_START
    told = head.partition(":")
    seen = not head
    statement = select(schema.vault_audit).where(_ROW.shard == shard)
    for found in pages(connection, statement.order_by(_ROW.day, _ROW.chain_no, _ROW.audit_id)):
        row = tuple(found)
        own, chain_no = row[:OWN_COLUMNS], row[OWN_COLUMNS]
        key = f"vault_audit (shard {shard}, audit_id {own[2]})"
        if not chain_no:
            proof.unchained += 1
            if end != LOOKUP_START:
                proof.wrong(f"{key} stands in no chain: it was added")
            continue
        proof.rows += 1
        if chain_no != end.chain_no + 1:
            proof.wrong(f"{key} is row {chain_no} after row {end.chain_no}: rows between them are gone")
        elif bytes(row[-1]) != link(end.chain, chain_no, own):
            proof.wrong(f"{key} is not as it was written: one of its columns was changed")
        end = LookupHead(chain_no, bytes(row[-1]))
        seen = seen or (str(chain_no), end.chain.hex()) == (told[0], told[2])
    if not seen:
        proof.wrong(f"the head {head} stands in the chain no more: its end was cut off, or it was made anew")
    proof.head = f"{end.chain_no}:{end.chain.hex()}"
    return proof


def lookups(
    connection: Connection,
    shard: int,
    *,
    since_us: int = 0,
    until_us: int | None = None,
    actor: str = "",
    purpose: str = "",
    subscriber_no: int = 0,
    rows_max: int = 0,
) -> Sequence[Lookup]:
    """Rows of the audit, newest first; empty and 0 stand for any."""
    statement = select(*(_ROW[name] for name in Lookup.__struct_fields__)).where(
        _ROW.shard == shard, _ROW.at_us >= since_us
    )
    if until_us is not None:
        statement = statement.where(_ROW.at_us < until_us)
    for column, wanted in ((_ROW.actor, actor), (_ROW.purpose, purpose), (_ROW.subscriber_no, subscriber_no)):
        if wanted:
            statement = statement.where(column == wanted)
    statement = statement.order_by(_ROW.day.desc(), _ROW.audit_id.desc())
    if rows_max:
        statement = statement.limit(rows_max)
    return [*_lookups(connection, statement)]


def _lookups(connection: Connection, statement: Any) -> Iterator[Lookup]:
    for found in connection.execute(statement):
        yield Lookup(*found)
