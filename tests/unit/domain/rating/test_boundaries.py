"""Until when a tariff says the same: dates, edges of hours and days, and never past one."""

from datetime import UTC, datetime

import pytest

from operator_push.domain.rating.boundaries import FOREVER_US, QUARTER_US, next_change_us
from operator_push.domain.rating.reading import read_tariff
from operator_push.kernel.instants import iso, parse_iso, to_epoch_us

HEAD = 'tariff = "t"\nversion = 1\ncurrency = "INR"\nzone = "Asia/Kolkata"\n'
PRICE = '[[price]]\nname = "all"\nper_segment = "0.10"\n'


def next_change(more: str, at: str, head: str = "") -> str | None:
    found = next_change_us([read_tariff(HEAD + head + PRICE + more, "t.toml")], parse_iso(at))
    return iso(found) if found != FOREVER_US else None


def test_a_tariff_without_times_never_changes() -> None:
    assert next_change("", "2026-05-10T00:00:00Z") is None


@pytest.mark.parametrize(
    ("more", "head"),
    [
        ("valid_until = 2026-06-01T00:00:00Z\n", ""),
        ('[[tax]]\nname = "GST"\npercent = 18\nvalid_from = 2026-06-01T00:00:00Z\n', ""),
        ('[[exchange_rate]]\nto = "USD"\nrate = 2\nvalid_from = 2026-06-01T00:00:00Z\n', ""),
        ("", "valid_from = 2026-06-01T00:00:00Z\n"),
    ],
)
def test_every_date_is_one(more: str, head: str) -> None:
    assert next_change(more, "2026-05-10T00:00:00Z", head) == "2026-06-01T00:00:00.000000Z"
    assert next_change(more, "2026-06-01T00:00:00Z", head) is None


def test_hours_change_at_their_edge_or_are_looked_at_again_in_a_quarter_of_an_hour() -> None:
    hours = 'hours = "09:07-21:00"\n'
    assert next_change(hours, "2026-05-10T03:31:00Z") == "2026-05-10T03:37:00.000000Z"  # 09:07 in India
    assert next_change(hours, "2026-05-10T03:37:00Z") == "2026-05-10T03:45:00.000000Z"
    assert next_change('weekdays = ["sat"]\n', "2026-05-10T18:29:59Z") == "2026-05-10T18:30:00.000000Z"


def test_no_edge_is_passed_over_where_clocks_are_put_back() -> None:
    text = HEAD.replace("Asia/Kolkata", "Europe/Berlin") + PRICE + 'hours = "02:30-03:00"\n'
    tariff = read_tariff(text, "t.toml")
    at_us = to_epoch_us(datetime(2026, 10, 24, 22, tzinfo=UTC))
    for _ in range(40):
        later_us = next_change_us([tariff], at_us)
        assert 0 < later_us - at_us <= QUARTER_US
        at_us = later_us
