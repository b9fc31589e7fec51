"""Counts by bit slices are those by scanning, whatever the rule, and go with the features."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from feature_files import write_features
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.consent import Purpose
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.errors import OperatorError
from operator_push.profiles import slice_files
from operator_push.profiles.feature_store import FeatureStore
from operator_push.profiles.permitted_profiles import Permission, PermittedProfiles

NAMES = ("age", "calls_30d", "spend_30d", "home.city", "prepaid", "activated_on")
PARTS = (
    "age >= 30",
    "age < 41",
    "30 == age",
    "!(age in [20, 31, 44])",
    "age + 1 > 30",
    "calls_30d != 3",
    "spend_30d > 2.5",
    "spend_30d <= 4.0",
    'home.city == "Pune"',
    'home.city in ["Delhi", "Pune"]',
    "home.city == null",
    "prepaid",
    "prepaid == false",
    "has(activated_on)",
    'activated_on < date("2025-02-01")',
    "(age > 30 ? prepaid : calls_30d > 5)",
)


def person(random: Random) -> dict[str, Any]:
    """Attributes of one person, each missing for one in four."""
    found = {
        "age": random.randrange(18, 60),
        "calls_30d": random.randrange(9),
        "spend_30d": random.randrange(12) / 2,
        "home.city": random.choice(("Pune", "Delhi", "Mumbai")),
        "prepaid": random.random() < 0.5,
        "activated_on": 20_089 + random.randrange(60),
    }
    return {name: value for name, value in found.items() if random.random() < 0.75}


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Any:
    random = Random(7)
    people = {number: person(random) for number in range(1, 400)}
    folders = [tmp_path_factory.mktemp(name) for name in ("sliced", "scanned")]
    files = [write_features(folder / "features.json", people) for folder in folders]
    with FeatureStore(files[0]) as sliced, FeatureStore(files[1]) as scanned:
        for name in NAMES:
            assert sliced.make_slices(name)
        yield sliced, scanned


def rules() -> st.SearchStrategy[str]:
    return st.recursive(
        st.sampled_from(PARTS),
        lambda inner: (
            st.tuples(inner, st.sampled_from(("&&", "||")), inner).map(
                lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
            )
            | inner.map(lambda part: f"!({part})")
        ),
        max_leaves=6,
    )


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=rules(), seed=st.integers(0, 5))
def test_slices_and_scans_find_the_same_people(stores: Any, text: str, seed: int) -> None:
    random = Random(seed)
    everybody = range(1, 400)

    def some(share: float) -> BitMap:
        return BitMap([number for number in everybody if random.random() < share])

    permitting = {bit: some(0.8) for bit in DataPurpose}
    asked = Permission(
        Purpose.MARKETING,
        "Chai Point",
        0,
        some(0.9),
        permitting.__getitem__,
    )
    rule = compile_rule(text)
    found, expected = (PermittedProfiles(store, asked).matching(rule) for store in stores)
    assert found == expected


def test_slices_are_of_the_present_features_alone(tmp_path: Path) -> None:
    path = write_features(tmp_path / "features.json", {number: {"age": 30} for number in (1, 2)})
    everybody = BitMap([1, 2, 3])
    asked = Permission(Purpose.MARKETING, "Chai Point", 0, everybody, lambda purpose: everybody)
    with FeatureStore(path) as store:
        store.make_slices("age")
        profiles, rule = PermittedProfiles(store, asked), compile_rule("age >= 30")
        assert list(profiles.matching(rule)) == [1, 2]
        write_features(path, {1: {"age": 20}, 3: {"age": 40}})
        assert list(profiles.matching(rule)) == [3], "scanned: nobody has made slices of these"
        store.make_slices("age")
        assert list(profiles.matching(rule)) == [3]


def test_too_many_values_are_scanned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slice_files, "VALUES_MAX", 3)
    path = write_features(tmp_path / "features.json", {number: {"age": number} for number in range(1, 5)})
    with FeatureStore(path) as store:
        assert store.make_slices("age") is None
        assert store.slices("age") is None


def test_an_attribute_that_was_not_computed_has_no_slices(tmp_path: Path) -> None:
    path = write_features(tmp_path / "features.json", {1: {"age": 30}}, features=["age"])
    with FeatureStore(path) as store:
        assert store.make_slices("calls_30d") is None
        assert store.make_slices("age")


def test_a_folder_that_may_not_be_written_is_a_sentence(tmp_path: Path) -> None:
    path = write_features(tmp_path / "features.json", {1: {"age": 30}})
    (tmp_path / "profiles/subscriber_record").chmod(0o755)
    folder = next((tmp_path / "profiles/subscriber_record").iterdir())
    (folder / "slices").write_text("a file where the folder should be")
    with FeatureStore(path) as store, pytest.raises(OperatorError, match="beside the features"):
        store.make_slices("age")


def test_a_damaged_file_is_as_none(tmp_path: Path) -> None:
    path = write_features(tmp_path / "features.json", {1: {"age": 30}})
    with FeatureStore(path) as store:
        store.make_slices("age")
        (file,) = (tmp_path / "profiles").rglob("age.slices")
        file.write_bytes(file.read_bytes()[:-3])
        store._slices.clear()
        assert store.slices("age") is None
