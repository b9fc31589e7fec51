"""The SMSC's CDR files: rows of a closed period as values, read as a stream.

Form: CSV of RFC 4180 with a header, one row per submit_sm that the SMSC accepted, written when the message
has reached its final state. Law: a row that cannot be read stops the reading with file and line; a proof that
skips rows proves nothing. What a row means for our money is `reconcile`.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from operator_push.domain.delivery import STATE_BY_CDR
from operator_push.domain.message import MessageState
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import parse_iso
from operator_push.kernel.numbering import msisdn_or_address

# The columns in the order in which the simulator writes them, and what they mean.
SMSC_CDR_COLUMNS: Mapping[str, str] = {
    "smsc_message_id": "The SMSC's id of the submit_sm, as its submit_sm_resp gave it.",
    "system_id": "The account that submitted it.",
    "source_addr": "Sender address.",
    "destination_addr": "The recipient's number as submitted.",
    "user_message_reference": "The submitter's correlation key, 0..65535; empty where none was given.",
    "submit_time": "When the SMSC accepted it: ISO 8601, UTC, microseconds.",
    "final_time": "When it reached its final state: ISO 8601, UTC, microseconds.",
    "state": "DELIVERED, EXPIRED, DELETED, UNDELIVERABLE, ACCEPTED, UNKNOWN or REJECTED.",
    "error_code": "The network's error code, 0 where there is none.",
    "data_coding": "The data_coding octet of the submit_sm, decimal.",
    "octets": "Length of the user data.",
    "concat_reference": "Reference of the concatenated message; empty as concat_part is.",
    "concat_total": "Number of its segments on the air; empty for a single segment.",
    "concat_part": "Number of this segment, from 1; empty for a single one, and for a text taken whole.",
}
_NEEDED = (
    "smsc_message_id",
    "system_id",
    "source_addr",
    "destination_addr",
    "user_message_reference",
    "submit_time",
    "final_time",
    "state",
    "error_code",
)
_PARTS = ("concat_part", "concat_total")
NO_REFERENCE = -1


class SmscRecord(msgspec.Struct, frozen=True, gc=False):
    """One row, as far as the join needs it.

    `smsc_message_id` in the canonical form under which our rows keep it; `destination` the msisdn as digits;
    `user_message_reference` -1 where the SMSC echoes none; `state` UNKNOWN where the SMSC itself says so;
    `part` its number in a concatenated message, 0 in one of a single segment; `segments` how many the SMSC
    counts in the message, 0 where it does not say.
    """

    smsc_message_id: str
    system_id: str
    source: str
    destination: str
    user_message_reference: int
    submit_us: int
    final_us: int
    state: MessageState
    error_code: str
    part: int = 0
    segments: int = 0


def read_smsc_cdr(
    lines: Iterable[str], file_name: str, canonical_id: Callable[[str], str] = str
) -> Iterator[SmscRecord]:
    """The records of one closed file; `canonical_id` turns the file's form of an id into ours.

    Raises:
        OperatorError: a column is missing or a row cannot be read; the message names file and line.
    """
    reader = csv.reader(lines)
    header = next(reader, [])
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        raise OperatorError(
            f"is not a CDR file of an SMSC: its first line lacks {', '.join(missing)}", file=file_name
        )
    at = [header.index(name) for name in _NEEDED]
    part_at, segments_at = (header.index(name) if name in header else -1 for name in _PARTS)
    for row in reader:
        if len(row) != len(header):
            raise row_error(file_name, reader.line_num, f"has {len(row)} fields, not {len(header)}")
        try:
            part = int(row[part_at] or 0) if part_at >= 0 else 0
            segments = int(row[segments_at] or 0) if segments_at >= 0 else 0
            yield _record([row[index] for index in at], canonical_id, part, segments)
        except ValueError as error:
            raise row_error(file_name, reader.line_num, str(error)) from error


def _record(fields: list[str], canonical_id: Callable[[str], str], part: int, segments: int) -> SmscRecord:
    identifier, system_id, source, destination, reference, submitted, final, state_name, error_code = fields
    state = STATE_BY_CDR.get(state_name)
    if state is None:
        raise ValueError(f"state {state_name!r} is not one of {', '.join(STATE_BY_CDR)}")
    return SmscRecord(
        canonical_id(identifier),
        system_id,
        source,
        msisdn_or_address(destination),
        int(reference) if reference else NO_REFERENCE,
        parse_iso(submitted),
        parse_iso(final),
        state,
        error_code,
        part,
        segments,
    )


def row_error(file_name: str, line: int, what: str) -> OperatorError:
    """What is wrong with a line, and what to do about it."""
    return OperatorError(
        f"{what}; get the file from the SMSC again, or leave it out", file=f"{file_name}:{line}"
    )
