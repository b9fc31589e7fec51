"""Look-up key rows: which version of the key made which look-up values, and making them anew."""

from collections import Counter
from collections.abc import Callable

from sqlalchemy import Connection, Table, bindparam, func, select

from operator_push.store import schema

PAGE_ROWS = 2_000  # Ours: some 20 ms of the writer's time

_PERSON = schema.vault_subscriber.c
_VALUE = schema.vault_subscriber.update().where(
    _PERSON.shard == bindparam("s"), _PERSON.subscriber_no == bindparam("n")
)


def suppressed_lookups(connection: Connection, shard: int) -> dict[int, set[bytes]]:
    """The keyed digests of everybody who was erased, by the version of their key."""
    row = schema.erasure.c
    found: dict[int, set[bytes]] = {}
    for version, lookup in connection.execute(select(row.key_version, row.lookup).where(row.shard == shard)):
        found.setdefault(version, set()).add(bytes(lookup))
    return found


def versions_in_use(connection: Connection, shard: int) -> tuple[Counter[int], Counter[int]]:
    """(people, erased people) by the version of their look-up values."""
    return _by_version(connection, schema.vault_subscriber, shard), _by_version(
        connection, schema.erasure, shard
    )


def renew_page(
    connection: Connection, shard: int, after: int, version: int, value: Callable[[str], bytes]
) -> int:
    """Make the next look-up values after a subscriber number anew, by the key of `version`; the last number
    of them, 0 where there are no more."""
    rows = connection.execute(
        select(_PERSON.subscriber_no, _PERSON.msisdn, _PERSON.lookup)
        .where(_PERSON.shard == shard, _PERSON.subscriber_no > after, _PERSON.key_version != version)
        .order_by(_PERSON.subscriber_no)
        .limit(PAGE_ROWS)
    ).fetchall()
    if not rows:
        return 0
    # A number that was given up has a value that says nothing, and keeps it.
    renewed = [
        {"s": shard, "n": number, "lookup": value(msisdn) if msisdn else lookup, "key_version": version}
        for number, msisdn, lookup in rows
    ]
    connection.execute(_VALUE, renewed)
    return int(rows[-1][0])


def _by_version(connection: Connection, table: Table, shard: int) -> Counter[int]:
    row = table.c
    statement = select(row.key_version, func.count()).where(row.shard == shard).group_by(row.key_version)
    return Counter({found[0]: found[1] for found in connection.execute(statement)})
