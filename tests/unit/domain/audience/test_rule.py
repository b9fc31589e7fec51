"""Rules: the door of the room, from text to every output."""

import pytest

from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.audience.rule_error import RuleError
from operator_push.domain.consent import Purpose
from operator_push.domain.profile import PermittedProfile
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.feature_catalogue import Feature, FeatureType

TEXT = 'age >= 18 && home.city in ["Pune"] && spend_30d > 200.0 && !(device.os == "feature")'


def test_a_rule_knows_what_it_reads_and_what_that_needs() -> None:
    rule = compile_rule(TEXT)
    assert [feature.name for feature in rule.attributes] == ["age", "home.city", "spend_30d", "device.os"]
    assert rule.purposes == (
        DataPurpose.SUBSCRIBER_RECORD | DataPurpose.CALL_DATA | DataPurpose.LOCATION | DataPurpose.TOP_UP
    )
    assert compile_rule("true").purposes == DataPurpose.NONE


def test_a_rule_sees_of_a_person_only_what_is_permitted() -> None:
    features = {"age": 30, "home.city": "Pune", "spend_30d": 300.0, "device.os": "android"}
    function = compile_rule(TEXT).function()
    everything = compile_rule(TEXT).purposes
    full = PermittedProfile.permit(features, everything, Purpose.MARKETING, 1, 0)
    assert function(full) is True
    without_place = PermittedProfile.permit(
        features, everything & ~DataPurpose.LOCATION, Purpose.MARKETING, 1, 0
    )
    assert function(without_place) is None


def test_another_catalogue_can_be_given() -> None:
    feature = Feature("shoe.size", FeatureType.INT, "EU", DataPurpose.SUBSCRIBER_RECORD, "Size.")
    assert compile_rule("shoe.size > 40", {"shoe.size": feature}).sql() == ('("shoe.size" > ?)', [40])
    with pytest.raises(RuleError, match="unknown name 'age'"):
        compile_rule("age > 40", {"shoe.size": feature})
