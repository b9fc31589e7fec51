"""The fault desk of one virtual SMSC: all its faults, their switches, and the doors by which the engine asks.

The engine sets `moment` at the start of every chunk and tick, asks `takes_request` for every request that
arrives while `watches_requests`, and `receipts` for every receipt that is due while `is_armed`; the binds'
sessions ask by themselves.
Law: with every switch off nothing here costs more than a comparison.
"""

from collections.abc import Callable, Iterable, MutableMapping, Sequence
from typing import Any

import msgspec

from operator_push.kernel.errors import OperatorError
from operator_push.smpp.constants import (
    REGISTERED_DELIVERY_RECEIPT_MASK,
    RESPONSE_BIT,
    command_name,
)
from operator_push.smpp.pdu import BindPdu, DataSm, Pdu, SubmitMulti, SubmitSm
from smsc_sim.bind import SimBind
from smsc_sim.concatenation import concat_part
from smsc_sim.counters import Counters
from smsc_sim.faults.armed import ArmedFault
from smsc_sim.faults.bind_faults import BindFaults, Planned
from smsc_sim.faults.doors import Feed
from smsc_sim.faults.outgoing import Hit, rank
from smsc_sim.faults.pdu_tables import ReceiptBeforeResponse, ResponseLost
from smsc_sim.faults.receipt_desk import ReceiptDesk
from smsc_sim.faults.requests import deal_with, lets_through
from smsc_sim.faults.session import FaultableSession
from smsc_sim.faults.tables import AnyFault, ReceiptLost, fault_names
from smsc_sim.faults.told import told
from smsc_sim.message import user_data
from smsc_sim.time_wheel import TimeWheel
from smsc_sim.witness import Witness, address_part, json_text

_ACCEPTS = (SubmitSm, DataSm, SubmitMulti)


class FaultState(msgspec.Struct, frozen=True):
    """One fault as a person or the control API sees it; `told` says in words what it does and when."""

    name: str
    kind: str
    told: str
    on: bool
    hits: int


