"""A simulation counts by account, month and contact."""

from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.rating.values import RatingRequest
from operator_push.kernel.instants import parse_iso
from operator_push.services.simulate_tariff import simulate_tariff

TEXT = """
tariff = "hotline"
version = 1
currency = "INR"
zone = "Asia/Kolkata"
[[price]]
name = "india"
prefix = "91"
per_segment = "0.20"
[[contact]]
name = "month"
per_month = 1
segments = 10
[[credit]]
name = "welcome"
accounts = ["new"]
amount = "1.50"
valid_until = 2027-01-01T00:00:00Z
"""
TARIFF = read_tariff(TEXT, "hotline.toml")


def message(account: str, destination: str, at: str, segments: int = 1) -> RatingRequest:
    return RatingRequest(account=account, destination=destination, segments=segments, at_us=parse_iso(at))


def test_a_contact_pays_once_a_month_of_the_tariffs_zone() -> None:
    may, june = "2026-05-31T18:29:59+00:00", "2026-05-31T18:30:00+00:00"  # midnight on Indian clocks
    found = simulate_tariff(
        [TARIFF],
        [
            message("a", "917012345678", june),
            message("a", "917012345678", may),
            message("a", "917012345678", may, segments=9),
            message("a", "917012345679", may),
            message("b", "917012345678", may),
        ],
    )
    assert found.messages_micros == {"INR": 4_000_000}
    assert (found.messages, found.segments, found.closing_micros) == (5, 13, {})


def test_credit_lasts_over_months_and_what_has_no_price_is_counted() -> None:
    found = simulate_tariff(
        [TARIFF],
        [
            message("new", "917012345678", "2026-05-10T00:00:00Z"),
            message("new", "917012345678", "2026-06-10T00:00:00Z"),
            message("new", "4915112345678", "2026-06-10T00:00:00Z"),
        ],
    )
    assert found.total_micros() == {"INR": 500_000}
    assert found.unpriced == 1
