"""Consent rows: acts read back as values, all of a shard or those of one person.

Laws: nothing is judged here, the domain folds; acts come in the order in which they were heard, in pages.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from operator_push.domain.consent import Basis, ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.store import schema
from operator_push.store.statements import pages

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
