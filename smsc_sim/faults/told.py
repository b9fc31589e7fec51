"""A fault told in words, for the live page, the control API and `smsc-sim check`."""

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
from smsc_sim.faults.table import Fault
from smsc_sim.faults.tables import (
    Ignore,
    Nack,
    ReceiptContradicted,
    ReceiptDoubled,
    ReceiptId,
    ReceiptLate,
    ReceiptLost,
    ReceiptOnDataSm,
    ReceiptOutOfOrder,
    ReceiptText,
    Refuse,
    Throttle,
)


def told(fault: Fault) -> str:
    """What it does, to what, and when: "is lost: submit_sm_resp; 10 % of messages, numbers 9198…"."""
    commands: tuple[str, ...] = getattr(fault, "commands", ())
    what = _what(fault) + (f": {', '.join(commands)}" if commands else "")
    when = _when(fault)
    return f"{what}; {when}" if when else what


def _what(fault: Fault) -> str:
    match fault:
        case Refuse(status=status):
            return f"refused with {_status(status)}"
        case Throttle(per_s=per_s, outstanding_max=outstanding_max):
            rate = "" if per_s is None else f" beyond {per_s:g} a second"
            window = "" if outstanding_max is None else f" beyond {outstanding_max} unanswered"
            return f"throttled{rate}{window}"
        case Ignore():
            return "ignored"
        case Nack(status=status):
            return f"answered by generic_nack with {_status(status)}"
        case Latency():
            return "late"
        case ResponseLost():
            return "lost"
        case ResponseDoubled(times=times):
            return f"sent {times + 1} times"
        case ResponseOutOfOrder(behind=behind):
            return f"behind the next {behind}"
        case ResponseStatus(status=status):
            return f"accepted, yet answered with {_status(status)}"
        case ResponseId(only_first_segment=True):
            return "message_id on the first segment only"
        case ResponseId(form=form):
            return f"message_id written as {form}"
        case ResponseSequence(by_numbers=by):
            return f"sequence_number off by {by}"
        case ReceiptBeforeResponse():
            return "after its message's receipt"
        case UnknownTlv(tag=tag):
            return f"with the TLV 0x{tag:04x}"
        case TlvOmitted(tlvs=tlvs):
            return f"without {', '.join(tlvs)}"
        case UnknownPdu(command_id=command_id):
            return f"after a PDU of command_id 0x{command_id:08x}"
        case BadLength(form=form):
            return f"with a bad length ({form})"
        case _:
            return _what_stream_or_receipt(fault)


def _what_stream_or_receipt(fault: Fault) -> str:
    match fault:
        case Cut(how=how):
            return f"connection cut in mid-PDU ({how})"
        case HalfOpen():
            return "connection half-open from then on"
        case Stall():
            return "everything stands still for a while"
        case Dribble(octets=octets, every_ms=every_ms):
            return f"{octets} octets every {every_ms:g} ms"
        case ReceiptLost():
            return "receipt lost"
        case ReceiptDoubled(times=times):
            return f"receipt sent {times + 1} times"
        case ReceiptContradicted(state=state):
            return f"receipt followed by one that says {state}"
        case ReceiptLate():
            return "receipt late"
        case ReceiptOutOfOrder(behind=behind):
            return f"receipt behind the next {behind}"
        case ReceiptId(form=form, where=where):
            return f"receipt's id written as {form} in {where}"
        case ReceiptText(vendor=vendor):
            return f"receipt written as by {vendor}"
        case ReceiptOnDataSm():
            return "receipt on data_sm"
        case _:
            raise AssertionError(f"{type(fault).__name__} has no words")


def _when(fault: Fault) -> str:
    parts: list[str] = []
    if fault.share < 1:
        parts.append(f"{fault.share * 100:g} % of {fault.by}s")
    if fault.prefix:
        prefixes = (fault.prefix,) if isinstance(fault.prefix, str) else fault.prefix
        parts.append("numbers " + ", ".join(f"{prefix}…" for prefix in prefixes))
    if fault.account != "*":
        parts.append(f"account {fault.account}")
    if fault.after:
        parts.append(f"after {fault.after}")
    if fault.every > 1:
        parts.append(f"one in {fault.every}")
    if fault.count is not None:
        parts.append(f"{fault.count} times a bind")
    if fault.in_all is not None:
        parts.append(f"{fault.in_all} times in all")
    if fault.from_s or fault.to_s is not None:
        parts.append(f"from {fault.from_s:g} s" + ("" if fault.to_s is None else f" to {fault.to_s:g} s"))
    return ", ".join(parts)


def _status(status: str | int | tuple[str | int, ...]) -> str:
    if isinstance(status, tuple):
        return " or ".join(_status(one) for one in status)
    return status if isinstance(status, str) else f"0x{status:08x}"
