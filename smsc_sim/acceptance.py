"""Acceptance: what the SMSC does with a submit_sm or data_sm, until its response.

Refusals are answered at once; an accepted message gets its id, its fate (by number) and its chances (from
its bind's random.Random, in the order of arrival on that bind), and its answer after the latency. Nothing
happens to its handset before that answer, except for the share whose receipt overtakes it.
"""

from functools import partial

from operator_push.smpp.constants import CommandStatus, MessageState
from operator_push.smpp.pdu import DataSm, DataSmResp, MessageIdRespPdu, SubmitSm, SubmitSmResp
from operator_push.smpp.tlv import TlvTag
from smsc_sim.alerts import sets_pending_flag
from smsc_sim.bind import Identity, SimBind
from smsc_sim.counters import Counters
from smsc_sim.delays import delay_drawer, fixed_seconds
from smsc_sim.deliveries import Deliveries
from smsc_sim.message import USSD_SERVICE, SimMessage, message_reference
from smsc_sim.message_book import MessageBook
from smsc_sim.quick_octets import submit_sm_resp
from smsc_sim.recipients import as_submit_sm
from smsc_sim.scenario import Scenario
from smsc_sim.time_wheel import TimeWheel
from smsc_sim.transactions import is_transaction, outcome_response
from smsc_sim.tries import Tries
from smsc_sim.validity import message_times
from smsc_sim.witness import Witness, address_part, key_part

_EXPIRED = MessageState.EXPIRED
_DELETED = MessageState.DELETED
OVERTAKEN_BY_S = 0.005  # Ours: how far a receipt that comes before the submit_sm_resp is ahead of it.
_PENDING_FLAG_SET = ((int(TlvTag.dpf_result), b"\1"),)  # SMPP v3.4 section 5.3.2.28
Times = tuple[float, float]  # Seconds until the first try, seconds of validity after that; of the run's clock


