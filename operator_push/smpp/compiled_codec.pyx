"""Compiled codec: the four PDUs that come by the thousand, framing, and usual receipts, in C by Cython.

It is the fast half of codec.py, framer.py, session.py, receipt_text.py, and of gateway/receipt_octets.py and
gateway/pdu_mapping.py, which do the same in Python and do it alone where this was not built. Laws: every
function either gives exactly what the Python beside it gives, or None or fewer, and then the Python decides;
so no fault is told here, and nothing here knows what a fault is called. No octet is read behind the end of
what was handed in: every step asks `end` first.
Not here: any other PDU, what a value that is not plain means (field_checks.py), the choice between the two
(codec_choice.py).
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.long cimport PyLong_AsLong, PyLong_Check
from cpython.object cimport PyObject
from cpython.tuple cimport PyTuple_CheckExact
from cpython.unicode cimport PyUnicode_Check, PyUnicode_DecodeLatin1
from libc.string cimport memchr, memcmp, memcpy

from operator_push.smpp.constants import (
    ESM_CLASS_TYPE_MASK,
    PDU_OCTETS_MAX,
    SEQUENCE_NUMBER_MAX,
    SHORT_MESSAGE_OCTETS_MAX,
    EsmClass,
)
from operator_push.smpp.field_checks import MESSAGE_TYPES, field_fault
from operator_push.smpp.pdu import DeliverSm, DeliverSmResp, SubmitSm, SubmitSmResp
from operator_push.smpp.session_events import RequestReceived, ResponseReceived
from operator_push.smpp.tlv import TlvTag

cdef extern from "Python.h":
    int PyUnicode_KIND(object text)
    void* PyUnicode_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)

cdef extern from *:
    """
    #ifndef SOURCE_DIGEST
    #define SOURCE_DIGEST ""
    #endif
    """
    const char* _SOURCE_DIGEST "SOURCE_DIGEST"

SOURCE_DIGEST = _SOURCE_DIGEST.decode("ascii")  # of this file as it was when it was built

ctypedef const unsigned char* Octets

cdef enum:
    HEADER = 16
    TEXT_MAX = 254  # octets of a short_message
    PARTS_MAX = 5  # C-Octet Strings of one PDU

cdef unsigned long _SUBMIT_SM = 0x00000004
cdef unsigned long _DELIVER_SM = 0x00000005
cdef unsigned long _SUBMIT_SM_RESP = 0x80000004
cdef unsigned long _DELIVER_SM_RESP = 0x80000005
cdef unsigned long _RESPONSE_BIT = 0x80000000
cdef unsigned long _LENGTH_MAX = PDU_OCTETS_MAX
cdef long _NUMBER_MAX = SEQUENCE_NUMBER_MAX
cdef long _MESSAGE_PAYLOAD = TlvTag.message_payload
cdef long _MESSAGE_STATE = TlvTag.message_state
cdef long _NETWORK_ERROR_CODE = TlvTag.network_error_code
cdef long _RECEIPTED_MESSAGE_ID = TlvTag.receipted_message_id
cdef long _USER_MESSAGE_REFERENCE = TlvTag.user_message_reference
cdef unsigned char _TYPE_MASK = ESM_CLASS_TYPE_MASK
cdef unsigned long long _TYPES = sum(1 << kind for kind in MESSAGE_TYPES)  # below 64, all of them
cdef Py_ssize_t _TEXT_OCTETS_MAX = SHORT_MESSAGE_OCTETS_MAX
cdef unsigned char _SMSC_DELIVERY_RECEIPT = EsmClass.SMSC_DELIVERY_RECEIPT
cdef object _Submit = SubmitSm
cdef object _Deliver = DeliverSm
cdef object _SubmitResp = SubmitSmResp
cdef object _DeliverResp = DeliverSmResp
cdef object _Request = RequestReceived
cdef object _Response = ResponseReceived
cdef object _fault_of = field_fault

cdef struct Cursor:
    Octets start
    Py_ssize_t at
    Py_ssize_t end


cdef inline unsigned long _uint32(Octets at) noexcept:
    return (<unsigned long>at[0] << 24) | (<unsigned long>at[1] << 16) | (<unsigned long>at[2] << 8) | at[3]


cdef inline void _put_uint32(unsigned char* at, unsigned long value) noexcept:
    at[0] = (value >> 24) & 0xFF
    at[1] = (value >> 16) & 0xFF
    at[2] = (value >> 8) & 0xFF
    at[3] = value & 0xFF


# -- framing -------------------------------------------------------------------------------------------------


def cut(bytes stream, Py_ssize_t pdus_max):
    """(complete PDUs, offset of the first octet after them): up to an incomplete or an impossible one.

    At most `pdus_max` of them.
    """
    cdef Octets start = <Octets>PyBytes_AS_STRING(stream)
    cdef Py_ssize_t end = PyBytes_GET_SIZE(stream)
    cdef Py_ssize_t at = 0
    cdef unsigned long length
    cdef list found = []
    while end - at >= 4 and len(found) < pdus_max:
        length = _uint32(start + at)
        if length < HEADER or length > _LENGTH_MAX or <Py_ssize_t>length > end - at:
            break
        if at == 0 and <Py_ssize_t>length == end:
            found.append(stream)
        else:
            found.append(PyBytes_FromStringAndSize(<const char*>start + at, length))
        at += length
    return found, at


# -- octets to Struct ----------------------------------------------------------------------------------------


def decode(octets):
    """The PDU in `octets`; None: it is none of the four, or something about it is unusual."""
    if not PyBytes_CheckExact(octets):
        return None
    cdef bint is_plain
    return _pdu(octets, &is_plain)


cdef object _pdu(object octets, bint* is_plain):
    """As `decode`; `is_plain`: a message of whose fields field_checks.py has nothing to say."""
    cdef Cursor cursor
    cursor.start = <Octets>PyBytes_AS_STRING(octets)
    cursor.end = PyBytes_GET_SIZE(octets)
    cursor.at = HEADER
    is_plain[0] = False
    if cursor.end < HEADER or _uint32(cursor.start) != <unsigned long>cursor.end:
        return None
    cdef unsigned long command_id = _uint32(cursor.start + 4)
    cdef unsigned long status = _uint32(cursor.start + 8)
    cdef unsigned long number = _uint32(cursor.start + 12)
    if command_id == _SUBMIT_SM:
        return _message(_Submit, &cursor, status, number, is_plain)
    if command_id == _DELIVER_SM:
        return _message(_Deliver, &cursor, status, number, is_plain)
    if command_id == _SUBMIT_SM_RESP:
        return _message_id(_SubmitResp, &cursor, status, number)
    if command_id == _DELIVER_SM_RESP:
        return _message_id(_DeliverResp, &cursor, status, number)
    return None


cdef object _message(
    object made, Cursor* cursor, unsigned long status, unsigned long number, bint* is_plain
):
    cdef Octets start = cursor.start
    cdef Py_ssize_t addresses, times, rest, text
    service_type = _c_octet_string(cursor)
    addresses = cursor.at
    cursor.at += 2
    source_addr = _c_octet_string(cursor)
    rest = cursor.at
    cursor.at += 2
    destination_addr = _c_octet_string(cursor)
    times = cursor.at
    cursor.at += 3
    schedule_delivery_time = _c_octet_string(cursor)
    validity_period = _c_octet_string(cursor)
    # Each of these moved past a NUL that is there, or is None; so what stood before them is there too.
    if service_type is None or source_addr is None or destination_addr is None:
        return None
    if schedule_delivery_time is None or validity_period is None:
        return None
    text = cursor.at
    if cursor.end - text < 5 or cursor.end - text - 5 < start[text + 4]:
        return None
    cursor.at = text + 5 + start[text + 4]
    short_message = PyBytes_FromStringAndSize(<const char*>start + text + 5, start[text + 4])
    tlvs = _tlvs(cursor)
    if tlvs is None:
        return None
    is_plain[0] = (
        cursor.end == text + 5 + start[text + 4]
        and start[text + 4] <= _TEXT_OCTETS_MAX
        and PyUnicode_GET_LENGTH(source_addr) <= 20
        and PyUnicode_GET_LENGTH(destination_addr) <= 20
        and PyUnicode_GET_LENGTH(service_type) <= 5
        and PyUnicode_GET_LENGTH(schedule_delivery_time) == 0
        and PyUnicode_GET_LENGTH(validity_period) == 0
        and (start[text] & 3) != 3
        and start[text + 1] <= 1
        and start[times + 2] <= 3
        and (_TYPES >> (start[times] & _TYPE_MASK)) & 1
    )
    return made(
        number,
        status,
        tlvs,
        service_type,
        start[addresses],
        start[addresses + 1],
        source_addr,
        start[rest],
        start[rest + 1],
        destination_addr,
        start[times],
        start[times + 1],
        start[times + 2],
        schedule_delivery_time,
        validity_period,
        start[text],
        start[text + 1],
        start[text + 2],
        start[text + 3],
        short_message,
    )


cdef object _message_id(object made, Cursor* cursor, unsigned long status, unsigned long number):
    if cursor.end == HEADER:
        return made(number, status, (), b"")
    message_id = _c_octet_string(cursor)
    if message_id is None:
        return None
    tlvs = _tlvs(cursor)
    if tlvs is None:
        return None
    return made(number, status, tlvs, None, message_id)


cdef object _c_octet_string(Cursor* cursor):
    """The text up to the next NUL, which is passed; None where there is none before the end."""
    cdef Py_ssize_t length
    cdef const void* nul
    cdef Octets first
    if cursor.at >= cursor.end:
        return None
    first = cursor.start + cursor.at
    nul = memchr(first, 0, cursor.end - cursor.at)
    if nul == NULL:
        cursor.at = cursor.end
        return None
    length = <Octets>nul - first
    cursor.at += length + 1
    return PyUnicode_DecodeLatin1(<char*>first, length, NULL) if length else ""


cdef object _tlvs(Cursor* cursor):
    """All that is left as TLVs; None where it is cut off."""
    cdef Octets at
    cdef Py_ssize_t length
    if cursor.at == cursor.end:
        return ()
    cdef list found = []
    while cursor.at < cursor.end:
        if cursor.end - cursor.at < 4:
            return None
        at = cursor.start + cursor.at
        length = (<Py_ssize_t>at[2] << 8) | at[3]
        if cursor.end - cursor.at - 4 < length:
            return None
        found.append(((<long>at[0] << 8) | at[1], PyBytes_FromStringAndSize(<const char*>at + 4, length)))
        cursor.at += 4 + length
    return tuple(found)


# -- events of a chunk ---------------------------------------------------------------------------------------


def usual_events(
    list pdus not None,
    Py_ssize_t at,
    may_send,
    bint is_checked,
    version,
    dict requests not None,
    list events not None,
):
    """Deal with PDUs of a chunk, from the place `at` on, as session.py does: the place of the first that is
    left to the Python.

    That is any but a legal submit_sm or deliver_sm, and the response to one that is open in `requests`.
    """
    cdef Py_ssize_t count = len(pdus)
    cdef Octets start
    cdef unsigned long command_id
    cdef bint is_plain
    while at < count:
        octets = pdus[at]
        pdu = _pdu(octets, &is_plain) if PyBytes_CheckExact(octets) else None
        if pdu is None:
            break
        start = <Octets>PyBytes_AS_STRING(octets)
        command_id = _uint32(start + 4)
        if command_id & _RESPONSE_BIT:
            number = _uint32(start + 12)
            request = requests.get(number)
            if request is None:
                break
            request_id, _, context = request
            if request_id != (command_id ^ _RESPONSE_BIT):
                break
            del requests[number]
            events.append(_Response(pdu, request_id, context))
        else:
            if command_id not in may_send:
                break
            if is_checked and not is_plain and _fault_of(pdu, version) is not None:
                break
            events.append(_Request(pdu, octets))
        at += 1
    return at


# -- requests that are octets already ------------------------------------------------------------------------


def issue(command_id, list stored not None, now, dict requests not None, long last, list output not None):
    """Number requests and open them, as window.py and session.py do one by one: (how many, the last number).

    Of each of `stored`: the octets of a PDU, which get the number, what is added behind them, and its
    context. Ends before the first whose number is taken, or that is too long.
    """
    cdef Py_ssize_t done = 0, count = len(stored)
    cdef Py_ssize_t length, added
    cdef unsigned char* at
    cdef unsigned long identifier = command_id
    for octets, more, context in stored:
        if not (PyBytes_CheckExact(octets) and PyBytes_CheckExact(more)):
            break
        length, added = PyBytes_GET_SIZE(octets), PyBytes_GET_SIZE(more)
        if length < HEADER or <unsigned long>(length + added) > _LENGTH_MAX or last >= _NUMBER_MAX:
            break
        number = last + 1
        if number in requests:
            break
        made = PyBytes_FromStringAndSize(NULL, length + added)
        at = <unsigned char*>PyBytes_AS_STRING(made)
        memcpy(at, PyBytes_AS_STRING(octets), length)
        memcpy(at + length, PyBytes_AS_STRING(more), added)
        last += 1
        _put_uint32(at, length + added)
        _put_uint32(at + 4, identifier)
        _put_uint32(at + 8, 0)
        _put_uint32(at + 12, last)
        requests[number] = (command_id, now, context)
        output.append(made)
        done += 1
    return done, last


def submit_answers(list admitted not None):
    """The submit_sm_resp of requests that were admitted, (sequence_number, message id) each, one after the
    other: status 0, the id in decimal."""
    cdef list made = []
    cdef unsigned char octets[HEADER + 21]
    cdef unsigned char digits[20]
    cdef unsigned long long identifier
    cdef unsigned long number
    cdef Py_ssize_t count, length
    for sequence_number, message_id in admitted:
        number, identifier, count = sequence_number, message_id, 0
        while True:
            digits[count] = 0x30 + identifier % 10
            identifier //= 10
            count += 1
            if not identifier:
                break
        length = HEADER + count + 1
        _put_uint32(octets, length)
        _put_uint32(octets + 4, _SUBMIT_SM_RESP)
        _put_uint32(octets + 8, 0)
        _put_uint32(octets + 12, number)
        octets[length - 1] = 0
        for index in range(count):
            octets[HEADER + index] = digits[count - 1 - index]
        made.append(PyBytes_FromStringAndSize(<const char*>octets, length))
    return b"".join(made)


# -- Struct to octets ----------------------------------------------------------------------------------------


def encode(pdu):
    """The octets of a submit_sm or deliver_sm; None: it is neither, or a value needs a closer look."""
    cdef unsigned long command_id
    if type(pdu) is _Submit:
        command_id = _SUBMIT_SM
    elif type(pdu) is _Deliver:
        command_id = _DELIVER_SM
    else:
        return None
    texts = (
        pdu.service_type,
        pdu.source_addr,
        pdu.destination_addr,
        pdu.schedule_delivery_time,
        pdu.validity_period,
    )
    short_message = pdu.short_message
    tlvs = pdu.tlvs
    numbers = (
        pdu.source_addr_ton,
        pdu.source_addr_npi,
        pdu.dest_addr_ton,
        pdu.dest_addr_npi,
        pdu.esm_class,
        pdu.protocol_id,
        pdu.priority_flag,
        pdu.registered_delivery,
        pdu.replace_if_present_flag,
        pdu.data_coding,
        pdu.sm_default_msg_id,
    )
    sequence_number, command_status = pdu.sequence_number, pdu.command_status
    if not (type(sequence_number) is int and 0 <= sequence_number <= 0xFFFFFFFF):
        return None
    if not (type(command_status) is int and 0 <= command_status <= 0xFFFFFFFF):
        return None
    if not (PyBytes_CheckExact(short_message) and PyBytes_GET_SIZE(short_message) <= 0xFF):
        return None
    cdef unsigned char octet[11]
    cdef Py_ssize_t lengths[PARTS_MAX]
    cdef Py_ssize_t length = HEADER + 11 + 1 + PyBytes_GET_SIZE(short_message)
    cdef Py_ssize_t tail = _tlvs_length(tlvs)
    cdef int index
    cdef long number
    if tail < 0:
        return None
    length += tail
    for index in range(11):
        value = numbers[index]
        if not PyLong_Check(value):
            return None
        try:
            number = PyLong_AsLong(value)
        except OverflowError:
            return None
        if number < 0 or number > 0xFF:
            return None
        octet[index] = number
    for index in range(PARTS_MAX):
        lengths[index] = _text_length(texts[index])
        if lengths[index] < 0:
            return None
        length += lengths[index] + 1
    octets = PyBytes_FromStringAndSize(NULL, length)
    cdef unsigned char* at = <unsigned char*>PyBytes_AS_STRING(octets)
    _put_uint32(at, length)
    _put_uint32(at + 4, command_id)
    _put_uint32(at + 8, command_status)
    _put_uint32(at + 12, sequence_number)
    at = _put_text(at + HEADER, texts[0], lengths[0])
    memcpy(at, octet, 2)
    at = _put_text(at + 2, texts[1], lengths[1])
    memcpy(at, octet + 2, 2)
    at = _put_text(at + 2, texts[2], lengths[2])
    memcpy(at, octet + 4, 3)
    at = _put_text(at + 3, texts[3], lengths[3])
    at = _put_text(at, texts[4], lengths[4])
    memcpy(at, octet + 7, 4)
    at[4] = PyBytes_GET_SIZE(short_message)
    memcpy(at + 5, PyBytes_AS_STRING(short_message), PyBytes_GET_SIZE(short_message))
    at += 5 + PyBytes_GET_SIZE(short_message)
    for tag, content in tlvs:
        number = tag
        at[0] = (number >> 8) & 0xFF
        at[1] = number & 0xFF
        at[2] = (PyBytes_GET_SIZE(content) >> 8) & 0xFF
        at[3] = PyBytes_GET_SIZE(content) & 0xFF
        memcpy(at + 4, PyBytes_AS_STRING(content), PyBytes_GET_SIZE(content))
        at += 4 + PyBytes_GET_SIZE(content)
    return octets


cdef Py_ssize_t _text_length(object text) except -2:
    """Characters of a text of latin-1 without a NUL; -1 for any other."""
    if not PyUnicode_Check(text) or PyUnicode_KIND(text) != 1:
        return -1
    cdef Py_ssize_t length = PyUnicode_GET_LENGTH(text)
    if length and memchr(PyUnicode_DATA(text), 0, length) != NULL:
        return -1
    return length


cdef inline unsigned char* _put_text(unsigned char* at, object text, Py_ssize_t length):
    memcpy(at, PyUnicode_DATA(text), length)
    at[length] = 0
    return at + length + 1


cdef Py_ssize_t _tlvs_length(object tlvs) except -2:
    """Octets of all TLVs; -1 where they are not pairs of a tag and bytes within their limits."""
    cdef Py_ssize_t length = 0
    if not PyTuple_CheckExact(tlvs):
        return -1
    for pair in tlvs:
        if not PyTuple_CheckExact(pair) or len(pair) != 2:
            return -1
        tag, content = pair
        if not (PyLong_Check(tag) and 0 <= tag <= 0xFFFF and PyBytes_CheckExact(content)):
            return -1
        if PyBytes_GET_SIZE(content) > 0xFFFF:
            return -1
        length += 4 + PyBytes_GET_SIZE(content)
    return length


# -- a receipt's text ----------------------------------------------------------------------------------------


def receipt_facts(text):
    """(id, stat, err) of a receipt in the usual order of SMPP v3.4 appendix B; None for any other text."""
    if not PyBytes_CheckExact(text):
        return None
    cdef Cursor cursor
    cursor.start = <Octets>PyBytes_AS_STRING(text)
    cursor.at = 0
    cursor.end = PyBytes_GET_SIZE(text)
    if not _label(&cursor, b"id:", 3):
        return None
    identifier = _word(&cursor)
    if identifier is None or not (_label(&cursor, b" sub:", 5) and _digits(&cursor)):
        return None
    if not (_label(&cursor, b" dlvrd:", 7) and _digits(&cursor)):
        return None
    if not (_label(&cursor, b" submit date:", 13) and _digits(&cursor)):
        return None
    if not (_label(&cursor, b" done date:", 11) and _digits(&cursor) and _label(&cursor, b" stat:", 6)):
        return None
    stat = _word(&cursor)
    if stat is None or not _label(&cursor, b" err:", 5):
        return None
    error = _word(&cursor)
    if error is None:
        return None
    if cursor.at != cursor.end and not (_label(&cursor, b" text:", 6) or _label(&cursor, b" Text:", 6)):
        return None
    return identifier, stat.upper(), error


cdef inline bint _label(Cursor* cursor, const char* label, Py_ssize_t length) noexcept:
    if cursor.end - cursor.at < length or memcmp(cursor.start + cursor.at, label, length):
        return False
    cursor.at += length
    return True


cdef inline bint _digits(Cursor* cursor) noexcept:
    cdef Py_ssize_t first = cursor.at
    while cursor.at < cursor.end and 0x30 <= cursor.start[cursor.at] <= 0x39:
        cursor.at += 1
    return cursor.at > first


cdef object _word(Cursor* cursor):
    """The octets up to the next white space as latin-1 text; None where there are none."""
    cdef Py_ssize_t first = cursor.at
    cdef unsigned char octet
    while cursor.at < cursor.end:
        octet = cursor.start[cursor.at]
        if octet == 0x20 or 0x09 <= octet <= 0x0D:
            break
        cursor.at += 1
    if cursor.at == first:
        return None
    return PyUnicode_DecodeLatin1(<char*>cursor.start + first, cursor.at - first, NULL)


# -- a whole receipt -----------------------------------------------------------------------------------------


def receipt_said(text, tlvs):
    """(id, stat or None, err, message_state or -1, user_message_reference or -1) of a deliver_sm's text and
    TLVs, of which the id of the TLV wins; None where anything about it is unusual."""
    facts = receipt_facts(text)
    if facts is None or not PyTuple_CheckExact(tlvs):
        return None
    identifier, stat, error = facts
    if _has_nul(identifier) or _has_nul(error):
        return None
    cdef long tag
    cdef long state = -1, reference = -1
    cdef bint is_named = False
    cdef const char* octets
    cdef const char* nul
    cdef Py_ssize_t length
    for pair in tlvs:
        tag = pair[0]
        value = pair[1]
        if tag == _MESSAGE_PAYLOAD or tag == _NETWORK_ERROR_CODE or not PyBytes_CheckExact(value):
            return None
        octets = PyBytes_AS_STRING(value)
        length = PyBytes_GET_SIZE(value)
        if tag == _RECEIPTED_MESSAGE_ID:
            nul = <const char*>memchr(octets, 0, length)
            if is_named or nul == octets or not length:
                return None
            is_named = True
            identifier = PyUnicode_DecodeLatin1(octets, length if nul == NULL else nul - octets, NULL)
        elif tag == _MESSAGE_STATE:
            if state != -1 or length != 1:
                return None
            state = <unsigned char>octets[0]
        elif tag == _USER_MESSAGE_REFERENCE:
            if reference != -1 or length != 2:
                return None
            reference = (<long><unsigned char>octets[0] << 8) | <unsigned char>octets[1]
    return identifier, stat, error, state, reference


cdef inline bint _has_nul(object text):
    return memchr(PyUnicode_DATA(text), 0, PyUnicode_GET_LENGTH(text)) != NULL


def receipt_pdu(
    stored,
    bytes identifier not None,
    long segments,
    long delivered,
    bytes submitted not None,
    bytes done not None,
    bytes stat not None,
    bytes error not None,
    long state,
    long reference,
):
    """The deliver_sm (sequence_number 0) of a receipt for the submit_sm in `stored`, its addresses the other
    way round; `reference` -1: none. None where anything about it is unusual."""
    if not PyBytes_CheckExact(stored) or not (0 <= segments <= 999 and 0 <= delivered <= 999):
        return None
    if not (0 <= state <= 0xFF and -1 <= reference <= 0xFFFF):
        return None
    cdef Cursor cursor
    cursor.start = <Octets>PyBytes_AS_STRING(stored)
    cursor.end = PyBytes_GET_SIZE(stored)
    cursor.at = HEADER
    if not _behind_nul(&cursor):
        return None
    cdef Octets source = cursor.start + cursor.at
    cursor.at += 2
    if not _behind_nul(&cursor):
        return None
    cdef Octets destination = cursor.start + cursor.at
    cursor.at += 2
    if not _behind_nul(&cursor):
        return None
    cdef Py_ssize_t source_length = destination - source
    cdef Py_ssize_t destination_length = cursor.start + cursor.at - destination
    cdef Py_ssize_t named = PyBytes_GET_SIZE(identifier)
    cdef Py_ssize_t text_length = (
        3 + named + 8 + 10 + 13 + PyBytes_GET_SIZE(submitted) + 11 + PyBytes_GET_SIZE(done)
        + 6 + PyBytes_GET_SIZE(stat) + 5 + PyBytes_GET_SIZE(error) + 6
    )
    if text_length > TEXT_MAX or named > TEXT_MAX:
        return None
    cdef Py_ssize_t length = (
        HEADER + 1 + destination_length + source_length + 10 + text_length + 4 + named + 1 + 5
        + (6 if reference >= 0 else 0)
    )
    cdef bytes octets = PyBytes_FromStringAndSize(NULL, length)
    cdef unsigned char* at = <unsigned char*>PyBytes_AS_STRING(octets)
    _put_uint32(at, length)
    _put_uint32(at + 4, _DELIVER_SM)
    _put_uint32(at + 8, 0)
    _put_uint32(at + 12, 0)
    at[16] = 0
    at = _put(at + 17, <const char*>destination, destination_length)
    at = _put(at, <const char*>source, source_length)
    at[0] = _SMSC_DELIVERY_RECEIPT
    at = _put(at + 1, b"\0\0\0\0\0\0\0\0", 8)
    at[0] = <unsigned char>text_length
    at = _put(at + 1, b"id:", 3)
    at = _put(at, PyBytes_AS_STRING(identifier), named)
    at = _put_count(_put(at, b" sub:", 5), segments)
    at = _put_count(_put(at, b" dlvrd:", 7), delivered)
    at = _put_bytes(_put(at, b" submit date:", 13), submitted)
    at = _put_bytes(_put(at, b" done date:", 11), done)
    at = _put_bytes(_put(at, b" stat:", 6), stat)
    at = _put_bytes(_put(at, b" err:", 5), error)
    at = _put(at, b" text:", 6)
    at = _put_head(at, _RECEIPTED_MESSAGE_ID, named + 1)
    at = _put(at, PyBytes_AS_STRING(identifier), named)
    at[0] = 0
    at = _put_head(at + 1, _MESSAGE_STATE, 1)
    at[0] = <unsigned char>state
    if reference >= 0:
        at = _put_head(at + 1, _USER_MESSAGE_REFERENCE, 2)
        at[0] = <unsigned char>(reference >> 8)
        at[1] = <unsigned char>(reference & 0xFF)
    return octets


cdef inline bint _behind_nul(Cursor* cursor) noexcept:
    """Move past the next NUL; False where there is none."""
    if cursor.at >= cursor.end:
        return False
    cdef const void* nul = memchr(cursor.start + cursor.at, 0, cursor.end - cursor.at)
    if nul == NULL:
        return False
    cursor.at = <Octets>nul - cursor.start + 1
    return True


cdef inline unsigned char* _put(unsigned char* at, const char* octets, Py_ssize_t length) noexcept:
    memcpy(at, octets, length)
    return at + length


cdef inline unsigned char* _put_bytes(unsigned char* at, bytes octets):
    return _put(at, PyBytes_AS_STRING(octets), PyBytes_GET_SIZE(octets))


cdef inline unsigned char* _put_count(unsigned char* at, long count) noexcept:
    """Three digits."""
    at[0] = <unsigned char>(0x30 + count // 100)
    at[1] = <unsigned char>(0x30 + count // 10 % 10)
    at[2] = <unsigned char>(0x30 + count % 10)
    return at + 3


cdef inline unsigned char* _put_head(unsigned char* at, long tag, Py_ssize_t length) noexcept:
    """Tag and length of a TLV."""
    at[0] = <unsigned char>(tag >> 8)
    at[1] = <unsigned char>(tag & 0xFF)
    at[2] = <unsigned char>(length >> 8)
    at[3] = <unsigned char>(length & 0xFF)
    return at + 4
