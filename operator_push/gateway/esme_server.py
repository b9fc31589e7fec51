"""The ESME server: turns submit_sm into submissions and answers after the commit.

One instance serves all binds of a listener. Every chunk of a bind is one pass: all its submissions are
decided together and answered by one write once they are on disk.
Not here: who may bind (esme_binds), what we owe to binds (esme_deliveries).
"""

import logging
from collections.abc import Callable
from struct import Struct

from operator_push.domain.message import RefusalReason
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.delivery_lines import Delivery
from operator_push.gateway.esme_binds import EsmeBinds
from operator_push.gateway.esme_deliveries import EsmeDeliveries
from operator_push.gateway.refusals import refusal_status, refusal_tlvs
from operator_push.gateway.submit_offers import SubmitOffers
from operator_push.kernel.meters import Meters
from operator_push.services.accept_submissions import AcceptSubmissions, Offered
from operator_push.services.message_names import MessageNames
from operator_push.services.registry import Account
from operator_push.smpp.codec import response_to
from operator_push.smpp.codec_choice import compiled
from operator_push.smpp.constants import HEADER_OCTETS, VERSION_3_4, CommandId, CommandStatus
from operator_push.smpp.pdu import (
    BindPdu,
    DataSm,
    DataSmResp,
    Pdu,
    SubmitSm,
    SubmitSmResp,
)
from operator_push.smpp.session_events import (
    Event,
    LateResponse,
    RequestReceived,
    RequestUnknown,
    ResponseReceived,
    UnknownReason,
)
from operator_push.smpp_twisted.protocol import SmppProtocol

log = logging.getLogger(__name__)

_pack_header = Struct(">IIII").pack
_SUBMIT_SM_RESP = int(CommandId.submit_sm_resp)
_quick_answers = None if compiled is None else compiled.submit_answers

# Does what an ESME asks beside submit_sm and data_sm; False where it does not know the operation.
Perform = Callable[[SmppProtocol, Pdu], bool]