class Acceptance:
    """The desk of one virtual SMSC at which messages are taken."""

    def __init__(
        self,
        tries: Tries,
        deliveries: Deliveries,
        book: MessageBook,
        wheel: TimeWheel,
        witness: Witness,
        counters: Counters,
        speed: float,
    ) -> None:
        self._tries = tries
        self._deliveries = deliveries
        self._book = book
        self._wheel = wheel
        self._witness = witness
        self._counters = counters
        self._speed = speed

    def configure(self, scenario: Scenario) -> None:
        """These limits, latencies and chances from now on."""
        self._outstanding_max = scenario.limits.outstanding_submits_max
        self._open_messages_max = scenario.limits.open_messages_max
        self._latency_s = delay_drawer(scenario.latency.submit_sm_resp_ms)
        self._fixed_latency_s = fixed_seconds(scenario.latency.submit_sm_resp_ms)
        receipts, speed = scenario.receipts, self._speed
        self._receipt_delay_s = delay_drawer(receipts.delay_ms, speed)
        self._fixed_receipt_delay_s = fixed_seconds(receipts.delay_ms, speed)
        self._late_share = receipts.late.share
        self._late_s = delay_drawer(receipts.late.by_ms, speed)
        self._doubled_share = receipts.doubled.share
        self._doubled_s = delay_drawer(receipts.doubled.after_ms, speed)
        self._before_share = receipts.before_response_share
        self._receipt_faults = self._late_share + self._doubled_share + self._before_share > 0
        # The same for all messages where nothing is drawn.
        fixed_s = self._fixed_receipt_delay_s
        self._usual_receipt = None if self._receipt_faults or fixed_s is None else (fixed_s, None, False)
        self._validity_default_s = scenario.validity.default_s
        self._acceleration = scenario.validity.acceleration * speed
        self._usual_times: Times = (0.0, self._validity_default_s)
        self._usual_valid_s = self._validity_default_s / self._acceleration

    # The ways in for one message. `t` is `now` in microseconds since 1970.

    def submit(self, bind: SimBind, pdu: SubmitSm, now: float, t: int) -> None:
        """Take one submit_sm."""
        self._single(bind, pdu, SubmitSmResp, "submit_sm", "submit_sm_resp", now, t)

    def data(self, bind: SimBind, pdu: DataSm, now: float, t: int) -> None:
        """Take one data_sm: a message in message_payload, answered by data_sm_resp."""
        self._single(bind, as_submit_sm(pdu), DataSmResp, "data_sm", "data_sm_resp", now, t)

    # What these share with submit_multi (`multi_acceptance`).

    def _single(
        self,
        bind: SimBind,
        pdu: SubmitSm,
        response_type: type[MessageIdRespPdu],
        command: str,
        answer: str,
        now: float,
        t: int,
    ) -> None:
        self._counters.submits_received += 1
        times = self.times_or_refusal(bind, pdu, now, t)
        identity = bind.identity
        if isinstance(times, CommandStatus) or identity is None:  # The session lets no submit_sm in unbound.
            status = times if isinstance(times, CommandStatus) else CommandStatus.ESME_RINVBNDSTS
            self._refuse(bind, pdu, response_type, status, command, t)
            return
        fixed_s = self._fixed_latency_s
        latency_s = fixed_s if fixed_s is not None else self.latency_s(identity)
        identifier = identity.lane.next_id()
        message, overtakes = self.accept(bind, identity, pdu, identifier, identifier, t)
        bind.outstanding_submits += 1
        members = address_part(pdu.source_addr, pdu.destination_addr) + message.witness_key
        self._witness.submit_accepted(t, bind.name, pdu.sequence_number, members, command)
        if pdu.replace_if_present_flag:
            self._replace_present(now, t, message)
        if command == "data_sm" and is_transaction(pdu.esm_class):
            message.on_end = partial(self._tell_outcome, pdu.sequence_number, latency_s)
            self._tries.plan(message, *self.moments(now, times))
            return
        if times is self._usual_times:
            start, expires = now + latency_s, now + latency_s + self._usual_valid_s
        else:
            start, expires = self.moments(now + latency_s, times)
        fate = message.fate
        if overtakes:
            overtakes = times[0] == 0 and self._tries.is_settled(message)
            overtakes = overtakes and fate.final_state is not _EXPIRED and start + fate.delay_s <= expires
            latency_s = max(latency_s, OVERTAKEN_BY_S) if overtakes else latency_s
        if response_type is SubmitSmResp and not message.wants_alert:
            if latency_s > 0:
                due = (self._respond_plainly, bind, pdu.sequence_number, identifier, members)
                self._wheel.add(now + latency_s, due)
            else:
                self._respond_plainly(now, t, bind, pdu.sequence_number, identifier, members)
        else:
            tlvs = _PENDING_FLAG_SET if message.wants_alert else ()
            response = response_type(pdu.sequence_number, 0, tlvs, None, identifier)
            self.respond_after(latency_s, now, t, bind, response, members, answer)
        if overtakes:
            message.receipt_delay_s = 0.0
            self._deliveries.finish(now, t, message, fate.final_state)
            return
        # The handset is tried once the ESME has its answer, so a receipt never overtakes it by chance.
        self._tries.plan(message, start, expires)

    def _tell_outcome(
        self, sequence_number: int, latency_s: float, now: float, t: int, message: SimMessage
    ) -> None:
        """A transaction has ended: its data_sm_resp is due."""
        response = outcome_response(sequence_number, message)
        members = address_part(message.pdu.source_addr, message.pdu.destination_addr) + message.witness_key
        self.respond_after(latency_s, now, t, message.bind, response, members, "data_sm_resp")

    def latency_s(self, identity: Identity) -> float:
        """How long the SMSC thinks about the next request of a bind."""
        fixed_s = self._fixed_latency_s
        return fixed_s if fixed_s is not None else self._latency_s(identity.latency_chance.random())

    def accept(
        self, bind: SimBind, identity: Identity, pdu: SubmitSm, identifier: str, place: str, t: int
    ) -> tuple[SimMessage, bool]:
        """(the message, whether its receipt comes before the response), entered into the book."""
        usual = self._usual_receipt
        receipt_delay_s, again_s, overtakes = self._draw_receipt(identity) if usual is None else usual
        reference = message_reference(pdu) if pdu.tlvs else None
        message = SimMessage(
            identifier,
            identity.account,
            bind,
            pdu,
            reference,
            t,
            self._tries.population.fate(pdu.destination_addr),
            f',"smsc_message_id":"{identifier}"' if reference is None else key_part(reference, identifier),
            receipt_delay_s,
            again_s,
            place,
        )
        if pdu.service_type == USSD_SERVICE:
            message.witness_key += f',"service_type":"{USSD_SERVICE}"'
        if pdu.tlvs and sets_pending_flag(pdu):
            message.wants_alert = True
        counters = self._counters
        counters.submits_accepted += 1
        counters.open_messages += 1
        self._book.add(message)
        return message, overtakes

    def moments(self, answered: float, times: Times) -> tuple[float, float]:
        """(first try, end of validity), monotonic seconds, of a message that is answered at `answered`."""
        if times is self._usual_times:
            return answered, answered + self._usual_valid_s
        start = answered + times[0] / self._acceleration
        return start, start + times[1] / self._acceleration

    def _draw_receipt(self, identity: Identity) -> tuple[float, float | None, bool]:
        """(delay, second receipt after, comes before the submit_sm_resp) of the next message."""
        fixed_s = self._fixed_receipt_delay_s
        delay_s = fixed_s if fixed_s is not None else self._receipt_delay_s(identity.receipt_chance.random())
        if not self._receipt_faults:
            return delay_s, None, False
        draw = identity.fault_chance.random
        late, doubled, before, extra = draw(), draw(), draw(), draw()
        if late < self._late_share:
            delay_s += self._late_s(extra)
        return (
            delay_s,
            self._doubled_s(extra) if doubled < self._doubled_share else None,
            before < self._before_share,
        )

    def times_or_refusal(self, bind: SimBind, pdu: SubmitSm, now: float, t: int) -> Times | CommandStatus:
        """The message's times, or the status that refuses it."""
        identity = bind.identity
        if identity is None:
            return CommandStatus.ESME_RINVBNDSTS
        limits = identity.account.limits
        if bind.outstanding_submits >= (limits.window or self._outstanding_max):
            return CommandStatus.ESME_RTHROTTLED
        if self._counters.open_messages >= self._open_messages_max:
            return CommandStatus.ESME_RMSGQFUL
        destination = pdu.destination_addr
        # Digits of an international number (ITU-T E.164), or a short code; a + is common and harmless.
        if not (destination.isdecimal() or destination.removeprefix("+").isdecimal()):
            return CommandStatus.ESME_RINVDSTADR
        if pdu.schedule_delivery_time or pdu.validity_period:
            times = message_times(pdu, t, self._validity_default_s)
            if isinstance(times, CommandStatus):
                return times
        else:
            times = self._usual_times
        if limits.is_limited:
            refusal = limits.refusal(pdu.source_addr, now)
            if refusal is not None:
                return refusal
        return times

    def _replace_present(self, now: float, t: int, message: SimMessage) -> None:
        """replace_if_present_flag (SMPP v3.4 section 5.2.18): older ones of this kind give way."""
        pdu, account = message.pdu, message.account
        for older in self._book.open_to(pdu.destination_addr):
            same = (older.pdu.source_addr, older.pdu.service_type) == (pdu.source_addr, pdu.service_type)
            if older is not message and same and older.account is account and older.handed_over is None:
                addresses = address_part(older.pdu.source_addr, older.pdu.destination_addr)
                detail = f"replaced by {message.smsc_message_id}"
                self._witness.message_event(
                    t, message.bind.name, addresses, older.witness_key, "replaced_by", detail
                )
                self._deliveries.finish(now, t, older, _DELETED)

    def _refuse(
        self,
        bind: SimBind,
        pdu: SubmitSm,
        response_type: type[MessageIdRespPdu],
        status: CommandStatus,
        command: str,
        t: int,
    ) -> None:
        self._counters.submits_refused += 1
        self._counters.responses_sent += 1
        bind.session.send_response(response_type(pdu.sequence_number, int(status), (), b""))
        bind.mark_dirty()
        addresses = address_part(pdu.source_addr, pdu.destination_addr)
        key = key_part(message_reference(pdu), "")
        self._witness.request_refused(t, bind.name, command, pdu.sequence_number, addresses, key, status.name)

    def respond_after(
        self,
        latency_s: float,
        now: float,
        t: int,
        bind: SimBind,
        response: MessageIdRespPdu,
        members: str,
        command: str,
    ) -> None:
        """Send the response once the latency is over; `members` are those of its witness row."""
        if latency_s > 0:
            self._wheel.add(now + latency_s, (self._respond, bind, response, members, command))
        else:
            self._respond(now, t, bind, response, members, command)

    def _respond_plainly(
        self, now: float, t: int, bind: SimBind, sequence_number: int, identifier: str, members: str
    ) -> None:
        """As `_respond` with a submit_sm_resp, which is written in one go where nobody looks at it."""
        quick = bind.quick
        if quick is None or not bind.alive:
            response = SubmitSmResp(sequence_number, 0, (), None, identifier)
            self._respond(now, t, bind, response, members, "submit_sm_resp")
            return
        bind.outstanding_submits -= 1
        self._counters.responses_sent += 1
        quick.put(submit_sm_resp(sequence_number, identifier))
        bind.mark_dirty()
        self._witness.submit_answered(t, bind.name, sequence_number, members, "answered")

    def _respond(
        self,
        now: float,
        t: int,
        bind: SimBind,
        response: MessageIdRespPdu,
        members: str,
        command: str,
    ) -> None:
        """The response of an accepted request is due."""
        bind.outstanding_submits -= 1
        if bind.alive:
            self._counters.responses_sent += 1
            bind.session.send_response(response)
            bind.mark_dirty()
            decision = "answered"
        else:
            self._counters.responses_without_bind += 1
            decision = "bind_gone"
        status = CommandStatus(response.command_status).name if response.command_status else "ESME_ROK"
        self._witness.submit_answered(
            t, bind.name, response.sequence_number, members, decision, command, status
        )
