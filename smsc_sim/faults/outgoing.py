"""Outgoing: what the faults that hit one PDU make of it, before anything leaves.

`shape_pdu` reads the faults in the order of their rank (what loses it first, then values, then what breaks
the octets, so that a broken PDU is never read again) and writes down what is to happen; bind_faults.py lets
it happen.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from operator_push.smpp.codec_errors import PduDecodeError, PduEncodeError
from operator_push.smpp.constants import HEADER_OCTETS, SEQUENCE_NUMBER_MAX, TlvTag
from operator_push.smpp.pdu import PDU_TYPES, MessageIdRespPdu
from smsc_sim.faults import octets as change
from smsc_sim.faults.armed import ArmedFault, one_of
from smsc_sim.faults.id_forms import written_as
from smsc_sim.faults.pdu_tables import (
    BadLength,
    Cut,
    Dribble,
    HalfOpen,
    Latency,
    ReceiptBeforeResponse,
    ResponseDoubled,
    ResponseId,
    ResponseLost,
    ResponseOutOfOrder,
    ResponseSequence,
    ResponseStatus,
    Stall,
    TlvOmitted,
    UnknownPdu,
    UnknownTlv,
)
from smsc_sim.faults.tables import ReceiptLost

Hit = tuple[ArmedFault, float]  # The fault, and a number in [0, 1) for its parameters.
StreamTable = Cut | HalfOpen | Stall | Dribble
# An own request of the simulator never comes near these numbers.
_UNKNOWN_PDU_SEQUENCE: Final = SEQUENCE_NUMBER_MAX


class Outgoing(msgspec.Struct):
    """One PDU that leaves, and how. Times are seconds from now."""

    octets: bytes
    command_id: int
    message_id: str = ""  # As the SMSC gave it, whatever the octets say by now
    segment: int = 1
    may_have_tlvs: bool = True  # False on a bind of SMPP 3.3
    before: bytes = b""
    is_lost: bool = False
    delay_s: float = 0.0
    keeps_order: bool = False
    receipts_wait: bool = False
    again_s: tuple[float, ...] = ()
    behind: int = 0
    after_receipt_s: float | None = None
    held_max_s: float = 0.0
    stream: tuple[StreamTable, float] | None = None


def message_id_of(octets: bytes, command_id: int) -> str:
    """The message_id in a response that has one, else an empty text."""
    pdu_type = PDU_TYPES.get(command_id)
    if pdu_type is None or not issubclass(pdu_type, MessageIdRespPdu) or len(octets) == HEADER_OCTETS:
        return ""
    return octets[HEADER_OCTETS:].partition(b"\0")[0].decode("latin-1")


def shape_pdu(out: Outgoing, hits: Iterable[Hit], id_base: str) -> None:
    """Write into `out` what these faults do; they come in the order of `rank`."""
    for fault, unit in hits:
        table = fault.table
        try:
            _ACTS[type(table)](out, table, fault, unit, id_base)
        except (PduDecodeError, PduEncodeError):
            continue  # Another fault has broken it already, or it would not be a PDU any more.


def rank(fault: ArmedFault) -> int:
    """The order in which faults of one PDU or receipt are asked and act."""
    return _RANKS.get(type(fault.table), len(_RANKS))


# What each kind does: (out, its table, the fault, unit, id_base).


def _status(out: Outgoing, table: ResponseStatus, fault: ArmedFault, unit: float, id_base: str) -> None:
    out.octets = change.with_status(out.octets, one_of(table.status, unit))


def _id(out: Outgoing, table: ResponseId, fault: ArmedFault, unit: float, id_base: str) -> None:
    if not out.message_id:
        return
    if table.only_first_segment:
        wanted = out.message_id if out.segment == 1 else ""
    else:
        wanted = written_as(out.message_id, table.form, id_base)
    out.octets = change.with_message_id(out.octets, wanted)


def _sequence(out: Outgoing, table: ResponseSequence, fault: ArmedFault, unit: float, id_base: str) -> None:
    out.octets = change.with_sequence(out.octets, table.by_numbers)


def _unknown_tlv(out: Outgoing, table: UnknownTlv, fault: ArmedFault, unit: float, id_base: str) -> None:
    if out.may_have_tlvs:
        out.octets = change.with_tlv(out.octets, table.tag, bytes.fromhex(table.value_hex))


def _tlv_omitted(out: Outgoing, table: TlvOmitted, fault: ArmedFault, unit: float, id_base: str) -> None:
    out.octets = change.without_tlvs(out.octets, frozenset(int(TlvTag[name]) for name in table.tlvs))


def _unknown_pdu(out: Outgoing, table: UnknownPdu, fault: ArmedFault, unit: float, id_base: str) -> None:
    number = _UNKNOWN_PDU_SEQUENCE - fault.hits % 1000
    out.before += change.unknown_pdu(table.command_id, number, bytes.fromhex(table.body_hex))


def _bad_length(out: Outgoing, table: BadLength, fault: ArmedFault, unit: float, id_base: str) -> None:
    out.octets = change.with_bad_length(out.octets, table.form, table.by_octets)


def _lost(out: Outgoing, table: ResponseLost, fault: ArmedFault, unit: float, id_base: str) -> None:
    out.is_lost = True


def _latency(out: Outgoing, table: Latency, fault: ArmedFault, unit: float, id_base: str) -> None:
    out.delay_s += fault.draw_s(unit)
    out.keeps_order |= table.keep_order
    out.receipts_wait |= not table.receipts_may_overtake


def _doubled(out: Outgoing, table: ResponseDoubled, fault: ArmedFault, unit: float, id_base: str) -> None:
    each_s = fault.draw_s(unit)
    out.again_s += tuple(each_s * turn for turn in range(1, table.times + 1))


def _out_of_order(
    out: Outgoing, table: ResponseOutOfOrder, fault: ArmedFault, unit: float, id_base: str
) -> None:
    out.behind = table.behind
    out.held_max_s = fault.draw_s(unit)


def _after_receipt(
    out: Outgoing, table: ReceiptBeforeResponse, fault: ArmedFault, unit: float, id_base: str
) -> None:
    if out.message_id:
        out.after_receipt_s = fault.draw_first_s(unit)
        out.held_max_s = fault.draw_s(unit)


def _stream(out: Outgoing, table: StreamTable, fault: ArmedFault, unit: float, id_base: str) -> None:
    seconds = fault.draw_s(unit)
    if isinstance(table, HalfOpen):
        seconds = table.close_after_s or 0.0
    out.stream = out.stream or (table, seconds)


_ACTS: Final[dict[type, Callable[[Outgoing, Any, ArmedFault, float, str], None]]] = {
    ResponseLost: _lost,
    ResponseStatus: _status,
    ResponseId: _id,
    ResponseSequence: _sequence,
    TlvOmitted: _tlv_omitted,
    UnknownTlv: _unknown_tlv,
    UnknownPdu: _unknown_pdu,
    BadLength: _bad_length,
    Latency: _latency,
    ResponseDoubled: _doubled,
    ResponseOutOfOrder: _out_of_order,
    ReceiptBeforeResponse: _after_receipt,
    Cut: _stream,
    HalfOpen: _stream,
    Stall: _stream,
    Dribble: _stream,
}
_RANKS: Final = {kind: at for at, kind in enumerate((ReceiptLost, *_ACTS))}
