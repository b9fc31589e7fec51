"""Stored charges: by what stored messages are charged, worked out again from their rows.

Messages that are alike share a plan here too, so that a start or a reconciliation rates each kind once.
"""

from collections.abc import Callable, Sequence

import msgspec

from operator_push.domain.message import MessageState, is_final
from operator_push.domain.rating.boundaries import next_change_us
from operator_push.domain.rating.charge import Charge, ChargePlan, read_usage, stored_plan
from operator_push.domain.rating.contract import ChargeOn
from operator_push.domain.rating.document import TariffDocument
from operator_push.domain.rating.plans import PLANS_REMEMBERED


class PriceRow(msgspec.Struct, frozen=True, gc=False):
    """By what one message was priced; see store.tariff_tables."""

    message_id: int
    priced_us: int
    document_no: int
    parts_before: int
    facts: bytes
    usage: bytes


class OwedByRow(msgspec.Struct, frozen=True, gc=False):
    """What a stored message comes to by its price row: what is to be held, and what it owes by its ends.

    `open_micros`: what is posted of it while it is open, -1 where its hold stands; `on_acceptance`: it is
    charged whether the SMSC gets it or not; `charged`: whether each of its `ends` is, in order."""

    held_micros: int
    settled_micros: int
    charge: Charge
    ends: Sequence[tuple[MessageState, bool]]
    charged: Sequence[bool]
    open_micros: int = -1
    on_acceptance: bool = False

    def micros_if(self, first: int, count: int, state: MessageState) -> int:
        """What it would owe if `count` of its segments from `first` on (from 0) had ended at the SMSC so."""
        ends = [*self.ends[:first], *[(state, True)] * count, *self.ends[first + count :]]
        return self.charge.owed(ends)[1]


class StoredCharges:
    """Charges of rows; `document` gives a version by its number."""

    def __init__(self, document: Callable[[int], TariffDocument]) -> None:
        self._document = document
        self._plans: dict[tuple[int, bytes], tuple[ChargePlan, int, int]] = {}

    def charge(self, row: PriceRow) -> Charge:
        """The charge of one message.

        Raises:
            MoneyInvariantError: the row cannot be read, or its version has no price for it.
            OperatorError: its version is not in this store.
        """
        key = (row.document_no, row.facts)
        known = self._plans.get(key)
        if known is None or not known[1] <= row.priced_us < known[2]:
            document = self._document(row.document_no)
            plan = stored_plan(row.document_no, document, row.priced_us, row.facts)
            if len(self._plans) >= PLANS_REMEMBERED:
                self._plans.clear()
            known = (plan, row.priced_us, next_change_us([document], row.priced_us))
            self._plans[key] = known
        return Charge(known[0], row.priced_us, read_usage(row.usage), row.parts_before)

    def owed(self, row: PriceRow, ends: Sequence[tuple[MessageState, bool]]) -> OwedByRow:
        """What a message comes to whose segments ended so: (state, whether the SMSC had taken it)."""
        charge = self.charge(row)
        amount, held = charge.owed(ends)[1], charge.most(len(ends))
        charged = [charge.is_charged(end) for end in ends]
        if charge.posts_at is ChargeOn.DELIVERY:
            return OwedByRow(held, amount, charge, ends, charged)
        on_acceptance = charge.posts_at is ChargeOn.ACCEPTANCE
        posted = on_acceptance or all(reached or is_final(state) for state, reached in ends)
        before = charge.amount(charge.segments_before_end(ends)) if posted else -1
        return OwedByRow(held, amount, charge, ends, charged, before, on_acceptance)
