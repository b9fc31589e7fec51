"""Event rows: the ends of messages above a sequence, for a sink that was away.

The scan starts at the day of the cursor's own row, so its cost follows what was missed, not what is stored.
"""

from sqlalchemy import Connection, and_, func, select

from operator_push.domain.message import MessageState
from operator_push.services.open_messages import WHOLE
from operator_push.services.ports import DeliveryEvent
from operator_push.store import schema
from operator_push.store.client_names import client_names


def events_above(connection: Connection, shard: int, sequence: int, limit: int) -> list[DeliveryEvent]:
    """Up to `limit` events with a higher sequence, ascending."""
    final, message, outcome = schema.message_final.c, schema.message.c, schema.segment_outcome.c
    first_day = (
        select(func.coalesce(func.min(final.day), 0))
        .where(final.shard == shard, final.sequence > sequence)
        .scalar_subquery()
    )
    statement = (
        select(
            final.sequence,
            final.message_id,
            schema.account.c.name,
            final.state,
            func.coalesce(outcome.smsc_message_id, final.smsc_message_id),
            message.segment_count,
            final.settled_micros,
            final.at_us,
            message.client_reference,
            func.coalesce(schema.campaign.c.name, ""),
        )
        .select_from(
            schema.message_final.join(
                schema.message,
                and_(
                    message.shard == final.shard,
                    message.day == final.day,
                    message.message_id == final.message_id,
                ),
            )
            .join(schema.account, schema.account.c.account_no == message.account_no)
            .outerjoin(schema.campaign, schema.campaign.c.campaign_no == message.campaign_no)
            .outerjoin(
                schema.segment_outcome,
                and_(
                    outcome.shard == final.shard,
                    outcome.day == final.day,
                    outcome.message_id == final.message_id,
                    outcome.segment_no.in_((WHOLE, 1)),  # a message has only one of them
                ),
            )
        )
        .where(final.shard == shard, final.day >= first_day, final.sequence > sequence)
        .order_by(final.sequence)
        .limit(limit)
    )
    rows = connection.execute(statement).all()
    names = client_names(connection, shard, [row[1] for row in rows])
    return [
        DeliveryEvent(number, message_id, account, MessageState(state).name, *(*rest, names[message_id]))
        for number, message_id, account, state, *rest in rows
    ]
