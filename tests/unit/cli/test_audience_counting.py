"""Counting an audience: permission of this moment decides, for the message and for every attribute."""

from pathlib import Path
from typing import Any

import pytest
from campaign_desk import Desk
from feature_files import write_features
from pyroaring import BitMap

from operator_push.cli.audience_counting import count_audience, encode_subscribers, permitting
from operator_push.domain.audience.counting import Disclosed, Withheld
from operator_push.kernel.errors import OperatorError

EVERYBODY = BitMap(range(1, 301))
ADULT_OR_CALLER = "age >= 18 || calls_30d > 10"


def person(number: int) -> dict[str, Any]:
    """Adults are even; callers are divisible by three; the city is always known."""
    return {
        "age": 30 if number % 2 == 0 else 15,
        "calls_30d": 20 if number % 3 == 0 else 5,
        "home.city": "Pune",
        "prepaid": True,
    }


@pytest.fixture
def features(tmp_path: Path) -> Path:
    return write_features(tmp_path / "features.json", {number: person(number) for number in EVERYBODY})


@pytest.fixture
def desk() -> Desk:
    return Desk(EVERYBODY)


def numbers(rule: str, features: Path, desk: Desk) -> set[int]:
    return set(count_audience(features, desk, rule, "chai", 8).subscribers)


def test_only_people_who_permit_the_brand_in_the_category_are_found(features: Path, desk: Desk) -> None:
    desk.permitting["marketing"] = BitMap(range(1, 101))
    assert numbers("age >= 18", features, desk) == set(range(2, 101, 2))
    (asked,) = (call for call in desk.called("permission.bitmap") if call["purpose"] == "marketing")
    assert (asked["brand"], asked["category"]) == ("Chai Point", 8)


def test_an_attribute_withdrawn_since_the_ingest_is_not_known(features: Path, desk: Desk) -> None:
    desk.permitting["use_subscriber_record"] = EVERYBODY - BitMap(range(1, 51))
    found = numbers("age >= 18", features, desk)
    assert found == {number for number in EVERYBODY if number % 2 == 0 and number > 50}


def test_what_is_still_permitted_decides_alone(features: Path, desk: Desk) -> None:
    desk.permitting["use_subscriber_record"] = EVERYBODY - BitMap(range(1, 51))
    desk.permitting["use_call_data"] = EVERYBODY - BitMap(range(41, 101))
    expected = set()
    for number in EVERYBODY:
        adult = number % 2 == 0 and number > 50
        caller = number % 3 == 0 and not 41 <= number <= 100
        if adult or caller:
            expected.add(number)
    assert numbers(ADULT_OR_CALLER, features, desk) == expected


def test_location_needs_call_data_and_location(features: Path, desk: Desk) -> None:
    desk.permitting["use_call_data"] = BitMap(range(1, 201))
    desk.permitting["use_location"] = BitMap(range(101, 301))
    assert numbers('home.city == "Pune"', features, desk) == set(range(101, 201))


def test_no_is_no_also_under_a_negation(features: Path, desk: Desk) -> None:
    desk.permitting["use_subscriber_record"] = BitMap()
    assert numbers("!(age >= 18)", features, desk) == set()
    assert numbers("!prepaid", features, desk) == set()


def test_data_that_the_rule_does_not_read_need_not_be_permitted(features: Path, desk: Desk) -> None:
    desk.permitting["use_top_up"] = BitMap()
    assert len(numbers("age >= 18", features, desk)) == 150
    assert "use_top_up" not in [call["purpose"] for call in desk.called("permission.bitmap")]


def test_a_count_is_told_in_tens_above_a_floor(features: Path, desk: Desk) -> None:
    desk.permitting["marketing"] = BitMap(range(1, 228))
    found = count_audience(features, desk, "prepaid", "chai", 8)
    assert found.disclosed == Disclosed(220)
    assert found.require_disclosed() == Disclosed(220)
    assert len(found.subscribers) == 227
    desk.permitting["marketing"] = BitMap(range(1, 100))
    found = count_audience(features, desk, "prepaid", "chai", 8)
    assert isinstance(found.disclosed, Withheld)
    with pytest.raises(OperatorError, match="fewer than 100 people who permit Chai Point"):
        found.require_disclosed()


@pytest.mark.parametrize(("rule", "category"), [("age >= 18", 9), ("age >= 18", 0), ("agee >= 18", 8)])
def test_what_is_wrong_is_said_before_anybody_is_asked(
    features: Path, desk: Desk, rule: str, category: int
) -> None:
    with pytest.raises(OperatorError):
        count_audience(features, desk, rule, "chai", category)
    assert desk.calls == []


def test_sets_of_subscribers_survive_the_way_to_the_server(desk: Desk) -> None:
    desk.permitting["marketing"] = BitMap([1, 5, 0xFFFFFFFF])
    found = permitting(desk, "marketing", "Chai Point", 8)
    assert found == BitMap([1, 5, 0xFFFFFFFF])
    assert desk.call("campaign.quote", text="x", audience=encode_subscribers(found))["audience"] == 3
