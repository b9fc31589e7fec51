"""The faults of one bind: which of its PDUs are hit, and what then happens to them and to its stream.

What answers a request is decided when the request arrives, in the order of arrival, so that the latency of
answers changes no decision; PDUs of the SMSC's own (deliver_sm, enquire_link) are decided when they leave.
"""

from functools import partial

import msgspec

from operator_push.smpp.constants import RESPONSE_BIT, VERSION_3_4, CommandId, command_name
from operator_push.smpp.pdu import Pdu
from smsc_sim.bind import SimBind
from smsc_sim.faults.doors import DeskDoors
from smsc_sim.faults.octets import command_id_of, sequence_number_of
from smsc_sim.faults.outgoing import Hit, Outgoing, StreamTable, message_id_of, shape_pdu
from smsc_sim.faults.pdu_tables import Cut, Dribble, HalfOpen, Stall
from smsc_sim.faults.session import FaultableSession
from smsc_sim.faults.stream import CutGate, DribbleGate, HalfOpenGate, StallGate
from smsc_sim.parcel import Parcel
from smsc_sim.witness import key_part

# The session answers these requests itself, so nobody has seen them arrive.
_OWN_ANSWERS = frozenset(
    (int(CommandId.enquire_link_resp), int(CommandId.unbind_resp), int(CommandId.generic_nack))
)
_RESET_AFTER_S = 0.02  # Ours: what was written before a reset has left by then.


class Planned(msgspec.Struct):
    """What will happen to the response of a request that has arrived."""

    hits: list[Hit]
    members: str  # Of witness rows: the request's addresses
    segment: int


class Held(msgspec.Struct):
    """A PDU that waits for others: `remaining` of them, or a receipt."""

    out: Outgoing
    remaining: int = 0
    is_done: bool = False


