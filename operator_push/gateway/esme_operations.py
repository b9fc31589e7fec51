"""ESME operations: query_sm, cancel_sm and replace_sm (SMPP v3.4 sections 4.8 to 4.10) on an ESME's own
messages.

What changes something is answered after its commit. What is at the SMSC already is asked of the SMSC over our
link, and the answer follows the SMSC's. An id that belongs to somebody else is as unknown as one that never
was. Not here: submit_multi (esme_multi), submissions (esme_server).
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from operator_push.domain.message import MessageState, TrafficClass
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.esme_binds import EsmeBinds
from operator_push.gateway.message_cutting import Wire
from operator_push.gateway.receipt_octets import SMPP_STATES
from operator_push.gateway.sender_mapping import sender_meant
from operator_push.gateway.submit_offers import SubmitOffers
from operator_push.kernel.instants import from_epoch_us
from operator_push.kernel.meters import Meters
from operator_push.services.accept_submissions import Offered
from operator_push.services.cancel_message import CANCELLED, CancelMessage, is_unsent
from operator_push.services.message_names import MessageNames
from operator_push.services.open_messages import OpenMessage, OpenSegment
from operator_push.services.query_message import KnownMessage, MessageStatus, QueryMessage, status_of
from operator_push.services.registry import Account
from operator_push.services.replace_message import ReplaceMessage
from operator_push.smpp.codec import decode_pdu, response_to
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.constants import MessageState as SmppState
from operator_push.smpp.pdu import CancelSm, Pdu, QuerySm, QuerySmResp, ReplaceSm, SubmitSm
from operator_push.smpp.smpp_time import format_absolute
from operator_push.smpp.tlv import TlvTag
from operator_push.smpp_twisted.protocol import SmppProtocol

log = logging.getLogger(__name__)

READS_MAX = 100  # Ours: queries of one bind that wait for the store; more get ESME_RTHROTTLED.
VERSION_5_0 = 0x50
ID_DIGITS_MAX = 19  # a 63-bit integer in decimal

# Reads messages from their rows, away from the loop; told a list, or the exception.
ReadMessages = Callable[[int, Callable[[list[KnownMessage] | BaseException], None]], None]
# Asks an SMSC over one of our links; False where it cannot be asked now.
AskSmsc = Callable[[int, Pdu, Callable[[Pdu | None], None]], bool]


class EsmeOperations:
    """Performs the operations of all binds."""

    def __init__(
        self,
        binds: EsmeBinds,
        offers: SubmitOffers,
        query: QueryMessage,
        cancel: CancelMessage,
        replace: ReplaceMessage,
        read_messages: ReadMessages,
        ask_smsc: AskSmsc,
        committer: Committer,
        meters: Meters,
        names: MessageNames,
    ) -> None:
        self._binds = binds
        self._offers = offers
        self._query = query
        self._cancel = cancel
        self._replace = replace
        self._read_messages = read_messages
        self._ask_smsc = ask_smsc
        self._committer = committer
        self._meters = meters
        self._names = names
        self._reading: dict[SmppProtocol, int] = {}

    def perform(self, bind: SmppProtocol, pdu: Pdu) -> bool:
        """Do what an ESME asks; False where it is no operation of this room."""
        account = self._binds.account_of(bind)
        if account is None:
            return False
        match pdu:
            case QuerySm():
                self._query_sm(bind, pdu, account)
            case CancelSm():
                self._cancel_sm(bind, pdu, account)
            case ReplaceSm():
                self._replace_sm(bind, pdu, account)
            case _:
                return False
        self._meters.count(f"esme.{type(pdu).__name__}")
        return True

    def _id_of(self, account: Account, text: str) -> int | None:
        """The id that an account was told, as it was told; None where it can be none of ours."""
        return self._names.find(account.account_no, text) or _id_of(text)

    # -- query_sm ------------------------------------------------------------------------------------------

    def _query_sm(self, bind: SmppProtocol, pdu: QuerySm, account: Account) -> None:
        shown_id = self._id_of(account, pdu.message_id)
        if shown_id is None:
            self._answer(bind, pdu, CommandStatus.ESME_RINVMSGID)
            return
        known = self._query.from_memory(shown_id, now_us())
        if known is not None:
            self._tell(bind, pdu, account, known)
            return
        if self._reading.get(bind, 0) >= READS_MAX:
            self._answer(bind, pdu, CommandStatus.ESME_RTHROTTLED)
            return
        self._reading[bind] = self._reading.get(bind, 0) + 1

        def read(stored: list[KnownMessage] | BaseException) -> None:
            left = self._reading.pop(bind) - 1
            if left:
                self._reading[bind] = left
            if isinstance(stored, BaseException):
                log.warning("query_sm of %s could not be answered: %s", bind.peer, stored)
                self._answer(bind, pdu, CommandStatus.ESME_RSYSERR)
            else:
                self._tell(bind, pdu, account, self._query.together(stored, now_us()))
            bind.flush()

        self._read_messages(shown_id, read)

    def _tell(
        self, bind: SmppProtocol, pdu: QuerySm, account: Account, known: Sequence[KnownMessage]
    ) -> None:
        status = status_of(known, account.account_no, sender_meant(pdu.source_addr))
        if bind.session.is_closed:
            return
        if status is None:
            self._answer(bind, pdu, CommandStatus.ESME_RQUERYFAIL)
            return
        final_date = format_absolute(from_epoch_us(status.final_us)) if status.final_us else ""
        bind.session.send_response(
            QuerySmResp(
                sequence_number=pdu.sequence_number,
                message_id=pdu.message_id,
                final_date=final_date,
                message_state=_smpp_state(status, bind.session.peer_version),
                error_code=status.error_code,
            )
        )

    # -- cancel_sm -----------------------------------------------------------------------------------------

    def _cancel_sm(self, bind: SmppProtocol, pdu: CancelSm, account: Account) -> None:
        source, destination = sender_meant(pdu.source_addr), ""
        if pdu.destination_addr:
            destination = self._offers.recipient_meant(account, pdu.dest_addr_ton, pdu.destination_addr)
        if pdu.message_id:
            shown_id = self._id_of(account, pdu.message_id)
            if shown_id is None:
                self._answer(bind, pdu, CommandStatus.ESME_RINVMSGID)
                return
            found = self._cancel.by_id(account.account_no, shown_id, source, destination)
        else:
            found = self._cancel.by_addresses(account.account_no, source, destination, pdu.service_type)
        verdicts = _Verdicts(len(found), lambda all_done: self._cancelled(bind, pdu, all_done))
        for message in found:
            self._cancel_one(message, verdicts)

    def _cancel_one(self, message: OpenMessage, verdicts: "_Verdicts") -> None:
        elsewhere = self._cancel.withdraw(message, CANCELLED, now_us(), self._committer.changes)
        verdicts.expect(len(elsewhere) - 1)
        if not elsewhere:
            self._committer.promise(lambda: verdicts.tell(True))
        for segment in elsewhere:
            self._cancel_there(message, segment, verdicts)

    def _cancel_there(self, message: OpenMessage, segment: OpenSegment, verdicts: "_Verdicts") -> None:
        def told(answer: Pdu | None) -> None:
            done = answer is not None and answer.command_status == 0
            if done:
                self._cancel.cancelled_there(message, segment, now_us(), self._committer.changes)
                self._committer.promise(lambda: verdicts.tell(True))
                self._committer.kick()
            else:
                verdicts.tell(False)

        smsc_no = self._cancel.smsc_no_of(message, segment)
        source, destination = addresses_of(message)
        asked = CancelSm(message_id=segment.smsc_message_id, **source, **destination)
        if smsc_no is None or not self._ask_smsc(smsc_no, asked, told):
            verdicts.tell(False)

    def _cancelled(self, bind: SmppProtocol, pdu: CancelSm, all_done: bool) -> None:
        self._answer(bind, pdu, 0 if all_done else CommandStatus.ESME_RCANCELFAIL)
        bind.flush()

    # -- replace_sm ----------------------------------------------------------------------------------------

    def _replace_sm(self, bind: SmppProtocol, pdu: ReplaceSm, account: Account) -> None:
        shown_id = self._id_of(account, pdu.message_id)
        if shown_id is None:
            self._answer(bind, pdu, CommandStatus.ESME_RINVMSGID)
            return
        found = self._cancel.by_id(account.account_no, shown_id, sender_meant(pdu.source_addr))
        old = found[0] if len(found) == 1 else None  # of a submit_multi it would be unclear which
        if old is None:
            self._answer(bind, pdu, CommandStatus.ESME_RREPLACEFAIL)
            return
        at_us = now_us()
        offer = self._offer_instead(old, pdu, account, at_us)
        if not is_unsent(old):
            self._replace_there(bind, pdu, old, offer)
            return
        accepted = self._replace.replace(old, offer, at_us, self._committer.changes)
        status = 0 if accepted.reason is None else CommandStatus.ESME_RREPLACEFAIL

        def committed() -> None:
            self._answer(bind, pdu, status)
            bind.flush()

        self._committer.promise(committed)

    def _offer_instead(self, old: OpenMessage, pdu: ReplaceSm, account: Account, at_us: int) -> Offered:
        submit = _submit_sm_of(old)
        payload = pdu.tlv(TlvTag.message_payload)
        kept = tuple(tlv for tlv in submit.tlvs if tlv[0] != TlvTag.message_payload)
        submit.short_message = pdu.short_message
        submit.tlvs = kept if payload is None else (*kept, (int(TlvTag.message_payload), payload))
        submit.registered_delivery = pdu.registered_delivery
        submit.sm_default_msg_id = pdu.sm_default_msg_id
        submit.schedule_delivery_time = pdu.schedule_delivery_time
        submit.validity_period = pdu.validity_period or submit.validity_period
        offer = self._offers.offer(submit, account, at_us)
        submission = msgspec.structs.replace(offer.submission, traffic_class=TrafficClass(old.traffic_class))
        not_before_us = offer.not_before_us if pdu.schedule_delivery_time else old.not_before_us
        return msgspec.structs.replace(
            offer, submission=submission, not_before_us=not_before_us, part=None, retry=None, replaces=False
        )

    def _replace_there(self, bind: SmppProtocol, pdu: ReplaceSm, old: OpenMessage, offer: Offered) -> None:
        """What is at the SMSC is one short message there; its new text must be one, and cost the same."""

        def told(answer: Pdu | None) -> None:
            done = answer is not None and answer.command_status == 0
            self._answer(bind, pdu, 0 if done else CommandStatus.ESME_RREPLACEFAIL)
            bind.flush()

        wire = offer.wire
        segment = old.segments[0]
        smsc_no = self._cancel.smsc_no_of(old, segment)
        single = len(old.segments) == 1 and isinstance(wire, Wire) and len(wire.segments) == 1
        if not single or smsc_no is None or not isinstance(wire, Wire) or pdu.schedule_delivery_time:
            self._answer(bind, pdu, CommandStatus.ESME_RREPLACEFAIL)
            return
        source, _ = addresses_of(old)
        asked = ReplaceSm(
            message_id=segment.smsc_message_id,
            validity_period=pdu.validity_period,
            registered_delivery=1,
            sm_default_msg_id=pdu.sm_default_msg_id,
            short_message=wire.segments[0],
            **source,
        )
        if not self._ask_smsc(smsc_no, asked, told):
            self._answer(bind, pdu, CommandStatus.ESME_RREPLACEFAIL)

    # ------------------------------------------------------------------------------------------------------

    def _answer(self, bind: SmppProtocol, pdu: Pdu, status: int) -> None:
        if not bind.session.is_closed:
            bind.session.send_response(response_to(pdu, status))


class _Verdicts:
    """Waits for several answers, then tells whether there was one and all were good."""

    def __init__(self, count: int, told: Callable[[bool], None]) -> None:
        self._left = count
        self._good = count > 0
        self._told = told
        if not count:
            told(False)

    def expect(self, more: int) -> None:
        """So many more (or -1 fewer) answers than was said at first."""
        self._left += max(0, more)

    def tell(self, good: bool) -> None:
        """One of the answers."""
        self._left -= 1
        self._good = self._good and good
        if not self._left:
            self._told(self._good)


def service_type_of(message: OpenMessage) -> str:
    """The service_type that an open message was submitted with."""
    return _stored_submit_sm(message).service_type


def _stored_submit_sm(message: OpenMessage) -> SubmitSm:
    if isinstance(message.wire, Wire):
        return message.wire.pdu
    pdu = decode_pdu(message.body)
    if not isinstance(pdu, SubmitSm):
        raise ValueError(f"the stored body of message {message.message_id} is not a submit_sm")
    return pdu


def _submit_sm_of(message: OpenMessage) -> SubmitSm:
    """A copy to change: the one in `wire` may be on its way."""
    pdu = decode_pdu(message.body)
    if not isinstance(pdu, SubmitSm):
        raise ValueError(f"the stored body of message {message.message_id} is not a submit_sm")
    return pdu


def addresses_of(message: OpenMessage) -> tuple[dict[str, Any], dict[str, Any]]:
    """Source and destination of a message as its SMSC knows them."""
    pdu = _stored_submit_sm(message)
    source = {
        "source_addr_ton": pdu.source_addr_ton,
        "source_addr_npi": pdu.source_addr_npi,
        "source_addr": pdu.source_addr,
    }
    destination = {
        "dest_addr_ton": pdu.dest_addr_ton,
        "dest_addr_npi": pdu.dest_addr_npi,
        "destination_addr": message.destination,
    }
    return source, destination


def _smpp_state(status: MessageStatus, peer_version: int) -> int:
    """message_state (section 5.2.28); SCHEDULED is a word of SMPP 5.0 only (section 4.7.15)."""
    if status.state in (MessageState.ACCEPTED, MessageState.SENT, MessageState.UNKNOWN):
        scheduled = status.scheduled and peer_version >= VERSION_5_0
        return int(SmppState.SCHEDULED if scheduled else SmppState.ENROUTE)
    return int(SMPP_STATES[status.state])


def _id_of(text: str) -> int | None:
    """The id in decimal text; None where it can be none of ours."""
    if not (text.isascii() and text.isdigit() and len(text) <= ID_DIGITS_MAX):
        return None
    number = int(text)
    return number if 0 < number < 1 << 63 else None
