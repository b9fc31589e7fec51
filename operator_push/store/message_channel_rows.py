"""Channel rows: messages with the row that says by what they go, where that is no SMS."""

from sqlalchemy import Join, and_

from operator_push.store import schema


def with_channel() -> Join:
    """Every message with its `message_channel.channel`, None for an SMS."""
    message, channel = schema.message, schema.message_channel
    keys = "shard", "day", "message_id"
    return message.outerjoin(channel, and_(*(channel.c[name] == message.c[name] for name in keys)))
