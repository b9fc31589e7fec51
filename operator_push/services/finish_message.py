"""Finish a message: fold its segments, settle or release its hold once, owe the ESME its receipt.

The only place where a message becomes final; receipts, refusals by the SMSC, withdrawals and CDRs come here.
"""

from collections.abc import Callable

from operator_push.domain.charging import earned
from operator_push.domain.delivery import fold_segments
from operator_push.domain.ledger import Balances, LedgerStatus
from operator_push.domain.message import MessageState, is_final
from operator_push.domain.rating.charge import Charge
from operator_push.domain.transfers import TransferKind
from operator_push.services.changes import Changes
from operator_push.services.charge_early import ChargeEarly
from operator_push.services.ledger_rows import add_settlement, add_tax
from operator_push.services.open_messages import OpenMessage, OpenMessages, OpenSegment
from operator_push.services.price_by_documents import settle_charge
from operator_push.services.share_rows import add_parts
from operator_push.services.usage_book import UsageBook

TOLD_BY_RECEIPT = 1
TOLD_BY_RESPONSE = 2
TOLD_BY_CDR = 3
TOLD_BY_US = 4
TOLD_BY_EXPIRY = 5  # by us too: the hold has expired

_TOLD_BY_SMSC = (TOLD_BY_RECEIPT, TOLD_BY_CDR)
_BY_ROWS = (0, "", "")  # of message_final: how its segments ended is told by rows of segment_outcome
_DELIVERED, _SETTLED = MessageState.DELIVERED, LedgerStatus.SETTLED

_RELEASE, _EXPIRE = int(TransferKind.RELEASE), int(TransferKind.EXPIRE)

OnExpired = Callable[[OpenMessage, int, int, int, Changes], None]
# on_final is called when the row of the end is the last of `message_final`.
OnFinal = Callable[[OpenMessage, int, int, Changes], None]


