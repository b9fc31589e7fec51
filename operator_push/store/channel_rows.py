"""Channel rows: the channels and their issues as a start reads them back; they are written as upserts."""

from sqlalchemy import Connection, select

from operator_push.domain.channels import Channel, Issue
from operator_push.store import schema


def channels(connection: Connection) -> list[Channel]:
    """Every channel, closed ones too, by number."""
    found = connection.execute(select(schema.channel).order_by(schema.channel.c.channel_no))
    return [Channel(**dict(row)) for row in found.mappings()]


def channel_issues(connection: Connection) -> list[Issue]:
    """Every issue, in order."""
    found = connection.execute(select(schema.channel_issue).order_by(schema.channel_issue.c.campaign_no))
    return [Issue(*row) for row in found]
