"""A review item is decided with one of the stated words."""

import pytest

from operator_push.kernel.errors import OperatorError
from operator_push.services.review_items import HOW, ReviewEvent, ReviewItem, resolve

ITEM = ReviewItem(7, 1, "56070", "stop", "bus stop", 1)


@pytest.mark.parametrize("how", HOW)
def test_it_is_open_until_somebody_decides(how: str) -> None:
    assert ITEM.is_open
    assert resolve(ITEM, ReviewEvent(how, "ann", "", 2)).is_open is (how == "asked_back")


def test_another_word_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(OperatorError, match="no_stop, stop_recorded, asked_back"):
        resolve(ITEM, ReviewEvent("whatever", "ann", "", 2))
