"""Consent seal rows: the chain over consent acts grows in the transaction that writes them, and is verified.

Acts get their salt as they are written. What a seal is made of is said in domain.consent_chain.
"""

import secrets
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, select

from operator_push.domain.consent_chain import (
    CHAIN_START,
    SALT_OCTETS,
    Act,
    ChainEnd,
    ConsentSeal,
    commitment,
    entries_of,
    is_erased,
    next_consent_seal,
    why_broken,
)
from operator_push.kernel.ids import id_epoch_us
from operator_push.store import schema
from operator_push.store.chain_proof import ChainProof
from operator_push.store.statements import insert_rows, pages

ADOPTED_AT_ONCE = 2_000  # Ours: acts in a seal where rows of an older version are sealed afterwards.
_EVENT, _SEAL = schema.consent_event.c, schema.consent_seal.c
_ID = 2  # column event_id
_SALTED = schema.consent_event.update().where(
    _EVENT.shard == bindparam("s"), _EVENT.day == bindparam("d"), _EVENT.event_id == bindparam("e")
)


class ConsentProof(ChainProof, kw_only=True):
    """What verifying found."""

    events: int = 0
    erased: int = 0
    seals: int = 0


def salt(acts: list[Act]) -> None:
    """Give every act that has none its salt, in place; acts that were salted keep it."""
    for at, act in enumerate(acts):
        if not act[-1]:
            acts[at] = (*act[:-1], secrets.token_bytes(SALT_OCTETS))


def seal_acts(connection: Connection, shard: int, acts: list[Act]) -> None:
    """Write the seal of acts that this transaction writes too; nothing for none."""
    if acts:
        at_us = max(id_epoch_us(act[_ID]) for act in acts)
        seal = next_consent_seal(shard, chain_end(connection, shard), acts, at_us)
        insert_rows(connection, schema.consent_seal, [seal])


def chain_end(connection: Connection, shard: int) -> ChainEnd:
    """Where the chain of a shard ends; CHAIN_START before its first seal."""
    found = connection.execute(
        select(_SEAL.seal_no, _SEAL.at_us, _SEAL.head)
        .where(_SEAL.shard == shard)
        .order_by(_SEAL.day.desc(), _SEAL.seal_no.desc())
        .limit(1)
    ).first()
    return ChainEnd(*found) if found is not None else CHAIN_START


def seal_older_acts(connection: Connection, shard: int) -> int:
    """Begin the chain of a store whose acts are older than it; returns how many acts were sealed.

    Does nothing where there is a chain: what is missing in one is a finding, not something to mend. The acts
    of a version without salts get theirs first.
    """
    if chain_end(connection, shard) != CHAIN_START:
        return 0
    count, rows = 0, iter(list(_acts(connection, shard)))
    while some := list(islice(rows, ADOPTED_AT_ONCE)):
        salt(some)
        # Many at once: one after the other is a round trip each, minutes for a million acts.
        connection.execute(
            _SALTED, [{"s": act[0], "d": act[1], "e": act[_ID], "salt": act[-1]} for act in some]
        )
        seal_acts(connection, shard, some)
        count += len(some)
    return count


def verify_consents(
    connection: Connection, shard: int, given_away: Mapping[int, str] | None = None
) -> ConsentProof:
    """Hold every act against its commitment, every seal against the one before it, and both against the heads
    that were given away (seal_no → head, hexadecimal).

    Late acts are sealed where they were committed, so all acts are held in memory meanwhile.
    """
    proof, end, heads = ConsentProof(), CHAIN_START, dict(given_away or {})
    acts = {act[_ID]: act for act in _acts(connection, shard)}
    seals = select(schema.consent_seal).where(_SEAL.shard == shard).order_by(_SEAL.day, _SEAL.seal_no)
    for found in pages(connection, seals):
        seal = ConsentSeal(*found)
        proof.seals += 1
        broken = why_broken(end, seal)
        if broken is not None:
            proof.wrong(f"consent_seal (shard {shard}, seal_no {seal.seal_no}): {broken}")
        end = ChainEnd(seal.seal_no, seal.at_us, seal.head)
        told = heads.pop(seal.seal_no, None)
        if told is not None and told != bytes(seal.head).hex():
            proof.wrong(f"consent_seal (shard {shard}, seal_no {seal.seal_no}) is not the head given away")
        for event_id, committed in entries_of(seal):
            _judge(proof, shard, event_id, committed, acts.pop(event_id, None))
    for seal_no in heads:
        proof.wrong(f"consent_seal (shard {shard}, seal_no {seal_no}) was given away and is missing")
    for event_id in acts:
        proof.wrong(f"consent_event (shard {shard}, event_id {event_id}) stands in no seal: it was added")
    proof.head = bytes(end.head).hex()
    return proof


def _judge(proof: ConsentProof, shard: int, event_id: int, committed: bytes, act: Act | None) -> None:
    key = f"consent_event (shard {shard}, event_id {event_id})"
    if act is None:
        proof.wrong(f"{key} is missing: it was sealed and deleted")
        return
    proof.events += 1
    if is_erased(act):
        proof.erased += 1
    elif commitment(act) != committed:
        proof.wrong(f"{key} is not as it was sealed: one of its columns was changed")


def _acts(connection: Connection, shard: int) -> Iterator[tuple[Any, ...]]:
    statement = select(schema.consent_event).where(_EVENT.shard == shard)
    for found in pages(connection, statement.order_by(_EVENT.day, _EVENT.event_id)):
        yield (*found[:-1], bytes(found[-1]))
