"""Reading CDR files: which form some octets are in, and the records in them, whole or as SMSC messages."""

from collections.abc import Iterator

from operator_push.cdr import ber
from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.file_32297 import BER_FORMAT, FORMATS, framed_cdrs, looks_like_32297, read_file_header
from operator_push.cdr.record_fields import CdrRecord, read_record
from operator_push.cdr.smsc_message import SC_SMO_TAG, SC_SMT_TAG, SmscMessage
from operator_push.cdr.smsc_reading import read_smsc_message

# The identifier octet of a record of TS 32.298: context-specific, constructed.
CONTEXT_CONSTRUCTED = range(0xA0, 0xC0)


def is_records(data: bytes) -> bool:
    """True where octets are a file of TS 32.297 or begin as records of TS 32.298; False for text."""
    return looks_like_32297(data, len(data)) or (len(data) > 0 and data[0] in CONTEXT_CONSTRUCTED)


def record_places(data: bytes) -> Iterator[tuple[int, int]]:
    """Where each record's element begins and must end: of a TS 32.297 file, or of records back to back.

    Raises:
        CdrError: the file or a record cannot be read, or records are not BER.
    """
    if not looks_like_32297(data, len(data)):
        yield from _bare_places(data)
        return
    header = read_file_header(data)
    for framed in framed_cdrs(data, header):
        if framed.format != BER_FORMAT:
            raise CdrError(f"is in {FORMATS[framed.format]}; only BER can be read", framed.start)
        yield framed.start, framed.end


def read_records(data: bytes) -> Iterator[CdrRecord]:
    """Every record with all its fields.

    Raises:
        CdrError: as `record_places`, and where a field is not of its kind.
    """
    for start, end in record_places(data):
        yield read_record(ber.decode(data, start, end)[0])


def smsc_record_places(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(tag, begin and end of the content) of each SC-SMO and SC-SMT record; others are passed over.

    Raises:
        CdrError: as `record_places`.
    """
    for start, end in record_places(data):
        tag, _, content, content_end = ber.read_header(data, start, end)
        if tag in (SC_SMT_TAG, SC_SMO_TAG):
            yield tag, content, end - 2 if content_end < 0 else content_end


def read_smsc_messages(data: bytes) -> Iterator[SmscMessage]:
    """The SC-SMO and SC-SMT records as messages; others are passed over.

    Raises:
        CdrError: as `record_places`, and where a field that is needed cannot be read.
    """
    for tag, start, end in smsc_record_places(data):
        yield read_smsc_message(data, tag, start, end)


def _bare_places(data: bytes) -> Iterator[tuple[int, int]]:
    at, end = 0, len(data)
    while at < end:
        if data[at] in ber.FILLERS:
            at += 1
            continue
        _, _, _, content_end = ber.read_header(data, at, end)
        if content_end < 0:
            content_end = ber.decode(data, at, end)[1]
        yield at, content_end
        at = content_end
