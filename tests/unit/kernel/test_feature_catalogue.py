"""The catalogue names each feature once, in words that a rule can use, with the purpose that it needs."""

import re

import pytest

from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.feature_catalogue import FEATURES, FEATURES_BY_NAME, Feature


def test_names_are_unique() -> None:
    assert len(FEATURES_BY_NAME) == len(FEATURES)


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_each_row_is_whole(feature: Feature) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?", feature.name)
    assert bool(feature.purpose) != feature.is_declared, "only what people tell us needs no further purpose"
    assert feature.meaning.endswith(".")
    assert feature.version >= 1
    assert feature.retention_days >= feature.window_days


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_location_is_never_read_from_call_data_without_consent_to_both(feature: Feature) -> None:
    if DataPurpose.LOCATION in feature.purpose:
        assert DataPurpose.CALL_DATA in feature.purpose


def test_no_name_is_another_names_folder() -> None:
    folders = {name.partition(".")[0] for name in FEATURES_BY_NAME if "." in name}
    assert not folders & set(FEATURES_BY_NAME)
