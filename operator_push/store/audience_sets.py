"""Audience sets: the people of a client's lists and of its earlier campaigns, by the keys that rules use.

`list:NAME`, `received:CAMPAIGN` (a message of it was delivered), `replied:CAMPAIGN` (received it, and wrote
to its sender after it was ordered), `clicked:CAMPAIGN` and `bought:CAMPAIGN` (followed its short link, or
converted). A client has its own lists and campaigns, nobody else's. Reads all
messages of a campaign: a question for a count, not for a loop.
"""

from typing import Any

from pyroaring import BitMap
from sqlalchemy import Connection, Select, and_, select

from operator_push.domain.link_visits import VisitKind
from operator_push.domain.message import MessageState
from operator_push.kernel.errors import OperatorError
from operator_push.store import schema
from operator_push.store.short_link_rows import people_of_visits

_VISITS = {"clicked": VisitKind.CLICK, "bought": VisitKind.CONVERSION}


def account_no_of(connection: Connection, account: str) -> int:
    """The number of an account.

    Raises:
        OperatorError: there is none of this name.
    """
    row = schema.account.c
    found = connection.execute(select(row.account_no).where(row.name == account)).scalar()
    if found is None:
        raise OperatorError(f"there is no account {account!r}; `operator-push account list` shows them")
    return int(found)


def set_keys(connection: Connection, account_no: int) -> frozenset[str]:
    """The keys of every set that a client may ask for."""
    of_list, member, campaign = (
        schema.distribution_list.c,
        schema.distribution_list_member.c,
        schema.campaign.c,
    )
    lists = connection.execute(
        select(of_list.name)
        .where(of_list.account_no == account_no, member.list_no == of_list.list_no, member.active.is_(True))
        .distinct()
    ).scalars()
    campaigns = connection.execute(select(campaign.name).where(campaign.account_no == account_no)).scalars()
    keys = {f"list:{name}" for name in lists}
    for name in campaigns:
        keys |= {f"{kind}:{name}" for kind in ("received", "replied", *_VISITS)}
    return frozenset(keys)


def read_set(connection: Connection, account_no: int, key: str) -> BitMap:
    """The people of a set; empty where the client has none of this key."""
    kind, _, name = key.partition(":")
    match kind:
        case "list":
            return _people(connection, _listed(account_no, name))
        case "received":
            return _people(connection, _received(account_no, name))
        case "replied":
            received = _people(connection, _received(account_no, name))
            return received & _people(connection, _wrote(account_no, name))
        case _ if kind in _VISITS:
            return _visited(connection, account_no, name, _VISITS[kind])
    return BitMap()


def _visited(connection: Connection, account_no: int, name: str, kind: VisitKind) -> BitMap:
    campaign = schema.campaign.c
    number = connection.execute(
        select(campaign.campaign_no).where(campaign.account_no == account_no, campaign.name == name)
    ).scalar()
    return BitMap() if number is None else people_of_visits(connection, int(number), kind)


def _people(connection: Connection, statement: Select[Any]) -> BitMap:
    return BitMap(list(connection.scalars(statement)))


def _listed(account_no: int, name: str) -> Select[Any]:
    of_list, member = schema.distribution_list.c, schema.distribution_list_member.c
    return select(member.subscriber_no).where(
        of_list.account_no == account_no,
        of_list.name == name,
        member.list_no == of_list.list_no,
        member.active.is_(True),
    )


def _received(account_no: int, name: str) -> Select[Any]:
    message, final, campaign = schema.message, schema.message_final, schema.campaign.c
    same = and_(*(message.c[column] == final.c[column] for column in ("shard", "day", "message_id")))
    return (
        select(message.c.subscriber_no)
        .select_from(message.join(final, same))
        .where(
            campaign.account_no == account_no,
            campaign.name == name,
            message.c.campaign_no == campaign.campaign_no,
            final.c.state == MessageState.DELIVERED,
        )
    )


def _wrote(account_no: int, name: str) -> Select[Any]:
    heard, campaign = schema.mo_message.c, schema.campaign.c
    return select(heard.subscriber_no).where(
        campaign.account_no == account_no,
        campaign.name == name,
        heard.destination == campaign.source,
        heard.at_us >= campaign.created_us,
    )
