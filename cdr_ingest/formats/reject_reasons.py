"""Why a row is rejected: one stable word per reason, as reject files and counts show it."""

from enum import Enum


class RejectReason(Enum):
    """The value is the sentence of the documentation page; the name is what files show."""

    UNKNOWN_HEADER = "the first line of the file names other columns than its kind or mapping has"
    LINE_TOO_LONG = "the line is longer than 64 KiB"
    BAD_ENCODING = "the line is not UTF-8, or holds a NUL"
    BAD_QUOTING = "a quoted field does not end on its line"
    TRUNCATED_ROW = "the row has fewer columns than the header, or ends before the last one begins"
    EXTRA_COLUMNS = "the row has more columns than the header"
    BAD_JSON = "the line is not one JSON object"
    BAD_LDIF = "the entry is not LDIF"
    BAD_RECORD = "the octets are no record as TS 32.298 and TS 32.297 have them"
    UNUSED_RECORD = "the record is of no kind that is learned from, or of a message that did not arrive"
    MISSING_FIELD = "a field that this kind of row needs is empty"
    UNKNOWN_KIND = "the kind is none of MO_CALL, MT_CALL, MO_SMS, MT_SMS, DATA_SESSION"
    BAD_NUMBER = "the number is not an international E.164 number"
    IMPOSSIBLE_DATE = "the date does not exist, lies before 2000 or after the run, or has no zone"
    NEGATIVE_DURATION = "the duration is below zero"
    BAD_VALUE = "the field is not of its form or range"
    BROKEN_ARCHIVE = "the archive is damaged or ends here; what stands before was read"
    ARCHIVE_TOO_LARGE = "the archive unpacks to more than 1 GiB and 250 times its size; the rest is not read"
    UNKNOWN_CELL = "the cell is not in cells.csv"
