"""SMSC reading: the message of an SC-SMO or SC-SMT record, straight from the octets.

Looks only at the fields that a message needs, since there are millions of records; all fields: record_fields.
"""

from functools import lru_cache

from operator_push.cdr import ber
from operator_push.cdr.ber import context
from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.field_kinds import bcd_digits, time_stamp_of
from operator_push.cdr.smsc_message import (
    EXTENSION_IDENTIFIER_ELEMENT,
    NO_REFERENCE,
    SC_SMT_TAG,
    Charge,
    SmscMessage,
    state_of_status,
)

_MICROS = 1_000_000
# Context-specific tags by number.
_T = tuple(context(number) for number in range(28))

Places = dict[int, tuple[int, int]]


def places_in(data: bytes, at: int, end: int) -> Places:
    """Where the content of each element between two octets stands, by tag; of two with one tag the first.

    Raises:
        CdrError: the octets are no elements.
    """
    found: Places = {}
    while at < end:
        first = data[at]
        length = data[at + 1] if at + 1 < end else 0x80
        # Nearly all: a tag below 31 and a length below 128.
        if first & 31 != 31 and length < 0x80:
            tag = first >> 6 << 28 | first & 31
            content = at + 2
            at = content + length
            if at > end:
                raise CdrError(
                    f"{ber.tag_text(tag)} says {length} octets, {end - content} follow", content - 2
                )
            if tag not in found:
                found[tag] = (content, at)
            continue
        tag, _, content, content_end = ber.read_header(data, at, end)
        if content_end < 0:
            _, after = ber.decode(data, at, end)
            content_end, at = after - 2, after
        else:
            at = content_end
        found.setdefault(tag, (content, content_end))
    return found


def read_smsc_message(data: bytes, tag: int, start: int, end: int) -> SmscMessage:
    """The message in the content octets of a record, whose tag is SC-SMO's or SC-SMT's.

    Raises:
        CdrError: a field that is needed is missing or cannot be read; the error names it and its octet.
    """
    places = places_in(data, start, end)
    return _read_smt(data, places, start) if tag == SC_SMT_TAG else _read_smo(data, places, start)


def submission_name(data: bytes, start: int, end: int) -> tuple[str, str]:
    """(the SMSC's id, the recipient) of an SC-SMO record's content octets, and nothing else of it.

    Raises:
        CdrError: as read_smsc_message, about these two.
    """
    places = places_in(data, start, end)
    return _reference(data, places.get(_T[6])), _recipient_of_smo(data, places, start)


def _read_smt(data: bytes, places: Places, start: int) -> SmscMessage:
    status = places.get(_T[18])
    recipient = places.get(_T[2])
    if recipient is None:
        raise CdrError("an SC-SMT record names no recipient", start, path="sCSMTRecord.recipientInfo")
    source, system_id = _read_originator(data, places.get(_T[3]))
    final_us = _moment(data, places.get(_T[19]) or places.get(_T[6]), start, "eventtimestamp")
    message = SmscMessage(
        smsc_message_id=_reference(data, places.get(_T[8])),
        system_id=system_id,
        source=source,
        destination=_party(data, places_in(data, *recipient), _T[1], (_T[2], _T[4]), start),
        user_message_reference=NO_REFERENCE,
        submit_us=_moment(data, places.get(_T[5]) or places.get(_T[6]), start, "submissionTime"),
        final_us=final_us,
        # A record without a status was written for a message that reached its recipient (section 5.1.4).
        state="DELIVERED"
        if status is None
        else state_of_status(data[status[0]] if status[0] < status[1] else 0xFF),
        error_code=_read_result(data, places.get(_T[23])),
        data_coding=_integer(data, places.get(_T[14])),
        octets=_integer(data, places.get(_T[11])),
        concat=_concat(data, places.get(_T[9]), places.get(_T[10]), places.get(_T[17])),
    )
    return _with_extension(data, places.get(_T[27]), message)


def _read_smo(data: bytes, places: Places, start: int) -> SmscMessage:
    destination = _recipient_of_smo(data, places, start)
    source, system_id = _read_originator(data, places.get(_T[2]))
    submit_us = _moment(data, places.get(_T[5]), start, "eventtimestamp")
    message = SmscMessage(
        smsc_message_id=_reference(data, places.get(_T[6])),
        system_id=system_id,
        source=source,
        destination=destination,
        user_message_reference=NO_REFERENCE,
        submit_us=submit_us,
        final_us=0,
        state="",
        error_code=_read_result(data, places.get(_T[19])),
        data_coding=_integer(data, places.get(_T[12])),
        octets=_integer(data, places.get(_T[9])),
        concat=_concat(data, places.get(_T[7]), places.get(_T[8]), places.get(_T[15])),
        is_delivery=False,
    )
    return _with_extension(data, places.get(_T[23]), message)


