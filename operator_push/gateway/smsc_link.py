"""An SMSC link: our bind to one SMSC, its window, and what comes back through it.

A window slot is taken when an attempt is staged and given back when the commit of its response is done, so
that what a crash can leave open is never more than the window. Receipts and MO are acknowledged after the
commit of what they changed.
"""

import logging
from collections.abc import Callable
from struct import Struct

import msgspec

from operator_push.domain.address_rules import AddressRules
from operator_push.domain.delivery import SubmitDisposition
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.link_pace import LinkPace
from operator_push.gateway.link_queries import LinkQueries
from operator_push.gateway.link_watch import LinkWatch
from operator_push.gateway.message_cutting import segment_octets
from operator_push.gateway.pdu_mapping import inbound_of, is_receipt, receipt_of
from operator_push.kernel.meters import Meters
from operator_push.services.dispatch_outbox import Attempt, DispatchOutbox
from operator_push.services.hear_subscribers import HearSubscribers
from operator_push.services.record_receipts import RecordReceipts
from operator_push.smpp.codec import encode_pdu, response_to
from operator_push.smpp.codec_choice import StoredRequest
from operator_push.smpp.constants import HEADER_OCTETS, CommandId, CommandStatus, status_name
from operator_push.smpp.pdu import (
    AlertNotification,
    BindPdu,
    DataSm,
    DeliverSm,
    Outbind,
    Pdu,
    SubmitSmResp,
)
from operator_push.smpp.session_events import (
    BindRefused,
    Event,
    LateResponse,
    RequestReceived,
    RequestUnknown,
    ResponseReceived,
)
from operator_push.smpp_twisted.protocol import SmppProtocol
from operator_push.text.link_text import DefaultAlphabet

log = logging.getLogger(__name__)

_pack_empty = Struct(">IIIIB").pack  # a response whose only field is an empty C-Octet String
_DELIVER_SM_RESP = int(CommandId.deliver_sm_resp)
_SUBMIT_SM = int(CommandId.submit_sm)
# Ours: receipts and MO whose commit is still to come; an SMSC that sends more waits in its own TCP buffer, so
# that neither memory nor one commit, which ESMEs wait for too, grows with its flood.
UNACKNOWLEDGED_MAX = 500
STOP_LINK_PAUSE_S = 30.0  # Ours: after a status that says the account itself is blocked.


class Asked(msgspec.Struct, frozen=True, gc=False):
    """The context of a question to the SMSC: whom to tell the answer, None where none will come."""

    told: Callable[[Pdu | None], None]


