"""The message desk: query_sm, cancel_sm and replace_sm on messages that were accepted before.

SMPP v3.4 sections 4.8 to 4.10. The source address must be the message's own, and so must the account; a
message that another bind of the account brought is found. Ended messages are known for a while (see
`message_book`). Answers are given at once.
"""

from collections.abc import Iterable, Sequence

from operator_push.kernel.instants import from_epoch_us
from operator_push.smpp.codec import response_to
from operator_push.smpp.constants import VERSION_5_0, CommandStatus, MessageState, command_name
from operator_push.smpp.pdu import CancelSm, CancelSmResp, Pdu, QuerySm, QuerySmResp, ReplaceSm, ReplaceSmResp
from operator_push.smpp.smpp_time import format_absolute
from operator_push.smpp.tlv import TlvTag
from smsc_sim.account import Account
from smsc_sim.bind import SimBind
from smsc_sim.counters import Counters
from smsc_sim.deliveries import Deliveries
from smsc_sim.message import ENROUTE, EndedMessage, SimMessage
from smsc_sim.message_book import MessageBook
from smsc_sim.scenario import Scenario
from smsc_sim.tries import Tries
from smsc_sim.validity import message_times
from smsc_sim.witness import Witness, address_part, key_part

_Known = SimMessage | EndedMessage
_MESSAGE_PAYLOAD = int(TlvTag.message_payload)
_ERROR_CODE_MAX = 255  # One octet in query_sm_resp (SMPP v3.4 section 4.8.2); receipts have three digits.


