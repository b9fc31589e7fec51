"""Arguments of control calls as people and programs write them."""

import pytest

from operator_push.gateway.control_answers import UNNAMED, WHO_MAX, moment, who, whole
from operator_push.kernel.errors import OperatorError


@pytest.mark.parametrize("value", [True, "5", 5.0, None])
def test_only_a_whole_number_is_one(value: object) -> None:
    assert whole(5, "n") == 5
    with pytest.raises(OperatorError, match=r"n .* is not a whole number"):
        whole(value, "n")


def test_a_moment_has_a_zone() -> None:
    assert moment("1970-01-01T00:00:01Z", "at") == 1_000_000
    assert moment(None, "at", 7) == moment("", "at", 7) == 7
    for text in ("yesterday", "1970-01-01T00:00:01"):
        with pytest.raises(OperatorError, match=r"at .* is not a moment with its zone"):
            moment(text, "at")


def test_who_is_printable_and_short() -> None:
    assert who({"by": "ann"}) == "ann"
    assert who({"by": "a\nn\x00n" + "x" * 100}) == ("ann" + "x" * 100)[:WHO_MAX]
    assert who({}) == who({"by": None}) == who({"by": " \n"}) == UNNAMED
