"""Permitted profiles: what is not permitted is not there."""

import pytest

from operator_push.domain.consent import Purpose
from operator_push.domain.profile import FeatureValue, PermittedProfile
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.feature_catalogue import DERIVED, FEATURES

FEATURES_OF_ONE: dict[str, FeatureValue | None] = {
    "age": 30,
    "calls_30d": 12,
    "home.city": "Pune",
    "spend_30d": 250.0,
    "plan": None,
    "shoe_size": 43,
}
CALLS, LOCATION = DataPurpose.CALL_DATA, DataPurpose.LOCATION


def permit(permitted: DataPurpose) -> PermittedProfile:
    return PermittedProfile.permit(FEATURES_OF_ONE, permitted, Purpose.MARKETING, brand="Chai Point", at_us=5)


@pytest.mark.parametrize(
    ("permitted", "names"),
    [
        (DataPurpose.NONE, set()),
        (DataPurpose.SUBSCRIBER_RECORD, {"age"}),
        (CALLS, {"calls_30d"}),
        (LOCATION, set()),  # a place comes from call data: both are needed
        (CALLS | LOCATION, {"calls_30d", "home.city"}),
        (DataPurpose.TOP_UP, {"spend_30d"}),
    ],
)
def test_only_permitted_attributes_are_there(permitted: DataPurpose, names: set[str]) -> None:
    profile = permit(permitted)
    assert set(profile) == names
    assert len(profile) == len(names)
    assert {name: profile[name] for name in profile} == {name: FEATURES_OF_ONE[name] for name in names}
    assert profile.get("home.city") == ("Pune" if "home.city" in names else None)


def test_every_feature_of_the_catalogue_needs_some_purpose() -> None:
    everything: dict[str, FeatureValue | None] = {feature.name: 1 for feature in FEATURES}
    assert not PermittedProfile.permit(everything, DataPurpose.NONE, Purpose.MARKETING, "", 5)
    all_of_them = CALLS | LOCATION | DataPurpose.TOP_UP | DataPurpose.SUBSCRIBER_RECORD
    assert len(PermittedProfile.permit(everything, all_of_them, Purpose.MARKETING, "", 5)) == len(DERIVED)


def test_nobody_makes_a_profile_by_hand_or_reads_values_from_a_log() -> None:
    with pytest.raises(TypeError, match=r"PermittedProfile\.permit"):
        PermittedProfile({"home.city": "Pune"}, Purpose.MARKETING, "", 5)
    assert "Pune" not in repr(permit(CALLS | LOCATION))
    assert "home.city" in repr(permit(CALLS | LOCATION))
    profile = permit(CALLS)
    assert (profile.purpose, profile.brand, profile.at_us) == (Purpose.MARKETING, "Chai Point", 5)
