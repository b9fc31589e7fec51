"""The number that a file has in its node's sequence, where its header says so (TS 32.297, section 6.1.1)."""

from pathlib import Path

from cdr_ingest.archives.members import opened
from cdr_ingest.archives.stream_fault import StreamFaultError
from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.file_32297 import read_file_header

_HEADER_OCTETS = 4096  # Ours: longer headers are those of long private extensions


def sequence_of(path: Path) -> tuple[str, int] | None:
    """(node address as hexadecimal text, sequence number) of a file or of an archive's first member.

    Raises:
        OSError: the file cannot be read.
    """
    try:
        with opened(path) as members:
            first = next(iter(members), None)
            if first is None:
                return None
            header = read_file_header(first.peek(_HEADER_OCTETS))
    except (CdrError, StreamFaultError):
        return None
    return header.node_address.rstrip(b"\0").hex(), header.sequence_number