def _recipient_of_smo(data: bytes, places: Places, start: int) -> str:
    """Of several recipients the first."""
    recipients = places.get(_T[3])
    if recipients is None or recipients[0] == recipients[1]:
        raise CdrError("an SC-SMO record names no recipient", start, path="sCSMORecord.recipientInfo")
    _, _, content, end = ber.read_header(data, *recipients)
    inner = places_in(data, content, recipients[1] if end < 0 else end)
    return _party(data, inner, _T[1], (_T[2], _T[4]), start)


@lru_cache(maxsize=65536)
def _micros(octets: bytes) -> int:
    return round(time_stamp_of(octets).timestamp()) * _MICROS


def _moment(data: bytes, place: tuple[int, int] | None, start: int, name: str) -> int:
    if place is None:
        raise CdrError("the record has no such time", start, path=name)
    try:
        return _micros(data[place[0] : place[1]])
    except ValueError as error:
        raise CdrError(str(error), place[0], path=name) from error


def _reference(data: bytes, place: tuple[int, int] | None) -> str:
    """The SMSC's id: printable octets are its text, others are shown as hexadecimal."""
    if place is None:
        return ""
    octets = data[place[0] : place[1]]
    text = octets.decode("ascii", "replace")
    return text if text.isalnum() or text.replace("-", "").isalnum() else octets.hex()


def _party(data: bytes, places: Places, msisdn: int, others: tuple[int, int], start: int) -> str:
    place = places.get(msisdn)
    if place is not None:
        try:
            return bcd_digits(data[place[0] + 1 : place[1]])
        except ValueError as error:
            raise CdrError(str(error), place[0], path="mSISDN") from error
    for tag in others:
        place = places.get(tag)
        if place is not None:
            inner = places_in(data, *place).get(_T[1])
            if inner is not None:
                return data[inner[0] : inner[1]].decode("utf-8", "replace")
    return ""


def _read_originator(data: bytes, place: tuple[int, int] | None) -> tuple[str, str]:
    """(sender address, interface or account); there are few of them, and each has millions of records."""
    if place is None:
        return "", ""
    try:
        return _originator(data[place[0] : place[1]])
    except CdrError:
        return _originator_in(data, place)  # tells the octet of the whole file


@lru_cache(maxsize=4096)
def _originator(octets: bytes) -> tuple[str, str]:
    return _originator_in(octets, (0, len(octets)))


def _originator_in(data: bytes, place: tuple[int, int]) -> tuple[str, str]:
    places = places_in(data, *place)
    interface = places.get(_T[5])
    system_id = ""
    if interface is not None:
        inner = places_in(data, *interface).get(_T[0])
        if inner is not None:
            system_id = data[inner[0] : inner[1]].decode("utf-8", "replace")
    return _party(data, places, _T[1], (_T[2], _T[4]), place[0]), system_id


def _read_result(data: bytes, place: tuple[int, int] | None) -> int:
    """The cause of a failure where it is a whole number, 0 without one."""
    if place is None or place[0] == place[1]:
        return 0
    _, is_constructed, content, end = ber.read_header(data, *place)
    return 0 if is_constructed or end < 0 else ber.integer_of(data[content:end])


def _integer(data: bytes, place: tuple[int, int] | None) -> int:
    return 0 if place is None else ber.integer_of(data[place[0] : place[1]])


def _concat(
    data: bytes,
    total: tuple[int, int] | None,
    part: tuple[int, int] | None,
    header: tuple[int, int] | None,
) -> tuple[int, int, int] | None:
    if part is None:
        return None if total is None else (0, _integer(data, total), 0)
    reference = 0
    if header is not None:
        octets = data[header[0] : header[1]]
        if octets[1:3] == b"\x00\x03" and len(octets) >= 6:
            reference = octets[3]
        elif octets[1:3] == b"\x08\x04" and len(octets) >= 7:
            reference = octets[3] << 8 | octets[4]
    return reference, _integer(data, total), _integer(data, part)


def _with_extension(data: bytes, place: tuple[int, int] | None, message: SmscMessage) -> SmscMessage:
    if place is None:
        return message
    at, end = place
    while at < end:
        _, is_constructed, content, content_end = ber.read_header(data, at, end)
        stop = end if content_end < 0 else content_end
        if is_constructed and data.startswith(EXTENSION_IDENTIFIER_ELEMENT, content):
            _read_extension(data, places_in(data, content, stop), message)
        at = stop
    return message


def _read_extension(data: bytes, places: Places, message: SmscMessage) -> None:
    information = places.get(_T[2])
    if information is None or information[0] == information[1]:
        return
    _, _, content, end = ber.read_header(data, *information)
    inner = places_in(data, content, information[1] if end < 0 else end)
    if _T[0] in inner:
        message.user_message_reference = _integer(data, inner[_T[0]])
    if _T[3] in inner:
        account, currency = (
            data[slice(*inner.get(tag, (0, 0)))].decode("utf-8", "replace") for tag in (_T[1], _T[2])
        )
        numbers = [_integer(data, inner.get(tag)) for tag in (_T[3], _T[4], _T[5], _T[6], _T[7])]
        message.charge = Charge(account, currency, *numbers)
