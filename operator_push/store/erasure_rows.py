"""Erasure rows: everything of one person emptied in one transaction, and the proof that it was.

What stays, and why: the rows of sent messages, because they are the record of what was charged (the archive
takes them in their time); and in the chain of consent the commitments, which say nothing without salts.
"""

from sqlalchemy import Connection, delete, func, select, update

from operator_push.store import schema
from operator_push.store.statements import insert_rows

_EVENT = schema.consent_event
_KEY = {"shard", "day", "event_id"}


def erase_person(
    connection: Connection,
    shard: int,
    subscriber_no: int,
    lookup: bytes,
    key_version: int,
    unlinked: bytes,
    at_us: int,
    by: str,
) -> int:
    """Empty what is kept about somebody; returns how many acts of consent were emptied.

    `lookup`: the keyed digest, by the key of `key_version`, that stays as a suppression; `unlinked`: random
    octets that take its place in the vault, so that the number that was given up is not given again.
    """
    acts = select(_EVENT.c.event_id).where(_EVENT.c.shard == shard, _EVENT.c.subscriber_no == subscriber_no)
    count = connection.execute(select(func.count()).select_from(acts.subquery())).scalar() or 0
    receipt = schema.consent_receipt
    connection.execute(delete(receipt).where(receipt.c.shard == shard, receipt.c.event_id.in_(acts)))
    empty = {
        column.name: "" if column.type.python_type is str else b"" if column.name == "salt" else 0
        for column in _EVENT.columns
        if column.name not in _KEY
    }
    connection.execute(
        update(_EVENT).where(_EVENT.c.shard == shard, _EVENT.c.subscriber_no == subscriber_no).values(empty)
    )
    mo, item = schema.mo_message, schema.review_item
    connection.execute(
        update(mo)
        .where(mo.c.shard == shard, mo.c.subscriber_no == subscriber_no)
        .values(source="", body=b"", subscriber_no=0)
    )
    connection.execute(
        update(item)
        .where(item.c.shard == shard, item.c.subscriber_no == subscriber_no)
        .values(text="", subscriber_no=0)
    )
    of_person = (
        schema.subscriber_clock,
        schema.subscriber_clock_former,
        schema.declared_attribute,
        schema.contact_wish,
        schema.way_out,
        schema.vault_link,
        schema.person_link_event,
        schema.link_event,
    )
    for table in of_person:
        connection.execute(
            delete(table).where(table.c.shard == shard, table.c.subscriber_no == subscriber_no)
        )
    on_list = schema.distribution_list_member
    connection.execute(delete(on_list).where(on_list.c.subscriber_no == subscriber_no))
    person = schema.vault_subscriber
    connection.execute(
        update(person)
        .where(person.c.shard == shard, person.c.subscriber_no == subscriber_no)
        .values(lookup=unlinked, msisdn="")
    )
    known = schema.erasure.c
    connection.execute(delete(schema.erasure).where(known.shard == shard, known.lookup == lookup))
    insert_rows(connection, schema.erasure, [(shard, lookup, at_us, by, count, key_version)])
    return int(count)
