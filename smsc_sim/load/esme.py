"""Esme: one bind of a load run without its socket: its messages, its window, its receipts.

The session of the product (operator_push.smpp) makes a Struct of every PDU; a generator that must cost less
than what it measures reads the two PDUs that come by the thousand (submit_sm_resp, deliver_sm) from their
octets and leaves all others to the codec.
Laws: never more than `window` submit_sm are open; a request that timed out leaves the window and may still be
answered late; every request is counted in exactly one way.
"""

from collections import OrderedDict
from struct import Struct

from operator_push.smpp.constants import SEQUENCE_NUMBER_MAX, CommandId
from smsc_sim.load.bind_life import BindLife, Phase
from smsc_sim.load.feed import Feed
from smsc_sim.load.plan import BindGroup, Patience
from smsc_sim.load.receipt_intake import ReceiptIntake
from smsc_sim.load.tally import Tally

__all__ = ["LoadEsme", "Phase"]

_LATE_KEPT = 10_000
_header = Struct(">IIII")
_SUBMIT_SM = int(CommandId.submit_sm)
_SUBMIT_SM_RESP = int(CommandId.submit_sm_resp)
_DELIVER_SM = int(CommandId.deliver_sm)
_DELIVER_SM_RESP = int(CommandId.deliver_sm_resp)
_GENERIC_NACK = int(CommandId.generic_nack)

_Open = tuple[float, float, int]  # due at, sent at (monotonic seconds), number of the kind


class LoadEsme(BindLife):
    """One bind with the messages of its feed (None: it only receives)."""

    def __init__(
        self,
        name: str,
        group: BindGroup,
        feed: Feed | None,
        tally: Tally,
        intake: ReceiptIntake,
        patience: Patience,
    ) -> None:
        super().__init__(name, group, tally, patience)
        self.feed = feed
        self.sent = 0
        self.accepted = 0
        self.refused = 0
        self.unanswered = 0
        self.delivered = 0
        self._intake = intake
        self._window = group.window
        self._open: dict[int, _Open] = {}
        self._late: OrderedDict[int, _Open] = OrderedDict()
        self._was_full = False

    @property
    def open_count(self) -> int:
        """How many submit_sm wait for their response."""
        return len(self._open)

    def connected(self, now: float) -> None:
        """A stream is up: send the bind. Sequence numbers begin anew, so nothing can be answered late."""
        self._late.clear()
        super().connected(now)

    def receive(self, octets: bytes, now: float) -> None:
        """Take a chunk from the stream."""
        tally = self._tally
        tally.at(now)
        tally.octets_in += len(octets)
        self._heard_at, self._asked_at = now, None
        open_ = self._open
        for pdu in self._framer.feed(octets):
            _, command_id, command_status, number = _header.unpack_from(pdu)
            if command_id == _SUBMIT_SM_RESP and number in open_:
                due_at, sent_at, kind = open_.pop(number)
                if command_status:
                    self.refused += 1
                    tally.refuse(sent_at, now, kind, command_status)
                else:
                    self.accepted += 1
                    tally.answered(due_at, sent_at, now, kind)
                    self._intake.accepted(pdu, due_at)
            elif command_id == _DELIVER_SM:
                self._delivered(pdu, now)
                self._output.append(_header.pack(17, _DELIVER_SM_RESP, 0, number) + b"\0")
            elif command_id == _SUBMIT_SM_RESP:
                self._stray_response(pdu, command_status, number)
            elif command_id == _GENERIC_NACK and number in open_:
                _, sent_at, kind = open_.pop(number)
                self.refused += 1
                tally.refuse(sent_at, now, kind, command_status)
            else:
                self._rare(pdu, now)
        if self._framer.lost_length is not None:
            tally.violations["framing lost"] += 1
            self._close(f"framing lost: command_length {self._framer.lost_length}", now)

    def fill(self, now: float) -> None:
        """Send what is due as far as the window has room."""
        feed = self.feed
        if feed is None or self.phase is not Phase.BOUND or feed.due_at > now:
            return
        open_ = self._open
        room = self._window - len(open_)
        tally, output, number = self._tally, self._output, self._sequence
        tally.at(now)
        is_own_fault = room > 0 and not self._was_full and not feed.is_closed
        if is_own_fault:
            tally.own_lag.record(int((now - feed.due_at) * 1e6))
        count = 0
        while room > count and feed.due_at <= now:
            due_at, body, kind = feed.take(now)
            number = number + 1 if number < SEQUENCE_NUMBER_MAX else 1
            output.append(_header.pack(16 + len(body), _SUBMIT_SM, 0, number) + body)
            open_[number] = (due_at, now, kind)
            tally.lateness.record(int((now - due_at) * 1e6))
            tally.kinds[kind].sent += 1
            count += 1
        self._was_full = feed.due_at <= now
        self._sequence = number
        self.sent += count
        tally.sent += count
        tally.here.sent += count

    def tick(self, now: float) -> None:
        """Time has passed: give up what is overdue, ask a silent SMSC whether it lives."""
        if self.phase is Phase.BOUND:
            self._expire(now)
        super().tick(now)

    def count_unsent(self, now: float) -> None:
        """Count what is due by now and was never sent; nothing is sent afterwards."""
        feed = self.feed
        if feed is None:
            return
        self._tally.at(now)
        while feed.due_at <= now:
            due_at, _, _ = feed.take(now)
            self._tally.not_sent += 1
            self._tally.give_up(due_at, None, now)
        feed.stop()

    def _expire(self, now: float) -> None:
        timeout_s = self._patience.response_s
        overdue = []
        for number, request in self._open.items():
            if request[1] + timeout_s > now:
                break
            overdue.append(number)
        if not overdue:
            return
        self._tally.at(now)
        for number in overdue:
            due_at, sent_at, _ = self._late[number] = self._open.pop(number)
            self._tally.timed_out += 1
            self.unanswered += 1
            self._tally.give_up(due_at, sent_at, now)
        while len(self._late) > _LATE_KEPT:
            self._late.popitem(last=False)

    def _stray_response(self, octets: bytes, status: int, number: int) -> None:
        late = self._late.pop(number, None)
        if late is None:
            self._tally.violations["submit_sm_resp without a request"] += 1
            return
        self._tally.late_responses += 1
        if not status:
            self._tally.late_accepted += 1
            self._intake.accepted(octets, late[0])

    def _delivered(self, octets: bytes, now: float) -> None:
        self.delivered += 1
        self._intake.delivery(octets, now)

    def _give_up_open(self, now: float) -> None:
        self._was_full = True  # What is due meanwhile is late because of the SMSC.
        self._tally.at(now)
        for due_at, sent_at, _ in self._open.values():
            self._tally.bind_lost += 1
            self.unanswered += 1
            self._tally.give_up(due_at, sent_at, now)
        self._open.clear()
