"""The SMSC: one virtual SMSC as an engine without a socket; what goes in are session events and `now`.

Laws: time, chance and files are arguments; whatever was written for a bind leaves in one write per chunk or
tick; a request always gets one answer. Who calls it: `program` with real sockets, tests with
sessions in memory.
"""

from collections.abc import Callable, Iterable, Mapping

from operator_push.kernel.errors import OperatorError
from operator_push.smpp.constants import CommandStatus, command_name
from operator_push.smpp.pdu import (
    BindPdu,
    BroadcastSm,
    CancelBroadcastSm,
    CancelSm,
    DataSm,
    Pdu,
    QueryBroadcastSm,
    QuerySm,
    ReplaceSm,
    SubmitMulti,
    SubmitSm,
)
from operator_push.smpp.session import SmppSession
from operator_push.smpp.session_events import (
    Event,
    LateResponse,
    RequestReceived,
    RequestUnknown,
    ResponseReceived,
)
from smsc_sim.account import Account
from smsc_sim.alerts import post_alert
from smsc_sim.bind import SimBind
from smsc_sim.mailbox import Mailbox
from smsc_sim.message import SimMessage
from smsc_sim.parcel import Parcel
from smsc_sim.population import UNREACHABLE
from smsc_sim.scenario_handsets import HandsetState
from smsc_sim.smsc_parts import SmscParts
from smsc_sim.stream_notes import note_stream_event

# What the SMSC answers to operations that it does not perform (SMPP v5.0 table 4-45); others: ESME_RINVCMDID.
_NOT_PERFORMED: dict[type[Pdu], CommandStatus] = {
    BroadcastSm: CommandStatus.ESME_RBCASTFAIL,
    QueryBroadcastSm: CommandStatus.ESME_RBCASTQUERYFAIL,
    CancelBroadcastSm: CommandStatus.ESME_RBCASTCANCELFAIL,
}


_USUAL_EVENT = len(("work", "message", "state", "turn"))


