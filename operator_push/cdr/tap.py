"""TAP 3.12 files (GSM Association, TD.57): transfer batches as named values, amounts by their own rates.

A batch says itself how its amounts are written: tapDecimalPlaces for the TAP currency, and exchange rates by
code, with decimal places of their own, that lead to the local currency. Amounts are exact decimals, never
floats. Moments are local, with a code whose offset from UTC stands in networkInfo. What is not known is kept
as octets.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from operator_push.cdr import ber
from operator_push.cdr.ber import NUMBER_MAX, Tlv, tag_text
from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.record_fields import UNKNOWN
from operator_push.cdr.tags_tap import TAP_ELEMENTS

APPLICATION = 1 << 28
TRANSFER_BATCH, NOTIFICATION = APPLICATION | 1, APPLICATION | 2
CALL_EVENT_DETAILS = APPLICATION | 3
_TOTAL = "00"  # chargeType: total charge for the event
_CHARGE_LISTS = ("chargeInformationList", "sessionChargeInfoList")
_IDENTIFIERS = (b"\x61", b"\x62")
_BATCH, _EVENTS = b"\x61", b"\x63"
_PARTS = (b"\x63", b"\x64", b"\x65", b"\x66", b"\x5f")  # with what a batch can begin
_SENDER = b"\x5f\x81\x44"  # with what a notification begins


class EventPlace(msgspec.Struct, frozen=True):
    """Where an event's element begins and ends; `what` is wrong with it, "" where nothing is seen to be."""

    start: int
    end: int
    what: str = ""


class Batch(msgspec.Struct, frozen=True):
    """A transfer batch: what stands before and behind its events, and where these are."""

    header: Mapping[str, Any]
    events: Sequence[EventPlace]
    broken: Sequence[EventPlace]


class Rates(msgspec.Struct, frozen=True):
    """How amounts are read: decimal places, currencies, exchange rates by their code."""

    decimal_places: int
    local_currency: str
    tap_currency: str
    exchange_rates: Mapping[int, Decimal]
    utc_offsets: Mapping[int, str]


class Charge(msgspec.Struct, frozen=True):
    """One charge of an event, in the TAP currency and in the local one (None without a known rate)."""

    charge_type: str
    amount: Decimal
    local_amount: Decimal | None
    tax: Decimal


def is_tap(head: bytes) -> bool:
    """True where octets begin as a transfer batch or a notification.

    Their tags are the letters a and b, with which many a text begins: what follows is looked at as well.
    """
    if head[:1] not in _IDENTIFIERS or len(head) < 2:
        return False
    try:
        content = ber.read_header(head, 0, 2**62)[2]
    except (CdrError, IndexError):
        return False
    inside = head[content:]
    return (head[1] >= 0x80 and inside[:1] in _PARTS) or inside.startswith(_SENDER)


def read_batch(data: bytes) -> Batch:
    """The parts of a batch. One that is cut off is read as far as it goes; `broken` says where it ends.

    Raises:
        CdrError: the octets are no batch.
    """
    tag, content, end, cut = _open(data, 0, len(data))
    if tag not in (TRANSFER_BATCH, NOTIFICATION):
        raise CdrError(f"{tag_text(tag)} is neither a transfer batch nor a notification", 0)
    parts: dict[str, Any] = {}
    events: list[EventPlace] = []
    broken: list[EventPlace] = []
    for place in _children(data, content, end):
        if place.what and _tag_at(data, place.start) != CALL_EVENT_DETAILS:
            broken.append(place)
        elif _tag_at(data, place.start) == CALL_EVENT_DETAILS:
            _, first, behind, _ = _open(data, place.start, end)
            for event in _children(data, first, behind):
                (broken if event.what else events).append(event)
            if place.what and not broken:
                broken.append(EventPlace(place.end, place.end, place.what))
        else:
            try:
                name, value = read_element(ber.decode(data, place.start, place.end)[0])
                parts[name] = value
            except CdrError as error:
                broken.append(EventPlace(place.start, place.end, error.what))
    if cut and not broken:
        broken.append(EventPlace(end, end, cut))
    return Batch(parts, events, broken)


def without_events(data: bytes) -> bytes:
    """A batch of all that stands around the events of one: its rates and offsets, by which they are read.

    Raises:
        CdrError: the octets are no batch.
    """
    _, content, end, _ = _open(data, 0, len(data))
    around = [
        data[place.start : place.end]
        for place in _children(data, content, end)
        if not place.what and _tag_at(data, place.start) != CALL_EVENT_DETAILS
    ]
    return _long_form(_BATCH, b"".join(around))


