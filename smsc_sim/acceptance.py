"""Acceptance: what the SMSC does with a submit_sm, from its arrival to its submit_sm_resp.

Refusals are answered at once; an accepted message gets its id, its fate (by number) and its chances (from
its bind's random.Random, in the order of arrival on that bind), and its answer after the latency. Nothing
happens to its handset before that answer, except for the share whose receipt overtakes it.
"""

from operator_push.smpp.codec import response_to
from operator_push.smpp.constants import CommandStatus, MessageState
from operator_push.smpp.pdu import SubmitSm, SubmitSmResp
from smsc_sim.bind import Identity, SimBind
from smsc_sim.counters import Counters
from smsc_sim.delays import delay_drawer
from smsc_sim.deliveries import Deliveries
from smsc_sim.message import SimMessage, message_reference
from smsc_sim.population import HandsetPopulation
from smsc_sim.scenario import Scenario
from smsc_sim.time_wheel import TimeWheel
from smsc_sim.validity import message_times
from smsc_sim.witness import Witness, address_part, key_part

_EXPIRED = MessageState.EXPIRED
OVERTAKEN_BY_S = 0.005  # Ours: how far a receipt that comes before the submit_sm_resp is ahead of it.


class Acceptance:
    """The submit_sm desk of one virtual SMSC."""

    def __init__(
        self,
        scenario: Scenario,
        population: HandsetPopulation,
        deliveries: Deliveries,
        wheel: TimeWheel,
        witness: Witness,
        counters: Counters,
    ) -> None:
        self._population = population
        self._deliveries = deliveries
        self._wheel = wheel
        self._witness = witness
        self._counters = counters
        self._outstanding_max = scenario.limits.outstanding_submits_max
        self._open_messages_max = scenario.limits.open_messages_max
        self._latency_s = delay_drawer(scenario.latency.submit_sm_resp_ms)
        receipts = scenario.receipts
        self._receipt_delay_s = delay_drawer(receipts.delay_ms)
        self._late_share = receipts.late.share
        self._late_s = delay_drawer(receipts.late.by_ms)
        self._doubled_share = receipts.doubled.share
        self._doubled_s = delay_drawer(receipts.doubled.after_ms)
        self._before_share = receipts.before_response_share
        self._receipt_faults = self._late_share + self._doubled_share + self._before_share > 0
        self._validity_default_s = scenario.validity.default_s
        self._acceleration = scenario.validity.acceleration

    def submit(self, bind: SimBind, pdu: SubmitSm, now: float, t: int) -> None:
        """Take one submit_sm; `t` is `now` in microseconds since 1970."""
        counters = self._counters
        counters.submits_received += 1
        wait_s, valid_s = 0.0, self._validity_default_s
        refusal = self._refusal(bind, pdu)
        if refusal is None and (pdu.schedule_delivery_time or pdu.validity_period):
            times = message_times(pdu, t, valid_s)
            if isinstance(times, CommandStatus):
                refusal = times
            else:
                wait_s, valid_s = times
        identity = bind.identity
        if refusal is not None or identity is None:  # The session lets no submit_sm in unbound.
            self._refuse(bind, pdu, refusal or CommandStatus.ESME_RINVBNDSTS, t)
            return
        latency_s = self._latency_s(identity.latency_chance.random())
        receipt_delay_s, again_s, overtakes = self._draw_receipt(identity)
        fate = self._population.fate(pdu.destination_addr)
        identifier = identity.lane.next_id()
        reference = message_reference(pdu)
        witness_key = key_part(reference, identifier)
        message = SimMessage(
            identifier,
            identity.account,
            bind,
            pdu,
            reference,
            t,
            fate,
            witness_key,
            receipt_delay_s,
            again_s,
        )
        counters.submits_accepted += 1
        counters.open_messages += 1
        bind.outstanding_submits += 1
        addresses = address_part(pdu.source_addr, pdu.destination_addr)
        self._witness.submit_accepted(t, bind.name, pdu.sequence_number, addresses, witness_key)
        valid_s /= self._acceleration
        expires = fate.final_state is _EXPIRED or fate.delay_s > valid_s
        if overtakes and not expires and wait_s == 0:
            message.receipt_delay_s = 0.0
            self._wheel.add(now + max(latency_s, OVERTAKEN_BY_S), (self._answer, message, addresses))
            self._deliveries.finish(now, t, message, fate.final_state)
            return
        if latency_s > 0:
            self._wheel.add(now + latency_s, (self._answer, message, addresses))
        else:
            self._answer(now, t, message, addresses)
        # The handset is tried once the ESME has its answer, so a receipt never overtakes it by chance.
        start = now + latency_s + wait_s / self._acceleration
        if expires:
            self._wheel.add(start + valid_s, (self._deliveries.finish, message, _EXPIRED))
        else:
            self._wheel.add(start + fate.delay_s, (self._deliveries.finish, message, fate.final_state))

    def _draw_receipt(self, identity: Identity) -> tuple[float, float | None, bool]:
        """(delay, second receipt after, comes before the submit_sm_resp) of the next message."""
        delay_s = self._receipt_delay_s(identity.receipt_chance.random())
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

    def _refusal(self, bind: SimBind, pdu: SubmitSm) -> CommandStatus | None:
        if bind.outstanding_submits >= self._outstanding_max:
            return CommandStatus.ESME_RTHROTTLED
        if self._counters.open_messages >= self._open_messages_max:
            return CommandStatus.ESME_RMSGQFUL
        destination = pdu.destination_addr
        # Digits of an international number (ITU-T E.164), or a short code; a + is common and harmless.
        if not destination.removeprefix("+").isdecimal():
            return CommandStatus.ESME_RINVDSTADR
        return None

    def _refuse(self, bind: SimBind, pdu: SubmitSm, status: CommandStatus, t: int) -> None:
        self._counters.submits_refused += 1
        self._counters.responses_sent += 1
        bind.session.send_response(response_to(pdu, status))
        bind.mark_dirty()
        addresses = address_part(pdu.source_addr, pdu.destination_addr)
        key = key_part(message_reference(pdu), "")
        self._witness.request_refused(
            t, bind.name, "submit_sm", pdu.sequence_number, addresses, key, status.name
        )

    def _answer(self, now: float, t: int, message: SimMessage, addresses: str) -> None:
        """The submit_sm_resp is due."""
        bind, pdu = message.bind, message.pdu
        bind.outstanding_submits -= 1
        if bind.alive:
            self._counters.responses_sent += 1
            bind.session.send_response(
                SubmitSmResp(sequence_number=pdu.sequence_number, message_id=message.smsc_message_id)
            )
            bind.mark_dirty()
            decision = "answered"
        else:
            self._counters.responses_without_bind += 1
            decision = "bind_gone"
        self._witness.submit_answered(
            t, bind.name, pdu.sequence_number, addresses, message.witness_key, decision
        )
