"""Personal values travel as indices into what occurs, and are read only where they fit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operator_push.domain.personal.values import NO_VALUES, PersonalValues
from operator_push.kernel.errors import OperatorError

VALUE = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3)


@settings(deadline=None, max_examples=50)
@given(st.lists(VALUE, max_size=400), st.lists(VALUE, max_size=400))
def test_everybody_keeps_what_is_known_on_the_way(plans: list[object], ages: list[object]) -> None:
    people = list(range(10, 10 + max(len(plans), len(ages))))
    known = {
        name: {number: value for number, value in zip(people, values, strict=False) if value is not None}
        for name, values in (("plan", plans), ("age", ages))
    }
    sent = PersonalValues.of_people(people, known).as_wire()
    read = PersonalValues.from_wire(sent, len(people))
    for place, number in enumerate(people):
        expected = {name: values[number] for name, values in known.items() if number in values}
        assert repr(read.at(place)) == repr(expected)


def test_many_different_values_need_wider_columns() -> None:
    people = range(70_000)
    sent = PersonalValues.of_people(people, {"plan": {number: f"{number}" for number in people}}).as_wire()
    assert PersonalValues.from_wire(sent, 70_000).at(69_999) == {"plan": "69999"}


def test_nothing_is_known_where_nothing_was_sent() -> None:
    assert PersonalValues.from_wire(None, 5) is NO_VALUES
    assert NO_VALUES.at(3) == {}


@pytest.mark.parametrize(
    "said",
    [
        {"names": ["plan"]},
        {"names": ["plan"], "choices": [["a"]], "columns": ["AA=="]},  # for one person, not two
        {"names": ["plan"], "choices": [["a"]], "columns": ["AQI="]},  # a second choice of one
        {"names": ["msisdn"], "choices": [["a"]], "columns": ["AQE="]},
        {"names": ["plan"], "choices": [["a"]], "columns": ["!!"]},
        {"names": ["plan"], "choices": [["a"]], "columns": []},
    ],
)
def test_values_of_others_are_refused(said: dict[str, object]) -> None:
    with pytest.raises(OperatorError, match="values"):
        PersonalValues.from_wire(said, 2)
