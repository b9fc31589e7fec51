"""Permitted profiles: of nobody who does not permit it, and of nobody more than is permitted."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from feature_files import write_features
from pyroaring import BitMap

from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.audience.vocabulary import Vocabulary
from operator_push.domain.consent import Purpose
from operator_push.domain.profile import FeatureValue
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME
from operator_push.profiles.feature_store import FeatureStore
from operator_push.profiles.permitted_profiles import Permission, PermittedProfiles

RECORD, CALLS, PLACE = DataPurpose.SUBSCRIBER_RECORD, DataPurpose.CALL_DATA, DataPurpose.LOCATION
PEOPLE: dict[int, dict[str, Any]] = {
    number: {"age": 30, "calls_30d": number, "home.city": "Pune"} for number in (1, 2, 3, 4)
}
PERMITTED = {1: RECORD | CALLS | PLACE, 2: RECORD, 3: CALLS, 4: RECORD | CALLS | PLACE}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FeatureStore]:
    with FeatureStore(write_features(tmp_path / "features.json", PEOPLE), memory_limit="128MB") as store:
        yield store


def permission(people: BitMap, permitted: dict[int, DataPurpose]) -> Permission:
    def data(bit: DataPurpose) -> BitMap:
        return BitMap(number for number, held in permitted.items() if held & bit)

    return Permission(Purpose.MARKETING, "Chai Point", 5, people, data)


CASES = """
age >= 18                            1 2
calls_30d >= 1                       1 3
age >= 18 || calls_30d >= 1          1 2 3
age >= 18 && calls_30d >= 1          1
home.city == "Pune"                  1
home.city == null                    2 3
!(home.city == "Delhi")              1
"""


@pytest.mark.parametrize("case", CASES.strip().splitlines())
def test_an_attribute_is_known_of_whoever_permits_its_use(store: FeatureStore, case: str) -> None:
    profiles = PermittedProfiles(store, permission(BitMap([1, 2, 3]), PERMITTED))  # 4 permits no marketing
    rule, expected = case[:37].strip(), [int(number) for number in case[37:].split()]
    assert list(profiles.matching(compile_rule(rule))) == expected


def test_values_are_of_whoever_permits_their_use(store: FeatureStore) -> None:
    profiles = PermittedProfiles(store, permission(BitMap([1, 2, 3]), PERMITTED))
    asked = profiles.values(("age", "calls_30d", "home.city"), BitMap([1, 2, 3, 4]))
    assert asked == {"age": {1: 30, 2: 30}, "calls_30d": {1: 1, 3: 3}, "home.city": {1: "Pune"}}
    assert profiles.values(("age",), BitMap([2])) == {"age": {2: 30}}


def test_a_persons_own_word_fills_a_place_of_whoever_permits_no_records(store: FeatureStore) -> None:
    said = {"home.city": {3: "Goa"}, "interest.music": {2: True}}
    by_word = replace(
        permission(BitMap([1, 2, 3]), PERMITTED), declared=lambda names: {name: said[name] for name in names}
    )
    found = PermittedProfiles(store, by_word).values(("home.city", "interest.music"), BitMap([1, 2, 3]))
    assert found == {"home.city": {1: "Pune", 3: "Goa"}, "interest.music": {2: True}}


def test_a_withdrawal_counts_at_the_next_question(store: FeatureStore) -> None:
    permitted = dict(PERMITTED)
    profiles = PermittedProfiles(store, permission(BitMap([1, 2, 3]), permitted))
    rule = compile_rule("age >= 18")
    assert list(profiles.matching(rule)) == [1, 2]
    permitted[1] ^= RECORD
    assert list(profiles.matching(rule)) == [2]
    assert "age" not in profiles.of(1)


def test_python_and_sql_see_the_same(store: FeatureStore) -> None:
    profiles = PermittedProfiles(store, permission(BitMap([1, 2, 3]), PERMITTED))
    for case in CASES.strip().splitlines():
        rule = compile_rule(case[:37].strip())
        judge = rule.function()
        found = [number for number in (1, 2, 3) if judge(profiles.of(number), 5) is True]
        assert found == list(profiles.matching(rule)), rule.text


def test_a_profile_says_for_whom_it_was_opened(store: FeatureStore) -> None:
    asked = permission(BitMap([1]), PERMITTED)
    profile = PermittedProfiles(store, asked).of(1)
    assert (profile.purpose, profile.brand, profile.at_us) == (Purpose.MARKETING, "Chai Point", 5)
    assert dict(profile) == {"age": 30, "calls_30d": 1, "home.city": "Pune"}
    assert dict(PermittedProfiles(store, replace(asked, people=BitMap())).of(1)) == {}
    assert dict(PermittedProfiles(store, asked).of(99)) == {}


RULES = (
    "age >= 18 && calls_30d >= 2",
    "age >= 18 || calls_30d >= 3",
    "!(age >= 18 && calls_30d >= 2)",
    "!(age < 18 || calls_30d == 2) && home.city == 'Pune'",
    "!(!(age >= 18) || in_list('vip'))",
    "in_list('vip') && (age >= 18 || !received('spring'))",
    "home.city == null || age >= 31",
    "age >= 18 && (calls_30d > 1 && calls_30d < 4 || home.city != 'Pune')",
    "age > calls_30d",
    "in_list('vip') ? age >= 18 : calls_30d > 1",
    "has(age) && !has(home.city)",
    "age >= 18 && true",
)


@pytest.mark.parametrize("text", RULES)
def test_parts_put_together_find_whom_the_rule_finds_one_by_one(tmp_path: Path, text: str) -> None:
    chance = Random(text)
    ages, cities = (None, 17, 18, 30, 31), (None, "Pune", "Delhi")
    people = {
        number: {"age": chance.choice(ages), "calls_30d": number % 5, "home.city": chance.choice(cities)}
        for number in range(1, 41)
    }
    permitted = {number: DataPurpose(chance.randrange(16)) for number in people}
    sets = {"list:vip": BitMap(range(1, 20)), "received:spring": BitMap(range(10, 30))}
    rule = compile_rule(text, Vocabulary(sets=tuple(sets)))
    asked = permission(BitMap(people), permitted)
    with FeatureStore(write_features(tmp_path / "features.json", people), memory_limit="128MB") as store:
        found = PermittedProfiles(store, asked).matching(rule, {key: sets[key] for key in rule.sets})
    one_by_one = []
    for number, attributes in people.items():
        opened = {
            name: value
            for name, value in attributes.items()
            if FEATURES_BY_NAME[name].purpose & permitted[number] == FEATURES_BY_NAME[name].purpose
        }
        profile = {**opened, **{key: number in members for key, members in sets.items()}}
        if rule.function()(profile, asked.at_us) is True:
            one_by_one.append(number)
    assert list(found) == one_by_one


def test_the_own_word_of_a_person_beats_what_was_learnt(store: FeatureStore) -> None:
    said = {
        "age": {1: 17, 3: 50, 9: 60},
        "home.city": {2: "Delhi", 4: "Delhi"},
        "interest.music": {3: True, 9: True},
    }

    def declared(names: Collection[str]) -> dict[str, dict[int, Any]]:
        return {name: said[name] for name in names if name in said}

    asked = replace(permission(BitMap([1, 2, 3, 9]), PERMITTED), declared=declared)
    profiles = PermittedProfiles(store, asked)
    for rule, expected in {
        "age >= 18": [2, 3, 9],  # 1 says 17; 3 says 50, and permits no use of the contract; 9 is not known
        'home.city == "Delhi"': [2],  # 4 permits no marketing
        'home.city == "Pune"': [1],
        "interest.music && age >= 18": [3, 9],
        "!has(interest.music)": [1, 2],
        "interest.film || calls_30d >= 1": [1, 3],  # nobody declared that
    }.items():
        assert list(profiles.matching(compile_rule(rule))) == expected, rule
    assert dict(profiles.of(3)) == {"age": 50, "calls_30d": 3, "interest.music": True}
    assert dict(profiles.of(4)) == {}


def test_a_withdrawal_counts_at_the_next_question_in_sql_as_in_python(store: FeatureStore) -> None:
    """Counted, judged for one person, filled into a text, asked about an event: after it nothing is known."""
    permitted = dict(PERMITTED)
    profiles = PermittedProfiles(store, permission(BitMap([1, 2, 3]), permitted))
    rule = compile_rule('home.city == "Pune"')
    event: dict[str, FeatureValue] = {"event.city": "Pune", "event.amount": 10.0}

    def answers() -> tuple[list[int], bool | None, dict[str, dict[int, FeatureValue]], set[str]]:
        one = profiles.of(1, event=event)
        filled = {name: dict(each) for name, each in profiles.values(["home.city"], BitMap([1, 4])).items()}
        return list(profiles.matching(rule)), rule.function()(one), filled, set(one) & set(event)

    assert answers() == ([1], True, {"home.city": {1: "Pune"}}, {"event.city"})
    permitted[1] ^= PLACE
    assert answers() == ([], None, {"home.city": {}}, set())
    permitted[1] |= PLACE
    assert answers()[0] == [1]
