"""Laws of segmentation and packing for any text."""

import smsutil
from hypothesis import given
from hypothesis import strategies as st

from operator_push.text.data_coding import Encoding, choose_encoding, decode_text, encode_text
from operator_push.text.gsm7 import (
    decode_gsm7,
    encode_gsm7,
    header_fill_bits,
    pack_septets,
    packed_octets,
    unpack_septets,
)
from operator_push.text.segmentation import SegmentOptions, count_segments, plan_text, segment_user_data
from operator_push.text.shift_tables import NationalLanguage
from operator_push.text.user_data_header import concatenation, national_language, split_user_data

GSM7_ALPHABET = decode_gsm7(bytes(code for code in range(128) if code != 0x1B)) + "\f^{}\\[~]|€"
gsm7_texts = st.text(GSM7_ALPHABET, max_size=700)
# Heavy in pairs, so that cuts fall on them.
unicode_texts = st.text(st.sampled_from("aé你😀𝄞"), max_size=300) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=300
)


def air_octets(part, encoding, header_octets):
    if encoding in (Encoding.GSM7, Encoding.IA5):
        fill = header_fill_bits(header_octets)
        return header_octets + packed_octets(len(part) - header_octets, fill)
    return len(part)


@given(text=gsm7_texts | unicode_texts, reference=st.integers(0, 0xFFFF))
def test_parts_joined_are_the_whole_and_fit_on_the_air(text, reference):
    encoding = choose_encoding(text)
    parts = segment_user_data(encode_text(text, encoding), encoding, reference)
    count = count_segments(text)
    assert count.segments == len(parts)
    single, several = (160, 153) if count.encoding is Encoding.GSM7 else (70, 67)
    assert (count.segments == 1) == (count.units <= single)
    assert len(count.units_per_segment) == count.segments
    assert sum(count.units_per_segment) == count.units
    assert count.segments == 1 or max(count.units_per_segment) <= several
    if len(parts) == 1:
        assert air_octets(parts[0], encoding, 0) <= 140
        assert decode_text(parts[0], encoding) == text
        return
    texts = []
    for number, part in enumerate(parts, 1):
        elements, payload = split_user_data(part)
        found = concatenation(elements)
        assert (found.reference, found.total, found.part) == (reference & 0xFF, len(parts), number)
        assert air_octets(part, encoding, 6) <= 140
        texts.append(payload.decode("utf-16-be") if encoding is Encoding.UCS2 else decode_gsm7(payload))
    assert "".join(texts) == text  # each part decodes alone and strictly: no pair was cut


@given(payload=st.binary(max_size=1_500), encoding=st.sampled_from(list(Encoding)))
def test_any_octets_are_cut_without_loss_and_with_progress(payload, encoding):
    parts = segment_user_data(payload, encoding, 1)
    header = 6 if len(parts) > 1 else 0
    assert b"".join(part[header:] for part in parts) == payload
    assert all(air_octets(part, encoding, header) <= 140 for part in parts)


@given(text=gsm7_texts)
def test_gsm7_both_ways(text):
    assert decode_gsm7(encode_gsm7(text)) == text


@given(octets=st.binary(max_size=300), encoding=st.sampled_from(list(Encoding)))
def test_reading_any_octets_never_fails(octets, encoding):
    assert isinstance(decode_text(octets, encoding), str)


@given(septets=st.lists(st.integers(0, 127), max_size=200).map(bytes), fill=st.integers(0, 6))
def test_packing_both_ways(septets, fill):
    packed = pack_septets(septets, fill)
    assert len(packed) == packed_octets(len(septets), fill)
    assert unpack_septets(packed, len(septets), fill) == septets


national_texts = st.text(st.sampled_from("aQ €^{ğŞıçÁÚãΦनमस्१தமிழ்پاಡ😀"), max_size=500)
options = st.builds(
    SegmentOptions,
    reference_bits=st.sampled_from([8, 16]),
    shift_tables=st.lists(st.sampled_from(list(NationalLanguage)), max_size=3, unique=True).map(tuple),
    encoding=st.sampled_from([None, None, None, Encoding.UCS2]),
)


@given(text=national_texts | gsm7_texts | unicode_texts, how=options, reference=st.integers(0, 0xFFFF))
def test_any_options_cut_without_loss_and_each_part_reads_alone(text, how, reference):
    plan = plan_text(text, how)
    parts = segment_user_data(plan.payload, plan.encoding, reference, how.reference_bits, plan.elements)
    assert plan.count.segments == len(parts)
    has_header = len(parts) > 1 or plan.elements
    texts = []
    for number, part in enumerate(parts, 1):
        elements, payload = split_user_data(part) if has_header else ((), part)
        assert air_octets(part, plan.encoding, len(part) - len(payload)) <= 140
        assert national_language(elements) == (plan.locking, plan.single)
        found = concatenation(elements)
        if len(parts) > 1:
            kept = reference & ((1 << how.reference_bits) - 1)
            assert (found.reference, found.total, found.part) == (kept, len(parts), number)
        else:
            assert found is None
        is_ucs2 = plan.encoding is Encoding.UCS2
        texts.append(
            payload.decode("utf-16-be")
            if is_ucs2
            else decode_gsm7(payload, "strict", plan.locking, plan.single)
        )
    assert "".join(texts) == text


@given(text=(gsm7_texts | unicode_texts).filter(bool))  # it has no opinion of an empty text
def test_the_choice_and_the_cut_are_those_of_the_independent_implementation(text):
    theirs = smsutil.split(text)
    count = count_segments(text)
    assert count.encoding is (Encoding.GSM7 if theirs.encoding.lower().startswith("gsm") else Encoding.UCS2)
    assert count.segments == len(theirs.parts)


@given(text=national_texts)
def test_a_national_table_never_costs_a_segment_more(text):
    cheapest = count_segments(text, SegmentOptions(shift_tables=tuple(NationalLanguage)))
    assert cheapest.segments <= count_segments(text).segments
