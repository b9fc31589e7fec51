"""The receipt desk: what becomes of a receipt that is due, and those that wait for others to pass.

Where the faults of receipts are decided; what each does is in receipts.py. A receipt also waits here for a
response that a fault has made late, for an ESME does not expect it before.
"""

import msgspec

from operator_push.smpp.constants import MessageState
from smsc_sim.faults.armed import ArmedFault
from smsc_sim.faults.doors import DeskDoors
from smsc_sim.faults.receipts import Post, plan_receipt, receipt_facts
from smsc_sim.message import SimMessage
from smsc_sim.parcel import Parcel


class HeldReceipt(msgspec.Struct):
    """A receipt that lets others of its account pass."""

    post: Post
    message: SimMessage
    parcels: list[tuple[float, Parcel]]
    remaining: int
    is_done: bool = False


class ReceiptDesk:
    """See the module. `armed` are the faults of receipts that are switched on."""

    def __init__(self, desk: DeskDoors) -> None:
        self._desk = desk
        self._held: dict[str, list[HeldReceipt]] = {}
        self.armed: list[ArmedFault] = []

    def due(
        self,
        post: Post,
        message: SimMessage,
        parcel: Parcel,
        state: MessageState,
        error_code: int,
        final_us: int,
    ) -> None:
        """A receipt is due: post it, or what the faults make of it."""
        desk = self._desk
        account = message.account.system_id
        identifier = parcel.message_id = message.smsc_message_id
        number = message.pdu.destination_addr
        hits = desk.hits(self.armed, desk.marks_of(account), account, number, identifier)
        for fault, _ in hits:
            desk.note(fault, message.bind.name, "none", parcel.command, None, parcel.witness_part)
        if not hits and not desk.late_responses and not self._held:
            post(message, parcel)
            return
        plan = plan_receipt(parcel, receipt_facts(message, state, error_code, final_us), hits, desk.id_base)
        if not plan.parcels:
            desk.counters.receipts_lost += 1
            return
        wait_s = max(0.0, desk.late_responses.get(identifier, 0.0) + 0.001 - desk.now)
        parcels = [(delay_s + wait_s, one) for delay_s, one in plan.parcels]
        if plan.behind:
            held = HeldReceipt(post, message, parcels, plan.behind)
            self._held.setdefault(account, []).append(held)
            desk.scheduled += 1
            desk.at_latest(plan.held_max_s, self._release, held)
        else:
            self._post(post, message, parcels)
            self._passed(account)

    def _post(self, post: Post, message: SimMessage, parcels: list[tuple[float, Parcel]]) -> None:
        for delay_s, parcel in parcels:
            if delay_s > 0:
                self._desk.later(delay_s, post, message, parcel)
            else:
                post(message, parcel)

    def _passed(self, account: str) -> None:
        for held in self._held.get(account, [])[:]:
            held.remaining -= 1
            if held.remaining <= 0:
                self._release(held)

    def _release(self, held: HeldReceipt) -> None:
        if held.is_done:
            return
        held.is_done = True
        self._desk.scheduled -= 1
        account = held.message.account.system_id
        others = self._held[account]
        others.remove(held)
        if not others:
            del self._held[account]
        self._post(held.post, held.message, held.parcels)
