"""Charge early: messages whose contract charges them before their end, when we or the SMSC have taken them.

Law: the hold is resolved once, at the point that the contract names; what the end then shows not to be owed
goes back as a posting of its own (FAILED_REFUND, with the tax in it as TAX_BACK), at most what was charged.
Shares and rewards wait for the end. Contracts that charge on delivery never come here (finish_message).
"""

from collections.abc import Iterable
from typing import NamedTuple

from operator_push.domain.ledger import Balances, LedgerStatus
from operator_push.domain.message import is_final
from operator_push.domain.rating.charge import Charge
from operator_push.domain.rating.contract import ChargeOn
from operator_push.domain.transfers import TransferKind
from operator_push.services.changes import Changes
from operator_push.services.ledger_rows import add_settlement, add_tax, add_transfers
from operator_push.services.open_messages import OpenMessage
from operator_push.services.price_by_documents import ends_of_message


class EarlyEnd(NamedTuple):
    """What a message that was charged early has cost in the end, the tax in it, what went back; micros."""

    settled_micros: int
    tax_micros: int
    returned_micros: int


class ChargeEarly:
    """The use case of one shard."""

    def __init__(self, shard: int, balances: Balances) -> None:
        self._shard = shard
        self._balances = balances

    def accepted(self, message: OpenMessage, now_us: int, changes: Changes) -> None:
        """Charge a message that was just accepted, where its contract says so: all of its segments."""
        charge = message.charge
        if charge is not None and charge.posts_at is ChargeOn.ACCEPTANCE:
            self._charge(message, charge, message.segment_count, now_us, changes)

    def submitted(self, message: OpenMessage, now_us: int, changes: Changes) -> None:
        """Charge a message of which every segment was taken by the SMSC or has ended, where its contract
        charges on submission; once."""
        charge = message.charge
        if charge is None or charge.settled_micros >= 0 or charge.posts_at is not ChargeOn.SUBMISSION:
            return
        if all(segment.answered_us or is_final(segment.state) for segment in message.segments):
            taken = charge.segments_before_end(ends_of_message(message))
            self._charge(message, charge, taken, now_us, changes)

    def ended(
        self,
        message: OpenMessage,
        charge: Charge,
        owed_micros: int,
        tax_micros: int,
        now_us: int,
        changes: Changes,
    ) -> EarlyEnd:
        """The message has ended, and owes so much by its contract: give back what it was charged above it."""
        returned = max(0, charge.settled_micros - owed_micros)
        tax = min(charge.tax_micros, tax_micros) if returned else charge.tax_micros
        if returned:
            self._give_back(message, charge, returned, charge.tax_micros - tax, now_us, changes)
        return EarlyEnd(charge.settled_micros - returned, tax, returned)

    def _charge(
        self, message: OpenMessage, charge: Charge, segments: int, now_us: int, changes: Changes
    ) -> None:
        balances, number, held = self._balances, message.account_no, message.held_micros
        payer_no = balances.payers.get(message.message_id, number)
        amount, tax = charge.amount(segments), charge.tax(segments)
        if balances.resolve_hold(number, message.message_id, held, amount) is not LedgerStatus.SETTLED:
            return
        key, currency = (self._shard, message.day, message.message_id), balances.currency_of(payer_no)
        add_settlement(changes, key, payer_no, amount, held - amount, currency, now_us)
        if tax:
            add_tax(changes, key, payer_no, tax, currency, now_us)
        charge.settled_micros, charge.tax_micros, charge.payer_no = amount, tax, payer_no

    def _give_back(
        self, message: OpenMessage, charge: Charge, amount: int, tax: int, now_us: int, changes: Changes
    ) -> None:
        balances, reference = self._balances, message.message_id
        if tax:
            back = TransferKind.TAX_BACK
            add_transfers(changes, balances.move(back, charge.payer_no, reference, tax, now_us).transfers)
        back = TransferKind.FAILED_REFUND
        add_transfers(changes, balances.move(back, charge.payer_no, reference, amount, now_us).transfers)
        purse = balances.purses.get(message.account_no)
        if purse is not None:
            purse.give_back(reference, amount)
            balances.on_moved(purse)


def may_go_back(messages: Iterable[OpenMessage], payer_no: int) -> tuple[int, int]:
    """What open messages were charged early on an account, and the tax in it: micros that their ends may
    still take from its revenue and its taxes."""
    amount = tax = 0
    for message in messages:
        charge = message.charge
        if charge is not None and charge.settled_micros > 0 and charge.payer_no == payer_no:
            amount += charge.settled_micros
            tax += charge.tax_micros
    return amount, tax
