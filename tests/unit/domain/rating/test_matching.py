"""Which price goes first."""

import msgspec
import pytest

from operator_push.domain.rating.checks import problem_of
from operator_push.domain.rating.document import Micros, NumberRange, Price, SenderKind, TariffDocument
from operator_push.domain.rating.matching import facts_of, minutes_of, select_price
from operator_push.domain.rating.values import RatingRequest, sender_kind_of
from operator_push.kernel.instants import parse_iso
from operator_push.text.data_coding import Encoding

ORDER = """
any
country     country=IN
class       country=IN traffic_class=promotional
prefix      prefix=91
longer      prefix=9198
sender      prefix=9198 sender_kind=short_code
encoding    prefix=9198 encoding=ucs2
channel     prefix=9198 channel=flash
class2      prefix=9198 traffic_class=promotional
account     prefix=9198 accounts=acme
network     network=404-45
"""


def price_of(line: str) -> dict[str, object]:
    name, *pairs = line.split()
    keys: dict[str, object] = dict(pair.split("=") for pair in pairs)
    if "accounts" in keys:
        keys["accounts"] = (keys["accounts"],)
    return {"name": name, "per_segment": Micros(1), **keys}


def document(lines: list[str]) -> TariffDocument:
    prices = tuple(
        msgspec.convert(price_of(line), Price, dec_hook=lambda kind, value: value) for line in lines
    )
    ranges = (
        NumberRange(network="404-45", prefixes=("9198",)),
        NumberRange(network="404-1", prefixes=("91",)),
    )
    return TariffDocument(tariff="t", version=1, currency="INR", price=prices, number_range=ranges)


def request(**asked: object) -> RatingRequest:
    most = RatingRequest(
        account="acme",
        destination="919812345678",
        segments=1,
        at_us=parse_iso("2026-05-10T12:00:00+05:30"),
        country="IN",
        channel="flash",
        sender_kind=SenderKind.SHORT_CODE,
        encoding=Encoding.UCS2,
    )
    return msgspec.structs.replace(most, **asked)


def test_the_more_exact_goes_first_whatever_the_order_in_the_file() -> None:
    lines = ORDER.strip().splitlines()
    tariff = document(lines)
    assert problem_of(tariff) is None
    asked = request()
    best, others = select_price(tariff, facts_of(asked, tariff))
    assert best is not None
    expected = [line.split()[0] for line in reversed(lines)]
    assert [best.name, *(each.name for each in others)] == expected
    backwards = document(lines[::-1])
    assert select_price(backwards, facts_of(asked, backwards)) == (best, others)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({"ported_network": "404-10"}, "account"),
        ({"ported_network": "404-10", "account": "other"}, "class2"),
        ({"destination": "917012345678"}, "prefix"),
        ({"destination": "4915112345678", "country": "DE"}, "any"),
    ],
)
def test_what_does_not_hold_gives_way(asked: dict[str, object], name: str) -> None:
    tariff = document(ORDER.strip().splitlines())
    best, _ = select_price(tariff, facts_of(request(**asked), tariff))
    assert best is not None
    assert best.name == name


def test_hours_are_half_open_and_may_run_over_midnight() -> None:
    assert minutes_of("09:00-21:00") == frozenset(range(540, 1260))
    assert minutes_of("21:00-09:00") == frozenset(range(1440)) - minutes_of("09:00-21:00")
    assert len(minutes_of("00:00-24:00")) == 1440


def test_a_weekday_is_that_of_the_tariffs_zone() -> None:
    tariff = msgspec.structs.replace(document(["any"]), zone="Asia/Kolkata")
    saturday_evening_utc = request(at_us=parse_iso("2026-05-09T20:00:00+00:00"))
    assert facts_of(saturday_evening_utc, tariff).weekday.value == "sun"


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("ACME", "alphanumeric"),
        ("56161", "short_code"),
        ("919812345678", "numeric"),
        ("+4915112345", "numeric"),
    ],
)
def test_a_sender_is_what_it_looks_like(sender: str, kind: str) -> None:
    assert sender_kind_of(sender).value == kind
