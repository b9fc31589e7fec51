"""ESME deliveries: receipts and MO that we owe, sent as deliver_sm until acknowledged.

A delivery is a row before it is sent and stays owed until its acknowledgement is a row; an ESME that is away
gets it when it binds again, in order. A late or missing deliver_sm_resp costs that delivery a retry, never
the bind; what is younger between the same addresses waits behind it (delivery_lines). What an ESME refuses
for good (domain.delivery_answers) is a row too, and is not sent again.
"""

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from operator_push.domain.delivery_answers import (
    ACKNOWLEDGED,
    DISPOSITION_BY_DELIVERY_STATUS,
    GIVEN_UP,
    DeliveryDisposition,
    delivery_disposition,
    refused_outcome,
)
from operator_push.domain.message import MessageState, Origin
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.delivery_lines import Delivery, DeliveryLines, take_ready
from operator_push.gateway.mo_mapping import parts_of_delivery
from operator_push.gateway.receipt_octets import (
    NO_ERROR,
    error_octets,
    notification_octets,
    receipt_octets,
)
from operator_push.kernel.ids import IdSequence, id_day, id_epoch_us
from operator_push.kernel.meters import Meters
from operator_push.services.changes import Changes
from operator_push.services.open_messages import OpenMessage
from operator_push.smpp.codec_errors import PduDecodeError, PduEncodeError
from operator_push.smpp.constants import HEADER_OCTETS, CommandId
from operator_push.smpp.pdu import AlertNotification, Pdu
from operator_push.smpp_twisted.protocol import SmppProtocol

log = logging.getLogger(__name__)

KIND_RECEIPT = 1
KIND_MO = 2
KIND_NOTIFICATION = 3
RETRY_S = 5.0
RETRY_MAX_S = 300.0  # Ours: a refused delivery waits twice as long each time, up to this.
LIFETIME_S = 259_200.0
_DELIVERED, _ESME = MessageState.DELIVERED, Origin.ESME
RECEIPT_ALWAYS = 1
RECEIPT_ON_FAILURE = 2
RECEIPT_MASK = 0x03  # registered_delivery bits 1-0; 3 (on success only) is SMPP 5.0 section 4.7.21
INTERMEDIATE_WANTED = 0x10  # bit 4
_DELIVER_SM = int(CommandId.deliver_sm)


