"""Profile values: JSON to what a rule is asked of."""

import pytest

from operator_push.domain.audience.built_ins import set_text
from operator_push.domain.audience.moments import timestamp_us
from operator_push.domain.audience.profile_values import profile_of
from operator_push.domain.audience.rule import compile_rule
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME, Feature, FeatureType

CATALOGUE = {
    **FEATURES_BY_NAME,
    "seen_at": Feature("seen_at", FeatureType.TIMESTAMP, "", DataPurpose.CALL_DATA, ""),
    "likes": Feature("likes", FeatureType.SET, "", DataPurpose.CALL_DATA, ""),
}


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(OperatorError, match=r"home\.city stands twice in the profile, whole and nested"):
        profile_of({"home.city": "Pune", "home": {"city": "Mumbai"}})
    assert profile_of({"home.city": None, "home": {"city": "Mumbai"}})[0] == {"home.city": "Mumbai"}


def test_whole_and_nested_names_lists_and_campaigns() -> None:
    profile, unknown = profile_of(
        {
            "age": 30.0,
            "home": {"city": "Pune", "street": "x"},
            "device.os": "ios",
            "spend_30d": 3,
            "prepaid": None,
            "activated_on": "1970-01-02",
            "seen_at": "1970-01-01T05:30:01+05:30",
            "likes": ["tea", "golf"],
            "lists": ["vip"],
            "campaigns": {"spring": ["received", "clicked"]},
        },
        features=CATALOGUE,
    )
    assert profile == {
        "age": 30,
        "home.city": "Pune",
        "device.os": "ios",
        "spend_30d": 3.0,
        "activated_on": 1,
        "seen_at": 1_000_000,
        "likes": set_text(["golf", "tea"]),
        "list:vip": True,
        "received:spring": True,
        "clicked:spring": True,
    }
    assert isinstance(profile["age"], int)
    assert isinstance(profile["spend_30d"], float)
    assert unknown == ("home.street",)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ([], "a profile is a JSON object"),
        ({"age": "30"}, "age of the profile is not an int"),
        ({"age": True}, "age of the profile is not an int"),
        ({"age": 30.5}, "age of the profile is not an int"),
        ({"age": 1 << 60}, "age of the profile is not an int"),
        ({"spend_30d": float("nan")}, "not a number"),
        ({"spend_30d": True}, "not a number"),
        ({"prepaid": 1}, "true, false or null"),
        ({"plan": 5}, "not a string"),
        ({"activated_on": "today"}, "activated_on of the profile cannot be read: a date is written"),
        ({"lists": "vip"}, "lists of the profile is not a list of strings"),
        ({"events": {"top_up": 3}}, "events of the profile is not a list"),
        ({"events": [{"event": "topup", "at": "2027-01-15T08:00:00Z"}]}, "one of call, session, sms, top_up"),
        ({"events": [{"event": "sms", "at": "soon"}]}, "events.at of the profile cannot be read"),
        ({"campaigns": ["spring"]}, "campaigns of the profile is not an object"),
        ({"campaigns": {"spring": ["loved"]}}, "received, clicked, replied, bought"),
    ],
)
def test_what_a_profile_cannot_hold(written: object, told: str) -> None:
    with pytest.raises(OperatorError, match=told):
        profile_of(written)


def test_events_are_counted_up_to_the_moment() -> None:
    now_us = timestamp_us("2027-01-31T12:00:00Z")
    days = ("2027-01-01T12:00:00Z", "2027-01-01T12:00:01Z", "2027-01-28T11:00:00Z", "2027-02-01T00:00:00Z")
    written = {"events": [{"event": "top_up", "at": day} for day in days]}
    counted, _ = profile_of(written, now_us)
    happened = {"top_ups_7d": 1, "top_ups_30d": 2, "top_ups_90d": 3, "days_since_top_up": 3}
    assert {name: value for name, value in counted.items() if value} == happened
    assert (counted["calls_30d"], counted["sms_1d"]) == (0, 0)
    assert profile_of({**written, "top_ups_30d": 9}, now_us)[0]["top_ups_30d"] == 9
    assert compile_rule('did("top_up", 2, "30d") && days_since("top_up") == 3').function()(counted) is True
