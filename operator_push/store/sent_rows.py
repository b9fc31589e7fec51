"""Sent rows: the one message that somebody asks about, by its id."""

from sqlalchemy import Connection, select

from operator_push.domain.contact_channels import channel_of_number
from operator_push.kernel.ids import id_day
from operator_push.services.answer_why import SentMessage
from operator_push.store import schema
from operator_push.store.message_channel_rows import with_channel


def sent_message(connection: Connection, shard: int, message_id: int) -> SentMessage | None:
    """The message of this id; None where it is archived, or there is none."""
    row = schema.message.c
    columns = (
        row.message_id,
        row.brand_no,
        row.category,
        row.traffic_class,
        row.subscriber_no,
        row.campaign_no,
    )
    statement = (
        select(*columns, schema.message_channel.c.channel)
        .select_from(with_channel())
        .where(row.shard == shard, row.day == id_day(message_id), row.message_id == message_id)
    )
    found = connection.execute(statement).first()
    return SentMessage(*found[:-1], channel_of_number(found[-1])) if found is not None else None
