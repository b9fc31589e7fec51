"""List rows: the distribution lists as a start reads them back (they are written as upserts), and what
clients say of the people on them, for who may read it: a text to that person, and the person."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from operator_push.domain.personal.own_columns import values_of, words_of
from operator_push.domain.profile import FeatureValue
from operator_push.kernel.errors import OperatorError
from operator_push.services.distribution_lists import DistributionLists
from operator_push.store import schema


class SaidOfPerson(NamedTuple):
    """What one client says of somebody on one of its lists."""

    account: str
    list: str
    said: dict[str, str]
    uploaded_us: int


def distribution_lists(connection: Connection) -> DistributionLists:
    """Every list with the members that are on it now."""
    row, member = schema.distribution_list.c, schema.distribution_list_member.c
    lists = connection.execute(
        select(row.list_no, row.account_no, row.name, row.columns).order_by(row.list_no)
    )
    members = connection.execute(
        select(member.list_no, member.subscriber_no, member.by_code)
        .where(member.active.is_(True))
        .order_by(member.list_no, member.subscriber_no)
    )
    return DistributionLists(
        [(list_no, account_no, name, json.loads(columns)) for list_no, account_no, name, columns in lists],
        [(list_no, subscriber_no, bool(by_code)) for list_no, subscriber_no, by_code in members],
    )


def own_columns_of(connection: Connection, account_no: int, name: str) -> dict[str, str]:
    """The columns of a client's list, name → type.

    Raises:
        OperatorError: the client has no list of this name with columns.
    """
    row = schema.distribution_list.c
    found = connection.execute(
        select(row.columns).where(row.account_no == account_no, row.name == name)
    ).scalar()
    columns: dict[str, str] = json.loads(found) if found else {}
    if not columns:
        raise OperatorError(
            f"there is no list {name!r} with columns of its own; `operator-push list import` makes one"
        )
    return columns


def own_values(
    connection: Connection, account_no: int, name: str, columns: Mapping[str, str]
) -> dict[str, dict[int, FeatureValue]]:
    """Column → person → what a client says of the people on its list, of these types."""
    row, member = schema.distribution_list.c, schema.distribution_list_member.c
    statement = select(member.subscriber_no, member.own).where(
        row.account_no == account_no,
        row.name == name,
        member.list_no == row.list_no,
        member.active.is_(True),
        member.own != "",
    )
    found: dict[str, dict[int, FeatureValue]] = {column: {} for column in columns}
    for number, own in connection.execute(statement):
        for column, value in values_of(own, columns).items():
            found[column][number] = value
    return found


def said_of(connection: Connection, subscriber_no: int) -> list[SaidOfPerson]:
    """What clients say of one person, by client and list."""
    row, member, account = (
        schema.distribution_list.c,
        schema.distribution_list_member.c,
        schema.account.c,
    )
    statement = (
        select(account.name, row.name.label("list_name"), row.columns, member.own, member.own_us)
        .where(
            member.subscriber_no == subscriber_no,
            member.active.is_(True),
            member.list_no == row.list_no,
            account.account_no == row.account_no,
        )
        .order_by(account.name, row.name)
    )
    return [
        SaidOfPerson(name, list_name, words_of(values_of(own, columns), columns), own_us)
        for name, list_name, columns, own, own_us in (
            (name, list_name, json.loads(columns), own, own_us)
            for name, list_name, columns, own, own_us in connection.execute(statement)
        )
    ]


def erase_own_values(connection: Connection, before_us: int) -> int:
    """Erase what was uploaded before a moment; who is on which list stays. Returns of how many."""
    member = schema.distribution_list_member
    older = update(member).where(member.c.own != "", member.c.own_us < before_us)
    return int(connection.execute(older.values(own="", own_us=0)).rowcount)