class MessageDesk:
    """The desk of one virtual SMSC at which accepted messages are asked for and changed."""

    def __init__(
        self,
        book: MessageBook,
        deliveries: Deliveries,
        tries: Tries,
        witness: Witness,
        counters: Counters,
        speed: float,
    ) -> None:
        self._book = book
        self._deliveries = deliveries
        self._tries = tries
        self._witness = witness
        self._counters = counters
        self._speed = speed

    def configure(self, scenario: Scenario) -> None:
        """This validity from now on."""
        self._validity_default_s = scenario.validity.default_s
        self._acceleration = scenario.validity.acceleration * self._speed

    def query(self, bind: SimBind, pdu: QuerySm, now: float, t: int) -> None:
        """Tell what became of a message."""
        found = self._own(bind, self._book.find(pdu.message_id))
        if not found or found[0].source_addr != pdu.source_addr:
            status = CommandStatus.ESME_RQUERYFAIL if found else CommandStatus.ESME_RINVMSGID
            self.refuse(bind, pdu, status, t)
            return
        message = found[0]
        ended = isinstance(message, EndedMessage)
        waits = not isinstance(message, EndedMessage) and now < message.first_try
        # 3.4 has no word for a message whose time has not come.
        knows_scheduled = bind.session.peer_version >= VERSION_5_0
        self._counters.queries += 1
        self._answer(
            bind,
            QuerySmResp(
                sequence_number=pdu.sequence_number,
                message_id=pdu.message_id,
                final_date=format_absolute(from_epoch_us(message.final_us)) if ended else "",
                message_state=int(MessageState.SCHEDULED if waits and knows_scheduled else message.state),
                error_code=min(message.error_code, _ERROR_CODE_MAX),
            ),
        )
        state = f"{message.state.name} after {message.tries} tries" if message.tries else message.state.name
        key = key_part(message.user_message_reference, message.smsc_message_id)
        self._done(t, bind, pdu, key, "queried", state)

    def cancel(self, bind: SimBind, pdu: CancelSm, now: float, t: int) -> None:
        """Delete a message by its id, or all of the account's that have these addresses and service_type."""
        if pdu.message_id:
            known = self._own(bind, self._book.find(pdu.message_id))
            waiting = _changeable(known, pdu.source_addr)
        else:
            known = self._own(bind, self._book.open_to(pdu.destination_addr))
            waiting = [
                one
                for one in _changeable(known, pdu.source_addr)
                if not pdu.service_type or one.pdu.service_type == pdu.service_type
            ]
        if not waiting:
            unknown = pdu.message_id and not known
            status = CommandStatus.ESME_RINVMSGID if unknown else CommandStatus.ESME_RCANCELFAIL
            self.refuse(bind, pdu, status, t)
            return
        self._counters.cancels += 1
        self._answer(bind, CancelSmResp(sequence_number=pdu.sequence_number))
        for message in waiting:
            self._done(t, bind, pdu, message.witness_key, "cancelled", "")
            self._deliveries.finish(now, t, message, MessageState.DELETED)

    def replace(self, bind: SimBind, pdu: ReplaceSm, now: float, t: int) -> None:
        """Give an open message another text, schedule, validity and wish for receipts; its id stays."""
        found = self._own(bind, self._book.find(pdu.message_id))
        chosen = _changeable(found, pdu.source_addr)
        if not chosen:
            status = CommandStatus.ESME_RREPLACEFAIL if found else CommandStatus.ESME_RINVMSGID
            self.refuse(bind, pdu, status, t)
            return
        times = message_times(pdu, t, self._validity_default_s)
        if isinstance(times, CommandStatus):
            self.refuse(bind, pdu, times, t)
            return
        self._counters.replaces += 1
        self._answer(bind, ReplaceSmResp(sequence_number=pdu.sequence_number))
        for message in chosen:
            self._change(message, pdu, times, now)
            self._done(t, bind, pdu, message.witness_key, "replaced", "")

    def refuse(self, bind: SimBind, pdu: Pdu, status: CommandStatus, t: int) -> None:
        """Answer a request with an error and note it."""
        self._counters.other_requests_refused += 1
        name = command_name(pdu.command_id) or f"0x{pdu.command_id:08x}"
        addresses = address_part(getattr(pdu, "source_addr", ""), getattr(pdu, "destination_addr", ""))
        key = key_part(None, getattr(pdu, "message_id", ""))
        self._witness.request_refused(t, bind.name, name, pdu.sequence_number, addresses, key, status.name)
        self._answer(bind, response_to(pdu, status))

    def _change(self, message: SimMessage, pdu: ReplaceSm, times: tuple[float, float], now: float) -> None:
        old = message.pdu
        old.short_message = pdu.short_message
        old.tlvs = tuple(tlv for tlv in old.tlvs if tlv[0] != _MESSAGE_PAYLOAD)
        old.registered_delivery = pdu.registered_delivery
        old.sm_default_msg_id = pdu.sm_default_msg_id
        if pdu.schedule_delivery_time or pdu.validity_period:
            # An empty time leaves what was (sections 5.2.15, 5.2.16): only what is named changes.
            wait_s, valid_s = times
            if pdu.schedule_delivery_time:
                message.first_try = now + wait_s / self._acceleration
            start = max(now, message.first_try)
            if pdu.validity_period:
                message.expires = start + valid_s / self._acceleration
            message.expires = max(message.expires, message.first_try)
            message.turn += 1
            self._tries.plan(message, start, message.expires)

    def _own(self, bind: SimBind, messages: Sequence[_Known]) -> list[_Known]:
        account: Account | None = bind.identity.account if bind.identity is not None else None
        return [message for message in messages if message.account is account]

    def _answer(self, bind: SimBind, response: Pdu) -> None:
        bind.session.send_response(response)
        bind.mark_dirty()

    def _done(self, t: int, bind: SimBind, pdu: Pdu, key: str, decision: str, detail: str) -> None:
        name = command_name(pdu.command_id) or ""
        self._witness.request_performed(t, bind.name, name, pdu.sequence_number, key, decision, detail)


def _changeable(messages: Iterable[_Known], source_addr: str) -> list[SimMessage]:
    """Those of this sender that have not ended and that no other ESME has."""
    return [
        one
        for one in messages
        if isinstance(one, SimMessage)
        and one.source_addr == source_addr
        and one.state is ENROUTE
        and one.handed_over is None
    ]
