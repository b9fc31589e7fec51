"""How many segments, and where they are cut."""

import pytest
import smsutil

from operator_push.text.data_coding import Encoding, encode_text
from operator_push.text.segmentation import SegmentCount, count_segments, segment_user_data

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
