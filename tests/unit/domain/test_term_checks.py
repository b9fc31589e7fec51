"""Checks of terms: what is taken, and in which words anything else is refused."""

import pytest

from operator_push.domain.term_checks import switch, whole, zone
from operator_push.kernel.errors import OperatorError


@pytest.mark.parametrize("value", [1, 9])
def test_a_whole_number_within_both_bounds_is_taken(value: int) -> None:
    assert whole(1, 9, "people")("rate", value) == value


@pytest.mark.parametrize("value", [0, 10, True, "5", 5.0, None])
def test_what_is_no_whole_number_in_the_range_is_refused(value: object) -> None:
    with pytest.raises(OperatorError, match=r"rate .* is not a whole number of people in 1\.\.9"):
        whole(1, 9, "people")("rate", value)


def test_a_switch_is_on_or_not_said() -> None:
    assert (switch("standing", True), switch("standing", False)) == (True, None)
    with pytest.raises(OperatorError, match="standing 'yes' is not true or false"):
        switch("standing", "yes")


def test_a_zone_is_one_of_the_database() -> None:
    assert zone("zone", "Asia/Kolkata") == "Asia/Kolkata"
    for unknown in ("Asia/Nowhere", "", "../etc", 5):
        with pytest.raises(OperatorError, match="is not a name of the IANA time zone database"):
            zone("zone", unknown)
