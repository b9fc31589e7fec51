"""Fault checks: what is wrong with [[fault]] entries whose values are each right, as (key, sentence)."""

import difflib
from collections.abc import Iterable, Iterator, Sequence

from operator_push.smpp.constants import RESPONSE_BIT, CommandId, CommandStatus, TlvTag
from smsc_sim.faults.latency import percentile_of
from smsc_sim.faults.pdu_tables import (
    BadLength,
    Cut,
    Latency,
    ResponseStatus,
    TlvOmitted,
    UnknownPdu,
    UnknownTlv,
)
from smsc_sim.faults.table import Fault
from smsc_sim.faults.tables import AnyFault, Nack, ReceiptText, Refuse, Throttle, fault_names
from smsc_sim.faults.vendor_texts import VENDOR_TEXTS

# What an SMSC sends besides responses (SMPP v3.4 table 4-1).
_OWN_REQUESTS = frozenset(
    {"deliver_sm", "data_sm", "enquire_link", "unbind", "alert_notification", "outbind"}
)
_ANSWERED_BY_SESSION = frozenset({"enquire_link", "unbind"})


def fault_faults(faults: Sequence[AnyFault]) -> Iterator[tuple[str, str]]:
    """In the order of the file."""
    names = fault_names(tuple(faults))
    for index, fault in enumerate(faults):
        key = f"fault[{index}]"
        if names.count(names[index]) > 1:
            yield f"{key}.name", f"{names[index]!r} stands twice; each fault has its own name"
        if fault.to_s is not None and fault.to_s <= fault.from_s:
            yield f"{key}.to_s", f"{fault.to_s:g} is not after from_s {fault.from_s:g}"
        yield from _prefix_faults(fault, key)
        yield from _command_faults(fault, key)
        yield from _value_faults(fault, key)


def _prefix_faults(fault: Fault, key: str) -> Iterator[tuple[str, str]]:
    for prefix in (fault.prefix,) if isinstance(fault.prefix, str) else fault.prefix:
        if not prefix.isascii() or not prefix.isdecimal():
            yield f"{key}.prefix", f"{prefix!r} would never strike; write the first digits, without + or *"


def _command_faults(fault: Fault, key: str) -> Iterator[tuple[str, str]]:
    commands: tuple[str, ...] | None = getattr(fault, "commands", None)
    if commands is None:
        return
    requests = [one.name for one in CommandId if one < RESPONSE_BIT]
    if fault.phase == "request":
        allowed = [name for name in requests if name not in _ANSWERED_BY_SESSION]
    else:
        allowed = [name for name in CommandId.__members__ if name not in requests or name in _OWN_REQUESTS]
    if not commands:
        yield f"{key}.commands", "empty; leave it out for the usual ones"
    for name in commands:
        if name not in allowed:
            yield f"{key}.commands", _unknown("command", name, allowed)


def _value_faults(fault: Fault, key: str) -> Iterator[tuple[str, str]]:
    match fault:
        case Refuse(status=status) | ResponseStatus(status=status):
            statuses = status if isinstance(status, tuple) else (status,)
            if not statuses:
                yield f"{key}.status", "empty; name at least one command_status"
            yield from _status_faults(statuses, key)
        case Throttle(status=status) | Nack(status=status):
            yield from _status_faults((status,), key)
        case Latency():
            yield from _latency_faults(fault, key)
        case UnknownTlv(value_hex=text):
            yield from _hex_faults(text, f"{key}.value_hex")
        case UnknownPdu(body_hex=text):
            yield from _hex_faults(text, f"{key}.body_hex")
        case TlvOmitted(tlvs=names):
            for name in names:
                if name not in TlvTag.__members__:
                    yield f"{key}.tlvs", _unknown("TLV", name, TlvTag.__members__)
        case ReceiptText(vendor=vendor) if vendor not in VENDOR_TEXTS:
            yield f"{key}.vendor", _unknown("vendor text", vendor, VENDOR_TEXTS)
        case Cut(octets=octets, part=part) if octets is not None and part is not None:
            yield key, "give either octets or part"
        case BadLength(form="sm_length", commands=commands) if "deliver_sm" not in commands:
            yield f"{key}.commands", 'only deliver_sm has an sm_length; write commands = ["deliver_sm"]'


def _status_faults(statuses: Iterable[str | int], key: str) -> Iterator[tuple[str, str]]:
    names = [name for name in CommandStatus.__members__ if name != "ESME_ROK"]
    for status in statuses:
        if isinstance(status, str) and status not in names:
            yield f"{key}.status", _unknown("command_status", status, names) + " A number can be written too"


def _latency_faults(fault: Latency, key: str) -> Iterator[tuple[str, str]]:
    given = [fault.delay_ms is not None, fault.lognormal_ms is not None, bool(fault.percentiles_ms)]
    if sum(given) != 1:
        yield key, "give one of delay_ms, lognormal_ms and percentiles_ms"
    if fault.lognormal_ms is not None and fault.lognormal_ms.p99 < fault.lognormal_ms.median:
        yield f"{key}.lognormal_ms", "p99 is below median"
    points = [(percentile_of(name), value, name) for name, value in fault.percentiles_ms.items()]
    for share, _, name in points:
        if share is None:
            yield f"{key}.percentiles_ms", f"{name!r} is no percentile; write p50, p99.9 or max"
            return
    values = [value for _, value, _ in sorted(points, key=lambda point: point[0] or 0.0)]
    if values != sorted(values):
        yield f"{key}.percentiles_ms", "a higher percentile has a lower value"


def _hex_faults(text: str, key: str) -> Iterator[tuple[str, str]]:
    try:
        bytes.fromhex(text)
    except ValueError:
        yield key, f"{text!r} is not pairs of hexadecimal digits"


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    advice = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
    return f"{name!r} is no {what} that can be named here; {advice}"