class SmscLink:
    """The owner of one link's bind."""

    def __init__(
        self,
        name: str,
        bind_pdu: Callable[[], BindPdu],
        window: int,
        rate_per_s: float,
        default_alphabet: DefaultAlphabet,
        outbox: DispatchOutbox,
        receipts: RecordReceipts,
        hear: HearSubscribers,
        committer: Committer,
        meters: Meters,
        monotonic: Callable[[], float],
        call_later: Callable[[float, Callable[[], None]], object],
        watch: LinkWatch,
    ) -> None:
        self.name = name
        self.watch = watch
        self.outbox = outbox
        self._bind_pdu = bind_pdu
        self._window = window
        self.pace = LinkPace(window, rate_per_s, monotonic())
        self._waits_for_rate = False
        self._default_alphabet = default_alphabet
        self._receipts = receipts
        self._hear = hear
        self._committer = committer
        self._meters = meters
        self._monotonic = monotonic
        self._call_later = call_later
        self._bind: SmppProtocol | None = None
        self._paused = False
        self._unacknowledged = 0
        self._held: set[SmppProtocol] = set()  # binds that are not read meanwhile
        self.address_rules: AddressRules | None = None
        self.queries: LinkQueries | None = None
        self.on_alert: Callable[[AlertNotification], object] = lambda pdu: None
        self.in_flight = 0
        self.sending = True
        committer.before_commit.append(self.stage_attempts)

    @property
    def is_bound(self) -> bool:
        """True while submit_sm can go out."""
        return self._bind is not None

    def adjust(self, window: int, rate_per_s: float) -> None:
        """Change window and rate in place; what is on its way above a smaller window is let end."""
        self._window = window
        self.pace.resize(window, rate_per_s)
        if self._bind is not None:
            self._bind.session.resize_window(window)
            self._committer.kick()  # a larger one has room for what waits

    def close(self) -> None:
        """This link is gone for good: nothing more is staged."""
        self.sending = False
        self.watch.retire()
        self._committer.before_commit.remove(self.stage_attempts)

    # -- callbacks of smpp_twisted.protocol ------------------------------------------------------------

    def connected(self, bind: SmppProtocol) -> None:
        """The transport is there: ask to bind."""
        bind.start_bind(self._bind_pdu())

    def bound(self, bind: SmppProtocol) -> None:
        """The SMSC let us in: what waits goes out."""
        log.info("link %s bound", self.name)
        bind.session.resize_window(self._window)  # it may have been changed since the link was made
        if bind.session.binding != "receiver":
            self._bind = bind
            self.watch.bound()
            self._committer.kick()

    def closed(self, bind: SmppProtocol, reason: str) -> None:
        """The bind is gone; open attempts came back as RequestUnknown before this."""
        if self._bind is bind:
            self._bind = None
            self.watch.lost()
        log.warning("link %s closed: %s", self.name, reason)

    def events(self, bind: SmppProtocol, events: list[Event], now: float) -> None:
        """All events of one chunk: one promise for all freed slots, one for all acknowledgements."""
        at_us = now_us()
        answered = 0
        acknowledgements: list[bytes] = []
        for event in events:
            try:
                # The two kinds that come by the thousand first, by type: a match costs as much as their work.
                kind = type(event)
                if kind is ResponseReceived and type(event.context) is Attempt:  # type: ignore[attr-defined]
                    answered += 1
                    self._answered(event.context, event.pdu, at_us)  # type: ignore[attr-defined]
                elif kind is RequestReceived and type(event.pdu) is DeliverSm:  # type: ignore[attr-defined]
                    pdu: DeliverSm = event.pdu  # type: ignore[attr-defined]
                    self._delivered(pdu, at_us)
                    acknowledgements.append(_pack_empty(17, _DELIVER_SM_RESP, 0, pdu.sequence_number, 0))
                else:
                    self._rare(bind, event, at_us)
            except Exception:  # one event must not cost the others of its chunk, nor the bind
                log.exception("link %s: a %s could not be dealt with", self.name, type(event).__name__)
                self._meters.count("smsc.event_failed")
                if type(event) is RequestReceived and isinstance(event.pdu, (DeliverSm, DataSm)):
                    # Unanswered it would hold a place in the SMSC's window; so it is sent again later.
                    bind.session.send_response(response_to(event.pdu, CommandStatus.ESME_RX_T_APPN))
        if answered:
            self._committer.promise(lambda: self._slots_free(answered))
        if acknowledgements:
            octets, count = b"".join(acknowledgements), len(acknowledgements)
            self._unacknowledged += count
            self._committer.promise(lambda: self._acknowledge(bind, octets, count))
        if self._unacknowledged >= UNACKNOWLEDGED_MAX:
            self._held.add(bind)
            bind.hold_input()
        self._committer.kick()

    def _rare(self, bind: SmppProtocol, event: Event, at_us: int) -> None:
        match event:
            case LateResponse(pdu, _, context) if isinstance(context, Attempt):
                if self.outbox.awaits(context):
                    self._answered(context, pdu, at_us)
            case RequestUnknown(_, _, context) if isinstance(context, Attempt):
                self._committer.promise(lambda: self._slots_free(1))
                self.outbox.unanswered(context)
                self._left_without_id(context, at_us)
                self._meters.count("submit_sm.unanswered")
            case RequestReceived(pdu):
                self._request(bind, pdu, at_us)
            case ResponseReceived(pdu, _, context) if isinstance(context, Asked):
                context.told(pdu)
            case RequestUnknown(_, _, context) if isinstance(context, Asked):
                context.told(None)
            case BindRefused(pdu):
                log.error(
                    "link %s: the SMSC refused the bind: %s", self.name, status_name(pdu.command_status)
                )
                bind.close("bind refused")
            case _:
                self._meters.count(f"smsc.{type(event).__name__}")

    def ask(self, pdu: Pdu, told: Callable[[Pdu | None], None]) -> bool:
        """Ask the SMSC something about one of its messages (cancel_sm, replace_sm, query_sm).

        `told` gets the answer, or None where none will come. False where it cannot be asked now: no bind, or
        no room in its window; `told` is then not called.
        """
        bind = self._bind
        if bind is None or pdu.command_id not in bind.session.we_may_send or not bind.session.window_free():
            return False
        bind.session.send_request(pdu, self._monotonic(), Asked(told))
        bind.flush()
        return True

    # -- out -----------------------------------------------------------------------------------------------

    def stage_attempts(self) -> None:
        """Before a commit: turn waiting segments into attempts while the window and the rate have room."""
        if self._bind is None or self._paused or not self.sending:
            return
        if not len(self.outbox):
            return
        room, urgent_room = self.pace.room(self.in_flight, self._monotonic())
        attempts = self.outbox.fill(room, now_us(), self._committer.changes, urgent_room)
        if attempts:
            self.pace.take(len(attempts))
            self.in_flight += len(attempts)
            self._committer.promise(lambda: self._send(attempts))
        if not self._waits_for_rate and (wait_s := self.pace.wait_s()) and len(self.outbox):
            self._waits_for_rate = True
            self._call_later(wait_s, self._rate_has_room)

    def _rate_has_room(self) -> None:
        self._waits_for_rate = False
        self._committer.kick()

    def _send(self, attempts: list[Attempt]) -> None:
        """After the commit: the octets leave, unless permission or the bind has gone, or we were stopped."""
        bind, at_us, now = self._bind, now_us(), self._monotonic()
        changes = self._committer.changes
        if bind is None or not self.sending or CommandId.submit_sm not in bind.session.we_may_send:
            for attempt in reversed(attempts):
                self.outbox.not_sent(attempt, at_us, changes)
            self.in_flight -= len(attempts)
            return
        leaving = self.outbox.leaving(attempts, at_us, changes)
        self.in_flight -= len(attempts) - len(leaving)
        alphabet = self._default_alphabet
        stored: list[StoredRequest] = []
        written: list[Attempt] = []
        for attempt in leaving:
            reference = attempt.user_message_reference
            try:
                octets, more = segment_octets(
                    attempt.message, attempt.segment.segment_no, reference, alphabet
                )
            except ValueError as error:
                self._cannot_be_sent(attempt, error, at_us)
                continue
            written.append(attempt)
            stored.append((octets, more, attempt))
        sent = bind.session.send_stored(_SUBMIT_SM, stored, now)
        for attempt, (octets, more, _) in zip(written[sent:], stored[sent:], strict=True):
            try:
                bind.session.send_request_body(_SUBMIT_SM, octets[HEADER_OCTETS:] + more, now, attempt)
            except ValueError as error:
                self._cannot_be_sent(attempt, error, at_us)
        self._meters.count("submit_sm.sent", len(leaving))
        self._committer.touch(bind)

    def _cannot_be_sent(self, attempt: Attempt, error: ValueError, at_us: int) -> None:
        log.error("message %d cannot be sent to this SMSC: %s", attempt.message.message_id, error)
        changes = self._committer.changes
        self.outbox.answered(attempt, CommandStatus.ESME_RINVMSGLEN, "", at_us, changes)
        self.in_flight -= 1

    def _answered(self, attempt: Attempt, pdu: Pdu, at_us: int) -> None:
        smsc_id, status = "", pdu.command_status
        if isinstance(pdu, SubmitSmResp):
            smsc_id = pdu.message_id
        elif not status:
            status = CommandStatus.ESME_RUNKNOWNERR
        changes = self._committer.changes
        disposition = self.outbox.answered(attempt, status, smsc_id, at_us, changes)
        if status:
            self._refused(disposition, status)
        if smsc_id:
            self._receipts.answered(self.outbox.smsc_no, smsc_id, at_us, changes)
        elif not status:
            self._left_without_id(attempt, at_us)

    def _refused(self, disposition: SubmitDisposition, status: int) -> None:
        if disposition is SubmitDisposition.STOP_LINK:
            self._pause()
        elif disposition is SubmitDisposition.SLOW:
            self._slow_down(status)

    def _left_without_id(self, attempt: Attempt, at_us: int) -> None:
        self._receipts.left_without_id(
            self.outbox.smsc_no, attempt.message, attempt.segment, at_us, self._committer.changes
        )

    def _slots_free(self, slots: int) -> None:
        self.in_flight -= slots

    def _slow_down(self, status: int) -> None:
        self._meters.count("submit_sm.throttled")
        if self.pace.throttled(self._monotonic()):
            limit = self.pace.limit_per_s or 0.0
            log.warning("link %s: %s; now %.0f segments/s", self.name, status_name(status), limit)

    def _pause(self) -> None:
        log.warning("link %s pauses for %.0f s: the SMSC refuses the account", self.name, STOP_LINK_PAUSE_S)
        self._paused = True
        self.watch.refused(True)

        def resume() -> None:
            self._paused = False
            self.watch.refused(False)
            self._committer.kick()

        self._call_later(STOP_LINK_PAUSE_S, resume)

    # -- in ------------------------------------------------------------------------------------------------

    def _delivered(self, pdu: DeliverSm | DataSm, at_us: int) -> None:
        if not is_receipt(pdu):
            inbound = inbound_of(pdu, self._default_alphabet, self.address_rules)
            self._hear.hear(self.outbox.link_no, inbound, at_us, self._committer.changes)
            return
        receipt = receipt_of(pdu)
        if receipt is None:
            self._meters.count("receipt.unreadable")
            log.warning("link %s: a receipt without a readable id and state was put aside", self.name)
        else:
            self._receipts.record(self.outbox.smsc_no, receipt, at_us, self._committer.changes)

    def _request(self, bind: SmppProtocol, pdu: Pdu, at_us: int) -> None:
        if isinstance(pdu, DataSm):
            self._delivered(pdu, at_us)
            octets = encode_pdu(response_to(pdu))
            self._unacknowledged += 1
            self._committer.promise(lambda: self._acknowledge(bind, octets, 1))
        elif isinstance(pdu, AlertNotification):
            self.on_alert(pdu)  # it has no response
        elif isinstance(pdu, Outbind):
            self._meters.count(f"smsc.{type(pdu).__name__}")  # it has none either
        else:
            bind.session.send_response(response_to(pdu, CommandStatus.ESME_RINVCMDID))

    def _acknowledge(self, bind: SmppProtocol, octets: bytes, count: int) -> None:
        self._unacknowledged -= count
        if self._held and self._unacknowledged < UNACKNOWLEDGED_MAX:
            for held in self._held:
                held.release_input()
            self._held.clear()
        if bind.session.is_closed:
            return  # it went during the commit and will repeat what was not acknowledged
        bind.session.send_octets(octets)
        self._committer.touch(bind)
