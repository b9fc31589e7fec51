"""Customer results: what became of a campaign for the customers whose codes a client has linked.

A row is one customer by the client's own code; numbers and subscriber numbers stay in the house. Who may be
told so much is decided by the caller.
"""

from typing import NamedTuple

from sqlalchemy import Connection, and_, select

from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.link_visits import VisitKind
from operator_push.domain.message import MessageState, Verdict
from operator_push.store import schema
from operator_push.store.short_link_rows import people_of_visits


class CustomerResult(NamedTuple):
    """One customer. `outcome`: delivered, failed, on the way, or not sent, whatever the reason was."""

    customer_code: str
    outcome: str
    replied: bool
    clicked: bool
    converted: bool


def customer_results(
    connection: Connection, shard: int, account_no: int, campaign_no: int
) -> list[CustomerResult]:
    """Every customer of the client who was handed in, by code."""
    codes = _codes(connection, shard, account_no)
    campaign = schema.campaign.c
    ordered = connection.execute(
        select(campaign.source, campaign.created_us).where(campaign.campaign_no == campaign_no)
    ).one_or_none()
    outcomes = _outcomes(connection, shard, campaign_no)
    wrote = _wrote(connection, shard, *ordered) if ordered is not None else set()
    clicked, converted = (
        people_of_visits(connection, campaign_no, kind) for kind in (VisitKind.CLICK, VisitKind.CONVERSION)
    )
    rows = [
        CustomerResult(
            code,
            outcomes[number],
            outcomes[number] == _DELIVERED and number in wrote,
            number in clicked,
            number in converted,
        )
        for number, code in codes.items()
        if number in outcomes
    ]
    return sorted(rows)


_DELIVERED = "delivered"


def _codes(connection: Connection, shard: int, account_no: int) -> dict[int, str]:
    row = schema.vault_link.c
    statement = select(row.subscriber_no, row.customer_code).where(
        row.shard == shard,
        row.account_no == account_no,
        row.is_linked == 1,
        row.linked_us > 0,
        row.customer_code != "",
    )
    return {int(number): str(code) for number, code in connection.execute(statement)}


def _outcomes(connection: Connection, shard: int, campaign_no: int) -> dict[int, str]:
    message, final = schema.message, schema.message_final
    same = and_(*(message.c[name] == final.c[name] for name in ("shard", "day", "message_id")))
    statement = (
        select(message.c.subscriber_no, message.c.verdict, final.c.state)
        .select_from(message.outerjoin(final, same))
        .where(message.c.shard == shard, message.c.campaign_no == campaign_no)
        .order_by(message.c.message_id)
    )
    return {int(number): _word(verdict, state) for number, verdict, state in connection.execute(statement)}


def _word(verdict: int, state: int | None) -> str:
    if verdict == Verdict.REFUSE or state == MessageState.WITHDRAWN:
        return "not sent"
    if state is None:
        return "on the way"
    return _DELIVERED if state == MessageState.DELIVERED else "failed"


def _wrote(connection: Connection, shard: int, source: str, since_us: int) -> set[int]:
    heard = schema.mo_message.c
    statement = select(heard.subscriber_no).where(
        heard.shard == shard,
        heard.destination == source,
        heard.at_us >= since_us,
        heard.action.in_([int(action) for action in InboundAction if not action.is_for_us]),
    )
    return set(connection.execute(statement.distinct()).scalars())
