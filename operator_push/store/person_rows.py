"""Person rows: what the store keeps about one person beside consents, for the person's own eyes.

Messages and postings have no index by person, which would cost every message: they are read by day, from the
days that are asked for. The archive of a day has one of its messages.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, select

from operator_push.domain.consent import SMS
from operator_push.domain.contact_channels import channel_of_number
from operator_push.domain.contact_wishes import Wish, WishScope
from operator_push.domain.declared import typed
from operator_push.domain.purses import REWARD_ACCOUNTS_FROM
from operator_push.domain.transfers import LedgerAccount
from operator_push.store import schema
from operator_push.store.archive_reading import archived_days, opened
from operator_push.store.message_channel_rows import channel_in

MESSAGES_MAX = 500  # Ours: the newest; a person who got more in the days shown sees these


class MessageToPerson(NamedTuple):
    """One message that was meant for somebody, as its rows say. `state` None: on its way; `rule` and
    `campaign` "" where none sent it; `reason` of a refusal (domain.message.RefusalReason), 0 for none."""

    message_id: int
    account: str
    brand_no: int
    campaign: str
    rule: str
    sender: str
    category: int
    traffic_class: int
    segments: int
    verdict: int
    reason: int
    trail: bytes
    state: int | None
    ended_us: int
    channel: str = SMS


class Posting(NamedTuple):
    """One posting of a person's reward account."""

    reference: int
    kind: int
    amount_micros: int
    currency: str
    at_us: int
    is_in: bool


class Declared(NamedTuple):
    """What a person says of themselves; `value` "" is taken back."""

    name: str
    value: str
    declared_us: int
    declared_by: str


class SaidWish(NamedTuple):
    """When and how often a person wants promotions of a scope, and since when that is so."""

    subscriber_no: int
    scope: WishScope
    wish: Wish
    changed_us: int


def messages_to(
    connection: Connection, shard: int, subscriber_no: int, from_day: int
) -> list[MessageToPerson]:
    """The messages to one person that were offered since a UTC day, newest first, refused ones too; of days
    that are archived by now, too.

    Raises:
        OperatorError: the file of an archived day is missing.
    """
    account, campaign = schema.account.c, schema.campaign.c
    found = _messages(connection, shard, subscriber_no, from_day)
    for day in reversed(archived_days(connection, shard)):
        if day.day < from_day or len(found) >= MESSAGES_MAX:
            break
        with opened(day) as archive:
            found |= _messages(archive, shard, subscriber_no, day.day)
    newest = sorted(found, reverse=True)[:MESSAGES_MAX]
    sent_by = {found[each][0] for each in newest}
    of_campaigns = {found[each][1] for each in newest}
    named = select(account.account_no, account.name).where(account.account_no.in_(sent_by))
    names = {each.account_no: each.name for each in connection.execute(named)}
    rules = {
        number: (name, rule)
        for number, name, rule in connection.execute(
            select(campaign.campaign_no, campaign.name, campaign.rule).where(
                campaign.campaign_no.in_(of_campaigns)
            )
        )
    }
    told = []
    for message_id in newest:
        account_no, campaign_no, brand_no, *rest = found[message_id]
        of_campaign = rules.get(campaign_no, ("", ""))
        told.append(_message((message_id, names.get(account_no), brand_no, *of_campaign, *rest)))
    return told


def _messages(
    connection: Connection, shard: int, subscriber_no: int, from_day: int
) -> dict[int, tuple[Any, ...]]:
    """message_id → what `messages_to` tells of it, of the rows that this store or archive has."""
    row, final = schema.message.c, schema.message_final.c
    messages, channel = channel_in(connection)
    joined = messages.outerjoin(
        schema.message_final,
        and_(final.shard == row.shard, final.day == row.day, final.message_id == row.message_id),
    )
    statement = (
        select(
            row.message_id,
            row.account_no,
            row.campaign_no,
            row.brand_no,
            row.source,
            row.category,
            row.traffic_class,
            row.segment_count,
            row.verdict,
            row.reason,
            row.trail,
            final.state,
            final.at_us,
            channel,
        )
        .select_from(joined)
        .where(row.shard == shard, row.day >= from_day, row.subscriber_no == subscriber_no)
        .order_by(row.day.desc(), row.message_id.desc())
        .limit(MESSAGES_MAX)
    )
    return {message_id: tuple(rest) for message_id, *rest in connection.execute(statement)}


