"""Receipt faults: lost, doubled, late, out of order, with another id, in a vendor's words, on data_sm.

They act where a receipt would enter its account's mailbox. What is counted as due is what enters it: a lost
receipt is not, a doubled one is twice. Counts of a fault (`after`, `every`, `count`) are kept per account.
"""

from collections.abc import Callable, Iterable

import msgspec

from operator_push.kernel.instants import from_epoch_us
from operator_push.smpp.constants import MessageState, TlvTag
from operator_push.smpp.pdu import DeliverSm
from operator_push.smpp.receipt_text import STAT_TEXTS
from smsc_sim.faults.id_forms import written_as
from smsc_sim.faults.outgoing import Hit
from smsc_sim.faults.tables import (
    ReceiptContradicted,
    ReceiptDoubled,
    ReceiptId,
    ReceiptLate,
    ReceiptLost,
    ReceiptOnDataSm,
    ReceiptOutOfOrder,
    ReceiptText,
)
from smsc_sim.faults.vendor_texts import VENDOR_TEXTS, ReceiptFacts, VendorText
from smsc_sim.message import SimMessage
from smsc_sim.parcel import Parcel, as_data_sm

_RECEIPTED_MESSAGE_ID = int(TlvTag.receipted_message_id)
_MESSAGE_STATE = int(TlvTag.message_state)
_ENROUTE_OCTET = bytes((MessageState.ENROUTE,))
_ID_OCTETS_MAX = 64  # receipted_message_id is 1..65 octets with its NUL (SMPP v3.4 section 5.3.2.12).

# How a receipt gets into its account's mailbox.
Post = Callable[[SimMessage, Parcel], None]


class ReceiptPlan(msgspec.Struct):
    """What becomes of one receipt: parcels with their delays in seconds; empty where it is lost."""

    parcels: list[tuple[float, Parcel]]
    behind: int = 0
    held_max_s: float = 0.0


def receipt_facts(message: SimMessage, state: MessageState, error_code: int, final_us: int) -> ReceiptFacts:
    """What the receipt of a message tells."""
    return ReceiptFacts(
        message.smsc_message_id,
        state,
        error_code,
        from_epoch_us(message.submit_us),
        from_epoch_us(final_us),
    )


def plan_receipt(parcel: Parcel, facts: ReceiptFacts, hits: Iterable[Hit], id_base: str) -> ReceiptPlan:
    """What these faults make of a receipt: first its words, then its id, then its way and its time."""
    plan = ReceiptPlan([(0.0, parcel)])
    for fault, unit in sorted(hits, key=lambda hit: _ORDER.index(type(hit[0].table))):
        match fault.table:
            case ReceiptText(vendor=vendor):
                plan.parcels = _in_words_of(VENDOR_TEXTS[vendor], parcel, facts, fault.draw_s(unit))
            case ReceiptId(form=form, where=where):
                wanted = written_as(facts.id, form, id_base)
                for _, one in plan.parcels:
                    _rewrite_id(one, facts.id, wanted, where)
            case ReceiptOnDataSm():
                plan.parcels = [(delay_s, as_data_sm(one)) for delay_s, one in plan.parcels]
            case ReceiptLate():
                late_s = fault.draw_s(unit)
                plan.parcels = [(delay_s + late_s, one) for delay_s, one in plan.parcels]
            case ReceiptDoubled(times=times):
                each_s = fault.draw_s(unit)
                last_s, last = plan.parcels[-1]
                plan.parcels += [(last_s + each_s * turn, _copy(last)) for turn in range(1, times + 1)]
            case ReceiptContradicted(state=name):
                state = MessageState[name]
                last_s, last = plan.parcels[-1]
                if state is not facts.state:
                    other = _contradicting(last, facts.state, state)
                    plan.parcels.append((last_s + fault.draw_s(unit), other))
            case ReceiptOutOfOrder(behind=behind):
                plan.behind, plan.held_max_s = behind, fault.draw_s(unit)
            case ReceiptLost():
                plan.parcels = []
                return plan
    return plan


_ORDER: tuple[type, ...] = (
    ReceiptLost,
    ReceiptText,
    ReceiptId,
    ReceiptOnDataSm,
    ReceiptLate,
    ReceiptDoubled,
    ReceiptContradicted,
    ReceiptOutOfOrder,
)


def _in_words_of(
    vendor: VendorText, parcel: Parcel, facts: ReceiptFacts, final_after_s: float
) -> list[tuple[float, Parcel]]:
    first = _copy(parcel) if vendor.first is not None else None
    pdu = parcel.pdu
    if isinstance(pdu, DeliverSm):
        pdu.short_message = vendor.write(facts).encode("latin-1")
        if not vendor.keeps_tlvs:
            pdu.tlvs = ()
    if first is None or vendor.first is None:
        return [(0.0, parcel)]
    if isinstance(first.pdu, DeliverSm):
        first.pdu.short_message = vendor.first(facts).encode("latin-1")
        first.pdu.tlvs = tuple(
            (tag, _ENROUTE_OCTET if tag == _MESSAGE_STATE else value) for tag, value in first.pdu.tlvs
        )
    state = f'"state":"{facts.state.name}"'
    first.witness_part = first.witness_part.replace(state, '"state":"ENROUTE"', 1)
    return [(0.0, first), (final_after_s, parcel)]


def _contradicting(parcel: Parcel, told: MessageState, state: MessageState) -> Parcel:
    """The same receipt with another end in its text, its TLV and the witness."""
    other = _copy(parcel)
    pdu = other.pdu
    if isinstance(pdu, DeliverSm):
        stat = STAT_TEXTS[told].encode(), STAT_TEXTS[state].encode()
        pdu.short_message = pdu.short_message.replace(*stat, 1)
    octet = bytes((state,))
    pdu.tlvs = tuple((tag, octet if tag == _MESSAGE_STATE else value) for tag, value in pdu.tlvs)
    names = f'"state":"{told.name}"', f'"state":"{state.name}"'
    other.witness_part = other.witness_part.replace(*names, 1)
    return other


def _rewrite_id(parcel: Parcel, known: str, wanted: str, where: str) -> None:
    pdu = parcel.pdu
    if where != "tlv" and isinstance(pdu, DeliverSm):
        pdu.short_message = pdu.short_message.replace(known.encode("latin-1"), wanted.encode("latin-1"), 1)
    if where != "text":
        octets = wanted[:_ID_OCTETS_MAX].encode("latin-1") + b"\0"
        pdu.tlvs = tuple((tag, octets if tag == _RECEIPTED_MESSAGE_ID else value) for tag, value in pdu.tlvs)


def _copy(parcel: Parcel) -> Parcel:
    """Another parcel with a PDU of its own, for the session writes the sequence_number into it."""
    return msgspec.structs.replace(parcel, made=msgspec.structs.replace(parcel.pdu), body=b"")
