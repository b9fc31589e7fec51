"""The mailbox of an account: PDUs that wait for a bind, for room in its window, or for an answer.

Laws: parcels leave in the order in which they were posted; one is done only with a deliver_sm_resp of
status 0 (or one that says never); what was unanswered at a lost bind goes again, before everything newer.
The bind may be away for as long as it likes. Several receiving binds of an account take turns. Nothing leaves
before `pump`, which the engine calls once per chunk or tick for every mailbox that asked for it.
"""

from collections import deque
from collections.abc import Callable, Iterable

from operator_push.smpp.constants import CommandStatus, status_name
from operator_push.smpp.session_events import RequestUnknown, ResponseReceived
from smsc_sim.counters import Counters
from smsc_sim.outlet import Outlet
from smsc_sim.parcel import Parcel
from smsc_sim.quick_octets import DELIVER_SM
from smsc_sim.witness import Witness

# The ESME will never take it (SMPP v3.4 table 5-2: "permanent error", "reject message"); anything else is
# tried again.
_NEVER = (CommandStatus.ESME_RX_P_APPN, CommandStatus.ESME_RX_R_APPN)

# (now, mailbox, parcel): calls `Mailbox.post_again` after the scenario's delay.
RetryLater = Callable[[float, "Mailbox", Parcel], None]


