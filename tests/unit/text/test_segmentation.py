"""How many segments, and where they are cut."""

import pytest
import smsutil

from operator_push.text.data_coding import Encoding, encode_text
from operator_push.text.segmentation import (
    LongMessages,
    SegmentCount,
    SegmentOptions,
    count_segments,
    cut_user_data,
    plan_text,
    segment_user_data,
    units_max,
)
from operator_push.text.shift_tables import NationalLanguage
from operator_push.text.user_data_header import national_language, split_user_data

GSM7, UCS2 = Encoding.GSM7, Encoding.UCS2

# text, encoding, units of each segment
COUNTS = [
    ("", GSM7, (0,)),
    ("a" * 160, GSM7, (160,)),
    ("a" * 161, GSM7, (153, 8)),
    ("a" * 306, GSM7, (153, 153)),
    ("a" * 307, GSM7, (153, 153, 1)),
    ("€" * 80, GSM7, (160,)),
    ("€" * 81, GSM7, (152, 10)),
    ("a" + "€" * 152, GSM7, (153, 152)),
    ("€" * 153, GSM7, (152, 152, 2)),  # 76 pairs fit into 153 septets
    ("你" * 70, UCS2, (70,)),
    ("你" * 71, UCS2, (67, 4)),
    ("你" * 134, UCS2, (67, 67)),
    ("你" * 135, UCS2, (67, 67, 1)),
    ("😀" * 35, UCS2, (70,)),
    ("😀" * 36, UCS2, (66, 6)),
    ("😀" * 67, UCS2, (66, 66, 2)),  # 33 pairs fit into 67 units
]


@pytest.mark.parametrize(("text", "encoding", "carried"), COUNTS)
def test_counts(text, encoding, carried):
    assert count_segments(text) == SegmentCount(encoding, len(carried), sum(carried), carried)
    assert len(smsutil.split(text).parts) == len(carried) or not text


@pytest.mark.parametrize(("text", "encoding"), [(row[0], row[1]) for row in COUNTS])
def test_cuts_are_where_the_independent_implementation_has_them(text, encoding):
    parts = segment_user_data(encode_text(text, encoding), encoding, 7)
    theirs = [part.content for part in smsutil.split(text).parts]
    header = 6 if len(parts) > 1 else 0
    assert [part[header:] for part in parts] == [encode_text(part, encoding) for part in theirs]


def test_a_single_segment_has_no_header():
    assert segment_user_data(bytes(140), Encoding.BINARY, 9) == [bytes(140)]
    assert segment_user_data(b"", GSM7, 9) == [b""]


def test_headers_number_the_parts():
    parts = segment_user_data(bytes(300), Encoding.BINARY, 0x1234)
    assert [part[:6].hex() for part in parts] == ["050003340301", "050003340302", "050003340303"]
    assert [len(part) for part in parts] == [140, 140, 6 + 32]


def test_an_escape_pair_is_not_cut():
    first, second = segment_user_data(encode_text("a" * 152 + "€" + "b" * 10, GSM7), GSM7, 1)
    assert first[6:] == b"a" * 152
    assert second[6:8] == b"\x1be"


def test_a_run_of_escapes_is_cut_between_pairs():
    parts = segment_user_data(b"\x1b" * 400, GSM7, 1)
    assert [len(part) - 6 for part in parts] == [152, 152, 96]


def test_a_surrogate_pair_is_not_cut():
    first, second = segment_user_data(encode_text("a" * 66 + "😀" + "b" * 10, UCS2), UCS2, 1)
    assert first[6:] == "a".encode("utf-16-be") * 66
    assert second[6:10].decode("utf-16-be") == "😀"


@pytest.mark.parametrize("encoding", list(Encoding))
def test_over_255_parts_is_refused(encoding):
    limit = 153 if encoding in (GSM7, Encoding.IA5) else 134
    assert len(segment_user_data(bytes(255 * limit), encoding, 0)) == 255
    with pytest.raises(ValueError, match="at most 255"):
        segment_user_data(bytes(255 * limit + 1), encoding, 0)


def test_a_lone_surrogate_cannot_be_sent():
    with pytest.raises(ValueError, match="surrogates"):
        count_segments("\ud83d")


@pytest.mark.parametrize(
    ("encoding", "header_octets", "units"),
    [
        (GSM7, 0, 160),
        (GSM7, 6, 153),
        (GSM7, 7, 152),
        (GSM7, 4, 155),  # one shift table
        (GSM7, 9, 149),
        (GSM7, 12, 146),
        (GSM7, 13, 145),
        (UCS2, 0, 70),
        (UCS2, 6, 67),
        (UCS2, 7, 66),
        (Encoding.LATIN1, 0, 140),
        (Encoding.LATIN1, 6, 134),
        (Encoding.BINARY, 7, 133),
    ],
)
def test_what_a_header_leaves(encoding, header_octets, units):
    assert units_max(encoding, header_octets) == units


TURKISH = SegmentOptions(shift_tables=(NationalLanguage.TURKISH,))


@pytest.mark.parametrize(
    ("text", "locking", "single", "carried"),
    [
        ("abc{", 0, 0, (5,)),  # the default holds it: no header
        ("ğ", 0, 1, (2,)),  # a single shift alone comes first where it costs no more
        ("ğ" + "a" * 153, 0, 1, (155,)),
        ("ğ" + "a" * 154, 1, 0, (155,)),  # a segment less than behind an escape
        ("ğğğğ" + "a" * 148, 1, 0, (152,)),
        ("ğ" * 156, 1, 0, (149, 7)),
        ("ğ" * 148 + "€^" + "a" * 1, 1, 0, (152,)),
        ("ğ" * 148 + "^" + "ğ" * 6, 1, 0, (148, 8)),  # the pair of ^ is not cut
    ],
)
def test_national_tables_cost_their_header(text, locking, single, carried):
    count = count_segments(text, TURKISH)
    assert (count.encoding, count.locking, count.single) == (GSM7, locking, single)
    assert count.units_per_segment == carried


def test_what_no_enabled_table_holds_goes_as_ucs2():
    assert count_segments("ğя", TURKISH).encoding is UCS2
    assert count_segments("ğ").encoding is UCS2


def test_every_segment_names_its_tables_a_single_one_too():
    for text, parts in (("ğ", 1), ("ğ" * 300, 3)):
        plan = plan_text(text, TURKISH)
        octets = segment_user_data(plan.payload, plan.encoding, 7, 8, plan.elements)
        assert len(octets) == parts
        for each in octets:
            elements, _ = split_user_data(each)
            assert national_language(elements) == (plan.locking, plan.single)


def test_a_16_bit_reference_is_written_whole():
    parts = segment_user_data(b"a" * 161, GSM7, 0x1234, 16)
    assert [part[:7].hex() for part in parts] == ["06080412340201", "06080412340202"]
    assert [len(part) - 7 for part in parts] == [152, 9]


def test_parts_without_a_header_are_those_with_one():
    payload = encode_text("a" * 152 + "€" * 100, GSM7)
    with_header = segment_user_data(payload, GSM7, 1, 16)
    assert cut_user_data(payload, GSM7, 16) == [part[7:] for part in with_header]


def test_options_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="12 is not 8 or 16"):
        SegmentOptions(reference_bits=12)
    with pytest.raises(ValueError, match="need method udh"):
        SegmentOptions(shift_tables=(NationalLanguage.HINDI,), method=LongMessages.PAYLOAD)
    with pytest.raises(ValueError, match="no room"):
        segment_user_data(b"a" * 200, GSM7, 1, 8, bytes(133))
