"""Stories: everything that the store knows of one message, for the person who asks what became of it."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, inspect, select

from operator_push.domain.consent import SMS
from operator_push.domain.contact_channels import channel_of_number
from operator_push.domain.rating.document import TariffDocument
from operator_push.services.correct_ledger import Correction
from operator_push.services.disputes import Dispute
from operator_push.store import schema
from operator_push.store.archive_reading import archived_days, opened
from operator_push.store.client_names import client_names, members_of, shown_id_of
from operator_push.store.dispute_rows import corrections_about, disputes
from operator_push.store.document_rows import document_numbered
from operator_push.store.folded import DELIVERIES, Place, together
from operator_push.store.message_channel_rows import channel_in
from operator_push.store.proof_rows import account_names, brand_names, link_names
from operator_push.store.stored_messages import StoredMessage, smsc_message_id_of, stored_messages

_Row = TypeVar("_Row")

FOLLOWED_DAYS = 14  # Ours: receipts of a message come within its validity and the SMSC's own patience.


class DeliveryToEsme(msgspec.Struct, frozen=True):
    """A deliver_sm that we owed its ESME. `outcome` None: still owed."""

    delivery_id: int
    kind: int
    outcome: int | None
    at_us: int | None


class ReceiptAside(msgspec.Struct, frozen=True):
    """A receipt of the SMSC that changed nothing."""

    smsc_message_id: str
    state: int
    outcome: int
    at_us: int


class OpenCase(msgspec.Struct, frozen=True):
    """Something about the message that no machine could decide."""

    segment_no: int
    kind: str
    detail: str
    at_us: int


class PutOff(msgspec.Struct, frozen=True):
    """A deferral immediately before sending."""

    at_us: int
    until_us: int
    reason: int
    trail: bytes


class Story(msgspec.Struct, frozen=True):
    """One message with its surroundings; `links` by number."""

    stored: StoredMessage
    account: str
    brand: str
    campaign: str
    links: dict[int, str]
    deliveries: tuple[DeliveryToEsme, ...]
    asides: tuple[ReceiptAside, ...]
    cases: tuple[OpenCase, ...]
    tariff: TariffDocument | None = None  # the version that priced it
    client_message_id: str = ""  # what its client was told as its id
    same_id: tuple[int, ...] = ()  # the other messages that its client knows by that id
    corrections: tuple[Correction, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    put_off: tuple[PutOff, ...] = ()
    channel: str = SMS


def story_of(connection: Connection, shard: int, message_id: int) -> Story | None:
    """The story of one message, admitted or refused; None where there is none with this id.

    What has no key that begins with the message (deliveries, receipts put aside, cases) is looked for from
    the message's day on, in archived days for FOLLOWED_DAYS.

    Raises:
        OperatorError: the file of an archived day is missing.
    """
    stored = next(stored_messages(connection, shard, refused=True, message_id=message_id), None)
    if stored is None:
        return None
    row = stored.row
    campaign = schema.campaign.c
    members = members_of(connection, shard, shown_id_of(connection, shard, message_id))
    named = connection.execute(select(campaign.name).where(campaign.campaign_no == row.campaign_no)).scalar()
    return Story(
        stored=stored,
        account=account_names(connection).get(row.account_no, f"account {row.account_no}"),
        brand=brand_names(connection).get(row.brand_no, "*"),
        campaign=named or "",
        links=link_names(connection),
        deliveries=_over(
            connection, shard, row.day, lambda each: _deliveries(each, shard, row.day, message_id)
        ),
        asides=_over(connection, shard, row.day, lambda each: _asides(each, shard, stored)),
        cases=_cases(connection, shard, row.day, message_id),
        tariff=document_numbered(connection, stored.price.document_no) if stored.price else None,
        client_message_id=client_names(connection, shard, [message_id])[message_id],
        same_id=tuple(each for each in members if each != message_id),
        corrections=tuple(corrections_about(connection, message_id)),
        disputes=tuple(disputes(connection, message_id=message_id)),
        put_off=_over(connection, shard, row.day, lambda each: _put_off(each, shard, row.day, message_id)),
        channel=channel_of_number(
            max(
                _over(connection, shard, row.day, lambda each: _channel(each, shard, row.day, message_id)),
                default=0,
            )
        ),
    )


def _over(
    connection: Connection, shard: int, from_day: int, read: Callable[[Connection], tuple[_Row, ...]]
) -> tuple[_Row, ...]:
    """What is found in the archives from a day on, then in the hot tables; a row that is in both once."""
    found: dict[_Row, None] = {}
    for day in archived_days(connection, shard):
        if from_day <= day.day <= from_day + FOLLOWED_DAYS:
            with opened(day) as archive:
                found.update(dict.fromkeys(read(archive)))
    found.update(dict.fromkeys(read(connection)))
    return tuple(found)


def _channel(connection: Connection, shard: int, day: int, message_id: int) -> tuple[int, ...]:
    row, (messages, channel) = schema.message.c, channel_in(connection)
    statement = select(channel).select_from(messages)
    statement = statement.where(row.shard == shard, row.day == day, row.message_id == message_id)
    return tuple(found or 0 for found in connection.scalars(statement))


def _put_off(connection: Connection, shard: int, day: int, message_id: int) -> tuple[PutOff, ...]:
    """None in an archive from before deferrals were kept."""
    if not inspect(connection).has_table(schema.deferral.name):
        return ()
    row = schema.deferral.c
    statement = (
        select(row.at_us, row.until_us, row.reason, row.trail)
        .where(row.shard == shard, row.day == day, row.message_id == message_id)
        .order_by(row.at_us)
    )
    return tuple(PutOff(*found[:3], bytes(found[3])) for found in connection.execute(statement))


def _deliveries(
    connection: Connection, shard: int, from_day: int, message_id: int
) -> tuple[DeliveryToEsme, ...]:
    ack = schema.esme_delivery_ack

    def answered(owed: Place) -> Select[Any]:
        same = and_(*(owed.c[name] == ack.c[name] for name in ("shard", "day", "delivery_id")))
        return (
            select(*owed.named("delivery_id", "kind"), ack.c.outcome, ack.c.at_us)
            .select_from(owed.rows.outerjoin(ack, same))
            .where(*about(owed, shard, from_day, message_id))
        )

    statement = together(DELIVERIES, answered, "delivery_id")
    return tuple(DeliveryToEsme(*found) for found in connection.execute(statement))


def about(owed: Place, shard: int, from_day: int, message_id: int) -> tuple[ColumnElement[bool], ...]:
    """What makes a delivery (a place of `folded.DELIVERIES`) one about a message that is of `from_day`."""
    row = owed.c
    is_folded = owed.rows is schema.message_final
    day = row["day"] == from_day if is_folded else row["day"] >= from_day  # folded: found by its key
    return row["shard"] == shard, day, row["message_id"] == message_id


def _asides(connection: Connection, shard: int, stored: StoredMessage) -> tuple[ReceiptAside, ...]:
    numbers = range(1, stored.row.segment_count + 1)
    ids = {smsc_message_id_of(stored, number) for number in numbers} - {""}
    if not ids:
        return ()
    row = schema.receipt_aside.c
    statement = (
        select(row.smsc_message_id, row.state, row.outcome, row.at_us)
        .where(row.shard == shard, row.day >= stored.row.day, row.smsc_message_id.in_(sorted(ids)))
        .order_by(row.day, row.receipt_id)
    )
    return tuple(ReceiptAside(*found) for found in connection.execute(statement))


def _cases(connection: Connection, shard: int, from_day: int, message_id: int) -> tuple[OpenCase, ...]:
    row = schema.reconciliation_case.c
    statement = (
        select(row.segment_no, row["class"], row.detail, row.at_us)
        .where(row.shard == shard, row.day >= from_day, row.message_id == message_id)
        .order_by(row.day, row.case_id)
    )
    return tuple(OpenCase(*found) for found in connection.execute(statement))