class EsmeServer:
    """The owner of every bind that ESMEs open to us."""

    def __init__(
        self,
        binds: EsmeBinds,
        accept: AcceptSubmissions,
        committer: Committer,
        deliveries: EsmeDeliveries,
        offers: SubmitOffers,
        overrides: dict[str, dict[str, int]],
        reasons_in_words: bool,
        window: int,
        meters: Meters,
        names: MessageNames,
    ) -> None:
        self.binds = binds
        self._accept = accept
        self._committer = committer
        self._deliveries = deliveries
        self._offers = offers
        self._overrides = overrides
        self._reasons_in_words = reasons_in_words
        self._window = window
        self.meters = meters
        self._names = names
        self._unanswered: dict[SmppProtocol, int] = {}
        self.operations: list[Perform] = []
        self.accepting = True

    # -- callbacks of smpp_twisted.protocol ------------------------------------------------------------

    def connected(self, bind: SmppProtocol) -> None:
        """A stream is up; its bind request comes next, or its session closes it."""

    def bound(self, bind: SmppProtocol) -> None:
        """The answer to its bind is on the way: a bind that can receive gets what it is owed."""
        self.binds.bound(bind)

    def events(self, bind: SmppProtocol, events: list[Event], now: float) -> None:
        """All events of one chunk."""
        submits: list[RequestReceived] = []
        lost: list[Delivery] = []
        answers: list[tuple[Delivery, Pdu]] = []
        for event in events:
            # The two kinds that come by the thousand first, by type: a match costs as much as their work.
            kind = type(event)
            if kind is RequestReceived:
                if type(event.pdu) is SubmitSm:  # type: ignore[attr-defined]
                    submits.append(event)  # type: ignore[arg-type]
                else:
                    self._request(bind, event, submits)  # type: ignore[arg-type]
            elif kind is ResponseReceived and type(event.context) is Delivery:  # type: ignore[attr-defined]
                answers.append((event.context, event.pdu))  # type: ignore[attr-defined]
            else:
                self._rare(event, lost)
        if answers:
            self._deliveries.answered(answers)
        if lost:
            self._deliveries.bind_lost(lost)
        if submits:
            self._submit(bind, submits)
        self._committer.kick()

    def _rare(self, event: Event, lost: list[Delivery]) -> None:
        match event:
            case LateResponse(pdu, _, context) if isinstance(context, Delivery):
                self._deliveries.answered_late(context, pdu)
            case RequestUnknown(_, _, context, reason) if isinstance(context, Delivery):
                if reason is UnknownReason.BIND_LOST:
                    lost.append(context)
                else:
                    self._deliveries.unanswered(context)
            case _:
                self.meters.count(f"esme.{type(event).__name__}")

    def closed(self, bind: SmppProtocol, reason: str) -> None:
        """The bind is gone; what it was owed stays owed."""
        self._unanswered.pop(bind, None)
        self.binds.closed(bind, reason)

    def stop_accepting(self) -> None:
        """Graceful stop: binds and submissions that come from now on are refused."""
        self.accepting = self.binds.accepting = False

    def _request(self, bind: SmppProtocol, event: RequestReceived, submits: list[RequestReceived]) -> None:
        pdu = event.pdu
        if isinstance(pdu, DataSm):
            submits.append(event)
        elif isinstance(pdu, BindPdu):
            self.binds.asked(bind, pdu)
        else:
            try:
                known = any(perform(bind, pdu) for perform in self.operations)
            except Exception:
                self._failed(bind, pdu)
                return
            if not known:
                bind.session.send_response(response_to(pdu, CommandStatus.ESME_RINVCMDID))

    def _failed(self, bind: SmppProtocol, pdu: Pdu) -> None:
        """A fault of ours in one request costs that request, not the others of its chunk, nor the bind."""
        log.exception("a %s of %s could not be dealt with", type(pdu).__name__, bind.peer)
        self.meters.count("esme.request_failed")
        bind.session.send_response(response_to(pdu, CommandStatus.ESME_RSYSERR))

    # -- submit ------------------------------------------------------------------------------------------

    def _submit(self, bind: SmppProtocol, submits: list[RequestReceived]) -> None:
        account = self.binds.account_of(bind)
        if account is None:
            return
        submits = self._turned_away(bind, submits, min(self._window, account.window))
        at_us = now_us()
        offers: list[Offered] = []
        offered: list[RequestReceived] = []
        make_offer = self._offers.offer
        for event in submits:
            try:
                offers.append(make_offer(event.pdu, account, at_us, event.octets))  # type: ignore[arg-type]
                offered.append(event)
            except Exception:
                self._failed(bind, event.pdu)
        changes = self._committer.changes
        outcomes = self._accept.accept(offers, at_us, changes)
        short = wants_short_names(bind.session.peer_version, account)
        plain: list[tuple[int, int]] = []  # answers to what was admitted under its own id, as nearly all is
        responses: list[bytes | Pdu] = []
        admitted = recognised = 0
        for event, outcome in zip(offered, outcomes, strict=True):
            pdu = event.pdu
            if outcome.reason is None:
                admitted += 1
                recognised += outcome.message is None  # a retry, which is its first again
                if type(pdu) is SubmitSm and not short:
                    plain.append((pdu.sequence_number, outcome.message_id))
                    continue
                told = self._names.give(account.account_no, outcome.message_id, changes) if short else ""
                response = _admission(pdu, outcome.message_id, told)
            else:
                response = self._refusal(bind, pdu, account, outcome.reason)
            if plain:  # answers leave in the order of their requests
                responses.append(submit_answers(plain))
                plain = []
            responses.append(response)
        self.meters.count("submit_sm.accepted", admitted - recognised)
        if recognised:
            self.meters.count("submit_sm.recognised", recognised)
        count = len(offered)
        if admitted < count:
            self.meters.count("submit_sm.refused", count - admitted)
        self._unanswered[bind] = self._unanswered.get(bind, 0) + count
        if plain:
            responses.append(submit_answers(plain))
        self._committer.promise(lambda: self._respond(bind, responses, count))

    def _turned_away(
        self, bind: SmppProtocol, submits: list[RequestReceived], window: int
    ) -> list[RequestReceived]:
        """Answer at once, without a row, what is beyond the window or comes while the product stops.

        Returns the others. A peer that does not wait for its answers slows itself alone.
        """
        room = window - self._unanswered.get(bind, 0) if self.accepting else 0
        if room >= len(submits):
            return submits
        room = max(0, room)
        status = CommandStatus.ESME_RTHROTTLED if self.accepting else CommandStatus.ESME_RMSGQFUL
        for event in submits[room:]:
            bind.session.send_response(response_to(event.pdu, status))
        self.meters.count("submit_sm.turned_away", len(submits) - room)
        return submits[:room]

    def _refusal(self, bind: SmppProtocol, pdu: Pdu, account: Account, reason: RefusalReason) -> Pdu:
        overrides = self._overrides.get(account.name) or self._overrides.get("*")
        response = response_to(pdu, refusal_status(reason, bind.session.peer_version, overrides))
        if isinstance(response, (SubmitSmResp, DataSmResp)) and self._reasons_in_words:
            response.raw_body = None
            response.tlvs = refusal_tlvs(reason)
        return response

    def _respond(self, bind: SmppProtocol, responses: list[bytes | Pdu], count: int) -> None:
        if bind in self._unanswered:
            self._unanswered[bind] -= count
        session = bind.session
        if session.is_closed:
            return  # it will not learn the ids; its receipts wait for its next bind
        for response in responses:
            if type(response) is bytes:
                session.send_octets(response)
            else:
                session.send_response(response)  # type: ignore[arg-type]
        self._committer.touch(bind)


def wants_short_names(peer_version: int, account: Account) -> bool:
    """True where ids are told as short names: SMPP 3.3 has no room for more, others may have agreed so."""
    return peer_version < VERSION_3_4 or account.terms.message_id_form == "short"


def submit_answers(admitted: list[tuple[int, int]]) -> bytes:
    """The submit_sm_resp of submit_sm that were admitted, (sequence_number, message id) each, as octets
    because there is one per message."""
    if _quick_answers is not None:
        return _quick_answers(admitted)
    return b"".join([_answer(number, b"%d\0" % message_id) for number, message_id in admitted])


def _answer(sequence_number: int, told: bytes) -> bytes:
    return _pack_header(HEADER_OCTETS + len(told), _SUBMIT_SM_RESP, 0, sequence_number) + told


def _admission(pdu: Pdu, message_id: int, name: str) -> bytes | Pdu:
    """The answer to what was accepted; `name`: what it is called instead of its id, empty where it is not."""
    if type(pdu) is SubmitSm:
        return _answer(pdu.sequence_number, (name or str(message_id)).encode() + b"\0")
    response = response_to(pdu)
    if isinstance(response, DataSmResp):
        response.message_id = name or str(message_id)
    return response