class FaultDesk:
    """See the module. `scheduled` counts what is still to leave because of a fault."""

    def __init__(
        self,
        seed: int,
        start: float,
        speed: float,
        wheel: TimeWheel,
        witness: Witness,
        counters: Counters,
        feed: Feed,
    ) -> None:
        self._seed = seed
        self._start = start
        self._speed = speed
        self._wheel = wheel
        self._witness = witness
        self.counters = counters
        self.feed = feed
        self.now = start
        self.t = 0
        self.id_base = "decimal"
        self.is_armed = False
        self.watches_requests = False
        self.scheduled = 0
        self.late_responses: dict[str, float] = {}  # message_id: when its response leaves
        self._faults: list[ArmedFault] = []
        self._requests: dict[int, list[ArmedFault]] = {}
        self._pdus: dict[int, list[ArmedFault]] = {}
        self.receipts = ReceiptDesk(self)
        self._for_receipt: dict[str, tuple[Callable[[], None], float]] = {}
        self._account_marks: dict[str, dict[str, int]] = {}
        self._binds_tried: dict[str, int] = {}
        self._binds: dict[str, BindFaults] = {}

    # The switches.

    def configure(self, faults: Sequence[AnyFault], id_base: str) -> None:
        """These faults from now on. One that was there before by its name keeps its count of hits."""
        self.id_base = id_base
        hits = {fault.name: fault.hits for fault in self._faults}
        self._faults = [
            ArmedFault(table, name, self._seed, self._start, self._speed)
            for table, name in zip(faults, fault_names(tuple(faults)), strict=True)
        ]
        for fault in self._faults:
            fault.hits = hits.get(fault.name, 0)
        self._rebuild()

    def set_fault(self, name: str, on: bool) -> FaultState:
        """Switch a fault on or off. What it has begun (a late response, a cut stream) goes its way.

        Raises:
            OperatorError: there is no fault of this name.
        """
        for fault in self._faults:
            if fault.name == name:
                if fault.on != on:
                    fault.on = on
                    self._rebuild()
                    what = "fault_on" if on else "fault_off"
                    self._witness.stream_event(self.t, "", what, name)
                return _state_of(fault)
        known = ", ".join(fault.name for fault in self._faults) or "none; the scenario has no [[fault]]"
        raise OperatorError(f"there is no fault {name!r}; known: {known}")

    def has(self, name: str) -> bool:
        """Whether there is a fault of this name."""
        return any(fault.name == name for fault in self._faults)

    def states(self) -> list[FaultState]:
        """Every fault, in the order of the scenario."""
        return [_state_of(fault) for fault in self._faults]

    def _rebuild(self) -> None:
        self._requests, self._pdus, self.receipts.armed = {}, {}, []
        for fault in sorted((fault for fault in self._faults if fault.on), key=rank):
            if fault.table.phase == "receipt":
                self.receipts.armed.append(fault)
            by_command = self._requests if fault.table.phase == "request" else self._pdus
            for command_id in fault.command_ids:
                by_command.setdefault(command_id, []).append(fault)
        self.is_armed = any(fault.on for fault in self._faults)
        self.watches_requests = bool(self._requests or self._pdus)
        for bind in self._binds.values():
            bind.session.is_watched = bool(self._pdus or self._for_receipt) or bind.has_begun()

    # The engine's doors.

    def moment(self, now: float, t: int) -> None:
        """The time of the chunk or tick; `t` is `now` in microseconds since 1970."""
        self.now = now
        self.t = t

    def attach(self, bind: SimBind) -> None:
        """A stream is up."""
        if isinstance(bind.session, FaultableSession):
            faults = BindFaults(self, bind, bind.session)
            bind.session.faults = bind.faults = faults
            bind.session.is_watched = bool(self._pdus or self._for_receipt)
            self._binds[bind.name] = faults

    def detach(self, bind: str) -> None:
        """The stream of this bind is gone."""
        self._binds.pop(bind, None)

    def takes_request(self, bind: SimBind, pdu: Pdu) -> bool:
        """True where a fault has dealt with a request that arrived; it is not the engine's any more."""
        faults = bind.faults
        if not isinstance(faults, BindFaults):
            return False
        refusing = self._requests.get(pdu.command_id, ())
        answering = self._pdus.get(pdu.command_id | RESPONSE_BIT, ())
        if isinstance(pdu, BindPdu):
            account = pdu.system_id
            tried = self._binds_tried[account] = self._binds_tried.get(account, 0) + 1
            key, marks = f"{account}:bind:{tried}", self.marks_of(account)
        else:
            faults.requests += 1
            account, marks = faults.account(), faults.marks
            key = f"{faults.key()}:{faults.requests}"
        if not refusing and not answering:
            return False
        number = _destination(pdu)
        addresses = address_part(getattr(pdu, "source_addr", ""), number)
        hits = self.hits(answering, marks, account, number, key)
        hits = [hit for hit in hits if _applies(hit[0], pdu)]
        if hits:
            faults.planned[pdu.sequence_number] = Planned(hits, addresses, _segment(pdu))
        for fault in refusing:
            unit = fault.selection.hit(marks, account, number, key, self.now)
            if unit is None or lets_through(fault, faults, self.now):
                continue
            name = command_name(pdu.command_id) or "unknown"
            self.note(fault, bind.name, "in", name, pdu.sequence_number, addresses)
            deal_with(fault, unit, faults, pdu, addresses, self.counters, self._witness, self.t)
            return True
        return False

    # What binds ask.

    def pdu_hits(
        self, command_id: int, marks: MutableMapping[str, int], account: str, number: str, key: str
    ) -> list[Hit]:
        """The faults that strike a PDU of the SMSC's own that leaves now."""
        candidates = self._pdus.get(command_id, ())
        return self.hits(candidates, marks, account, number, key) if candidates else []

    def later(self, seconds: float, work: Callable[..., None], *what: Any) -> None:
        """Call work(*what) after these seconds; it counts as unfinished until then."""
        self.scheduled += 1
        self._wheel.add(self.now + seconds, (self._due, work, what))

    def at_latest(self, seconds: float, work: Callable[..., None], *what: Any) -> None:
        """Call work(*what) after these seconds, in case that what is waited for does not come."""
        self._wheel.add(self.now + seconds, (self._too_late, work, what))

    def hold_for_receipt(
        self, message_id: str, release: Callable[[], None], after_s: float, max_s: float
    ) -> None:
        """Call `release` once the receipt of this message has left and `after_s` have passed."""
        self._for_receipt[message_id] = (release, after_s)
        self.scheduled += 1
        self.at_latest(max_s, self._release_response, message_id)

    def receipt_left(self, message_id: str) -> None:
        """A receipt has left: its response may follow."""
        if message_id in self._for_receipt:
            self.later(self._for_receipt[message_id][1], self._release_response, message_id)

    def note(
        self, fault: ArmedFault, bind: str, direction: str, command: str, number: int | None, members: str
    ) -> None:
        """Count a hit and write its witness row; `members` are JSON members with leading commas."""
        fault.hits += 1
        self.counters.faults += 1
        sequence = "" if number is None else f',"sequence_number":{number}'
        self._witness.fault(
            self.t, bind, direction, command, f"{sequence}{members}", json_text(fault.name), fault.kind
        )

    def note_swallowed(self, bind: str, octets: int) -> None:
        """A stream that was cut or half-open has ended."""
        self._witness.stream_event(self.t, bind, "swallowed", f"{octets} octets never left")

    # Below here.

    def _due(self, now: float, t: int, work: Callable[..., None], what: tuple[Any, ...]) -> None:
        self.scheduled -= 1
        self.moment(now, t)
        work(*what)

    def _too_late(self, now: float, t: int, work: Callable[..., None], what: tuple[Any, ...]) -> None:
        self.moment(now, t)
        work(*what)

    def hits(
        self,
        candidates: Iterable[ArmedFault],
        marks: MutableMapping[str, int],
        account: str,
        number: str,
        key: str,
    ) -> list[Hit]:
        """Those of these faults that strike; one that loses the PDU or receipt is the only one."""
        hits: list[Hit] = []
        for fault in candidates:
            unit = fault.selection.hit(marks, account, number, key, self.now)
            if unit is not None:
                if isinstance(fault.table, ResponseLost | ReceiptLost):
                    return [(fault, unit)]
                hits.append((fault, unit))
        return hits

    def marks_of(self, account: str) -> MutableMapping[str, int]:
        """What counted faults have counted for an account."""
        return self._account_marks.setdefault(account, {})

    def _release_response(self, message_id: str) -> None:
        waiting = self._for_receipt.pop(message_id, None)
        if waiting is not None:
            self.scheduled -= 1
            waiting[0]()


def _state_of(fault: ArmedFault) -> FaultState:
    return FaultState(fault.name, fault.kind, told(fault.table), fault.on, fault.hits)


def _applies(fault: ArmedFault, pdu: Pdu) -> bool:
    """Whether the fault can do anything to the answer of this request."""
    if isinstance(fault.table, ReceiptBeforeResponse):
        return bool(getattr(pdu, "registered_delivery", 0) & REGISTERED_DELIVERY_RECEIPT_MASK)
    return True


def _destination(pdu: Pdu) -> str:
    if isinstance(pdu, SubmitMulti):
        return str(getattr(pdu.dest_address[0], "destination_addr", "")) if pdu.dest_address else ""
    return str(getattr(pdu, "destination_addr", ""))


def _segment(pdu: Pdu) -> int:
    if not isinstance(pdu, SubmitSm):
        return 1
    part = concat_part(pdu, user_data(pdu))
    return 1 if part is None else part[2]
