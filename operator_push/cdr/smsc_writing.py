"""SMSC writing: a message as the SC-SMO record of its submission and the SC-SMT record of its end.

Exact save the parts of a second, for which a TimeStamp has no place.
"""

from datetime import UTC, datetime
from functools import lru_cache

from operator_push.cdr import ber
from operator_push.cdr.ber import context, primitive
from operator_push.cdr.field_kinds import bcd_octets, time_stamp_octets
from operator_push.cdr.shared_fields_32298 import SEQUENCE
from operator_push.cdr.smsc_message import (
    EXTENSION_IDENTIFIER_ELEMENT,
    NO_REFERENCE,
    SC_SMO_TAG,
    SC_SMT_TAG,
    STATUS_OF_STATE,
    SmscMessage,
)

_MICROS = 1_000_000
SHORT_CODE_DIGITS_MAX = 8  # Ours: what has at most so many digits is a short code, not a subscriber's number.
# Context-specific tags by number.
_T = tuple(context(number) for number in range(28))


def sc_smo(message: SmscMessage, node_address: str, sequence_number: int) -> bytes:
    """The SC-SMO record of a message's submission.

    Raises:
        ValueError: a number has a character that TBCD cannot write.
    """
    inside = [
        _RECORD_TYPE_SMO,
        primitive(_T[1], _address(node_address)),
        ber.constructed(_T[2], _originator(message)),
        ber.constructed(_T[3], [ber.constructed(SEQUENCE, _recipient(message.destination))]),
        primitive(_T[5], _time(message.submit_us // _MICROS)),
        primitive(_T[6], message.smsc_message_id.encode("ascii")),
        *_sizes(message, _T[7], _T[8], _T[9], _T[12], _T[13], 0),
        _header(message, _T[15]),
        primitive(_T[22], ber.integer_octets(sequence_number)),
        _extensions(message, _T[23]),
    ]
    return ber.constructed(SC_SMO_TAG, inside)


def sc_smt(message: SmscMessage, node_address: str, sequence_number: int) -> bytes:
    """The SC-SMT record of a message's end.

    Raises:
        ValueError: a number has a character that TBCD cannot write, or the state has no TP-Status.
    """
    status = STATUS_OF_STATE.get(message.state)
    if status is None:
        raise ValueError(f"state {message.state!r} is not one of {', '.join(STATUS_OF_STATE)}")
    final = _time(message.final_us // _MICROS)
    inside = [
        _RECORD_TYPE_SMT,
        primitive(_T[1], _address(node_address)),
        ber.constructed(_T[2], _recipient(message.destination)),
        ber.constructed(_T[3], _originator(message)),
        primitive(_T[5], _time(message.submit_us // _MICROS)),
        primitive(_T[6], final),
        primitive(_T[8], message.smsc_message_id.encode("ascii")),
        *_sizes(message, _T[9], _T[10], _T[11], _T[14], _T[15], 3),
        _header(message, _T[17]),
        primitive(_T[18], bytes((status,))),
        primitive(_T[19], final),
        _result(message.error_code),
        primitive(_T[26], ber.integer_octets(sequence_number)),
        _extensions(message, _T[27]),
    ]
    return ber.constructed(SC_SMT_TAG, inside)


_RECORD_TYPE_SMO = primitive(_T[0], ber.integer_octets(93))
_RECORD_TYPE_SMT = primitive(_T[0], ber.integer_octets(94))
_NOT_SIGNIFICANT = primitive(_T[1], b"\x00")  # whoever does not know the extension may ignore it
_MSISDN, _NUMERIC, _ALPHANUMERIC = (primitive(_T[0], bytes((number,))) for number in (1, 4, 5))
_APPLICATION_ORIGINATING = primitive(_T[3], b"\x03")
_INTERNATIONAL_E164 = b"\x91"


@lru_cache(maxsize=4096)
def _time(second: int) -> bytes:
    return time_stamp_octets(datetime.fromtimestamp(second, UTC))


@lru_cache(maxsize=4096)
def _address(digits: str) -> bytes:
    return _INTERNATIONAL_E164 + bcd_octets(digits)


def _recipient(destination: str) -> list[bytes]:
    if destination.isdecimal():
        return [primitive(_T[1], _INTERNATIONAL_E164 + bcd_octets(destination))]
    return [ber.constructed(_T[2], _text_address(destination))]


def _originator(message: SmscMessage) -> list[bytes]:
    interface = [primitive(_T[0], message.system_id.encode()), _APPLICATION_ORIGINATING]
    return [ber.constructed(_T[2], _text_address(message.source)), ber.constructed(_T[5], interface)]


def _text_address(address: str) -> list[bytes]:
    kind = _ALPHANUMERIC
    if address.isdecimal():
        kind = _NUMERIC if len(address) <= SHORT_CODE_DIGITS_MAX else _MSISDN
    return [kind, primitive(_T[1], address.encode())]


def _sizes(
    message: SmscMessage, total: int, part: int, size: int, coding: int, kind: int, type_no: int
) -> list[bytes]:
    parts = message.concat
    return [
        b"" if parts is None else primitive(total, ber.integer_octets(parts[1])),
        b"" if parts is None or not parts[2] else primitive(part, ber.integer_octets(parts[2])),
        primitive(size, ber.integer_octets(message.octets)),
        primitive(coding, ber.integer_octets(message.data_coding)),
        primitive(kind, bytes((type_no,))),
    ]


def _header(message: SmscMessage, tag: int) -> bytes:
    """The header of concatenation (TS 23.040 section 9.2.3.24), of 8 bits or of 16."""
    if message.concat is None or not message.concat[2]:
        return b""
    reference, total, part = message.concat
    if reference < 256:
        return primitive(tag, bytes((5, 0, 3, reference, total & 255, part & 255)))
    return primitive(tag, bytes((6, 8, 4, reference >> 8 & 255, reference & 255, total & 255, part & 255)))


def _result(error_code: int) -> bytes:
    if not error_code:
        return b""
    return ber.constructed(_T[23], [primitive(_T[1], ber.integer_octets(error_code))])


def _extensions(message: SmscMessage, tag: int) -> bytes:
    inside = []
    if message.user_message_reference != NO_REFERENCE:
        inside.append(primitive(_T[0], ber.integer_octets(message.user_message_reference)))
    charge = message.charge
    if charge is not None:
        inside += [
            primitive(_T[1], charge.account.encode()),
            primitive(_T[2], charge.currency.encode()),
            primitive(_T[3], ber.integer_octets(charge.amount_micros)),
            primitive(_T[4], ber.integer_octets(charge.tariff_version)),
            primitive(_T[5], ber.integer_octets(charge.submission_id)),
            primitive(_T[6], ber.integer_octets(charge.segment_no)),
            primitive(_T[7], ber.integer_octets(charge.segments)),
        ]
    if not inside:
        return b""
    information = ber.constructed(_T[2], [ber.constructed(SEQUENCE, inside)])
    extension = ber.constructed(SEQUENCE, [EXTENSION_IDENTIFIER_ELEMENT, _NOT_SIGNIFICANT, information])
    return ber.constructed(tag, [extension])
