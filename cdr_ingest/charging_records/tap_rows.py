"""TAP files as rows: what our subscribers did in other networks (calls, messages, data sessions)."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from cdr_ingest.archives.members import Octets
from cdr_ingest.archives.stream_fault import StreamFaultError
from cdr_ingest.charging_records.rows import ID_OCTETS, SCHEMA, no_records
from cdr_ingest.formats.reject_reasons import RejectReason
from cdr_ingest.formats.row_blocks import BrokenRow, RowBlock
from cdr_ingest.formats.text_blocks import REASON_OF_FAULT
from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.tap import (
    EventPlace,
    Rates,
    moment_of,
    rates_of,
    read_batch,
    read_event,
    without_events,
)
from operator_push.kernel.instants import to_epoch_us

TAP_OCTETS_MAX = 256 * 1024 * 1024
"""Ours: a batch's rates may stand anywhere in it, so it is read whole; operators send some megabytes."""
EVENTS_A_BLOCK = 50_000
_SMS_SERVICES = ("21", "22")  # TD.57: teleservice codes of short messages, terminated and originated
_ORIGINATED, _TERMINATED, _GPRS = "mobileOriginatedCall", "mobileTerminatedCall", "gprsCall"
_OTHERS = ("calledNumber", "callingNumber", "sMSDestinationNumber", "sMSOriginator", "dialledDigits")
Fields = Mapping[str, Any]


class _NoRow(Exception):  # noqa: N818 (an answer: the event is of no use to us)
    """The event is no row; says why."""


def read_tap(source: Octets, piece_octets: int) -> Iterator[RowBlock]:
    """The events of a batch; rows count from 1 in the order of the octets.

    Raises:
        OSError: the file cannot be read.
    """
    data, fault = _whole(source, piece_octets)
    block = no_records()
    try:
        batch = read_batch(data)
        if len(data) > TAP_OCTETS_MAX:
            raise CdrError(f"has more than {TAP_OCTETS_MAX} octets, the limit of a batch", TAP_OCTETS_MAX)
    except CdrError as error:
        block.broken = [BrokenRow(1, RejectReason.BAD_RECORD, str(error), data[:65_536])]
        yield block
        return
    rates = rates_of(batch.header)
    around = without_events(data)
    places = sorted([*batch.events, *batch.broken], key=lambda place: place.start)
    for first in range(0, len(places), EVENTS_A_BLOCK):
        block = _block(data, places[first : first + EVENTS_A_BLOCK], first + 1, rates)
        block.header = around
        yield block
    if fault is not None:
        detail = f"octet {fault.offset} of the file: {fault.what}"
        block = no_records()
        block.broken = [BrokenRow(len(places) + 1, REASON_OF_FAULT[fault.kind], detail, b"")]
        yield block


def _whole(source: Octets, piece_octets: int) -> tuple[bytes, StreamFaultError | None]:
    pieces: list[bytes] = []
    size = 0
    while size <= TAP_OCTETS_MAX:
        try:
            piece = source.read(piece_octets)
        except StreamFaultError as fault:
            return b"".join(pieces), fault
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces), None


def _block(data: bytes, places: list[EventPlace], first_no: int, rates: Rates) -> RowBlock:
    block = no_records()
    block.octets_of = lambda line_no: data[places[line_no - first_no].start : places[line_no - first_no].end]
    rows = []
    for number, place in enumerate(places, first_no):
        reason, detail = RejectReason.BAD_RECORD, place.what
        if not detail:
            try:
                name, event = read_event(data, place)
                rows.append({"line_no": number, **_row(name, event, rates, data[place.start : place.end])})
                continue
            except _NoRow as no_row:
                reason, detail = RejectReason.UNUSED_RECORD, str(no_row)
            except CdrError as error:
                detail = error.what
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                detail = f"{name}: {error}"
        octets = data[place.start : place.end]
        block.broken.append(BrokenRow(number, reason, f"octet {place.start}: {detail}", octets))
    block.table = pa.Table.from_pylist(rows, schema=SCHEMA)
    return block


def _row(name: str, event: Fields, rates: Rates, octets: bytes) -> dict[str, Any]:
    if name not in (_ORIGINATED, _TERMINATED, _GPRS):
        raise _NoRow(name or "an event that is not known")
    basic = event.get("gprsBasicCallInformation" if name == _GPRS else "basicCallInformation", {})
    subscriber = _subscriber(basic)
    place = event.get("gprsLocationInformation", event.get("locationInformation", {}))
    network = place.get("gprsNetworkLocation", place.get("networkLocation", {}))
    row: dict[str, Any] = {
        "record_id": hashlib.blake2b(octets, digest_size=ID_OCTETS).hexdigest(),
        "msisdn": subscriber.get("msisdn", subscriber.get("mdn", "")),
        "other": "",
        "at_us": to_epoch_us(_moment(basic, rates)),
        "duration_s": basic.get("totalCallEventDuration"),
        "device_tac": str(event.get("equipmentIdentifier", {}).get("imei", ""))[:8],
        "place": f"{network['locationArea']}-{network['cellId']}" if "cellId" in network else "",
    }
    if name == _GPRS:
        service = event.get("gprsServiceUsed", {})
        volumes = {"octets_up": "dataVolumeOutgoing", "octets_down": "dataVolumeIncoming"}
        return (
            row | {"kind": "DATA_SESSION"} | {ours: service.get(theirs) for ours, theirs in volumes.items()}
        )
    direction = "MO" if name == _ORIGINATED else "MT"
    kind = "SMS" if _services(event) & {*_SMS_SERVICES} else "CALL"
    return row | {"kind": f"{direction}_{kind}", "other": _other(basic)}


def _subscriber(basic: Fields) -> Fields:
    """The chargeable subscriber, of a session within one more element."""
    found: Fields = basic.get("chargeableSubscriber", {})
    found = basic.get("gprsChargeableSubscriber", {}).get("chargeableSubscriber", found)
    subscriber: Fields = found.get("simChargeableSubscriber", found.get("minChargeableSubscriber", {}))
    return subscriber


def _moment(basic: Fields, rates: Rates) -> datetime:
    return moment_of(basic["callEventStartTimeStamp"], rates)


def _other(basic: Fields) -> str:
    destination = basic.get("destination", {})
    origin = basic.get("callOriginator", {})
    for fields in (destination, origin):
        for name in (
            "calledNumber",
            "callingNumber",
            "sMSDestinationNumber",
            "sMSOriginator",
            "dialledDigits",
        ):
            if fields.get(name):
                return str(fields[name])
    return ""


def _services(event: Fields) -> set[str]:
    used = event.get("basicServiceUsedList", [])
    codes = (one.get("basicService", {}).get("basicServiceCode", {}) for one in used)
    return {code.get("teleServiceCode", "") for code in codes}
