"""Message channel rows: messages with the row that says by what they go, where that is no SMS."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Join, and_, inspect, null

from operator_push.store import schema


def with_channel() -> Join:
    """Every message with its `message_channel.channel`, None for an SMS."""
    message, channel = schema.message, schema.message_channel
    keys = "shard", "day", "message_id"
    return message.outerjoin(channel, and_(*(channel.c[name] == message.c[name] for name in keys)))


def channel_in(connection: Connection) -> tuple[FromClause, ColumnElement[Any]]:
    """The same with the column, also in an archive from before channels were kept, when all were SMS."""
    if inspect(connection).has_table(schema.message_channel.name):
        return with_channel(), schema.message_channel.c.channel
    return schema.message, null()
