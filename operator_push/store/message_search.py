"""Message search: which messages a person may mean who knows less than their id.

Reads the rows of some days without an index: a question for a person, beside the running server.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, or_, select

from operator_push.domain.message import MessageState, Verdict
from operator_push.kernel.ids import id_day
from operator_push.store import schema
from operator_push.store.proof_rows import account_names

FOUND_MAX = 100  # Ours: who finds more asks more precisely.


class FoundMessage(msgspec.Struct, frozen=True):
    """One message that fits. `state` None: still open; "refused" has no end of its own."""

    message_id: int
    account: str
    source: str
    destination: str
    refused: bool
    state: int | None


class Wanted(msgspec.Struct, frozen=True):
    """What is known; None is not asked. `smsc_ids` are the forms in which the SMSC may have written one id;
    `message_ids` those that a client may mean by its own; moments are of the acceptance."""

    smsc_ids: tuple[str, ...] | None = None
    client_reference: int | None = None
    destination: str | None = None
    account: str | None = None
    message_ids: tuple[int, ...] | None = None


def find_messages(
    connection: Connection, shard: int, wanted: Wanted, from_day: int, to_day: int
) -> list[FoundMessage]:
    """Messages of these UTC days, refused ones too, that fit everything that is known, newest first."""
    row, final = schema.message.c, schema.message_final.c
    same = and_(final.shard == row.shard, final.day == row.day, final.message_id == row.message_id)
    where: list[ColumnElement[bool]] = [row.shard == shard, row.day >= from_day, row.day <= to_day]
    names = account_names(connection)
    if wanted.account is not None:
        where.append(row.account_no.in_([no for no, name in names.items() if name == wanted.account]))
    if wanted.client_reference is not None:
        where.append(row.client_reference == wanted.client_reference)
    if wanted.destination is not None:
        where.append(row.destination == wanted.destination)
    if wanted.message_ids is not None:
        where += [row.day.in_(set(map(id_day, wanted.message_ids))), row.message_id.in_(wanted.message_ids)]
    if wanted.smsc_ids is not None:
        ids = _with_smsc_id(connection, shard, wanted.smsc_ids, from_day, to_day)
        if not ids:
            return []
        where.append(or_(*(and_(row.day == day, row.message_id == message_id) for day, message_id in ids)))
    found = connection.execute(
        select(row.message_id, row.account_no, row.source, row.destination, row.verdict, final.state)
        .select_from(schema.message.outerjoin(schema.message_final, same))
        .where(*where)
        .order_by(row.day.desc(), row.message_id.desc())
        .limit(FOUND_MAX)
    )
    return [
        FoundMessage(
            each.message_id,
            names.get(each.account_no, f"account {each.account_no}"),
            each.source,
            each.destination,
            each.verdict == Verdict.REFUSE,
            each.state,
        )
        for each in found
    ]


def forms_of_smsc_id(text: str) -> tuple[str, ...]:
    """The ways in which an SMSC may have written an id: as given, in either case, decimal or hexadecimal."""
    forms = [text, text.lower(), text.upper()]
    if text.isascii() and text.isdecimal():
        forms += [f"{int(text):d}", f"{int(text):x}", f"{int(text):X}"]
    if text.isascii() and text.isalnum() and all(each in "0123456789abcdef" for each in text.lower()):
        forms.append(f"{int(text, 16):d}")
    return tuple(dict.fromkeys(forms))


def state_name(found: FoundMessage) -> str:
    """In one word what became of it."""
    if found.refused:
        return "refused"
    return "open" if found.state is None else MessageState(found.state).name


def _with_smsc_id(
    connection: Connection, shard: int, forms: Iterable[str], from_day: int, to_day: int
) -> set[tuple[int, int]]:
    """(day, message_id) of the messages of which the SMSC has called a segment so."""
    wanted = list(forms)
    ids: set[tuple[int, int]] = set()
    for table in (schema.submit_result, schema.segment_outcome, schema.message_final):
        row = table.c
        found = connection.execute(
            select(row.day, row.message_id)
            .where(row.shard == shard, row.day >= from_day, row.day <= to_day)
            .where(row.smsc_message_id.in_(wanted))
            .limit(FOUND_MAX)
        )
        ids |= {(day, message_id) for day, message_id in found}
    return ids
