"""What a rating tells besides its lines, which the golden cases hold."""

import pytest

from operator_push.domain.rating.pricing import rate
from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.rating.values import Rating, RatingRequest, Unpriced
from operator_push.kernel.instants import parse_iso

TEXT = """
tariff = "t"
version = 4
currency = "INR"
[[price]]
name = "india"
prefix = "91"
per_segment = "0.10"
[[price]]
name = "mobile"
prefix = "919"
per_segment = "0.20"
[[exchange_rate]]
to = "USD"
rate = "0.01"
valid_from = 2026-06-01T00:00:00Z
[accounts.export]
currency = "USD"
"""
TARIFF = read_tariff(TEXT, "t.toml")


def request(account: str = "a", destination: str = "919812345678", segments: int = 1) -> RatingRequest:
    at_us = parse_iso("2026-05-10T12:00:00Z")
    return RatingRequest(account=account, destination=destination, segments=segments, at_us=at_us)


def test_every_rule_that_had_a_say_is_told() -> None:
    rating = rate(request(), TARIFF)
    assert isinstance(rating, Rating)
    assert [(each.rule, each.sentence) for each in rating.applied] == [
        ("tariff", "t version 4, times in UTC"),
        ("contract", "charged on delivery; rounded half_even at the invoice"),
        ("price", "mobile is the most exact, before india"),
        ("segments", "1 at 0.20 INR by mobile"),
    ]


def test_no_price_and_no_rate_are_answers() -> None:
    assert rate(request(destination="4915112345678"), TARIFF) == Unpriced(
        "no price of t version 4 holds this message",
        rate(request(), TARIFF).applied[:2],
    )
    no_rate = rate(request(account="export"), TARIFF)
    assert isinstance(no_rate, Unpriced)
    assert "no rate" in no_rate.reason


def test_a_message_has_a_segment() -> None:
    with pytest.raises(ValueError, match="an empty text is one segment"):
        rate(request(segments=0), TARIFF)