def with_events(around: bytes, events: Iterable[bytes]) -> bytes:
    """The octets of a batch as `without_events` gave them, with events."""
    _, content, end, _ = _open(around, 0, len(around))
    return _long_form(_BATCH, around[content:end] + _long_form(_EVENTS, b"".join(events)))


def _long_form(tag: bytes, content: bytes) -> bytes:
    return tag + b"\x84" + len(content).to_bytes(4, "big") + content


def read_event(data: bytes, place: EventPlace) -> tuple[str, dict[str, Any]]:
    """The name and the fields of an event.

    Raises:
        CdrError: it cannot be read.
    """
    name, value = read_element(ber.decode(data, place.start, place.end)[0])
    if not isinstance(value, dict):
        raise CdrError(f"{name or tag_text(_tag_at(data, place.start))} is no event", place.start)
    return name, value


def read_element(element: Tlv) -> tuple[str, Any]:
    """(name, value) of an element; fields are objects, lists are lists. "" where the table does not know it.

    Raises:
        CdrError: a value is not of its kind.
    """
    known = TAP_ELEMENTS.get(element.tag & NUMBER_MAX) if element.tag >> 28 == 1 else None
    if known is None:
        return "", {"tag": tag_text(element.tag), "octets": ber.encode(element).hex()}
    if isinstance(element.value, bytes):
        if known.kind in ("fields", "list", "choice") and element.value:
            raise CdrError(f"{known.name} is primitive where elements belong", element.offset)
        return known.name, _value(known.kind, element)
    inside = [read_element(one) for one in element.value]
    if known.kind == "list":
        return known.name, [value if name else {UNKNOWN: [value]} for name, value in inside]
    if known.kind not in ("fields", "choice"):
        raise CdrError(f"{known.name} is constructed where a value belongs", element.offset)
    fields: dict[str, Any] = {}
    for name, value in inside:
        if not name or name in fields:
            fields.setdefault(UNKNOWN, []).append(value)
        else:
            fields[name] = value
    return known.name, fields


def rates_of(header: Mapping[str, Any]) -> Rates:
    """How a batch says that its amounts and moments are read."""
    accounting = header.get("accountingInfo", {})
    network = header.get("networkInfo", {})
    return Rates(
        decimal_places=accounting.get("tapDecimalPlaces", 0),
        local_currency=accounting.get("localCurrency", ""),
        tap_currency=accounting.get("tapCurrency", accounting.get("localCurrency", "")),
        exchange_rates={
            one["exchangeRateCode"]: Decimal(one["exchangeRate"]).scaleb(-one["numberOfDecimalPlaces"])
            for one in accounting.get("currencyConversionInfo", [])
            if {"exchangeRateCode", "exchangeRate", "numberOfDecimalPlaces"} <= one.keys()
        },
        utc_offsets={
            one["utcTimeOffsetCode"]: one["utcTimeOffset"]
            for one in network.get("utcTimeOffsetInfo", [])
            if {"utcTimeOffsetCode", "utcTimeOffset"} <= one.keys()
        },
    )


def charges_of(event: Mapping[str, Any], rates: Rates) -> Iterator[Charge]:
    """Every charge of an event, wherever in it charge information stands.

    An amount in the TAP currency is the local one divided by the exchange rate of its code (TD.57, element
    Exchange Rate Code), so that the way back is to multiply.
    """
    for information in _charge_information(event):
        rate = rates.exchange_rates.get(information.get("exchangeRateCode", -1))
        taxes = sum(
            (amount(one.get("taxValue", 0), rates) for one in information.get("taxInformationList", [])),
            Decimal(0),
        )
        for detail in information.get("chargeDetailList", []):
            charged = amount(detail.get("charge", 0), rates)
            kind = detail.get("chargeType", "")
            local = None if rate is None else charged * rate
            yield Charge(kind, charged, local, taxes if kind == _TOTAL else Decimal(0))


def amount(value: int, rates: Rates) -> Decimal:
    """An amount of the batch in units of the TAP currency."""
    return Decimal(value).scaleb(-rates.decimal_places)


def total_of(charges: Sequence[Charge]) -> Decimal:
    """What an event costs: the sum of its total charges."""
    return sum((one.amount for one in charges if one.charge_type == _TOTAL), Decimal(0))


