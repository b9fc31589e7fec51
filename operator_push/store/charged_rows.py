"""Charged rows: what the ledger has earned from one account, grouped by the database itself.

A charge is a transfer into REVENUE. It counts under the day of its key, behind which a settled day shuts the
door; a late charge comes through that door, as its message is older, and counts under the day of its moment.
Hot days are read from the store and archived ones from their files; a day that is in both is read once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    case,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from operator_push.domain.invoicing.charges import PRICED_AS_ONE, SEGMENTS
from operator_push.domain.ledger import LEGS, LedgerAccount, TransferKind
from operator_push.domain.message import TrafficClass
from operator_push.domain.transfers import BACK_TO_REVENUE
from operator_push.kernel.ids import first_id_at, id_day, id_epoch_us
from operator_push.kernel.instants import MICROS_PER_DAY
from operator_push.services.issue_invoices import NOTHING, ChargedGroup, DayCount
from operator_push.store import schema
from operator_push.store.archive_reading import archived_days, opened
from operator_push.store.document_rows import has_prices
from operator_push.store.fee_rows import Fee, fees_of, taxed_groups
from operator_push.store.priced_charges import PricedCharges
from operator_push.store.settled_days import settled_days
from operator_push.store.tariff_names import TariffNames

_BACK = int(TransferKind.FAILED_REFUND)
# Transfers into REVENUE: a message's price, one that came when its hold had expired, a fee; and what of the
# first goes back by its end, which is a charge below zero. The tax in that is told by the tariff.
CHARGES = tuple(
    int(kind)
    for kind, (_, credit) in LEGS.items()
    if (credit is LedgerAccount.REVENUE and kind not in BACK_TO_REVENUE) or kind is TransferKind.FAILED_REFUND
)
CHARGED = case(
    (schema.ledger_transfer.c.kind == _BACK, -schema.ledger_transfer.c.amount_micros),
    else_=schema.ledger_transfer.c.amount_micros,
)
PREFIX_DIGITS = 7  # Ours: country code and network prefix of every numbering plan that we know.

_Row = TypeVar("_Row")
_LATE = int(TransferKind.LATE_CHARGE)
_OF_MESSAGES = (int(TransferKind.SETTLE), _LATE, _BACK)
_IS_OF_MESSAGE = schema.ledger_transfer.c.kind.in_(_OF_MESSAGES)
_NO_FEE = Fee("", 0, (), 0)
_COUNTING_DAY = case(
    (
        schema.ledger_transfer.c.kind == _LATE,
        schema.ledger_transfer.c.at_us // literal_column(str(MICROS_PER_DAY)),
    ),
    else_=schema.ledger_transfer.c.day,
)
_CLASSES = {int(member): member.name.lower() for member in TrafficClass}


def shards_of(connection: Connection, account_no: int) -> list[int]:
    """The shards in which the account ever had money."""
    row = schema.balance.c
    found = connection.execute(select(row.shard).where(row.account_no == account_no).distinct())
    return sorted(found.scalars())


class EarlierInvoice(NamedTuple):
    """Where the invoice before ended, and when it was issued; what came late is told by them."""

    until_us: int = 0
    issued_us: int = 0

    def is_late(self) -> ColumnElement[bool]:
        """Whether a posting belongs to a message from its time or before, and came when it was final."""
        transfer = schema.ledger_transfer.c
        return and_(transfer.reference < first_id_at(self.until_us), transfer.at_us >= self.issued_us)

    def late_day(self, message_id: int, posted: int) -> int:
        """The day of a message about which a posting was made by hand, where that came late; 0 otherwise."""
        late = 0 < message_id < first_id_at(self.until_us) and id_epoch_us(posted) >= self.issued_us
        return id_day(message_id) if late else 0


NONE_EARLIER = EarlierInvoice()


def settled_until_day(connection: Connection, shards: list[int]) -> int:
    """The day before which nothing is open on any of the shards, so that nothing can be charged any more."""
    return min((settled_days(connection, shard).until_day for shard in shards), default=0)


def charged_groups(
    connection: Connection,
    account_no: int,
    shards: list[int],
    from_day: int,
    from_us: int,
    until_us: int,
    prefix_digits: int = PREFIX_DIGITS,
    earlier: EarlierInvoice = NONE_EARLIER,
) -> list[ChargedGroup]:
    """Charges of a period in rows of days from `from_day` on, alike in class, price and first digits; those
    of messages that came late, after the invoice before, by themselves."""
    found: list[ChargedGroup] = []
    tariff_of = TariffNames(connection)
    fees = fees_of(connection, account_no)
    priced = PricedCharges(connection, _CLASSES, tariff_of.document_name)
    for shard in shards:

        def read(each: Connection, more: ColumnElement[bool], shard: int = shard) -> Iterator[ChargedGroup]:
            wanted = and_(_wanted(account_no, shard, from_day, from_us, until_us), more)
            if has_prices(each):
                by_document = exists().where(_same_message(schema.message_price))
                yield from priced.groups(
                    each, shard, and_(wanted, _IS_OF_MESSAGE), prefix_digits, earlier.is_late()
                )
                wanted = and_(wanted, not_(and_(_IS_OF_MESSAGE, by_document)))
            yield from _groups(each, shard, wanted, prefix_digits, earlier, tariff_of, fees)

        found += over_days(connection, shard, from_day, read)
    return found


def charged_counts(
    connection: Connection, account_no: int, shards: list[int], from_day: int, from_us: int, until_us: int
) -> dict[tuple[int, int], DayCount]:
    """(shard, day) → how many charges of the period there are, and what they come to."""
    counts: dict[tuple[int, int], DayCount] = {}
    for shard in shards:

        def read(each: Connection, more: ColumnElement[bool], shard: int = shard) -> Iterator[Any]:
            statement = (
                select(_COUNTING_DAY, func.count(), func.sum(CHARGED))
                .where(_wanted(account_no, shard, from_day, from_us, until_us), more)
                .group_by(_COUNTING_DAY)
            )
            yield from each.execute(statement)

        for day, postings, amount in over_days(connection, shard, from_day, read):
            found = DayCount(int(postings), int(amount))
            counts[shard, int(day)] = counts.get((shard, int(day)), NOTHING).and_also(found)
    return counts


def first_charge_us(connection: Connection, account_no: int, shards: list[int]) -> int | None:
    """The moment of the account's first charge; None where there was none."""
    transfer = schema.ledger_transfer.c
    moments: list[int] = []
    for shard in shards:

        def read(each: Connection, more: ColumnElement[bool], shard: int = shard) -> Iterator[int]:
            wanted = (transfer.shard == shard) & (transfer.account_no == account_no)
            found = each.execute(
                select(func.min(transfer.at_us)).where(wanted, transfer.kind.in_(CHARGES), more)
            ).scalar()
            if found is not None:
                yield int(found)

        moments += over_days(connection, shard, 0, read)
    return min(moments, default=None)


