"""A price that changes from a moment on takes that time from the others of its prefix and class."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.domain.message import TrafficClass
from operator_push.domain.price_changes import with_price, without_price
from operator_push.domain.tariff import Tariff, TariffRow


def row(price: int, start: int, end: int | None, prefix: str = "91") -> TariffRow:
    return TariffRow(prefix, price, "INR", None, start, end)


# rows before, the new price, rows after: (price, from, until)
CHANGES = [
    ([(1, 0, None)], (2, 50, None), [(1, 0, 50), (2, 50, None)]),
    ([(1, 0, None)], (2, 50, 60), [(1, 0, 50), (2, 50, 60), (1, 60, None)]),
    ([(1, 0, 40)], (2, 50, None), [(1, 0, 40), (2, 50, None)]),
    ([(1, 0, 80), (3, 80, None)], (2, 50, None), [(1, 0, 50), (2, 50, 80), (3, 80, None)]),
    ([(1, 50, None)], (2, 50, None), [(2, 50, None)]),
    ([(1, 55, 58)], (2, 50, 60), [(2, 50, 60)]),
    ([(1, 0, 55), (3, 55, 90)], (2, 50, 60), [(1, 0, 50), (2, 50, 60), (3, 60, 90)]),
]


@pytest.mark.parametrize(("before", "change", "after"), CHANGES)
def test_what_a_price_takes_from_its_neighbours(
    before: list[tuple[int, int, int | None]],
    change: tuple[int, int, int | None],
    after: list[tuple[int, int, int | None]],
) -> None:
    found = with_price([row(*each) for each in before], row(*change))
    assert sorted(found, key=lambda each: each.valid_from_us) == [row(*each) for each in after]


def test_other_prefixes_and_classes_are_left_alone() -> None:
    promotional = TariffRow("91", 5, "INR", TrafficClass.PROMOTIONAL)
    others = [row(1, 0, None, "44"), promotional]
    assert with_price(others, row(2, 50, None)) == [*others, row(2, 50, None)]
    assert without_price(others, "91", None, 0) == others


def test_an_ended_price_leaves_what_was_before() -> None:
    assert without_price([row(1, 0, None), row(2, 0, None, "44")], "91", None, 50) == [
        row(1, 0, 50),
        row(2, 0, None, "44"),
    ]
    assert without_price([row(1, 60, None)], "91", None, 50) == []


@given(
    changes=st.lists(
        st.tuples(st.integers(1, 9), st.integers(0, 90), st.none() | st.integers(91, 99)), min_size=1
    )
)
def test_any_changes_one_after_the_other_leave_a_tariff_and_the_last_one_applies(
    changes: list[tuple[int, int, int | None]],
) -> None:
    rows: list[TariffRow] = []
    for price, start, end in changes:
        rows = with_price(rows, row(price, start, end))
        tariff = Tariff(rows)  # raises where two rows coincide
        assert tariff.price_per_segment("9198", TrafficClass.SERVICE, start) == price
