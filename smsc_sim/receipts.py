"""Receipts: the deliver_sm that tells what became of a message, as text and as TLVs.

SMPP v3.4 appendix B and sections 5.3.2.12 (receipted_message_id), 5.3.2.35 (message_state). The correlation
key user_message_reference is echoed where the scenario says so. Dates are UTC. The `text:` stays empty: the
simulator does not repeat what people wrote.
"""

from operator_push.kernel.instants import MICROS_PER_SECOND, from_epoch_us
from operator_push.smpp.constants import (
    REGISTERED_DELIVERY_RECEIPT_MASK,
    EsmClass,
    MessageState,
    RegisteredDelivery,
)
from operator_push.smpp.pdu import DeliverSm
from operator_push.smpp.receipt_text import STAT_TEXTS
from operator_push.smpp.tlv import TlvTag
from smsc_sim.message import SimMessage
from smsc_sim.parcel import Parcel
from smsc_sim.witness import address_part, key_part

_ESM_CLASS = int(EsmClass.SMSC_DELIVERY_RECEIPT)
_RECEIPTED_MESSAGE_ID = int(TlvTag.receipted_message_id)
_MESSAGE_STATE = int(TlvTag.message_state)
_USER_MESSAGE_REFERENCE = int(TlvTag.user_message_reference)
_DELIVERED = MessageState.DELIVERED
_STATES_RECEIPTED: dict[int, frozenset[MessageState]] = {
    int(RegisteredDelivery.NO_RECEIPT): frozenset(),
    int(RegisteredDelivery.RECEIPT): frozenset(MessageState),
    int(RegisteredDelivery.RECEIPT_ON_FAILURE): frozenset(MessageState) - {_DELIVERED},
    int(RegisteredDelivery.RECEIPT_ON_SUCCESS): frozenset({_DELIVERED}),
}
_STATE_NAMES = {state: state.name for state in MessageState}
_STATE_OCTETS = {state: bytes([state]) for state in MessageState}
_MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND
_MINUTES_KEPT = 4096


def wants_receipt(registered_delivery: int, state: MessageState) -> bool:
    """Whether a message with this registered_delivery gets a receipt for this final state (5.2.17)."""
    return state in _STATES_RECEIPTED[registered_delivery & REGISTERED_DELIVERY_RECEIPT_MASK]


class ReceiptWriter:
    """Builds receipts; keeps the texts of minutes, because a date costs more to write than all the rest."""

    def __init__(self, echo_user_message_reference: bool) -> None:
        self._echo = echo_user_message_reference
        self._minutes: dict[int, str] = {}

    def parcel(self, message: SimMessage, state: MessageState, error_code: int, final_us: int) -> Parcel:
        """The receipt of a message in its final state, ready for its account's mailbox."""
        pdu = message.pdu
        identifier = message.smsc_message_id
        # As receipt_text.format_receipt writes it (a test holds the two together), but with kept dates.
        head = (
            f"id:{identifier} sub:001 dlvrd:{'001' if state is _DELIVERED else '000'}"
            f" submit date:{self._minute(message.submit_us)} done date:{self._minute(final_us)}"
            f" stat:{STAT_TEXTS[state]} err:{error_code:03d} text:"
        )
        reference = message.user_message_reference
        tlvs: tuple[tuple[int, bytes], ...] = (
            (_RECEIPTED_MESSAGE_ID, identifier.encode("latin-1") + b"\0"),
            (_MESSAGE_STATE, _STATE_OCTETS[state]),
        )
        if reference is not None and self._echo:
            tlvs = ((_USER_MESSAGE_REFERENCE, reference.to_bytes(2, "big")), *tlvs)
        receipt = DeliverSm(
            source_addr_ton=pdu.dest_addr_ton,
            source_addr_npi=pdu.dest_addr_npi,
            source_addr=pdu.destination_addr,
            dest_addr_ton=pdu.source_addr_ton,
            dest_addr_npi=pdu.source_addr_npi,
            destination_addr=pdu.source_addr,
            esm_class=_ESM_CLASS,
            short_message=head.encode("latin-1"),
            tlvs=tlvs,
        )
        key = message.witness_key if self._echo else key_part(None, identifier)
        addresses = address_part(pdu.destination_addr, pdu.source_addr)
        witness_part = f'{addresses},"kind":"receipt"{key},"state":"{_STATE_NAMES[state]}"'
        return Parcel(receipt, True, witness_part)

    def _minute(self, epoch_us: int) -> str:
        minute = epoch_us // _MICROS_PER_MINUTE
        text = self._minutes.get(minute)
        if text is None:
            if len(self._minutes) >= _MINUTES_KEPT:
                self._minutes.clear()
            text = self._minutes[minute] = f"{from_epoch_us(epoch_us):%y%m%d%H%M}"
        return text
