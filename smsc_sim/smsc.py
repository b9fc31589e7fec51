"""The SMSC: one virtual SMSC as an engine without a socket; what goes in are session events and `now`.

Laws: time, chance and files are arguments; whatever was written for a bind leaves in one write per chunk or
tick; a request always gets one answer. Who calls it: `program` with real sockets, tests with
sessions in memory.
"""

from collections.abc import Callable, Iterable

from operator_push.smpp.codec import response_to
from operator_push.smpp.constants import CommandStatus, command_name
from operator_push.smpp.pdu import (
    BindPdu,
    BroadcastSm,
    CancelBroadcastSm,
    CancelSm,
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
from smsc_sim.acceptance import Acceptance
from smsc_sim.account import Account, Accounts
from smsc_sim.bind import SimBind
from smsc_sim.cdr_files import CdrFiles
from smsc_sim.counters import Counters
from smsc_sim.delays import delay_drawer
from smsc_sim.deliveries import Deliveries
from smsc_sim.handset_messages import HandsetMessages
from smsc_sim.mailbox import Mailbox
from smsc_sim.moments import RunClock
from smsc_sim.outlet import Outlet
from smsc_sim.parcel import Parcel
from smsc_sim.population import HandsetPopulation
from smsc_sim.receipts import ReceiptWriter
from smsc_sim.scenario import Scenario
from smsc_sim.stream_notes import note_stream_event
from smsc_sim.time_wheel import TimeWheel
from smsc_sim.witness import Witness, address_part

# What the SMSC answers to operations that it does not perform (SMPP v3.4 table 5-2); others: ESME_RINVCMDID.
_NOT_PERFORMED: dict[type[Pdu], CommandStatus] = {
    QuerySm: CommandStatus.ESME_RQUERYFAIL,
    CancelSm: CommandStatus.ESME_RCANCELFAIL,
    ReplaceSm: CommandStatus.ESME_RREPLACEFAIL,
    SubmitMulti: CommandStatus.ESME_RSUBMITFAIL,
    BroadcastSm: CommandStatus.ESME_RBCASTFAIL,
    QueryBroadcastSm: CommandStatus.ESME_RBCASTQUERYFAIL,
    CancelBroadcastSm: CommandStatus.ESME_RBCASTCANCELFAIL,
}


class VirtualSmsc:
    """Accounts, handsets, messages and mailboxes of one SMSC."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        clock: RunClock,
        witness: Witness,
        cdr: CdrFiles,
        now: float,
    ) -> None:
        self.counters = Counters()
        self.wheel = TimeWheel()
        self._seed = seed
        self._clock = clock
        self._witness = witness
        self._system_id = scenario.listen.system_id
        self._retry_delay_s = delay_drawer(scenario.limits.deliver_retry_ms)
        self._to_pump: list[Mailbox] = []
        self._accounts = Accounts(scenario.accounts, seed, scenario.message_ids.base, self._new_mailbox)
        self._handsets = HandsetMessages(scenario.mo.answers, seed, self.wheel)
        self._deliveries = Deliveries(
            ReceiptWriter(scenario.receipts.echo_user_message_reference),
            cdr,
            self.wheel,
            self.counters,
            self._handsets.on_delivered if scenario.mo.answers else None,
        )
        self._acceptance = Acceptance(
            scenario,
            HandsetPopulation(scenario.population.handsets, seed),
            self._deliveries,
            self.wheel,
            witness,
            self.counters,
        )
        self._handsets.schedule_script(scenario.mo.script, self._accounts, now)
        self._dirty: list[Outlet] = []
        self._connections = 0

    # The life of a bind.

    def new_bind(self, session: SmppSession, flush: Callable[[], None]) -> SimBind:
        """A stream is up; `flush` writes its session's output."""
        self._connections += 1
        return SimBind(f"b{self._connections}", session, flush, self._dirty)

    def events(self, bind: SimBind, events: Iterable[Event], now: float) -> None:
        """What a chunk or a timer meant on this bind, in order."""
        t = self._clock.epoch_us(now)
        submit = self._acceptance.submit
        mailbox = bind.identity.account.mailbox if bind.identity is not None else None
        unknown: list[RequestUnknown] = []
        for event in events:
            if type(event) is RequestReceived:
                pdu = event.pdu
                if type(pdu) is SubmitSm:
                    submit(bind, pdu, now, t)
                elif isinstance(pdu, BindPdu):
                    self._bind_requested(bind, pdu, now, t)
                else:
                    self._not_performed(bind, pdu, t)
            elif type(event) is ResponseReceived:
                if mailbox is not None and type(event.context) is Parcel:
                    mailbox.answered(bind, event, event.context, now, t)
            elif type(event) is RequestUnknown:
                unknown.append(event)
            elif type(event) is LateResponse:
                if mailbox is not None and type(event.context) is Parcel:
                    mailbox.answered_late(event.context, event.pdu.command_status)
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
        for event in self.wheel.take_due(now):
            event[0](now, t, *event[1:])
        self._let_leave(now, t)

    def end_open_messages(self, now: float) -> None:
        """The run ends: open messages become UNKNOWN, so that every accepted one has its CDR row.

        Nobody is told any more: no receipt, no answer.
        """
        t = self._clock.epoch_us(now)
        for event in self.wheel.take_all():
            if event[0] == self._deliveries.finish:
                self._deliveries.end_unknown(t, event[1])

    # What a reader of the status asks.

    def unfinished(self) -> int:
        """Messages, receipts and answers that are still on their way; 0 means that all is settled."""
        waiting = sum(mailbox.unfinished for mailbox in self._accounts.mailboxes())
        return (
            self.counters.open_messages
            + self._deliveries.receipts_scheduled
            + self._handsets.scheduled
            + waiting
        )

    # Below here: single requests.

    def _bind_requested(self, bind: SimBind, pdu: BindPdu, now: float, t: int) -> None:
        name = command_name(pdu.command_id) or ""
        who = self._accounts.admit(pdu.system_id, pdu.password)
        lane = who.take_lane() if isinstance(who, Account) else None
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

    def _not_performed(self, bind: SimBind, pdu: Pdu, t: int) -> None:
        status = _NOT_PERFORMED.get(type(pdu), CommandStatus.ESME_RINVCMDID)
        self.counters.other_requests_refused += 1
        name = command_name(pdu.command_id) or f"0x{pdu.command_id:08x}"
        addresses = address_part(getattr(pdu, "source_addr", ""), getattr(pdu, "destination_addr", ""))
        self._witness.request_refused(t, bind.name, name, pdu.sequence_number, addresses, "", status.name)
        bind.session.send_response(response_to(pdu, status))
        bind.mark_dirty()

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
