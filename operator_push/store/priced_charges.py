"""Priced charges: charges of messages that a tariff document priced, as the lines by which it priced them.

Laws: the lines of a message sum to its posting; lines that are alike are one group with one price for each
unit. A tariff that states taxes states all of them: its messages bear those and no others.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, case, func, select

from operator_push.domain.invoicing.charges import PRICED_AS_ONE
from operator_push.domain.invoicing.document import TaxRate
from operator_push.domain.invoicing.taxes import net_of
from operator_push.domain.rating.charge import Charge, ChargePlan
from operator_push.domain.rating.document import TariffDocument
from operator_push.domain.rating.taxes import TAX_LINE
from operator_push.domain.rating.values import Line
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.services.issue_invoices import ChargedGroup
from operator_push.services.stored_charges import PriceRow, StoredCharges
from operator_push.store import schema
from operator_push.store.document_rows import stored_documents
from operator_push.store.statements import pages

# Lines of so many units at one price each; of others only the sum is told.
_BY_UNIT = ("segments, ", "bundle ", "contact ", "surcharge ")
_LINES_REMEMBERED = 10_000  # Ours: far more kinds of charges than a tariff has.
GIVEN_BACK = "given back by the message's end"
_BACK = int(TransferKind.FAILED_REFUND)
_REACHED = re.compile(r", all units at \d+ this month$")  # differs from message to message

_Key = tuple[int, bool, str, str, str, str, int, tuple[TaxRate, ...] | None]


class _Sum(msgspec.Struct, gc=False):
    messages: int = 0
    units: int = 0
    amount_micros: int = 0
    net_micros: int = 0


class PricedCharges:
    """Reads the documents of a store once; `name` tells a document as an invoice says it."""

    def __init__(self, store: Connection, class_names: Mapping[int, str], name: Callable[[int], str]) -> None:
        self._store = store
        self._class_names = class_names
        self._name = name
        self._documents: dict[int, TariffDocument] | None = None
        self._charges = StoredCharges(self._document)
        self._lines: dict[tuple[int, int, int, int, int], tuple[ChargePlan, tuple[Line, ...]]] = {}

    def groups(
        self,
        connection: Connection,
        shard: int,
        wanted: ColumnElement[bool],
        prefix_digits: int,
        late: ColumnElement[bool],
    ) -> Iterator[ChargedGroup]:
        """The groups of the charges that `wanted` (a condition on ledger_transfer) holds, of one shard; those
        that are `late`, a condition too, by themselves.

        Raises:
            MoneyInvariantError: by what a message was priced cannot be read.
            OperatorError: a version that priced one is not in the store.
        """
        self._known()  # before the rows are read: a connection streams one answer at a time
        sums: dict[_Key, _Sum] = {}
        for day, posted_as, kind, came_late, digits, amount, delivered, count, *priced in pages(
            connection, _rows(wanted, prefix_digits, late)
        ):
            row = PriceRow(*priced)
            charge = self._charges.charge(row)
            place = (
                day,
                bool(came_late),
                self._class_names.get(kind, ""),
                digits,
                self._name(row.document_no),
            )
            taxes = taxes_of(charge.plan)
            if posted_as == _BACK:
                lines: tuple[Line, ...] = (Line(GIVEN_BACK, 1, -amount, -amount),)
            else:
                lines = self._lines_of(charge, amount, delivered, count)
            for line in lines:
                by_unit = line.what.startswith(_BY_UNIT) and line.amount_micros == (
                    line.units * line.unit_price_micros
                )
                what = _REACHED.sub(", all units", line.what)
                key = (*place, what, line.unit_price_micros if by_unit else -1, taxes)
                found = sums.get(key)
                if found is None:
                    found = sums[key] = _Sum()
                found.messages += 1
                found.units += line.units if by_unit else 0
                found.amount_micros += line.amount_micros
                found.net_micros += _net(line, taxes or ())
        for (day, came_late, kind, digits, tariff, what, price, taxes), found in sums.items():
            yield ChargedGroup(
                shard=shard,
                day=day,
                what=what,
                traffic_class=kind,
                digits=digits,
                tariff=tariff,
                unit_price_micros=int(max(0, price)),
                messages=found.messages,
                segments=found.units,
                amount_micros=found.amount_micros,
                taxes=taxes,
                net_micros=None if taxes is None else found.net_micros,
                late_day=day if came_late else 0,
            )

    def _lines_of(self, charge: Charge, amount: int, delivered: int, count: int) -> tuple[Line, ...]:
        """The lines that come to what was posted; one line where no number of segments does."""
        plan = charge.plan
        key = (id(plan), charge.parts_before, amount, delivered, count)
        if not plan.counts and key in self._lines:
            return self._lines[key][1]
        charged = charge.segments_of(amount, delivered, count)
        lines = charge.own_lines(charged) if charged else (Line(PRICED_AS_ONE, 1, amount, amount),)
        if not plan.counts:
            if len(self._lines) >= _LINES_REMEMBERED:
                self._lines.clear()
            self._lines[key] = (plan, lines)
        return lines

    def _document(self, document_no: int) -> TariffDocument:
        try:
            return self._known()[document_no]
        except KeyError:
            raise OperatorError(f"tariff document {document_no}, which priced a message, is gone") from None

    def _known(self) -> dict[int, TariffDocument]:
        if self._documents is None:
            found = stored_documents(self._store)
            self._documents = {each.document_no: each.document for each in found}
        return self._documents


def taxes_of(plan: ChargePlan) -> tuple[TaxRate, ...] | None:
    """The taxes that a tariff has put on a message; None where it states none for anybody, so that those of
    the configuration are in its prices."""
    if not plan.document.tax:
        return None
    return tuple(TaxRate(name=tax.name, ppm=int(tax.percent)) for tax in plan.taxes)


def _net(line: Line, taxes: tuple[TaxRate, ...]) -> int:
    if line.what.startswith(TAX_LINE):
        return 0
    if line.what in (PRICED_AS_ONE, GIVEN_BACK):
        return net_of(line.amount_micros, sum(tax.ppm for tax in taxes))
    return line.amount_micros


def _rows(wanted: ColumnElement[bool], prefix_digits: int, late: ColumnElement[bool]) -> Select[Any]:
    transfer, message, price, final = (
        schema.ledger_transfer,
        schema.message,
        schema.message_price,
        schema.message_final,
    )
    joined: FromClause = transfer
    for table, outer in ((message, False), (price, False), (final, True)):
        same = and_(
            table.c.shard == transfer.c.shard,
            table.c.day == transfer.c.day,
            table.c.message_id == transfer.c.reference,
        )
        joined = joined.join(table, same, isouter=outer)
    return (
        select(
            transfer.c.day,
            transfer.c.kind,
            message.c.traffic_class,
            case((late, 1), else_=0),
            func.substr(message.c.destination, 1, prefix_digits),
            transfer.c.amount_micros,
            func.coalesce(final.c.segments_delivered, 0),
            message.c.segment_count,
            price.c.message_id,
            price.c.priced_us,
            price.c.document_no,
            price.c.parts_before,
            price.c.facts,
            price.c.usage,
        )
        .select_from(joined)
        .where(wanted)
        .order_by(transfer.c.day, transfer.c.reference, transfer.c.kind)
    )