def moment_of(stamp: Mapping[str, Any], rates: Rates) -> datetime:
    """A moment of an event with its zone.

    Raises:
        ValueError: it is no moment, or its code has no offset in networkInfo.
    """
    offset = stamp.get("utcTimeOffset") or rates.utc_offsets.get(stamp.get("utcTimeOffsetCode", -1))
    if offset is None:
        raise ValueError(f"utcTimeOffsetCode {stamp.get('utcTimeOffsetCode')} stands not in networkInfo")
    return datetime.strptime(f"{stamp.get('localTimeStamp', '')}{offset}", "%Y%m%d%H%M%S%z")


def batch_as_json(data: bytes) -> Iterator[dict[str, Any]]:
    """The header, then every event with its charges by the batch's own rates, then what is broken.

    Raises:
        CdrError: the octets are no batch.
    """
    batch = read_batch(data)
    rates = rates_of(batch.header)
    total = Decimal(0)
    yield {"header": dict(batch.header)}
    for place in batch.events:
        try:
            name, fields = read_event(data, place)
            charges = list(charges_of(fields, rates))
        except CdrError as error:
            yield {"broken": error.what, "offset": place.start}
            continue
        total += total_of(charges)
        shown = [_shown(charge, rates) for charge in charges]
        yield {"record": name, "offset": place.start, "fields": fields, "charges": shown}
    for place in batch.broken:
        yield {"broken": place.what, "offset": place.start}
    audit = batch.header.get("auditControlInfo", {})
    if "totalCharge" in audit:
        said = amount(audit["totalCharge"], rates)
        yield {"audit": {"events": len(batch.events), "said_events": audit.get("callEventDetailsCount"),
                         "total": str(total), "said_total": str(said), "agrees": total == said}}  # fmt: skip


def _shown(charge: Charge, rates: Rates) -> dict[str, Any]:
    return {
        "chargeType": charge.charge_type,
        "amount": str(charge.amount),
        "currency": rates.tap_currency,
        "local_amount": None if charge.local_amount is None else str(charge.local_amount),
        "local_currency": rates.local_currency,
        "tax": str(charge.tax),
    }


def _charge_information(value: Any) -> Iterator[Mapping[str, Any]]:
    """All of it, however deep: that of lists, and that of a supplementary service, which has one."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name == "chargeInformation" and isinstance(inner, Mapping):
                yield inner
            elif name in _CHARGE_LISTS and isinstance(inner, list):
                yield from (one for one in inner if isinstance(one, Mapping))
            else:
                yield from _charge_information(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _charge_information(inner)


def _value(kind: str, element: Tlv) -> Any:
    octets = element.value
    if not isinstance(octets, bytes):
        raise CdrError("is constructed where a value belongs", element.offset)
    match kind:
        case "integer":
            if not octets:
                raise CdrError("is an INTEGER without octets", element.offset)
            return ber.integer_of(octets)
        case "text":
            return octets.decode("utf-8", "surrogateescape")
        case "digits":
            # Unlike TS 29.002's, a BCDString of TAP has the high half of each octet first.
            return octets.hex().rstrip("f")
        case "octets":
            return octets.hex()
    return [] if kind == "list" else {}


def _open(data: bytes, at: int, end: int) -> tuple[int, int, int, str]:
    """Tag, where the content begins and ends, and what is wrong where it is longer than what is there."""
    try:
        tag, constructed, content, content_end = ber.read_header(data, at, at + 2**62)
    except IndexError:
        raise CdrError("ends within a tag or a length", at) from None
    if not constructed:
        raise CdrError(f"{tag_text(tag)} is primitive where elements belong", at)
    if content_end < 0:
        return tag, content, end, ""
    if content_end > end:
        return (
            tag,
            content,
            end,
            f"{tag_text(tag)} says {content_end - content} octets, {end - content} follow",
        )
    return tag, content, content_end, ""


def _children(data: bytes, at: int, end: int) -> Iterator[EventPlace]:
    """The elements in a content, up to its end, an end-of-contents, or octets that are none."""
    while at < end and data[at : at + 2] != b"\x00\x00":
        try:
            _, _, _, content_end = ber.read_header(data, at, end)
            behind = content_end if content_end >= 0 else ber.decode(data, at, end)[1]
        except CdrError as error:
            yield EventPlace(at, end, error.what)
            return
        yield EventPlace(at, behind)
        at = behind


def _tag_at(data: bytes, at: int) -> int:
    try:
        return ber.read_header(data, at, at + 2**62)[0]
    except (CdrError, IndexError):
        return -1