class FinishMessage:
    """Turns segment outcomes into the end of a message.

    `sequence` is the shard's running number of final rows; `on_final(message, state, now_us, changes)` is
    told of every end (the gateway owes a receipt, a campaign counts).
    """

    def __init__(self, shard: int, messages: OpenMessages, balances: Balances, sequence: int) -> None:
        self._shard = shard
        self._messages = messages
        self._balances = balances
        self.sequence = sequence
        self.early = ChargeEarly(shard, balances)
        self.usage_book: UsageBook | None = None  # where tariffs count what is used
        self.on_final: list[OnFinal] = []
        # Told, of a hold that expired, whose money it was and how much goes back.
        self.on_expired: OnExpired = lambda message, payer_no, micros, now_us, changes: None

    def segment_ended(
        self,
        smsc_no: int,
        message: OpenMessage,
        segment: OpenSegment,
        state: MessageState,
        told_by: int,
        error_code: str,
        now_us: int,
        changes: Changes,
    ) -> bool:
        """Record one segment's final state; True where that ended the whole message."""
        segment.state = state
        if told_by in _TOLD_BY_SMSC and not segment.answered_us:
            segment.answered_us = now_us  # its response was lost, but the SMSC has taken it
        expired = told_by == TOLD_BY_EXPIRY
        if message.segment_count == 1:  # its end is the message's, told by one row
            delivered = 1 if state == _DELIVERED else 0
            told = (told_by, segment.smsc_message_id, error_code)
            self._end(smsc_no, message, state, delivered, told, expired, now_us, changes)
            return True
        changes.segment_outcome.append(
            (
                self._shard,
                message.day,
                message.message_id,
                segment.segment_no,
                int(state),
                told_by,
                segment.smsc_message_id,
                error_code,
                now_us,
            )
        )
        if not all(is_final(each.state) for each in message.segments):
            if message.charge is not None:
                self.early.submitted(message, now_us, changes)
            return False
        states = [MessageState(each.state) for each in message.segments]
        state, delivered = fold_segments(states), message.count_in(_DELIVERED)
        self._end(smsc_no, message, state, delivered, _BY_ROWS, expired, now_us, changes)
        return True

    def expire(self, smsc_no: int, message: OpenMessage, now_us: int, changes: Changes) -> None:
        """End whatever of a message has not ended, because its hold has expired; what is left of it goes
        back as EXPIRE, and `on_expired` is told."""
        for segment in message.segments:
            if not is_final(segment.state):
                expired, segment.silent = MessageState.EXPIRED, True
                self.segment_ended(
                    smsc_no, message, segment, expired, TOLD_BY_EXPIRY, "hold expired", now_us, changes
                )

    def _end(
        self,
        smsc_no: int,
        message: OpenMessage,
        state: MessageState,
        delivered: int,
        told: tuple[int, str, str],
        expired: bool,
        now_us: int,
        changes: Changes,
    ) -> None:
        held, charge = message.held_micros, message.charge
        if charge is None and not expired and not self._balances.differ:
            settled = self._settle(message, held, delivered, now_us, changes)
        else:
            settled = self._settle_by_rules(message, charge, state, delivered, expired, now_us, changes)
        self.sequence += 1
        told_by, smsc_message_id, error_code = told
        changes.message_final.append(
            (
                self._shard,
                message.day,
                message.message_id,
                self.sequence,
                int(state),
                delivered,
                settled,
                held - settled,
                now_us,
                told_by,
                smsc_message_id,
                error_code,
                0,  # a receipt that is owed for it: gateway.esme_deliveries
                None,
            )
        )
        self._messages.remove(smsc_no, message)
        for listener in self.on_final:
            listener(message, state, now_us, changes)

    def _settle(self, message: OpenMessage, held: int, delivered: int, now_us: int, changes: Changes) -> int:
        """Resolve the hold of a message at a plain price, of an account that pays for itself in the house's
        currency, as nearly all do; what was earned."""
        balances, account_no, message_id = self._balances, message.account_no, message.message_id
        settled = earned(message.price_micros, delivered, held)
        if balances.resolve_hold(account_no, message_id, held, settled) is _SETTLED:
            key = (self._shard, message.day, message_id)
            add_settlement(changes, key, account_no, settled, held - settled, balances.currency, now_us)
        return settled

    def _settle_by_rules(
        self,
        message: OpenMessage,
        charge: Charge | None,
        state: MessageState,
        delivered: int,
        expired: bool,
        now_us: int,
        changes: Changes,
    ) -> int:
        """Resolve any hold: by a tariff document, out of another's purse, in another currency, expired."""
        account_no, held = message.account_no, message.held_micros
        balances, payer_no = self._balances, account_no
        if charge is None:
            settled, tax = earned(message.price_micros, delivered, held), 0
        else:
            settled, tax = settle_charge(message, charge, self.usage_book, changes)
        released = held - settled
        if balances.payers:
            payer_no = balances.payers.get(message.message_id, account_no)
        currency = balances.currency_of(account_no) if balances.currencies else balances.currency
        is_early = charge is not None and charge.settled_micros >= 0
        if is_early or balances.resolve_hold(account_no, message.message_id, held, settled) is _SETTLED:
            key = (self._shard, message.day, message.message_id)
            if charge is not None and is_early:
                payer_no = charge.payer_no
                settled, tax, returned = self.early.ended(message, charge, settled, tax, now_us, changes)
                released = held - settled
            else:
                kind, returned = _EXPIRE if expired else _RELEASE, released
                add_settlement(changes, key, payer_no, settled, released, currency, now_us, kind)
                if tax:
                    add_tax(changes, key, payer_no, tax, currency, now_us)
            if expired and (returned or not is_early):
                self.on_expired(message, payer_no, returned, now_us, changes)
            purse = balances.purses.get(account_no) if settled and balances.purses else None
            if purse is not None:
                rewarded = message.subscriber_no if state == _DELIVERED else 0
                add_parts(changes, key, purse, payer_no, settled - tax, rewarded, currency, now_us)
        return settled
