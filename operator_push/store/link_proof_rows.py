"""Link rows: the customer codes and addresses of people, as a start reads them back."""

from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from operator_push.domain.person_links import PersonLink
from operator_push.store import schema

_NAMES = PersonLink.__struct_fields__


class LinkEvent(NamedTuple):
    """One step of a link."""

    at_us: int
    account_no: int
    what: str
    told: str
    by_whom: str


def persons_of_several_numbers(connection: Connection, account_no: int) -> list[tuple[int, ...]]:
    """The numbers of everybody who has proved the same e-mail address with several of them, to a client or to
    the operator (account 0)."""
    row = schema.vault_link.c
    statement = select(row.email, row.subscriber_no).where(
        row.account_no.in_((0, account_no)), row.is_linked == 1, row.linked_us > 0, row.email != ""
    )
    found: dict[str, set[int]] = {}
    for email, number in connection.execute(statement):
        found.setdefault(str(email).casefold(), set()).add(int(number))
    return [tuple(sorted(numbers)) for numbers in found.values() if len(numbers) > 1]


def person_links(connection: Connection, shard: int, subscriber_no: int | None = None) -> list[PersonLink]:
    """What is linked and what waits, all of a shard or one person's; nothing that was unlinked."""
    row = schema.vault_link.c
    statement = select(*(row[name] for name in _NAMES)).where(row.shard == shard, row.asked_us > 0)
    if subscriber_no is not None:
        statement = statement.where(row.subscriber_no == subscriber_no)
    found = connection.execute(statement.order_by(row.account_no, row.subscriber_no, row.is_linked))
    return [PersonLink(**dict(zip(_NAMES, each, strict=True))) for each in found]


def drop_unlinked(connection: Connection, shard: int) -> None:
    """Take the emptied rows of what was unlinked away."""
    row = schema.vault_link.c
    connection.execute(delete(schema.vault_link).where(row.shard == shard, row.asked_us == 0))


def link_events(connection: Connection, shard: int, subscriber_no: int) -> list[LinkEvent]:
    """The steps of a person's links, oldest first."""
    row = schema.person_link_event.c
    statement = select(row.at_us, row.account_no, row.what, row.told, row.by_whom).where(
        row.shard == shard, row.subscriber_no == subscriber_no
    )
    return [LinkEvent(*each) for each in connection.execute(statement.order_by(row.event_id))]