def kind_sums(
    connection: Connection,
    account_no: int,
    shards: list[int],
    kinds: Sequence[TransferKind],
    from_us: int = 0,
    until_us: int | None = None,
) -> dict[TransferKind, int]:
    """Kind → micros of the account's transfers of these kinds with a moment in the period."""
    transfer = schema.ledger_transfer.c
    sums: dict[TransferKind, int] = {}
    for shard in shards:
        wanted = and_(
            transfer.shard == shard,
            transfer.account_no == account_no,
            transfer.kind.in_([int(kind) for kind in kinds]),
            transfer.at_us >= from_us,
            true() if until_us is None else transfer.at_us < until_us,
        )

        def read(
            each: Connection, more: ColumnElement[bool], wanted: ColumnElement[bool] = wanted
        ) -> Iterator[Any]:
            amount = func.sum(transfer.amount_micros)
            yield from each.execute(select(transfer.kind, amount).where(wanted, more).group_by(transfer.kind))

        for kind, amount in over_days(connection, shard, 0, read):
            sums[TransferKind(kind)] = sums.get(TransferKind(kind), 0) + int(amount)
    return sums


def over_days(
    connection: Connection,
    shard: int,
    from_day: int,
    read: Callable[[Connection, ColumnElement[bool]], Iterator[_Row]],
) -> Iterator[_Row]:
    """What `read` finds in the archives from a day on, then in the hot rows of the other days.

    `read` gets a connection and a condition on the day of ledger_transfer that it must add.
    """
    day = schema.ledger_transfer.c.day
    archived = archived_days(connection, shard)
    for each in archived:
        # An older day may have been archived since with a late charge in it.
        if each.day >= from_day or each.archived_us >= from_day * MICROS_PER_DAY:
            with opened(each) as archive:
                yield from read(archive, day == each.day)
    yield from read(connection, day.not_in([each.day for each in archived]))


