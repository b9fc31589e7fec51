"""Campaign rows: what became of the people of a campaign, counted from the rows of its messages.

Reads all messages of the shard: a question for a person, not for a loop.
"""

from collections import Counter

import msgspec
from pyroaring import BitMap
from sqlalchemy import Connection, and_, func, select

from operator_push.domain.campaign import FINAL_CAMPAIGN_STATES
from operator_push.domain.message import MessageState, RefusalReason, Verdict
from operator_push.services.campaign_people import Fixed, Weights
from operator_push.store import schema


class CampaignCount(msgspec.Struct, frozen=True):
    """People by what became of their message, each in one place.

    `suppressed`: never sent, by reason (a refusal's, or WITHDRAWN: permission gone before sending); `ended`:
    by final state; `open`: on their way; `waits_until_us`: until when the last of those was told to wait, 0
    where none was. Amounts in micros.
    """

    suppressed: dict[str, int]
    ended: dict[str, int]
    open: int
    held_micros: int
    settled_micros: int
    released_micros: int
    waits_until_us: int = 0

    @property
    def handed_in(self) -> int:
        """Everybody who was handed in."""
        return sum(self.suppressed.values()) + sum(self.ended.values()) + self.open


def fixed_recipients(connection: Connection) -> dict[int, Fixed]:
    """campaign_no → the people whom it is for, of campaigns that have not ended."""
    row, campaign = schema.campaign_recipients.c, schema.campaign.c
    statement = select(row.campaign_no, row.subscribers, row.fixed_us, row.weights).where(
        row.campaign_no == campaign.campaign_no,
        campaign.state.not_in([state.value for state in FINAL_CAMPAIGN_STATES]),
    )
    return {
        number: Fixed(BitMap.deserialize(octets), fixed_us, Weights.from_octets(weights))
        for number, octets, fixed_us, weights in connection.execute(statement)
    }


def received_before(connection: Connection, shard: int, account_no: int, name: str, until_us: int) -> BitMap:
    """Who received a campaign of an account by a moment, and has not written to its sender since."""
    message, final, campaign, heard = (
        schema.message,
        schema.message_final,
        schema.campaign.c,
        schema.mo_message.c,
    )
    same = and_(*(message.c[column] == final.c[column] for column in ("shard", "day", "message_id")))
    received = (
        select(message.c.subscriber_no, func.min(final.c.at_us))
        .select_from(message.join(final, same))
        .where(
            message.c.shard == shard,
            campaign.account_no == account_no,
            campaign.name == name,
            message.c.campaign_no == campaign.campaign_no,
            final.c.state == MessageState.DELIVERED,
            final.c.at_us <= until_us,
        )
        .group_by(message.c.subscriber_no)
    )
    since = {int(person): int(at_us) for person, at_us in connection.execute(received)}
    wrote = select(heard.subscriber_no, func.max(heard.at_us)).where(
        heard.shard == shard,
        campaign.account_no == account_no,
        campaign.name == name,
        heard.destination == campaign.source,
        heard.at_us >= min(since.values(), default=0),
    )
    for person, at_us in connection.execute(wrote.group_by(heard.subscriber_no)):
        if at_us >= since.get(int(person), at_us + 1):
            del since[int(person)]
    return BitMap(list(since))


def count_campaign(connection: Connection, shard: int, campaign_no: int) -> CampaignCount:
    """Count one campaign."""
    message, final = schema.message, schema.message_final
    same = and_(*(message.c[name] == final.c[name] for name in ("shard", "day", "message_id")))
    statement = (
        select(
            message.c.verdict,
            message.c.reason,
            final.c.state,
            func.count(),
            func.sum(message.c.held_micros),
            func.coalesce(func.sum(final.c.settled_micros), 0),
            func.coalesce(func.sum(final.c.released_micros), 0),
            func.max(message.c.not_before_us),
        )
        .select_from(message.outerjoin(final, same))
        .where(message.c.shard == shard, message.c.campaign_no == campaign_no)
        .group_by(message.c.verdict, message.c.reason, final.c.state)
    )
    suppressed: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    still_open = held = settled = released = waits_until_us = 0
    for verdict, reason, state, people, held_sum, settled_sum, released_sum, latest_us in connection.execute(
        statement
    ):
        held, settled, released = (
            held + int(held_sum),
            settled + int(settled_sum),
            released + int(released_sum),
        )
        if verdict == Verdict.REFUSE:
            suppressed[RefusalReason(reason).name] += people
        elif state is None:
            still_open += people
            waits_until_us = max(waits_until_us, int(latest_us))
        elif state == MessageState.WITHDRAWN:
            suppressed[MessageState.WITHDRAWN.name] += people
        else:
            ended[MessageState(state).name] += people
    return CampaignCount(dict(suppressed), dict(ended), still_open, held, settled, released, waits_until_us)
