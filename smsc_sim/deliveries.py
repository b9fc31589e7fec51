"""Deliveries: a message reaches its final state; what follows: its CDR row, its receipt, an answer.

Law: a message ends once, and everything that ends messages comes through here.
"""

from collections.abc import Callable

from operator_push.smpp.constants import EsmClass, MessageState, RegisteredDelivery
from operator_push.smpp.pdu import DeliverSm
from smsc_sim.cdr_files import CdrFiles
from smsc_sim.counters import Counters
from smsc_sim.faults.desk import FaultDesk
from smsc_sim.message import SimMessage
from smsc_sim.message_book import MessageBook
from smsc_sim.parcel import Parcel, as_data_sm
from smsc_sim.receipts import ReceiptWriter, wants_receipt
from smsc_sim.time_wheel import TimeWheel

_DELIVERED = MessageState.DELIVERED
WANTS_NOTIFICATION = int(RegisteredDelivery.INTERMEDIATE_NOTIFICATION)
_NOTIFICATION = int(EsmClass.INTERMEDIATE_NOTIFICATION)
_STATE_NAMES = {state: state.name for state in MessageState}


class Deliveries:
    """The end of every message's way. `on_delivered` hears of messages that reached a handset."""

    def __init__(
        self,
        receipts: ReceiptWriter,
        cdr: CdrFiles,
        wheel: TimeWheel,
        counters: Counters,
        book: MessageBook,
        *,
        by_data_sm: bool = False,
    ) -> None:
        self.receipts = receipts
        self.by_data_sm = by_data_sm
        self.on_delivered: Callable[[float, SimMessage], None] | None = None
        self.faults: FaultDesk | None = None
        self._cdr = cdr
        self._wheel = wheel
        self._counters = counters
        self._book = book
        self.receipts_scheduled = 0

    def finish(
        self, now: float, t: int, message: SimMessage, state: MessageState, turn: int | None = None
    ) -> None:
        """The final state, once per message; `t` is `now` in microseconds since 1970.

        With the turn for which it was planned: unless something else came between.
        """
        if turn is not None and message.turn != turn:
            return
        error_code = 0 if state is _DELIVERED else message.fate.error_code
        self._end(t, message, state, error_code)
        if wants_receipt(message.pdu.registered_delivery, state):
            if message.receipt_delay_s or message.receipt_again_s is not None:
                self._schedule_receipt(now, t, message, state, error_code)
            else:
                self._send_receipt(message, state, error_code, t)
        if state is _DELIVERED and self.on_delivered is not None:
            self.on_delivered(now, message)

    def notify(self, now: float, t: int, message: SimMessage) -> None:
        """An intermediate notification (SMPP v3.4 section 5.2.17): the message is still on its way."""
        parcel = self.receipts.parcel(message, MessageState.ENROUTE, message.fate.error_code, t)
        if isinstance(parcel.pdu, DeliverSm):
            parcel.pdu.esm_class = _NOTIFICATION
        parcel.is_receipt, parcel.is_notification = False, True
        parcel.witness_part = parcel.witness_part.replace('"kind":"receipt"', '"kind":"intermediate"', 1)
        self._post(message, parcel)

    def end_unknown(self, t: int, message: SimMessage) -> None:
        """The run ends before the message does: a CDR row with state UNKNOWN and nothing else."""
        self._end(t, message, MessageState.UNKNOWN, message.fate.error_code)

    def _end(self, t: int, message: SimMessage, state: MessageState, error_code: int) -> None:
        counters = self._counters
        counters.open_messages -= 1
        counters.finals += 1
        message.state = state
        message.final_us = t
        message.error_code = error_code
        message.turn += 1  # Whatever was planned for it is off.
        if message.handed_over is not None:
            mailbox, parcel = message.handed_over
            mailbox.withdraw(parcel)
            message.handed_over = None
        self._book.end(message)
        self._cdr.write(message, t, _STATE_NAMES[state], error_code)

    def _schedule_receipt(
        self, now: float, final_us: int, message: SimMessage, state: MessageState, error_code: int
    ) -> None:
        """Send the receipt now or later, and once more where the scenario doubles it."""
        due = now + message.receipt_delay_s
        what = (message, state, error_code, final_us)
        if due > now:
            self.receipts_scheduled += 1
            self._wheel.add(due, (self._receipt_due, *what))
        else:
            self._send_receipt(*what)
        if message.receipt_again_s is not None:
            self.receipts_scheduled += 1
            self._wheel.add(due + message.receipt_again_s, (self._receipt_due, *what))

    def _receipt_due(
        self, now: float, t: int, message: SimMessage, state: MessageState, error_code: int, final_us: int
    ) -> None:
        self.receipts_scheduled -= 1
        self._send_receipt(message, state, error_code, final_us)

    def _send_receipt(self, message: SimMessage, state: MessageState, error_code: int, final_us: int) -> None:
        parcel = self.receipts.parcel(message, state, error_code, final_us)
        if self.faults is not None and self.faults.is_armed:
            self.faults.receipts.due(self._post, message, parcel, state, error_code, final_us)
        else:
            message.account.mailbox.post(as_data_sm(parcel) if self.by_data_sm else parcel)

    def _post(self, message: SimMessage, parcel: Parcel) -> None:
        message.account.mailbox.post(as_data_sm(parcel) if self.by_data_sm else parcel)
