"""Indicators of top-ups. Definitions: bandicoot 0.6.0, module `recharge`."""

import numpy as np

from cdr_ingest.indicators.groups import Floats, count, gaps, starts
from cdr_ingest.indicators.individual import Values
from cdr_ingest.indicators.records import Recharges
from cdr_ingest.indicators.selections import DAY_S, Bins

PARETO_SHARE = 0.8


def amount_recharges(rows: Recharges, in_bins: Bins) -> Values:
    """Each amount."""
    return rows.amount, in_bins.group


def interevent_time_recharges(rows: Recharges, in_bins: Bins) -> Values:
    """Seconds between each two top-ups that follow one another."""
    return gaps(rows.time_s, in_bins.group)


def percent_pareto_recharges(rows: Recharges, in_bins: Bins) -> Floats:
    """The fewest top-ups that make up 80 % of the money, of all top-ups."""
    size = count(in_bins.group, in_bins.count)
    order = np.lexsort((-rows.amount, in_bins.group))
    out = np.full(in_bins.count, np.nan)
    for group, end in enumerate(np.cumsum(size).tolist()):
        amounts = rows.amount[order[end - size[group] : end]]
        # One bin after the other: a running sum over all of them would round differently.
        reached = np.cumsum(amounts)
        enough = np.flatnonzero(reached >= PARETO_SHARE * reached[-1])
        out[group] = (enough[0] + 1 if len(enough) else len(amounts)) / len(amounts)
    return out


def number_of_recharges(rows: Recharges, in_bins: Bins) -> Floats:
    """Top-ups."""
    return count(in_bins.group, in_bins.count).astype(float)


def average_balance_recharges(rows: Recharges, people: int) -> Floats:
    """Mean daily balance by linear use, with days capped at one, which is how bandicoot computes it.

    NaN where all top-ups lie within a day: the definition divides by no days there.
    """
    again = ~starts(rows.person)[1:]
    days = np.minimum(1, np.diff(rows.time_s) // DAY_S)
    halves = (rows.amount[:-1] * days / 2)[again]
    balance = np.bincount(rows.person[1:][again], weights=halves, minlength=people)
    begins = starts(rows.person)
    ends = np.append(begins[1:], True) if len(begins) else begins
    whole = np.zeros(people)
    whole[rows.person[begins]] = np.minimum(1, (rows.time_s[ends] - rows.time_s[begins]) // DAY_S)
    out = np.full(people, np.nan)
    np.divide(balance, whole, out=out, where=whole != 0)
    return out