def _wanted(account_no: int, shard: int, from_day: int, from_us: int, until_us: int) -> ColumnElement[bool]:
    transfer = schema.ledger_transfer.c
    late = (transfer.kind == _LATE) & (transfer.at_us >= from_day * MICROS_PER_DAY)
    return and_(
        transfer.shard == shard,
        or_(transfer.day >= from_day, late) if from_day else true(),
        transfer.account_no == account_no,
        transfer.kind.in_(CHARGES),
        transfer.at_us >= from_us,
        transfer.at_us < until_us,
    )


def _groups(
    connection: Connection,
    shard: int,
    wanted: ColumnElement[bool],
    prefix_digits: int,
    earlier: EarlierInvoice,
    tariff_of: TariffNames,
    fees: Mapping[int, Fee],
) -> Iterator[ChargedGroup]:
    transfer, message = schema.ledger_transfer.c, schema.message.c
    joined = schema.ledger_transfer.outerjoin(schema.message, _same_message(schema.message))
    prefix = func.substr(func.coalesce(message.destination, ""), 1, prefix_digits)
    price = func.coalesce(message.price_micros, 0)
    kinds = func.coalesce(message.traffic_class, 0)
    is_whole = case((price == 0, 0), (transfer.amount_micros % price == 0, 1), else_=0)
    # What was charged without a message is a line each, by the reason that was given.
    alone = case((transfer.kind == int(TransferKind.CHARGE), transfer.reference), else_=0)
    of_late = case((transfer.kind.in_(_OF_MESSAGES) & earlier.is_late(), 1), else_=0)
    keys = (transfer.day, transfer.kind, kinds, price, is_whole, of_late, alone)
    statement = (
        select(
            *keys,
            func.min(message.destination),
            func.count(message.message_id),
            func.sum(case((price == 0, 0), else_=transfer.amount_micros // price)),
            func.sum(CHARGED),
        )
        .select_from(joined)
        .where(wanted)
        .group_by(*keys, prefix)
    )
    for found in connection.execute(statement):
        day, kind, traffic_class, unit_price, whole, came_late, reference, example, *sums = found
        messages, segments, amount = sums
        of_message = kind in _OF_MESSAGES and example is not None
        what = SEGMENTS if of_message else TransferKind(kind).name.lower().replace("_", " ")
        fee = fees.get(reference, _NO_FEE)
        group = ChargedGroup(
            shard=shard,
            day=day,
            what=PRICED_AS_ONE if of_message and not whole else fee.reason or what,
            traffic_class=_CLASSES.get(traffic_class, ""),
            digits=example or "",
            tariff=tariff_of.row_name(traffic_class, unit_price, example) if of_message else "",
            unit_price_micros=int(unit_price) if of_message and whole else 0,
            messages=int(messages),
            segments=int(segments) if of_message and whole else 0,
            amount_micros=int(amount),
            late_day=day if came_late else earlier.late_day(fee.message_id, reference),
        )
        yield from taxed_groups(group, fee)


def _same_message(table: Table) -> ColumnElement[bool]:
    transfer = schema.ledger_transfer.c
    return and_(
        table.c.shard == transfer.shard,
        table.c.day == transfer.day,
        table.c.message_id == transfer.reference,
    )
