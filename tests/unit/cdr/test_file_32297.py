"""Files of TS 32.297: headers to the octet, releases of every age, and lengths that lie."""

import struct

import pytest
from cdr_samples import check_place, sample
from hypothesis import given
from hypothesis import strategies as some

from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.file_32297 import (
    FileHeader,
    Release,
    framed_cdrs,
    header_time,
    looks_like_32297,
    read_file_header,
    time_text,
    write_cdr,
    write_file,
    write_file_header,
)

releases = some.builds(Release, some.integers(3, 30), some.integers(0, 31))
headers = some.builds(
    FileHeader,
    high=releases,
    low=releases,
    opened=some.integers(0, 2**32 - 1),
    appended=some.integers(0, 2**32 - 1),
    cdr_count=some.just(0),
    sequence_number=some.integers(0, 2**32 - 1),
    closure_reason=some.integers(0, 255),
    node_address=some.binary(min_size=20, max_size=20),
    lost_cdrs=some.integers(0, 255),
    filter=some.binary(max_size=30),
    private_extension=some.binary(max_size=30),
)
PLAIN = FileHeader(Release(16, 11), Release(9, 0), header_time(11, 21, 19, 40, 180), 0, 0, 42)


@given(headers, some.lists(some.binary(max_size=80), max_size=5))
def test_a_file_comes_back(header: FileHeader, records: list[bytes]) -> None:
    data = write_file(header, records)
    read = read_file_header(data)
    assert (read.high, read.low, read.filter, read.private_extension) == (
        header.high,
        header.low,
        header.filter,
        header.private_extension,
    )
    assert [data[cdr.start : cdr.end] for cdr in framed_cdrs(data, read)] == records
    body = b"".join(write_cdr(record, header.high) for record in records)
    assert write_file_header(read, len(body)) + body == data
    assert looks_like_32297(data, len(data))


def test_the_sample_of_another_encoder_is_read_and_written_to_the_octet() -> None:
    data = sample("generated_scsmt_ts32297_100.cdr")
    if data is None:
        pytest.skip("shared/data/cdr is not here; install it beside the project or set SHARED_DATA")
    header = read_file_header(data)
    assert (header.high, header.cdr_count, header.sequence_number) == (Release(16, 11), 100, 42)
    assert time_text(header.opened) == "11-21T19:40+03:00"
    assert header.filter == b"all"
    cdrs = list(framed_cdrs(data, header))
    assert {(cdr.format, cdr.specification) for cdr in cdrs} == {(1, 15)}
    body = b"".join(write_cdr(data[cdr.start : cdr.end], cdr.release) for cdr in cdrs)
    assert write_file_header(header, len(body)) + body == data


def test_times_go_west_too() -> None:
    assert time_text(header_time(2, 29, 23, 59, -210)) == "02-29T23:59-03:30"


def lie(at: int, octets: bytes) -> bytes:
    data = bytearray(write_file(PLAIN, [b"\xbf\x5e\x00"]))
    data[at : at + len(octets)] = octets
    return bytes(data)


FIRST_CDR = 53  # the header of 52 octets and one extension


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\0" * 20, "octet 20: has 20 octets"),
        (lie(4, struct.pack(">I", 9)), "octet 4: says that the header has 9 octets"),
        (lie(0, struct.pack(">I", 9)), "octet 0: says 9 octets in all"),
        (lie(18, struct.pack(">I", 7)), "octet 18: holds 1 CDRs, its header says 7"),
        (lie(48, b"\xff\xff"), "octet 48: a field of the header ends 6553. octets behind the header"),
        (lie(FIRST_CDR, b"\xff"), f"octet {FIRST_CDR}: says 65283 octets"),
        (lie(FIRST_CDR + 3, b"\x0f"), f"octet {FIRST_CDR + 3}: has data record format 0"),
    ],
)
def test_a_lie_is_named_with_its_octet(data: bytes, message: str) -> None:
    with pytest.raises(CdrError, match=message):
        list(framed_cdrs(data, read_file_header(data)))


@given(some.integers(0, 120), some.binary(min_size=1, max_size=4), some.integers(0, 60))
def test_mutations_end_in_records_or_a_cdr_error(at: int, octets: bytes, cut: int) -> None:
    data = bytearray(write_file(PLAIN, [b"\xbf\x5e\x03\x80\x01\x05"] * 8))
    data[at : at + len(octets)] = octets
    try:
        list(framed_cdrs(bytes(data[: len(data) - cut]), read_file_header(bytes(data[: len(data) - cut]))))
    except CdrError as error:
        check_place(error, len(data))


def test_a_record_that_no_length_can_say_is_refused() -> None:
    with pytest.raises(ValueError, match="more than the 65535"):
        write_cdr(bytes(65_536), Release(16, 0))
