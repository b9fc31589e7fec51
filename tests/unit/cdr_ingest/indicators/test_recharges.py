"""Top-ups: what bandicoot's definitions give, also where they surprise."""

import math

import numpy as np
import pytest

from cdr_ingest.indicators.recharges import (
    amount_recharges,
    average_balance_recharges,
    interevent_time_recharges,
    number_of_recharges,
    percent_pareto_recharges,
)
from cdr_ingest.indicators.records import Recharges
from cdr_ingest.indicators.selections import DAY_S, bins


def recharges(*rows):
    person, day, amount = zip(*rows, strict=True)
    return Recharges(np.array(person), np.array([one * DAY_S for one in day]), np.array(amount, dtype=float))


def test_amounts_gaps_and_numbers_are_of_each_bin():
    rows = recharges((0, 0, 5), (0, 2, 7), (1, 1, 3))
    in_bins = bins(rows.person, rows.time_s, "none")
    assert [column.tolist() for column in amount_recharges(rows, in_bins)] == [[5, 7, 3], [0, 0, 1]]
    assert [column.tolist() for column in interevent_time_recharges(rows, in_bins)] == [[2 * DAY_S], [0]]
    assert number_of_recharges(rows, in_bins).tolist() == [2, 1]


@pytest.mark.parametrize(
    ("amounts", "share"), [([8, 2], 0.5), ([1, 1, 1, 1, 1], 0.8), ([0, 0], 0.5), ([-1], 1.0)]
)
def test_the_largest_that_make_up_four_fifths(amounts, share):
    rows = recharges(*((0, day, amount) for day, amount in enumerate(amounts)))
    assert percent_pareto_recharges(rows, bins(rows.person, rows.time_s, "none")).tolist() == [share]


def test_a_balance_counts_at_most_a_day_and_is_unknown_within_one():
    rows = recharges((0, 0, 10), (0, 9, 4), (0, 10, 1), (1, 3, 2), (1, 3.5, 2))
    found = average_balance_recharges(rows, 3).tolist()
    assert found[0] == (10 + 4) / 2
    assert math.isnan(found[1])
    assert math.isnan(found[2])
