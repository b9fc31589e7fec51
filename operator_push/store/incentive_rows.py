"""Incentive rows: awards and payouts read back, all of a shard or those of one person."""

from collections.abc import Iterable

from pyroaring import BitMap
from sqlalchemy import Connection, select

from operator_push.domain.consent import EVERY, ConsentAction, Purpose
from operator_push.domain.incentives import Award
from operator_push.services.pay_rewards import Payout, PayoutState
from operator_push.store import schema
from operator_push.store.statements import pages

_GRANTS = (int(ConsentAction.GRANT), int(ConsentAction.CONFIRM))


def awards(connection: Connection, shard: int, subscriber_no: int | None = None) -> list[Award]:
    """Every award, or those of one person."""
    row = schema.incentive_award.c
    statement = select(schema.incentive_award).where(row.shard == shard)
    if subscriber_no is not None:
        statement = statement.where(row.subscriber_no == subscriber_no)
    return [Award(*found) for found in connection.execute(statement.order_by(row.at_us))]


def opted_in_to(connection: Connection, shard: int, brand: str) -> BitMap:
    """Whoever ever opted in to a brand's marketing, by whatever act."""
    row = schema.consent_event.c
    number = connection.execute(select(schema.brand.c.brand_no).where(schema.brand.c.name == brand)).scalar()
    if number is None:
        return BitMap()
    statement = (
        select(row.subscriber_no)
        .where(
            row.shard == shard,
            row.brand_no.in_((EVERY, number)),
            row.purpose == int(Purpose.MARKETING),
            row.action.in_(_GRANTS),
            row.subscriber_no > 0,
        )
        .distinct()
    )
    return BitMap(found[0] for found in pages(connection, statement))


def payouts(connection: Connection, shard: int, subscriber_no: int | None = None) -> list[Payout]:
    """Every payout, or those of one person, oldest first."""
    row = schema.reward_payout.c
    statement = select(schema.reward_payout).where(row.shard == shard)
    if subscriber_no is not None:
        statement = statement.where(row.subscriber_no == subscriber_no)
    return _payouts(connection.execute(statement.order_by(row.payout_id)))


def waiting_payouts(connection: Connection, shard: int) -> list[Payout]:
    """Those that nobody has answered for."""
    row = schema.reward_payout.c
    statement = select(schema.reward_payout).where(row.shard == shard, row.state == int(PayoutState.ASKED))
    return _payouts(connection.execute(statement.order_by(row.payout_id)))


def _payouts(rows: Iterable[object]) -> list[Payout]:
    return [Payout(*found) for found in rows]  # type: ignore[misc]
