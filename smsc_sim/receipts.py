"""Receipts: the deliver_sm that tells what became of a message, as text and as TLVs.

SMPP v3.4 appendix B and sections 5.3.2.12 (receipted_message_id), 5.3.2.35 (message_state). The correlation
key user_message_reference is echoed where the scenario says so. Dates are UTC. The `text:` stays empty: the
simulator does not repeat what people wrote.
"""

from operator_push.kernel.instants import MICROS_PER_SECOND, from_epoch_us
from operator_push.smpp.constants import (
    REGISTERED_DELIVERY_RECEIPT_MASK,
    MessageState,
    RegisteredDelivery,
)
from operator_push.smpp.receipt_text import STAT_TEXTS
from smsc_sim.message import SimMessage
from smsc_sim.parcel import Parcel
from smsc_sim.quick_octets import receipt_body
from smsc_sim.witness import address_part, key_part

_DELIVERED = MessageState.DELIVERED
_STATES_RECEIPTED: dict[int, frozenset[MessageState]] = {
    int(RegisteredDelivery.NO_RECEIPT): frozenset(),
    int(RegisteredDelivery.RECEIPT): frozenset(MessageState),
    int(RegisteredDelivery.RECEIPT_ON_FAILURE): frozenset(MessageState) - {_DELIVERED},
    int(RegisteredDelivery.RECEIPT_ON_SUCCESS): frozenset({_DELIVERED}),
}
# dlvrd, stat and the witness's member
_STATE_WORDS = {
    state: ("001" if state is _DELIVERED else "000", STAT_TEXTS[state], f',"state":"{state.name}"')
    for state in MessageState
}
_MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND
_MINUTES_KEPT = 4096
_MOMENTS_KEPT = 4096


def wants_receipt(registered_delivery: int, state: MessageState) -> bool:
    """Whether a message with this registered_delivery gets a receipt for this final state (5.2.17)."""
    return state in _STATES_RECEIPTED[registered_delivery & REGISTERED_DELIVERY_RECEIPT_MASK]


class ReceiptWriter:
    """Builds receipts; keeps the texts of minutes, because a date costs more to write than all the rest."""

    def __init__(self, echo_user_message_reference: bool) -> None:
        self._echo = echo_user_message_reference
        self._minutes: dict[int, str] = {}
        self._dates: dict[int, str] = {}  # By moment: that of a chunk or tick is that of many messages.

    def parcel(self, message: SimMessage, state: MessageState, error_code: int, final_us: int) -> Parcel:
        """The receipt of a message in its final state, ready for its account's mailbox."""
        pdu = message.pdu
        identifier = message.smsc_message_id
        dates, submit_us = self._dates, message.submit_us
        dlvrd, stat, state_member = _STATE_WORDS[state]
        # As receipt_text.format_receipt writes it (a test holds the two together), but with kept dates.
        text = (
            f"id:{identifier} sub:001 dlvrd:{dlvrd}"
            f" submit date:{dates.get(submit_us) or self._date(submit_us)}"
            f" done date:{dates.get(final_us) or self._date(final_us)}"
            f" stat:{stat} err:{error_code:03d} text:"
        )
        reference, key = message.user_message_reference, message.witness_key
        if reference is not None and not self._echo:
            reference, key = None, key_part(None, identifier)
        members = f'{address_part(pdu.destination_addr, pdu.source_addr)},"kind":"receipt"{key}{state_member}'
        return Parcel(None, True, members, receipt_body(pdu, identifier, text, state, reference))

    def _date(self, epoch_us: int) -> str:
        minute = epoch_us // _MICROS_PER_MINUTE
        text = self._minutes.get(minute)
        if text is None:
            if len(self._minutes) >= _MINUTES_KEPT:
                self._minutes.clear()
            text = self._minutes[minute] = f"{from_epoch_us(epoch_us):%y%m%d%H%M}"
        if len(self._dates) >= _MOMENTS_KEPT:
            self._dates.clear()
        self._dates[epoch_us] = text
        return text
