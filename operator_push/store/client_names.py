"""Client names: what a client was told as the id of a message, and which messages a client's id means.

Both from rows, for people and for events that are told late: short names (services.message_names) and shown
ids (services.shown_ids). A client's own system may have kept an id otherwise than it was told, so a name is
understood as decimal and as hexadecimal digits, in either case.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from operator_push.kernel.ids import id_day
from operator_push.services.message_names import alias_of, short_name
from operator_push.store import schema
from operator_push.store.alias_rows import messages_named

ID_MAX = (1 << 63) - 1
SHORT_MAX = (1 << 32) - 1
LONG_MIN = 1 << 54  # ids begin with their milliseconds (kernel.ids), so none since 2024-02-19 is smaller
_ID_DIGITS_MAX = 19


def client_names(connection: Connection, shard: int, message_ids: Iterable[int]) -> dict[int, str]:
    """What the clients of these messages know them by: one name each, as their submit_sm_resp told it."""
    wanted = list(message_ids)
    if not wanted:
        return {}
    alias = schema.message_alias.c
    shown_ids = _shown_ids(connection, shard, wanted)
    ids = {shown_ids.get(message_id, message_id) for message_id in wanted}
    aliases = connection.execute(
        select(alias.message_id, alias.alias).where(
            alias.shard == shard, alias.day.in_({id_day(each) for each in ids}), alias.message_id.in_(ids)
        )
    )
    names = {shown_id: short_name(number) for shown_id, number in aliases}
    told = {message_id: shown_ids.get(message_id, message_id) for message_id in wanted}
    return {message_id: names.get(shown_id, str(shown_id)) for message_id, shown_id in told.items()}


def shown_id_of(connection: Connection, shard: int, message_id: int) -> int:
    """The id under which a client knows a message: its own, or that of the first."""
    return _shown_ids(connection, shard, [message_id]).get(message_id, message_id)


def ids_meant(connection: Connection, shard: int, text: str, today: int) -> list[tuple[int | None, int]]:
    """(account_no, shown id) of everything that a client may mean by `text`; ids need not exist.

    account_no None: a long id, which is only one's. [] where it can be no id.
    """
    found: list[tuple[int | None, int]] = []
    for alias in _aliases(text):
        found += messages_named(connection, shard, alias, today)
    found += [(None, number) for number in _numbers(text) if LONG_MIN <= number <= ID_MAX]
    return list(dict.fromkeys(found))


def could_be_id(text: str) -> bool:
    """True for what may be an id of ours in some spelling."""
    return bool(_aliases(text)) or any(LONG_MIN <= number <= ID_MAX for number in _numbers(text))


def members_of(connection: Connection, shard: int, shown_id: int) -> list[int]:
    """Every message that a client knows by an id, its own first.

    They are the recipients of one submit_multi, or a text and what replaced it.
    """
    row = schema.shown_message.c
    others = connection.execute(
        select(row.message_id)
        .where(row.shard == shard, row.day == id_day(shown_id), row.shown_id == shown_id)
        .order_by(row.message_id)
    ).scalars()
    return list(dict.fromkeys((shown_id, *others)))


def _shown_ids(connection: Connection, shard: int, message_ids: list[int]) -> dict[int, int]:
    row = schema.shown_message.c
    found = connection.execute(
        select(row.message_id, row.shown_id).where(
            row.shard == shard, row.day <= max(map(id_day, message_ids)), row.message_id.in_(message_ids)
        )
    )
    return {row.message_id: row.shown_id for row in found}


def _aliases(text: str) -> list[int]:
    """The short names that a text may be, the spelling we give first."""
    own = alias_of(text)
    found = [] if own is None else [own]
    return list(dict.fromkeys((*found, *(number for number in _numbers(text) if number <= SHORT_MAX))))


def _numbers(text: str) -> list[int]:
    if not (text.isascii() and text.isalnum() and len(text) <= _ID_DIGITS_MAX):
        return []
    found = [int(text)] if text.isdecimal() else []
    try:
        return [*found, int(text, 16)]
    except ValueError:
        return found