class BindFaults:
    """See the module; a `session.PduFaults`."""

    def __init__(self, desk: DeskDoors, bind: SimBind, session: FaultableSession) -> None:
        self._desk = desk
        self.bind = bind
        self.session = session
        self.marks: dict[str, int] = {}
        self.buckets: dict[str, tuple[float, float]] = {}  # Of throttles: (tokens, since)
        self.planned: dict[int, Planned] = {}
        self.requests = 0
        self._own = 0
        self._held: list[Held] = []
        self._last_due = 0.0

    def has_begun(self) -> bool:
        """Whether something was decided that has still to be done."""
        return bool(self.planned or self._held)

    # What the session asks.

    def leaves(self, octets: bytes, request: Pdu | None, context: object) -> None:
        """A PDU is about to leave."""
        if isinstance(self.session.gate, CutGate):  # Nobody will read it, whatever befalls it.
            self.planned.pop(sequence_number_of(octets), None)
            self.session.put(octets)
            return
        command_id = command_id_of(octets)
        out = Outgoing(octets, command_id)
        if command_id >= RESPONSE_BIT:
            planned = self.planned.pop(sequence_number_of(octets), None)
            if planned is None and command_id in _OWN_ANSWERS:
                self._own += 1
                key = f"{self.key()}:own:{self._own}"
                planned = Planned(self._desk.pdu_hits(command_id, self.marks, self.account(), "", key), "", 1)
            out.message_id = message_id_of(octets, command_id)
        else:
            planned = self._request_hits(command_id, request, context)
            if isinstance(context, Parcel) and context.is_receipt:
                out.message_id = context.message_id
        if planned is not None and planned.hits:
            hits = [hit for hit in planned.hits if command_id in hit[0].command_ids]
            out.segment = planned.segment
            out.may_have_tlvs = self.session.peer_version >= VERSION_3_4
            key = key_part(None, out.message_id)
            for fault, _ in hits:
                self._desk.note(
                    fault,
                    self.bind.name,
                    "out",
                    command_name(command_id) or "unknown",
                    sequence_number_of(octets),
                    planned.members + key,
                )
            shape_pdu(out, hits, self._desk.id_base)
        self._emit(out)
        if command_id < RESPONSE_BIT and out.message_id:
            self._desk.receipt_left(out.message_id)

    def stream_ended(self) -> None:
        """The transport is gone: nothing of this bind leaves any more."""
        self.planned.clear()
        self._desk.detach(self.bind.name)
        gate = self.session.gate
        swallowed = getattr(gate, "octets_swallowed", 0)
        if swallowed:
            self._desk.note_swallowed(self.bind.name, swallowed)

    def key(self) -> str:
        """What names this bind in keyed chance: the account and which of its binds it is."""
        identity = self.bind.identity
        return f"{identity.account.system_id}:{self.bind.ordinal}" if identity is not None else ""

    def account(self) -> str:
        """The system_id, empty before the bind."""
        return self.bind.identity.account.system_id if self.bind.identity is not None else ""

    # What leaves, and when.

    def _request_hits(self, command_id: int, request: Pdu | None, context: object) -> Planned:
        number = str(getattr(request, "source_addr", ""))
        if isinstance(context, Parcel):
            name = context.message_id or f"{number}:{context.number}"
            key = f"{self.account()}:{name}:{context.tries}"
            members = context.witness_part
        else:
            self._own += 1
            key, members = f"{self.key()}:own:{self._own}", ""
        return Planned(self._desk.pdu_hits(command_id, self.marks, self.account(), number, key), members, 1)

    def _emit(self, out: Outgoing) -> None:
        desk = self._desk
        if out.is_lost:
            self._passed(out)
            return
        if out.after_receipt_s is not None:
            release = partial(self.release, Held(out))
            desk.hold_for_receipt(out.message_id, release, out.after_receipt_s, out.held_max_s)
            return
        if out.behind:
            held = Held(out, out.behind)
            self._held.append(held)
            desk.scheduled += 1
            desk.at_latest(out.held_max_s, self.release, held)
            return
        due_s = out.delay_s
        if out.keeps_order:
            due_s = max(due_s, self._last_due - desk.now)
            self._last_due = desk.now + due_s
        if due_s > 0:
            if out.receipts_wait and out.message_id:
                desk.late_responses[out.message_id] = desk.now + due_s
            desk.later(due_s, self._leave_late, out)
        else:
            self._leave(out)
        for after_s in out.again_s:
            desk.later(due_s + after_s, self._leave_late, Outgoing(out.octets, out.command_id))

    def release(self, held: Held) -> None:
        """A held PDU leaves: what it waited for has come, or it has waited long enough."""
        if not held.is_done:
            held.is_done = True
            if held in self._held:
                self._held.remove(held)
                self._desk.scheduled -= 1
            self._leave_late(held.out)

    def _leave_late(self, out: Outgoing) -> None:
        self._desk.late_responses.pop(out.message_id, None)
        if self.bind.alive and not self.session.is_closed:
            self._leave(out)
            self.bind.mark_dirty()

    def _leave(self, out: Outgoing) -> None:
        if out.before:
            self.session.put(out.before)
        if out.stream is not None and self.session.gate is None:
            self._begin_stream_fault(out.octets, *out.stream)
        elif out.stream is not None and isinstance(self.session.gate, DribbleGate):
            table = out.stream[0]
            pieces = table.octets if isinstance(table, Dribble) else 0
            self.session.gate.add_slow(self.session.take_written(), out.octets, pieces)
        else:
            self.session.put(out.octets)
        self._passed(out)

    def _passed(self, out: Outgoing) -> None:
        """A PDU has left: those that wait for others of its kind count it."""
        for held in self._held[:]:
            if held.out is not out and held.out.command_id == out.command_id:
                held.remaining -= 1
                if held.remaining <= 0:
                    self.release(held)

    # The stream.

    def _begin_stream_fault(self, octets: bytes, table: StreamTable, seconds: float) -> None:
        session, desk = self.session, self._desk
        before = session.take_written()
        match table:
            case Cut():
                length = table.octets_of(len(octets))
                is_reset = table.how == "reset" and self.bind.abort is not None
                session.gate = CutGate(before + octets[:length], then_close=not is_reset)
                if is_reset:
                    desk.later(_RESET_AFTER_S, self._abort)
            case HalfOpen():
                session.gate = HalfOpenGate(before)
                if seconds:
                    desk.later(seconds, self._close)
            case Stall():
                stall = StallGate(before, octets)
                session.gate = stall
                desk.later(seconds, self._stall_over, stall)
            case Dribble():
                dribble = DribbleGate(before, octets, table.octets)
                session.gate = dribble
                dribble.step()
                desk.later(table.every_ms / 1000, self._dribble_on, dribble, table.every_ms / 1000)
        self.bind.mark_dirty()

    def _abort(self) -> None:
        if self.bind.alive and self.bind.abort is not None:
            self.bind.abort()

    def _close(self) -> None:
        if self.bind.alive:
            self.session.end_stream()
            self.bind.mark_dirty()

    def _stall_over(self, gate: StallGate) -> None:
        session = self.session
        if not self.bind.alive or session.gate is not gate:
            return
        session.gate = None
        for octets in gate.held_out:
            session.put(octets)
        heard = b"".join(gate.held_in)
        self.bind.mark_dirty()
        if heard:
            self._desk.feed(self.bind, session.receive(heard, self._desk.now), self._desk.now)

    def _dribble_on(self, gate: DribbleGate, every_s: float) -> None:
        if not self.bind.alive or self.session.gate is not gate:
            return
        if gate.is_done:
            self.session.gate = None
            return
        gate.step()
        self.bind.mark_dirty()
        self._desk.later(every_s, self._dribble_on, gate, every_s)
