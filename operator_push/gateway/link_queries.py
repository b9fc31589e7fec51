"""Link queries: asks an SMSC by query_sm about messages whose receipt has not come.

Only for segments whose id is known (SMPP v3.4 section 4.8), only where the configuration says after how long,
a few at a time, and ever more seldom for one segment. What the SMSC says is recorded like a receipt. An SMSC
that does not know the operation is not asked again by this process.
"""

import logging
from collections.abc import Callable, Iterator
from itertools import islice

from operator_push.domain.delivery import STATE_BY_SMPP
from operator_push.domain.message import MessageState
from operator_push.gateway.clock import now_us
from operator_push.services.match_receipts import Found, Receipt
from operator_push.services.open_messages import OpenMessage, OpenMessages, OpenSegment
from operator_push.smpp.codec import decode_pdu
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import Pdu, QuerySm, QuerySmResp, SubmitSm

log = logging.getLogger(__name__)

AT_ONCE_MAX = 10  # Ours: queries in flight; they share the window with submit_sm.
LOOKED_AT_PER_TURN = 500  # Ours: open messages per turn, so that no turn is long.
AGAIN_FACTOR = 2  # The second query after twice the time, and so on.
_WAITS = (MessageState.SENT, MessageState.UNKNOWN)

Ask = Callable[[Pdu, Callable[[Pdu | None], None]], bool]


class LinkQueries:
    """The queries through one link. `ask` is SmscLink.ask; `record(found, receipt, at_us)` records an
    answer about a segment."""

    def __init__(
        self,
        name: str,
        after_s: float,
        smsc_no: Callable[[], int],
        messages: OpenMessages,
        ask: Ask,
        record: Callable[[Found, Receipt, int], object],
    ) -> None:
        self._name = name
        self._after_us = int(after_s * 1_000_000)
        self._smsc_no = smsc_no
        self._messages = messages
        self._ask = ask
        self._record = record
        self._turn: Iterator[OpenMessage] = iter(())
        self._next_us: dict[tuple[int, int], tuple[int, int]] = {}  # segment → (when again, after how long)
        self._in_flight = 0
        self._is_known = True

    def look(self, at_us: int) -> None:
        """Ask about some of the messages that are due; to be called now and then."""
        if not self._is_known or self._in_flight >= AT_ONCE_MAX:
            return
        looked = list(islice(self._turn, LOOKED_AT_PER_TURN))
        if not looked:
            self._turn = iter(list(self._messages))
            self._forget_ended()
        smsc_no = self._smsc_no()
        for message in looked:
            if message.smsc_no != smsc_no:
                continue
            for segment in message.segments:
                due = segment.state in _WAITS and segment.smsc_message_id and segment.answered_us
                if due and not self._query(message, segment, at_us):
                    return

    def _query(self, message: OpenMessage, segment: OpenSegment, at_us: int) -> bool:
        """Ask about a segment if it is time; False where no more can be asked now."""
        key = (message.message_id, segment.segment_no)
        when_us, after_us = self._next_us.get(key, (segment.answered_us + self._after_us, self._after_us))
        if at_us < when_us:
            return True
        if self._in_flight >= AT_ONCE_MAX:
            return False
        pdu = decode_pdu(message.body)
        if not isinstance(pdu, SubmitSm):
            return True
        question = QuerySm(
            message_id=segment.smsc_message_id,
            source_addr_ton=pdu.source_addr_ton,
            source_addr_npi=pdu.source_addr_npi,
            source_addr=pdu.source_addr,
        )

        def told(answer: Pdu | None) -> None:
            self._in_flight -= 1
            self._answered(message, segment, answer)

        if not self._ask(question, told):
            return False
        self._in_flight += 1
        self._next_us[key] = (at_us + after_us * AGAIN_FACTOR, after_us * AGAIN_FACTOR)
        return True

    def _answered(self, message: OpenMessage, segment: OpenSegment, answer: Pdu | None) -> None:
        if answer is None:
            return
        if answer.command_status == CommandStatus.ESME_RINVCMDID:
            self._is_known = False
            log.warning("link %s: the SMSC does not know query_sm; it is not asked again", self._name)
        if not isinstance(answer, QuerySmResp) or answer.command_status:
            return
        state = STATE_BY_SMPP.get(int(answer.message_state), MessageState.UNKNOWN)
        receipt = Receipt(
            segment.smsc_message_id,
            state,
            str(answer.error_code) if answer.error_code else "",
            message.destination,
            segment.user_message_reference,
        )
        self._record((message, segment), receipt, now_us())

    def _forget_ended(self) -> None:
        if self._next_us:
            kept = self._messages.by_id
            self._next_us = {key: value for key, value in self._next_us.items() if key[0] in kept}
