"""What people may say of themselves, and with which values."""

import pytest

from operator_push.domain.declared import CORRECTABLE, INTERESTS, checked, typed
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME


def test_corrections_are_of_attributes_that_exist() -> None:
    assert set(CORRECTABLE) <= set(FEATURES_BY_NAME)
    assert set(INTERESTS) == {name for name, each in FEATURES_BY_NAME.items() if each.is_declared}


def test_a_declared_value_has_the_type_of_its_attribute() -> None:
    assert (typed("interest.music", "yes"), typed("age", "41"), typed("home.city", "Pune")) == (
        True,
        41,
        "Pune",
    )


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("interest.music", "yes", "yes"),
        ("interest.music", " ", ""),
        ("age", " 041 ", "41"),
        ("age", "", ""),
        ("home.city", " Pune ", "Pune"),
    ],
)
def test_what_is_kept(name: str, value: str, kept: str) -> None:
    assert checked(name, value) == kept


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("interest.music", "maybe"),
        ("calls_30d", "3"),
        ("age", "0"),
        ("age", "old"),
        ("age", "²"),
        ("home.city", "x" * 61),
        ("language", "e\nn"),
    ],
)
def test_what_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        checked(name, value)