class Mailbox:
    """Parcels of one account."""

    def __init__(
        self, witness: Witness, counters: Counters, retry_later: RetryLater, to_pump: list["Mailbox"]
    ) -> None:
        self._witness = witness
        self._counters = counters
        self._retry_later = retry_later
        self._to_pump = to_pump
        self._wants_pump = False
        self._waiting: deque[Parcel] = deque()
        self._outlets: deque[Outlet] = deque()
        self._posted = 0
        self.unfinished = 0  # Posted and not done: waiting, sent and unanswered, or between two tries.

    def post(self, parcel: Parcel) -> None:
        """Take a new parcel."""
        self._posted += 1
        self.unfinished += 1
        parcel.number = self._posted
        if parcel.is_receipt:
            self._counters.receipts_due += 1
        elif parcel.is_notification:
            self._counters.notifications_due += 1
        else:
            self._counters.mo_due += 1
        self._waiting.append(parcel)
        if not self._wants_pump:
            self._ask_for_pump()

    def post_again(self, parcels: Iterable[Parcel]) -> None:
        """Take sent parcels back to where they were in the order; they are older than most that wait."""
        waiting = self._waiting
        for parcel in sorted(parcels, key=lambda parcel: parcel.number, reverse=True):
            if parcel.done:
                continue
            if not waiting or parcel.number < waiting[0].number:
                waiting.appendleft(parcel)
            else:
                newer = (at for at, other in enumerate(waiting) if other.number > parcel.number)
                waiting.insert(next(newer, len(waiting)), parcel)
        self._ask_for_pump()

    def withdraw(self, parcel: Parcel) -> None:
        """Nobody needs it any more. Where it has been sent, its answer is noted and changes nothing."""
        if not parcel.done:
            parcel.done = True
            self.unfinished -= 1

    @property
    def is_stuck(self) -> bool:
        """True where parcels wait and no bind could take them."""
        return bool(self._waiting) and not self._outlets

    def add_outlet(self, outlet: Outlet) -> None:
        """A receiver or transceiver bound."""
        self._outlets.append(outlet)
        self._ask_for_pump()

    def remove_outlet(self, outlet: Outlet) -> None:
        """The bind is gone; what it left unanswered comes through `unanswered`."""
        if outlet in self._outlets:
            self._outlets.remove(outlet)

    def answered(self, outlet: Outlet, event: ResponseReceived, parcel: Parcel, now: float, t: int) -> None:
        """A deliver_sm_resp came in time."""
        status = event.pdu.command_status
        if status == 0 and parcel.is_receipt and not parcel.done and parcel.on_done is None:
            decision = "acknowledged"  # As in `_finish`; nearly every answer is this one.
            parcel.done = True
            self.unfinished -= 1
            self._counters.receipts_acknowledged += 1
        elif status == 0:
            decision = "acknowledged"
            self._finish(parcel, now, t, acknowledged=True)
        elif status in _NEVER:
            decision = "dropped"
            self._finish(parcel, now, t, acknowledged=False)
        else:
            decision = "try_again"
            self._retry_later(now, self, parcel)
        name = status_name(status) if status else "ESME_ROK"
        self._witness.answered_by_esme(t, outlet.name, event.pdu.sequence_number, parcel, decision, name)
        if self._waiting and not self._wants_pump:
            self._ask_for_pump()

    def answered_late(self, parcel: Parcel, command_status: int, now: float, t: int) -> None:
        """The answer came after its time-out: if it says done, the next try is spared."""
        if command_status == 0:
            self._finish(parcel, now, t, acknowledged=True)

    def unanswered(self, outlet: Outlet, events: Iterable[RequestUnknown], t: int) -> None:
        """Requests that timed out, were answered unreadably or were open when the bind was lost."""
        parcels: list[Parcel] = []
        for event in events:
            parcel = event.context
            if type(parcel) is Parcel:
                parcels.append(parcel)
                self._witness.answered_by_esme(
                    t, outlet.name, event.sequence_number, parcel, "unanswered", ""
                )
        self.post_again(parcels)

    def pump(self, now: float, t: int) -> None:
        """Send what waits while a bind has room in its window."""
        self._wants_pump = False
        waiting, outlets = self._waiting, self._outlets
        for _ in range(len(outlets)):
            if not waiting:
                return
            outlet = outlets[0]
            outlets.rotate(-1)
            # Turns in shares of a window's room, not of single parcels: one bind, the usual case, gets all.
            share = -(-len(waiting) // len(outlets))
            self._send(outlet, min(outlet.room(), share if len(outlets) > 1 else len(waiting)), now, t)

    def _send(self, outlet: Outlet, count: int, now: float, t: int) -> None:
        waiting, session = self._waiting, outlet.session
        quick, witness = outlet.quick, self._witness
        receipts = notifications = 0
        sent = 0
        while sent < count and waiting:
            parcel = waiting.popleft()
            if parcel.done:
                continue
            parcel.tries += 1
            receipts += parcel.is_receipt
            notifications += parcel.is_notification
            sent += 1
            if quick is not None and parcel.body:
                sequence_number = quick.send_request_body(DELIVER_SM, parcel.body, now, parcel)
            else:
                sequence_number = session.send_request(parcel.pdu, now, parcel)
            witness.delivered_to_esme(t, outlet.name, sequence_number, parcel)
            if parcel.command == "alert_notification":  # It has no response.
                self._finish(parcel, now, t, acknowledged=True)
        if sent:
            self._counters.receipts_sent += receipts
            self._counters.notifications_sent += notifications
            self._counters.mo_sent += sent - receipts - notifications
            outlet.mark_dirty()

    def _ask_for_pump(self) -> None:
        if not self._wants_pump:
            self._wants_pump = True
            self._to_pump.append(self)

    def _finish(self, parcel: Parcel, now: float, t: int, *, acknowledged: bool) -> None:
        if parcel.done:
            return  # Answered before, or withdrawn.
        parcel.done = True
        self.unfinished -= 1
        counters = self._counters
        if parcel.is_receipt:
            counters.receipts_acknowledged += acknowledged
            counters.receipts_dropped += not acknowledged
        elif parcel.is_notification:
            counters.notifications_acknowledged += acknowledged
            counters.notifications_dropped += not acknowledged
        else:
            counters.mo_acknowledged += acknowledged
            counters.mo_dropped += not acknowledged
        if parcel.on_done is not None:
            parcel.on_done(now, t, acknowledged)