def _message(found: Any) -> MessageToPerson:
    values = {"account": "", "campaign": "", "rule": "", "ended_us": 0}  # where nothing was joined
    row = dict(zip(MessageToPerson._fields, found, strict=True))
    row |= {name: nothing for name, nothing in values.items() if row[name] is None}
    told = {"trail": bytes(row["trail"]), "channel": channel_of_number(row["channel"])}
    return MessageToPerson(**{**row, **told})


def rewards_of(
    connection: Connection, shard: int, subscriber_no: int, from_day: int
) -> tuple[int, list[Posting]]:
    """Micros that are owed to a person, and the postings since a UTC day, newest first."""
    account_no = REWARD_ACCOUNTS_FROM + subscriber_no
    earned = int(LedgerAccount.EARNED)
    balance, row = schema.balance.c, schema.ledger_transfer.c
    owed = connection.execute(
        select(balance.amount_micros).where(
            balance.shard == shard, balance.account_no == account_no, balance.side == earned
        )
    ).scalar()
    statement = (
        select(row.reference, row.kind, row.amount_micros, row.currency, row.at_us, row.credit)
        .where(row.shard == shard, row.day >= from_day, row.account_no == account_no)
        .order_by(row.day.desc(), row.reference.desc())
        .limit(MESSAGES_MAX)
    )
    postings = [
        Posting(reference, kind, micros, currency, at_us, credit == earned)
        for reference, kind, micros, currency, at_us, credit in connection.execute(statement)
    ]
    return int(owed or 0), postings


def declared_by(connection: Connection, shard: int, subscriber_no: int) -> list[Declared]:
    """What one person says of themselves, by name; what was taken back is not there."""
    row = schema.declared_attribute.c
    statement = (
        select(row.name, row.value, row.declared_us, row.declared_by)
        .where(row.shard == shard, row.subscriber_no == subscriber_no, row.value != "")
        .order_by(row.name)
    )
    return [Declared(*found) for found in connection.execute(statement)]


def declared_values(connection: Connection, names: Collection[str]) -> dict[str, dict[int, bool | int | str]]:
    """name → person → what everybody says of themselves under these names."""
    row = schema.declared_attribute.c
    statement = select(row.name, row.subscriber_no, row.value).where(
        row.name.in_(list(names)), row.value != ""
    )
    found: dict[str, dict[int, bool | int | str]] = {}
    for name, number, value in connection.execute(statement):
        found.setdefault(name, {})[number] = typed(name, value)
    return found


def wishes(
    connection: Connection, shard: int, subscriber_no: int | None = None, at_us: int | None = None
) -> list[SaidWish]:
    """What everybody wishes, or one person, each in the words that count; at a moment, or as of now."""
    row = schema.contact_wish.c
    statement = select(
        row.subscriber_no,
        row.brand_no,
        row.category,
        row.channel,
        row.from_minute,
        row.until_minute,
        row.per_week,
        row.changed_us,
    ).where(row.shard == shard)
    if subscriber_no is not None:
        statement = statement.where(row.subscriber_no == subscriber_no)
    if at_us is not None:
        statement = statement.where(row.changed_us <= at_us)
    newest: dict[tuple[int, WishScope], SaidWish] = {}
    for number, brand_no, category, channel, *wished, changed_us in connection.execute(
        statement.order_by(row.changed_us)
    ):
        scope = WishScope(brand_no, category, channel)
        newest[number, scope] = SaidWish(number, scope, Wish(*wished), changed_us)
    return [each for each in newest.values() if not each.wish.is_empty]
