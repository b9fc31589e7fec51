"""List rows: the distribution lists as a start reads them back; they are written as upserts."""

from sqlalchemy import Connection, select

from operator_push.services.distribution_lists import DistributionLists
from operator_push.store import schema


def distribution_lists(connection: Connection) -> DistributionLists:
    """Every list with the members that are on it now."""
    row, member = schema.distribution_list.c, schema.distribution_list_member.c
    lists = connection.execute(select(row.list_no, row.account_no, row.name).order_by(row.list_no))
    members = connection.execute(
        select(member.list_no, member.subscriber_no)
        .where(member.active.is_(True))
        .order_by(member.list_no, member.subscriber_no)
    )
    return DistributionLists(
        [(list_no, account_no, name) for list_no, account_no, name in lists],
        [(list_no, subscriber_no) for list_no, subscriber_no in members],
    )
