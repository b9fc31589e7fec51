"""Types of values: every type of the catalogue has one, and moments are shown as people write them."""

from operator_push.domain.audience.tree import Literal
from operator_push.domain.audience.value_types import BY_FEATURE_TYPE, ValueType, literal_of
from operator_push.kernel.feature_catalogue import FeatureType


def test_every_type_of_the_catalogue_has_its_type() -> None:
    assert set(BY_FEATURE_TYPE) == set(FeatureType)


def test_moments_are_shown_as_people_write_them() -> None:
    shown = {
        kind: literal.shown
        for kind in (ValueType.DATE, ValueType.DURATION, ValueType.TIMESTAMP, ValueType.INT)
        for literal, _ in [literal_of(86_400_000_000 if kind is not ValueType.DATE else 1, kind, 1)]
        if isinstance(literal, Literal)
    }
    assert shown == {
        ValueType.DATE: "1970-01-02",
        ValueType.DURATION: "1d",
        ValueType.TIMESTAMP: "1970-01-02T00:00:00Z",
        ValueType.INT: "",
    }
