"""Laws of receipt texts, times and message ids."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from operator_push.smpp.message_id import MessageIdForm, canonical_message_id, could_be_same_message
from operator_push.smpp.receipt_text import (
    STAT_TEXTS,
    format_receipt,
    message_state_of,
    parse_receipt,
    receipt_date,
)
from operator_push.smpp.smpp_time import RelativeTime, format_absolute, format_relative, parse_smpp_time

minutes = st.datetimes(datetime(2000, 1, 1), datetime(2068, 12, 31)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
zones = st.integers(-48, 48).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
words = st.text("0123456789abcdefABCDEF-", min_size=1, max_size=40)


@given(
    message_id=words,
    state=st.sampled_from(sorted(STAT_TEXTS)),
    submitted=minutes,
    done=minutes,
    count=st.integers(0, 999),
    text=st.binary(max_size=40),
)
def test_receipts_read_back(message_id, state, submitted, done, count, text):
    fields = parse_receipt(format_receipt(message_id, state, submitted, done, submitted=count, text=text))
    assert (fields.id, message_state_of(fields.stat), fields.sub) == (message_id, state, count)
    assert (receipt_date(fields.submit_date), receipt_date(fields.done_date)) == (submitted, done)
    assert fields.text == text[:20]


@given(
    text=st.binary(max_size=200)
    | st.lists(st.sampled_from([b"id:", b"stat:", b" ", b"text:", b"1"])).map(b"".join)
)
def test_any_octets_are_a_receipt_or_none(text):
    fields = parse_receipt(text)
    assert fields is None or (fields.id and fields.stat)


@given(digits=st.text("0123456789", max_size=16))
def test_any_digits_are_a_date_or_none(digits):
    assert receipt_date(digits) is None or len(digits) in (10, 12, 14)


@given(
    moment=st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)),
    zone=zones,
)
def test_absolute_times_read_back_to_the_tenth(moment, zone):
    aware = moment.replace(microsecond=moment.microsecond // 100_000 * 100_000, tzinfo=zone)
    found = parse_smpp_time(format_absolute(aware))
    assert (found, found.utcoffset()) == (aware, aware.utcoffset())


@given(period=st.timedeltas(timedelta(), timedelta(days=99)))
def test_relative_times_read_back_to_the_second(period):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    found = parse_smpp_time(format_relative(period))
    assert isinstance(found, RelativeTime)
    assert timedelta() <= start + period - found.after(start) < timedelta(seconds=1)


@given(text=st.text(max_size=18) | st.text("0123456789+-R", min_size=16, max_size=16))
def test_any_text_is_a_time_or_a_value_error(text):
    try:
        found = parse_smpp_time(text)
    except ValueError:
        return
    assert isinstance(found, RelativeTime | datetime)


@given(number=st.integers(0, 2**128), zeros=st.integers(0, 5))
def test_one_number_in_two_spellings_is_one_id(number, zeros):
    decimal, hexadecimal = "0" * zeros + str(number), f"{number:x}"
    canonical = canonical_message_id(decimal, MessageIdForm.DECIMAL)
    assert canonical == canonical_message_id(hexadecimal.upper(), MessageIdForm.HEXADECIMAL) == str(number)
    assert could_be_same_message(decimal, hexadecimal)


@given(text=st.text(max_size=70), form=st.sampled_from(MessageIdForm))
def test_canonicalisation_never_fails_and_is_stable(text, form):
    canonical = canonical_message_id(text, form)
    if form is not MessageIdForm.HEXADECIMAL:
        assert canonical_message_id(canonical, form) == canonical
