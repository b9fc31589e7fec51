"""Deliveries: a message reaches its final state; what follows: its CDR row, its receipt, an answer."""

from collections.abc import Callable

from operator_push.smpp.constants import MessageState
from smsc_sim.cdr_files import CdrFiles
from smsc_sim.counters import Counters
from smsc_sim.message import SimMessage
from smsc_sim.receipts import ReceiptWriter, wants_receipt
from smsc_sim.time_wheel import TimeWheel

_DELIVERED = MessageState.DELIVERED
_STATE_NAMES = {state: state.name for state in MessageState}


class Deliveries:
    """The end of every message's way. `on_delivered` hears of messages that reached a handset."""

    def __init__(
        self,
        receipts: ReceiptWriter,
        cdr: CdrFiles,
        wheel: TimeWheel,
        counters: Counters,
        on_delivered: Callable[[float, SimMessage], None] | None,
    ) -> None:
        self._receipts = receipts
        self._cdr = cdr
        self._wheel = wheel
        self._counters = counters
        self._on_delivered = on_delivered
        self.receipts_scheduled = 0

    def finish(self, now: float, t: int, message: SimMessage, state: MessageState) -> None:
        """The final state, once per message; `t` is `now` in microseconds since 1970."""
        counters = self._counters
        counters.open_messages -= 1
        counters.finals += 1
        error_code = 0 if state is _DELIVERED else message.fate.error_code
        self._cdr.write(message, t, _STATE_NAMES[state], error_code)
        if wants_receipt(message.pdu.registered_delivery, state):
            self._schedule_receipt(now, t, message, state, error_code)
        if state is _DELIVERED and self._on_delivered is not None:
            self._on_delivered(now, message)

    def end_unknown(self, t: int, message: SimMessage) -> None:
        """The run ends before the message does: a CDR row with state UNKNOWN and nothing else."""
        self._counters.open_messages -= 1
        self._counters.finals += 1
        self._cdr.write(message, t, _STATE_NAMES[MessageState.UNKNOWN], message.fate.error_code)

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
        message.account.mailbox.post(self._receipts.parcel(message, state, error_code, final_us))
