"""Where records lie does not depend on where the pieces end in which a stream is read."""

import pytest
from charging_samples import file_of, mo_call, mt_call, octets, p_gateway, record
from hypothesis import given, settings
from hypothesis import strategies as st

from cdr_ingest.charging_records.framing import BareFraming, FileFraming
from operator_push.cdr.ber import constructed, context

RECORDS = [mo_call(), mt_call(), p_gateway(), mo_call(indefinite=True)]
PER = 2 << 5


def places(framing, data, piece):
    """(start, end) of records and of broken pieces, read so many octets at a time."""
    found, broken = [], []
    rest, offset, at = b"", 0, 0
    while True:
        more = data[at : at + piece]
        at += piece
        framed = framing.frame(rest + more, is_last=not more)
        spans = zip(framed.places.start.tolist(), framed.places.end.tolist(), strict=True)
        found += [(offset + start, offset + end) for start, end in spans]
        broken += [(offset + one.start, offset + one.end, one.what) for one in framed.broken]
        rest = (rest + more)[framed.behind :]
        offset += framed.behind
        if not more:
            return found, broken


@settings(deadline=None, max_examples=60)
@given(
    records=st.lists(st.sampled_from(RECORDS), min_size=2, max_size=6),
    is_file=st.booleans(),
    changes=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=3), st.integers(0, 5)), max_size=3),
    piece=st.integers(60, 200),
)
def test_damage_costs_the_same_wherever_a_piece_ends(records, is_file, changes, piece):
    data = file_of(records) if is_file else b"".join(records)
    head = 60 if is_file else 0  # the file's header comes whole with the first piece
    for where, put, without in changes:
        at = head + int(where * (len(data) - head))
        data = data[:at] + put + data[at + without :]
    framing = FileFraming if is_file else BareFraming
    assert places(framing(), data, piece) == places(framing(), data, len(data) or 1)


@pytest.mark.parametrize("piece", [60, 90, 120, 1000])
@pytest.mark.parametrize("damage", [b"\x01\x77", b"\xa0\x83\x11\x11\x11", b"\xa0\x84\x11"])
def test_the_reason_of_damage_does_not_tell_how_much_was_read(damage, piece):
    data = damage + mo_call() + mo_call()
    assert places(BareFraming(), data, piece) == places(BareFraming(), data, len(data))


@pytest.mark.parametrize("piece", [60, 90, 120, 1000])
def test_a_record_that_is_not_ber_is_passed_over_whole_where_a_piece_ends_in_it(piece):
    data = bytearray(file_of([mo_call(), bytes(100), mo_call()]))
    per = data.index(bytes(100)) - 2  # a release octet stands between
    data[per] = PER | data[per] & 31
    found, broken = places(FileFraming(), bytes(data), piece)
    assert [end - start for start, end in found] == [len(mo_call())] * 2
    assert [(end - start, what) for start, end, what in broken] == [
        (100, "the record is in unaligned PER; only BER is read")
    ]


def test_what_looks_like_a_record_within_one_that_is_cut_off_is_not_taken_for_the_next():
    likeness = constructed(context(4), [octets(0, b"\4")])
    data = b"\x07" + record(0, 0, likeness, octets(99, bytes(60))) + mt_call()
    assert places(BareFraming(), data, 50) == places(BareFraming(), data, len(data))
