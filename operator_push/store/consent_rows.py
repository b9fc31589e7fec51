"""Consent rows: acts read back as values, all of a shard or those of one person.

Laws: nothing is judged here, the domain folds; acts come in the order in which they were heard, in pages.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from operator_push.domain.consent import Basis, ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.kernel.ids import id_day
from operator_push.kernel.instants import day_of
from operator_push.store import schema
from operator_push.store.statements import insert_rows, pages

CHALLENGE_DAYS_MAX = 8  # [[opt_in]] answer_within_hours is a week at most
_PURPOSES = {int(purpose): purpose for purpose in Purpose}
_ACTIONS = {int(action): action for action in ConsentAction}
_BASES = {int(basis): basis for basis in Basis}
_ROW = schema.consent_event.c
_STATEMENT = select(
    _ROW.event_id,
    _ROW.subscriber_no,
    _ROW.brand_no,
    _ROW.category,
    _ROW.purpose,
    _ROW.channel,
    _ROW.action,
    _ROW.at_us,
    _ROW.basis,
    _ROW.expires_us,
    _ROW.jurisdiction,
    _ROW.method,
    _ROW.detail,
    _ROW.notice_version,
    _ROW.language,
    _ROW.reference,
    _ROW.more,
)


class StoredAct(NamedTuple):
    """An act with its id, which also tells when it was heard (kernel.ids)."""

    event_id: int
    event: ConsentEvent


def consent_events(connection: Connection, shard: int) -> Iterator[ConsentEvent]:
    """Every consent act in the order in which it was heard; those of erased people no more."""
    statement = _STATEMENT.where(_ROW.shard == shard).order_by(_ROW.day, _ROW.event_id)
    for found in pages(connection, statement):
        if found.subscriber_no:
            yield _act(found).event


def challenges_since(connection: Connection, shard: int, since_us: int) -> Iterator[ConsentEvent]:
    """The challenges of double opt-ins that could be answered after a moment, in the order of their acts;
    the longest may be answered for a week."""
    statement = _STATEMENT.where(
        _ROW.shard == shard,
        _ROW.day >= day_of(since_us) - CHALLENGE_DAYS_MAX,
        _ROW.action == int(ConsentAction.CHALLENGE),
        _ROW.expires_us > since_us,
    )
    for found in pages(connection, statement.order_by(_ROW.day, _ROW.event_id)):
        if found.subscriber_no:
            yield _act(found).event


def acts_of(connection: Connection, shard: int, subscriber_no: int) -> list[StoredAct]:
    """The acts of one subscriber in the order in which they were heard."""
    statement = _STATEMENT.where(_ROW.shard == shard, _ROW.subscriber_no == subscriber_no)
    return [_act(found) for found in connection.execute(statement.order_by(_ROW.event_id))]


def _act(found: Any) -> StoredAct:
    event_id, number, brand_no, category, purpose, channel, action, at_us, basis, ends, where, *evidence = (
        found
    )
    event = ConsentEvent(
        number,
        brand_no,
        category,
        _PURPOSES[purpose],
        channel,
        _ACTIONS[action],
        at_us,
        Evidence(*evidence),
        _BASES[basis],
        ends,
        where,
    )
    return StoredAct(event_id, event)


def act_of(connection: Connection, shard: int, event_id: int) -> StoredAct | None:
    """One act by its id; None where there is none, or it was erased."""
    statement = _STATEMENT.where(_ROW.shard == shard, _ROW.day == id_day(event_id), _ROW.event_id == event_id)
    found = connection.execute(statement).first()
    return _act(found) if found is not None and found.subscriber_no else None


def subject_ref(connection: Connection, shard: int, subscriber_no: int) -> str:
    """The pseudonym of a person: the keyed look-up value of the vault, hexadecimal; "" for nobody."""
    row = schema.vault_subscriber.c
    statement = select(row.lookup).where(row.shard == shard, row.subscriber_no == subscriber_no)
    found = connection.execute(statement).scalar()
    return bytes(found).hex() if found is not None else ""


def kept_receipt(connection: Connection, shard: int, event_id: int) -> str | None:
    """The receipt of an act that was fetched before."""
    row = schema.consent_receipt.c
    found = connection.execute(select(row.jws).where(row.shard == shard, row.event_id == event_id)).scalar()
    return str(found) if found is not None else None


def keep_receipt(connection: Connection, shard: int, event_id: int, jws: str, at_us: int) -> None:
    """Keep a receipt as it was first given away; the first one stays where two were made at once."""
    insert_rows(
        connection,
        schema.consent_receipt,
        [(shard, event_id, jws, at_us)],
        " ON CONFLICT (shard, event_id) DO NOTHING",
    )