class VirtualSmsc(SmscParts):
    """Accounts, handsets, messages and mailboxes of one SMSC."""

    # The life of a bind.

    def new_bind(self, session: SmppSession, flush: Callable[[], None]) -> SimBind:
        """A stream is up; `flush` writes its session's output."""
        self._connections += 1
        bind = SimBind(f"b{self._connections}", session, flush, self._dirty)
        self.faults.attach(bind)
        return bind

    def events(self, bind: SimBind, events: Iterable[Event], now: float) -> None:
        """What a chunk or a timer meant on this bind, in order."""
        t = self._clock.epoch_us(now)
        submit = self._acceptance.submit
        faults = self.faults
        faults.moment(now, t)
        mailbox = bind.identity.account.mailbox if bind.identity is not None else None
        unknown: list[RequestUnknown] = []
        for event in events:
            if type(event) is RequestReceived:
                pdu = event.pdu
                if faults.watches_requests and faults.takes_request(bind, pdu):
                    continue
                if type(pdu) is SubmitSm:
                    submit(bind, pdu, now, t)
                elif isinstance(pdu, BindPdu):
                    self._bind_requested(bind, pdu, now, t)
                else:
                    self._request(bind, pdu, now, t)
            elif type(event) is ResponseReceived:
                if mailbox is not None and type(event.context) is Parcel:
                    mailbox.answered(bind, event, event.context, now, t)
            elif type(event) is RequestUnknown:
                unknown.append(event)
            elif type(event) is LateResponse:
                if mailbox is not None and type(event.context) is Parcel:
                    mailbox.answered_late(event.context, event.pdu.command_status, now, t)
            else:
                note_stream_event(self._witness, t, bind.name, event)
        if unknown and mailbox is not None:
            mailbox.unanswered(bind, unknown, t)
        self._let_leave(now, t)

    def closed(self, bind: SimBind, now: float, reason: str) -> None:
        """The stream is gone. Its open requests came through `events` before."""
        bind.alive = False
        identity = bind.identity
        if identity is not None:
            identity.account.mailbox.remove_outlet(bind)
            identity.lane.taken = False
        t = self._clock.epoch_us(now)
        self._witness.stream_event(t, bind.name, "closed", reason)
        self._let_leave(now, t)

    # Time.

    def tick(self, now: float) -> None:
        """Do what is due, then let everything written leave."""
        t = self._clock.epoch_us(now)
        self.faults.moment(now, t)
        for event in self.wheel.take_due(now):
            if len(event) == _USUAL_EVENT:  # Nearly always; to unpack it is quicker than a slice.
                work, first, second, third = event
                work(now, t, first, second, third)
            else:
                event[0](now, t, *event[1:])
        self._let_leave(now, t)

    def end_open_messages(self, now: float) -> None:
        """The run ends: open messages become UNKNOWN, so that every accepted one has its CDR row.

        Nobody is told any more: no receipt, no answer.
        """
        t = self._clock.epoch_us(now)
        self.wheel.take_all()
        for message in list(self.book.open.values()):
            self._deliveries.end_unknown(t, message)

    # What the control asks and does.

    def unfinished(self) -> int:
        """Messages, receipts and answers that are still on their way; 0 means that all is settled."""
        waiting = sum(mailbox.unfinished for mailbox in self.accounts.mailboxes())
        return (
            self.counters.open_messages
            + self._deliveries.receipts_scheduled
            + self._handsets.scheduled
            + self.faults.scheduled
            + waiting
        )

    def send_mo(self, system_id: str, source: str, destination: str, text: str, now: float) -> int:
        """A message from a handset to an account, now; how many segments it became.

        Raises:
            OperatorError: no such account, or an address that no PDU can carry.
        """
        account = self._account(system_id)
        for name, address in (("source", source), ("destination", destination)):
            if not (1 <= len(address) <= 20 and address.isascii()):
                raise OperatorError(f"{name} must be 1 to 20 characters of ASCII")
        if not text:
            raise OperatorError("the text is empty")
        segments = self._handsets.send(account, "mo_injected", source, destination, text)
        self._let_leave(now, self._clock.epoch_us(now))
        return segments

    def send_alert(self, system_id: str, number: str, esme_addr: str, now: float) -> None:
        """Tell an account that a handset is available.

        Raises:
            OperatorError: no such account.
        """
        post_alert(self._account(system_id), number, esme_addr)
        self._let_leave(now, self._clock.epoch_us(now))

    def handset_state(self, number: str, now: float) -> HandsetState:
        """The state that the handset of a number is in."""
        return self._tries.population.fate_at(number, self._clock.epoch_us(now)).handset_state

    def set_handset_states(self) -> Mapping[str, HandsetState]:
        """Number or pattern to state: what was set while the run goes on."""
        return self._tries.population.set_states

    def set_handset_state(self, like: str, state: HandsetState | None, now: float) -> int:
        """Handsets like a pattern are in this state from now on; None: as the scenario says again.

        What waits for them is tried at once; how many messages that are.
        """
        self._tries.population.set_state(like, state)
        waiting = self._tries.set_state_changed(now, like)
        if state is not None and state not in UNREACHABLE:
            self._alerts.handsets_are_back(like)
        self._let_leave(now, self._clock.epoch_us(now))
        return waiting

    def is_stuck(self, system_id: str) -> bool:
        """Whether something waits for this account and no bind of it could take that."""
        account = self.accounts.account(system_id)
        return account is not None and account.mailbox.is_stuck

    def _account(self, system_id: str) -> Account:
        account = self.accounts.account(system_id)
        if account is None:
            raise OperatorError(f"{system_id!r} is not among the accounts")
        return account

    # Below here: single requests.

    def _bind_requested(self, bind: SimBind, pdu: BindPdu, now: float, t: int) -> None:
        name = command_name(pdu.command_id) or ""
        who = self.accounts.admit(pdu.system_id, pdu.password)
        may = isinstance(who, Account) and name.removeprefix("bind_") in who.limits.bind_types
        lane = who.take_lane() if may and isinstance(who, Account) else None
        if not isinstance(who, Account) or lane is None:
            status = CommandStatus.ESME_RBINDFAIL if isinstance(who, Account) else who
            self.counters.binds_refused += 1
            bind.session.refuse_bind(pdu, status)
            self._witness.bind_event(t, bind.name, "in", name, pdu.system_id, "refused", status.name)
            return
        self.counters.binds_accepted += 1
        bind.bound_to(who, lane, self._seed)
        bind.session.accept_bind(pdu, self._system_id, now)
        bind.mark_dirty()
        self._witness.bind_event(t, bind.name, "in", name, pdu.system_id, "accepted", "ESME_ROK")
        if bind.session.binding != "transmitter":
            who.mailbox.add_outlet(bind)

    def _request(self, bind: SimBind, pdu: Pdu, now: float, t: int) -> None:
        """A request other than submit_sm and binds."""
        match pdu:
            case DataSm():
                self._acceptance.data(bind, pdu, now, t)
            case SubmitMulti():
                self._multi.submit(bind, pdu, now, t)
            case QuerySm():
                self._desk.query(bind, pdu, now, t)
            case CancelSm():
                self._desk.cancel(bind, pdu, now, t)
            case ReplaceSm():
                self._desk.replace(bind, pdu, now, t)
            case _:
                self._desk.refuse(bind, pdu, _NOT_PERFORMED.get(type(pdu), CommandStatus.ESME_RINVCMDID), t)

    def _delivered(self, now: float, message: SimMessage) -> None:
        if self._alerts.is_watching:
            self._alerts.handset_is_back(message.pdu.destination_addr)
        if self._handsets.listens and not message.to_esme:
            self._handsets.on_delivered(now, message)

    def _let_leave(self, now: float, t: int) -> None:
        """Fill the windows from the mailboxes, then one write per bind that has something to say."""
        to_pump, dirty = self._to_pump, self._dirty
        if to_pump:
            for mailbox in to_pump:
                mailbox.pump(now, t)
            to_pump.clear()
        for outlet in dirty:
            outlet.flush_now()
        dirty.clear()

    def _new_mailbox(self) -> Mailbox:
        return Mailbox(self._witness, self.counters, self._retry_later, self._to_pump)

    def _retry_later(self, now: float, mailbox: Mailbox, parcel: Parcel) -> None:
        # By the parcel's number, not by chance of the run: the same seed, the same waits.
        due = now + self._retry_delay_s((parcel.number * 0.618034) % 1.0)
        self.wheel.add(due, (_post_again, mailbox, parcel))


def _post_again(now: float, t: int, mailbox: Mailbox, parcel: Parcel) -> None:
    mailbox.post_again([parcel])
