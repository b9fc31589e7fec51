"""Sequence numbers from the header of TS 32.297, packed or not."""

import gzip
from pathlib import Path

from cdr_ingest.ingest.file_sequence import sequence_of
from operator_push.cdr.file_32297 import FileHeader, Release, write_file_header

HEADER = FileHeader(Release(9, 0), Release(9, 0), 0, 0, 0, 4711, node_address=b"\x01\x0a".ljust(20, b"\0"))


def test_the_number_is_read_from_the_header(tmp_path: Path) -> None:
    octets = write_file_header(HEADER, 0)
    plain, packed = tmp_path / "a", tmp_path / "b.gz"
    plain.write_bytes(octets)
    packed.write_bytes(gzip.compress(octets))
    assert sequence_of(plain) == sequence_of(packed) == ("010a", 4711)


def test_other_files_have_none(tmp_path: Path) -> None:
    for octets in (b"", b"record_id,kind,msisdn\n" * 9, bytes(80), gzip.compress(b"x" * 99)[:20]):
        (tmp_path / "a").write_bytes(octets)
        assert sequence_of(tmp_path / "a") is None