class EsmeDeliveries:
    """What is owed to each account, and the binds that can take it."""

    def __init__(
        self,
        shard: int,
        ids: IdSequence,
        committer: Committer,
        call_later: Callable[[float, Callable[[], None]], object],
        monotonic: Callable[[], float],
        meters: Meters,
        lifetime_s: float = LIFETIME_S,
        dispositions: Mapping[int, DeliveryDisposition] = DISPOSITION_BY_DELIVERY_STATUS,
    ) -> None:
        self._dispositions = dispositions
        self._lifetime_us = int(lifetime_s * 1_000_000)
        self._shard = shard
        self._ids = ids
        self._committer = committer
        self._call_later = call_later
        self._monotonic = monotonic
        self._meters = meters
        self._owed: dict[int, deque[Delivery]] = {}
        self._held: dict[int, DeliveryLines] = {}  # Accounts with a delivery that was refused.
        self._binds: dict[int, list[SmppProtocol]] = {}
        self._unused_room: dict[SmppProtocol, int] = {}  # of the server's window, beyond the account's own
        self._staged: tuple[list[Delivery], Changes | None] = ([], None)
        self.name_of: Callable[[int], bytes] = lambda message_id: b""  # as its ESME knows it, if otherwise
        self.in_flight = 0

    @property
    def waiting(self) -> int:
        """Deliveries that are owed and not on their way."""
        return sum(map(len, self._owed.values())) + sum(map(len, self._held.values()))

    def owed_to(self, account_no: int) -> int:
        """Deliveries that wait for one account."""
        return len(self._owed.get(account_no, ())) + len(self._held.get(account_no, ()))

    def receivers_of(self, account_no: int) -> int:
        """How many binds of an account can receive now."""
        return len(self._binds.get(account_no, ()))

    def message_final(self, message: OpenMessage, state: int, at_us: int, changes: Changes) -> None:
        """Owe a receipt where the ESME asked for one (services.finish_message.OnFinal)."""
        wanted = message.registered_delivery & RECEIPT_MASK
        if message.origin != _ESME or not wanted:
            return
        if wanted != RECEIPT_ALWAYS and (wanted == RECEIPT_ON_FAILURE) == (state == _DELIVERED):
            return
        delivered = int(state == _DELIVERED) if message.segment_count == 1 else message.count_in(_DELIVERED)
        name = self.name_of(message.message_id)
        error = NO_ERROR if state == _DELIVERED else _error_of(message.message_id, state, changes)
        body = receipt_octets(message, state, delivered, at_us, name, error)
        delivery = Delivery(self._ids.next_id(at_us), message.account_no, body)
        ends = changes.message_final
        if ends and ends[-1][2] == message.message_id and id_day(delivery.delivery_id) == message.day:
            ends[-1] = ends[-1][:-2] + (delivery.delivery_id, body)  # noqa: RUF005 its row; not by way of a list
            self._stage(delivery, changes)
        else:
            self._owe(delivery, KIND_RECEIPT, message.message_id, changes)

    def intermediate(self, message: OpenMessage, at_us: int, changes: Changes) -> None:
        """Owe an intermediate notification where the ESME asked for them (SMPP v3.4 section 2.11)."""
        if message.origin == Origin.ESME and message.registered_delivery & INTERMEDIATE_WANTED:
            body = notification_octets(message, at_us, self.name_of(message.message_id))
            self.owe(message.account_no, KIND_NOTIFICATION, message.message_id, body, at_us, changes)

    def owe(
        self, account_no: int, kind: int, message_id: int, body: bytes, at_us: int, changes: Changes
    ) -> None:
        """Stage a delivery; it leaves after the commit of `changes`."""
        self._owe(Delivery(self._ids.next_id(at_us), account_no, body), kind, message_id, changes)

    def _owe(self, delivery: Delivery, kind: int, message_id: int, changes: Changes) -> None:
        changes.esme_delivery.append(
            (
                self._shard,
                id_day(delivery.delivery_id),
                delivery.delivery_id,
                delivery.account_no,
                kind,
                message_id,
                delivery.body,
            )
        )
        self._stage(delivery, changes)

    def _stage(self, delivery: Delivery, changes: Changes) -> None:
        """Let it leave after the commit of `changes`."""
        staged, group = self._staged
        if group is not changes:
            # One promise for all that this commit owes; the next commit has changes of its own.
            staged = []
            self._staged = (staged, changes)
            self._committer.promise(lambda: self._queue_all(staged))
        staged.append(delivery)

    def _queue_all(self, deliveries: list[Delivery]) -> None:
        owed = self._owed
        for delivery in deliveries:
            queue = owed.get(delivery.account_no)
            if queue is None:
                queue = owed[delivery.account_no] = deque()
            queue.append(delivery)
        for account_no in {delivery.account_no for delivery in deliveries}:
            self.pump(account_no)

    def queue(self, delivery: Delivery) -> None:
        """Put a stored delivery in line (also at start, in the order of their ids)."""
        self._owed.setdefault(delivery.account_no, deque()).append(delivery)
        self.pump(delivery.account_no)

    def bound(self, account_no: int, bind: SmppProtocol, window: int) -> None:
        """A bind that can receive is there: what waited goes out, up to the account's window at once."""
        self._binds.setdefault(account_no, []).append(bind)
        self._unused_room[bind] = max(0, bind.session.window_free() - window)
        self.pump(account_no)
        bind.flush()

    def window_changed(self, account_no: int, window: int) -> None:
        """The account's window is another now: its binds that are up send no more than that at once."""
        for bind in self._binds.get(account_no, ()):
            session = bind.session
            self._unused_room[bind] = max(0, session.window_free() + session.open_requests - window)
        self.pump(account_no)
        for bind in self._binds.get(account_no, ()):
            bind.flush()

    def closed(self, account_no: int, bind: SmppProtocol) -> None:
        """A bind is gone."""
        self._unused_room.pop(bind, None)
        binds = self._binds.get(account_no, [])
        if bind in binds:
            binds.remove(bind)
        self.pump(account_no)
        for other in binds:
            other.flush()

    def pump(self, account_no: int) -> None:
        """Send what is owed while a bind has room; the binds are flushed by the committer or the caller."""
        queue = self._owed.get(account_no)
        if not queue:
            return
        now, held = self._monotonic(), self._held.get(account_no)
        for bind in self._binds.get(account_no, ()):
            if CommandId.deliver_sm not in bind.session.we_may_send:
                continue  # it is on its way out
            room = bind.session.window_free() - self._unused_room[bind]
            while room > 0 and queue:
                ready = take_ready(queue, held, room)
                sent = bind.session.send_stored(_DELIVER_SM, [(each.body, b"", each) for each in ready], now)
                for delivery in ready[:sent]:
                    delivery.tries += 1
                self.in_flight += sent
                room -= sent
                for place, delivery in enumerate(ready[sent:], start=sent):
                    if room <= 0:
                        queue.extendleft(reversed(ready[place:]))
                        break
                    room -= self._send_alone(bind, delivery, now)
            self._committer.touch(bind)

    def _send_alone(self, bind: SmppProtocol, delivery: Delivery, now: float) -> int:
        """Send what may have no place in one PDU (a long MO in SMPP 3.3); how many it became."""
        try:
            bind.session.send_request_body(_DELIVER_SM, delivery.body[HEADER_OCTETS:], now, delivery)
        except PduEncodeError as fault:
            return self._send_in_parts(bind, delivery, fault, now)
        delivery.tries += 1
        self.in_flight += 1
        return 1

    def _send_in_parts(
        self, bind: SmppProtocol, delivery: Delivery, fault: PduEncodeError, now: float
    ) -> int:
        """Send what has no place in one PDU as parts by user data header; how many, 0 where it cannot be."""
        try:
            parts = parts_of_delivery(delivery.body, delivery.delivery_id)
            for part in parts[:-1]:
                told = Delivery(delivery.delivery_id, delivery.account_no, part, closed=True, whole=delivery)
                bind.session.send_request_body(_DELIVER_SM, part[HEADER_OCTETS:], now, told)
            bind.session.send_request_body(_DELIVER_SM, parts[-1][HEADER_OCTETS:], now, delivery)
        except (PduEncodeError, PduDecodeError, ValueError):
            self._cannot_be_sent(delivery, fault)
            return 0
        delivery.tries += 1
        delivery.part_failed = False
        delivery.refused_with = 0
        self.in_flight += len(parts)
        return len(parts)

    def _cannot_be_sent(self, delivery: Delivery, fault: PduEncodeError) -> None:
        log.warning("delivery %d is given up: %s", delivery.delivery_id, fault)
        self._meters.count("deliver_sm.cannot_be_sent")
        self._close(delivery, GIVEN_UP, now_us())

    def alert(self, account_no: int, pdu: AlertNotification) -> bool:
        """Pass an alert_notification to one bind of the account; False where none can take it now."""
        for bind in self._binds.get(account_no, ()):
            if CommandId.alert_notification in bind.session.we_may_send:
                bind.session.send_request(pdu, self._monotonic())
                bind.flush()
                return True
        return False

    def answered(self, answers: Sequence[tuple[Delivery, Pdu]]) -> None:
        """An ESME answered these: an acknowledgement is a row; an error is tried again, or is one too."""
        at_us, refused = now_us(), 0
        for delivery, response in answers:
            if response.command_status == 0 and not delivery.part_failed:
                self._close(delivery, ACKNOWLEDGED, at_us)
            else:
                refused += 1
                if not self._is_refused_for_good(delivery, response.command_status, at_us):
                    self._again(delivery)
        self.in_flight -= len(answers)
        self._meters.count("deliver_sm.acknowledged", len(answers) - refused)
        if refused:
            self._meters.count("deliver_sm.refused", refused)
        for account_no in {delivery.account_no for delivery, _ in answers}:
            self.pump(account_no)

    def answered_late(self, delivery: Delivery, response: Pdu) -> None:
        """An answer after its time-out: it counts all the same, acknowledgement or refusal for good."""
        if delivery.closed:
            return
        if response.command_status == 0:
            self._close(delivery, ACKNOWLEDGED, now_us())
            self._meters.count("deliver_sm.acknowledged")
            self._go_on(delivery.account_no)
        elif self._is_refused_for_good(delivery, response.command_status, now_us()):
            self._go_on(delivery.account_no)

    def unanswered(self, delivery: Delivery) -> None:
        """No answer came in time: the delivery is still owed and is tried again later."""
        self.in_flight -= 1
        self._meters.count("deliver_sm.unanswered")
        self._again(delivery)
        self._go_on(delivery.account_no)

    def bind_lost(self, deliveries: Sequence[Delivery]) -> None:
        """The bind went with these on their way: they wait in front, in their order, for another bind."""
        self.in_flight -= len(deliveries)
        for account_no in {delivery.account_no for delivery in deliveries}:
            queue = self._owed.setdefault(account_no, deque())
            lost = [delivery for delivery in deliveries if delivery.account_no == account_no]
            is_younger = bool(queue) and queue[0].delivery_id < lost[-1].delivery_id
            queue.extendleft(reversed(lost))
            if is_younger:  # another bind was lost just before: the oldest of both go first
                self._owed[account_no] = deque(sorted(queue, key=lambda delivery: delivery.delivery_id))

    def _is_refused_for_good(self, delivery: Delivery, command_status: int, at_us: int) -> bool:
        """Record what an ESME will never take; False where the delivery is to be tried again. One of which a
        part was refused so ends with the answer to its last part."""
        status = delivery.refused_with or command_status
        if delivery_disposition(status, self._dispositions) is not DeliveryDisposition.DROP:
            return False
        if delivery.whole is not None:
            delivery.whole.part_failed, delivery.whole.refused_with = True, status
            return True
        self._close(delivery, refused_outcome(status), at_us)
        self._meters.count("deliver_sm.refused_for_good")
        return True

    def _again(self, delivery: Delivery) -> None:
        if delivery.whole is not None:  # all parts are sent again when the last one's answer has come
            delivery.whole.part_failed = True
            return
        if self._is_over(delivery, now_us()):
            self._give_up(delivery)
            return
        account_no = delivery.account_no
        line = self._held.setdefault(account_no, DeliveryLines()).refused(delivery)
        if line is not None:
            wait_s = min(RETRY_S * 2 ** min(delivery.tries - 1, 10), RETRY_MAX_S)
            self._call_later(wait_s, lambda: self._retry(account_no, line))

    def expire(self, at_us: int) -> None:
        """Give up what nobody took within its lifetime; to be called now and then."""
        held_up = list(self._held)
        for queue in list(self._owed.values()):
            while queue and self._is_over(queue[0], at_us):
                self._give_up(queue.popleft())
        for held in list(self._held.values()):
            for delivery in held:
                if self._is_over(delivery, at_us):
                    self._give_up(delivery)
        for account_no in held_up:
            self._go_on(account_no)

    def _is_over(self, delivery: Delivery, at_us: int) -> bool:
        return at_us - id_epoch_us(delivery.delivery_id) > self._lifetime_us

    def _give_up(self, delivery: Delivery) -> None:
        self._close(delivery, GIVEN_UP, now_us())
        self._meters.count("deliver_sm.given_up")

    def _retry(self, account_no: int, line: bytes) -> None:
        held = self._held.get(account_no)
        delivery = held.next_try(line) if held is not None else None
        if delivery is not None:
            self._owed.setdefault(account_no, deque()).appendleft(delivery)
            self._go_on(account_no)

    def _go_on(self, account_no: int) -> None:
        """Send what is owed outside a commit: no promise flushes the binds then."""
        self.pump(account_no)
        for bind in self._binds.get(account_no, ()):
            bind.flush()

    def _close(self, delivery: Delivery, outcome: int, at_us: int) -> None:
        if delivery.closed:
            return
        delivery.closed = True
        self._committer.changes.esme_delivery_ack.append(
            (self._shard, id_day(delivery.delivery_id), delivery.delivery_id, outcome, at_us)
        )
        if self._held:
            self._free(delivery)

    def _free(self, delivery: Delivery) -> None:
        """Put in front what waited behind a delivery that has ended."""
        account_no = delivery.account_no
        held = self._held.get(account_no)
        if held is None:
            return
        free = held.ended(delivery)
        if free:
            self._owed.setdefault(account_no, deque()).extendleft(reversed(free))
        if not held:
            del self._held[account_no]


def _error_of(message_id: int, state: int, changes: Changes) -> bytes:
    """Why a message ended so, from the row of its end or of the segment that ended it, staged just before."""
    if changes.message_final:
        _, _, of_message, *_, told_by, _, error_code, _, _ = changes.message_final[-1]
        if of_message == message_id and told_by:
            return error_octets(error_code)
    if not changes.segment_outcome:
        return NO_ERROR
    _, _, of_message, _, segment_state, _, _, error_code, _ = changes.segment_outcome[-1]
    return error_octets(error_code) if (of_message, segment_state) == (message_id, state) else NO_ERROR
