"""Bind life: what a bind of a load run does apart from messages: bind, enquire_link, unbind, end.

No socket: octets and the time in, octets out. Laws: CLOSED is final for one stream, `connected` begins anew;
a bind counts as lost where it ends BOUND and nobody here asked for it.
Not here: submit_sm, its window, deliver_sm (esme.py).
"""

from enum import Enum

from operator_push.smpp.codec import PduDecodeError, decode_pdu, encode_pdu, response_to
from operator_push.smpp.constants import (
    RESPONSE_BIT,
    SEQUENCE_NUMBER_MAX,
    CommandId,
    CommandStatus,
    command_name,
    status_name,
)
from operator_push.smpp.framer import Framer
from operator_push.smpp.pdu import (
    BindPdu,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    EnquireLink,
    GenericNack,
    Pdu,
    Unbind,
)
from smsc_sim.load.plan import BindGroup, Patience
from smsc_sim.load.tally import Tally

_UNBIND_S = 5.0
_BINDS: dict[str, type[BindPdu]] = {
    "transceiver": BindTransceiver,
    "transmitter": BindTransmitter,
    "receiver": BindReceiver,
}


class Phase(Enum):
    """Where a bind is."""

    WAITING = "waiting"
    BINDING = "binding"
    BOUND = "bound"
    UNBINDING = "unbinding"
    CLOSED = "closed"


class BindLife:
    """One bind; lives through reconnects. `refusal` is why the SMSC refused it; `reason` why it closed."""

    def __init__(self, name: str, group: BindGroup, tally: Tally, patience: Patience) -> None:
        self.name = name
        self.group = group
        self.phase = Phase.WAITING
        self.refusal = ""
        self.reason = ""
        self.lost_count = 0
        self._tally = tally
        self._patience = patience
        self._output: list[bytes] = []
        self._framer = Framer()
        self._sequence = 0
        self._phase_since = 0.0
        self._heard_at = 0.0
        self._asked_at: float | None = None

    def take_output(self) -> bytes:
        """Everything that is to be written, joined; it is given once."""
        output = self._output
        if not output:
            return b""
        self._output = []
        octets = b"".join(output)
        self._tally.octets_out += len(octets)
        return octets

    def connected(self, now: float) -> None:
        """A stream is up: send the bind."""
        self._framer = Framer()
        self._output = []
        self._sequence = 0
        self._heard_at, self._asked_at = now, None
        self.refusal = self.reason = ""
        group = self.group
        self._request(
            _BINDS[group.type](
                system_id=group.system_id, password=group.password, system_type=group.system_type
            )
        )
        self._enter(Phase.BINDING, now)

    def unbind(self, now: float) -> None:
        """End the bind in order."""
        if self.phase is Phase.BOUND:
            self._request(Unbind())
            self._enter(Phase.UNBINDING, now)

    def lost(self, now: float, reason: str) -> None:
        """The stream is gone; what was open will not be answered."""
        self._close(reason, now)
        self._output = []

    def end(self, now: float) -> None:
        """The run is over: what is still open is given up; the bind does not count as lost."""
        self._give_up_open(now)
        self._enter(Phase.CLOSED, now)

    def tick(self, now: float) -> None:
        """Time has passed: give up what is overdue, ask a silent SMSC whether it lives."""
        patience = self._patience
        if self.phase is Phase.BINDING and now >= self._phase_since + patience.bind_s:
            self._close(f"no answer to the bind within {patience.bind_s:g} s", now)
        elif self.phase is Phase.UNBINDING and now >= self._phase_since + min(_UNBIND_S, patience.response_s):
            self._close("no answer to the unbind", now)
        elif self.phase is Phase.BOUND:
            if self._asked_at is not None:
                if now >= self._asked_at + patience.response_s:
                    self._close("the SMSC is silent: no answer to enquire_link", now)
            elif now >= self._heard_at + patience.enquire_link_s:
                self._request(EnquireLink())
                self._asked_at = now

    def _rare(self, octets: bytes, now: float) -> None:
        """Any PDU that is neither a submit_sm_resp nor a deliver_sm."""
        try:
            pdu = decode_pdu(octets)
        except PduDecodeError as fault:
            name = command_name(fault.command_id) or hex(fault.command_id)
            self._tally.violations[f"malformed {name}"] += 1
            if fault.command_id < RESPONSE_BIT:
                answer = int(fault.answer or CommandStatus.ESME_RSYSERR)
                self._output.append(encode_pdu(GenericNack(fault.sequence_number, answer)))
            return
        if pdu.command_id >= RESPONSE_BIT:
            self._response(pdu, now)
        else:
            self._asked(pdu, octets, now)

    def _response(self, pdu: Pdu, now: float) -> None:
        match pdu.command_id:
            case (
                CommandId.bind_transceiver_resp
                | CommandId.bind_transmitter_resp
                | CommandId.bind_receiver_resp
            ) if self.phase is Phase.BINDING:
                if pdu.command_status:
                    self._refuse(status_name(pdu.command_status), now)
                else:
                    self._tally.binds_made += 1
                    self._enter(Phase.BOUND, now)
            case CommandId.generic_nack if self.phase is Phase.BINDING:
                self._refuse(f"generic_nack {status_name(pdu.command_status)}", now)
            case CommandId.unbind_resp if self.phase is Phase.UNBINDING:
                self._close("unbound", now)
            case CommandId.enquire_link_resp:
                pass
            case unexpected:
                name = command_name(unexpected) or hex(unexpected)
                self._tally.violations[f"{name} without a request"] += 1

    def _asked(self, pdu: Pdu, octets: bytes, now: float) -> None:
        match pdu.command_id:
            case CommandId.enquire_link:
                self._tally.enquiries_answered += 1
                self._output.append(encode_pdu(response_to(pdu)))
            case CommandId.unbind:
                self._output.append(encode_pdu(response_to(pdu)))
                self._close("the SMSC unbound", now)
            case CommandId.data_sm:
                self._delivered(octets, now)
                self._output.append(encode_pdu(response_to(pdu)))
            case CommandId.alert_notification:
                pass
            case other:
                self._tally.violations[f"request {command_name(other) or hex(other)}"] += 1
                nack = GenericNack(pdu.sequence_number, int(CommandStatus.ESME_RINVCMDID))
                self._output.append(encode_pdu(nack))

    def _refuse(self, why: str, now: float) -> None:
        self.refusal = why
        self._close(f"bind refused: {why}", now)

    def _request(self, pdu: Pdu) -> None:
        self._sequence = self._sequence + 1 if self._sequence < SEQUENCE_NUMBER_MAX else 1
        pdu.sequence_number = self._sequence
        self._output.append(encode_pdu(pdu))

    def _enter(self, phase: Phase, now: float) -> None:
        self.phase = phase
        self._phase_since = now

    def _close(self, reason: str, now: float) -> None:
        if self.phase is Phase.BOUND:
            self.lost_count += 1
            self._tally.binds_lost += 1
        self.reason = self.reason or reason
        self._give_up_open(now)
        self._enter(Phase.CLOSED, now)

    # What a bind with messages does besides

    def _give_up_open(self, now: float) -> None:
        """Count the requests that will not be answered."""
        raise NotImplementedError

    def _delivered(self, octets: bytes, now: float) -> None:
        """Take a deliver_sm or data_sm."""
        raise NotImplementedError
