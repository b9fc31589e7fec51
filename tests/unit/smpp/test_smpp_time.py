"""The 16 characters of a time, both ways."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from operator_push.smpp.smpp_time import RelativeTime, format_absolute, format_relative, parse_smpp_time

INDIA = timezone(timedelta(hours=5, minutes=30))
NEW_YORK = timezone(timedelta(hours=-5))
MOMENT = datetime(2026, 11, 21, 21, 12, 33, 400_000, UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("261121211233400+", MOMENT),
        ("261122024233422+", MOMENT.astimezone(INDIA)),
        ("261121161233420-", MOMENT.astimezone(NEW_YORK)),
    ],
)
def test_absolute_both_ways(text, moment):
    found = parse_smpp_time(text)
    assert found == moment
    assert found.utcoffset() == moment.utcoffset()
    assert format_absolute(moment) == text


def test_an_offset_that_is_no_quarter_hour_is_written_in_utc():
    odd = timezone(timedelta(minutes=5))
    assert format_absolute(MOMENT.astimezone(odd)) == "261121211233400+"


@pytest.mark.parametrize(
    ("period", "text"),
    [
        (timedelta(), "000000000000000R"),
        (timedelta(days=1), "000001000000000R"),
        (timedelta(days=99, seconds=86_399), "000099235959000R"),
        (timedelta(hours=2, minutes=3, seconds=4, microseconds=999_999), "000000020304000R"),
    ],
)
def test_relative_both_ways(period, text):
    assert format_relative(period) == text
    whole = timedelta(days=period.days, seconds=period.seconds)
    assert parse_smpp_time(text).after(MOMENT) == MOMENT + whole


def test_months_and_years_have_their_calendars_length():
    assert RelativeTime(months=1).after(datetime(2027, 1, 31, tzinfo=UTC)) == datetime(
        2027, 2, 28, tzinfo=UTC
    )
    assert RelativeTime(years=1).after(datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2029, 2, 28, tzinfo=UTC)
    assert RelativeTime(months=13).after(datetime(2026, 12, 1, tzinfo=UTC)) == datetime(
        2028, 1, 1, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "26112121123340+",
        "2611212112334000+",
        "261121211233400",
        "261121211233400Z",
        "261321211233400+",
        "260229211233400+",
        "261121241233400+",
        "261121211233449+",
        "26112121123340 +",
        "٢61121211233400+",
    ],
)
def test_what_is_no_time(text):
    with pytest.raises(ValueError):
        parse_smpp_time(text)


def test_what_has_no_form():
    with pytest.raises(ValueError, match="no zone"):
        format_absolute(datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="2000"):
        format_absolute(datetime(2100, 1, 1, tzinfo=UTC))
    for period in (timedelta(days=100), timedelta(seconds=-1)):
        with pytest.raises(ValueError, match="99 days"):
            format_relative(period)
