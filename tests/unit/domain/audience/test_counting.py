"""Counting: nothing below the floor, tens above it."""

import pytest

from operator_push.domain.audience.counting import COUNT_FLOOR, Disclosed, Withheld, disclose, disclose_cell


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, Withheld(100)),
        (99, Withheld(100)),
        (100, Disclosed(100)),
        (109, Disclosed(100)),
        (110, Disclosed(110)),
        (12_345, Disclosed(12_340)),
    ],
)
def test_disclose(count: int, told: Disclosed | Withheld) -> None:
    assert disclose(count) == told


def test_words_and_another_floor() -> None:
    assert COUNT_FLOOR == 100
    assert str(disclose(99)) == "fewer than 100"
    assert str(disclose(12_345)) == "12,340"
    assert disclose(499, floor=500) == Withheld(500)
    with pytest.raises(ValueError, match="-1 people"):
        disclose(-1)


def test_cells_of_reports() -> None:
    assert [disclose_cell(count) for count in (0, 1, 9, 10, 19, 1234)] == [0, "<10", "<10", 10, 10, 1230]
    with pytest.raises(ValueError, match="-1 people"):
        disclose_cell(-1)
