"""Rules as Python: three-valued logic, value by value."""

import itertools
import math

import pytest

from operator_push.domain.audience.parser import parse
from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.audience.to_python import to_python

PROFILE = {"age": 30, "home.city": "Pune", "spend_30d": 250.5, "prepaid": True, "plan": "gold"}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("age >= 18 && home.city in ['Pune', 'Goa']", True),
        ("age >= 18 && !(home.city in ['Pune', 'Goa'])", False),
        ("age == 30.0", True),
        ("age + 1 == 31 && age - 1 < 29.5", True),
        ("-age < -29", True),
        ("spend_30d > 250 && spend_30d <= 250.5", True),
        ("prepaid == (age > 18)", True),
        ("prepaid != true", False),
        ("true", True),
        ("null == null", True),
        ('"a" in []', False),
        ("age in [1, 30.0]", True),
        # what is not known
        ("language == 'hi'", None),
        ("!(language == 'hi')", None),
        ("language != 'hi'", None),
        ("language == null", True),
        ("language != null", False),
        ("language in ['hi']", None),
        ("language in []", False),
        ("tenure_days + age > 3", None),
        ("tenure_days > 1.5", None),
        ("-tenure_days < 5", None),
        ("age > 99 && tenure_days > 3", False),
        ("tenure_days > 3 && age > 99", False),
        ("age > 18 && tenure_days > 3", None),
        ("age > 18 || tenure_days > 3", True),
        ("tenure_days > 3 || age > 18", True),
        ("age > 99 || tenure_days > 3", None),
        ("(tenure_days > 3) == null", True),
    ],
)
def test_answer(text: str, answer: bool | None) -> None:
    assert compile_rule(text).function()(PROFILE) is answer


def test_logic_follows_the_three_valued_tables() -> None:
    values: tuple[bool | None, ...] = (True, False, None)
    both = compile_rule("prepaid && (age == 1)").function()
    either = compile_rule("prepaid || (age == 1)").function()
    ages = {True: 1, False: 2, None: None}
    for one, other in itertools.product(values, values):
        profile: dict[str, object] = {"prepaid": one, "age": ages[other]}
        expected_both = False if False in (one, other) else None if None in (one, other) else True
        expected_either = True if True in (one, other) else None if None in (one, other) else False
        assert both(profile) is expected_both
        assert either(profile) is expected_either


@pytest.mark.parametrize("hostile", ["__import__('os')", "'); import os; ('", "{0}", "\\", '"'])
def test_no_value_ever_becomes_code(hostile: str) -> None:
    quoted = hostile.replace("\\", "\\\\").replace('"', '\\"')
    function = compile_rule(f'plan == "{quoted}"').function()
    assert function({"plan": hostile}) is True
    assert function({"plan": "gold"}) is False


def test_long_rules_compile() -> None:
    many = " || ".join(f"age == {number}" for number in range(500))
    assert compile_rule(many).function()({"age": 499}) is True
    deep = "!(" * 20 + "age == 1" + ")" * 20
    assert compile_rule(deep).function()({"age": 1}) is True


def test_an_unchecked_tree_is_refused() -> None:
    with pytest.raises(TypeError, match="Call"):
        to_python(parse("f(1)"))


@pytest.mark.parametrize("km", [1, 10, 100, 500])
@pytest.mark.parametrize(
    ("latitude", "longitude"), [(0, 0), (18.52, 73.86), (-36.85, 174.76), (-17.7, 179.99), (59.91, 10.75)]
)
def test_within_is_the_distance_on_a_sphere(latitude: float, longitude: float, km: int) -> None:
    """On circles a half per cent inside and outside, in every direction, also across the date line."""
    function = compile_rule(f"within({latitude}, {longitude}, {km})").function()
    for way in range(0, 360, 15):
        for part, expected in ((0.995, True), (1.005, False)):
            there = destination_of(latitude, longitude, way, km * part)
            assert function(dict(zip(("home.lat", "home.lon"), there, strict=True))) is expected, (way, part)


def test_within_is_false_of_the_other_side_of_the_earth() -> None:
    function = compile_rule("within(0, 0, 500)").function()
    for there in ((90, 180), (-90, 0), (45, 180), (0, -180), (80, 90)):
        assert function({"home.lat": float(there[0]), "home.lon": float(there[1])}) is False, there


def destination_of(latitude: float, longitude: float, way: float, km: float) -> tuple[float, float]:
    """Where one comes so many km along a great circle that begins in a direction."""
    angle, here, bearing = km / 6371.0088, math.radians(latitude), math.radians(way)
    there = math.asin(math.sin(here) * math.cos(angle) + math.cos(here) * math.sin(angle) * math.cos(bearing))
    east = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(here),
        math.cos(angle) - math.sin(here) * math.sin(there),
    )
    return math.degrees(there), (longitude + math.degrees(east) + 540) % 360 - 180
