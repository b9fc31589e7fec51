"""Arithmetic over values that belong to groups, a whole column at a time.

A group is a number from 0 on; a column of groups stands beside a column of values. Sums are taken one value
after the other in the order of the column, as a loop over them would: where equal values leave nothing but
rounding, kurtosis and skewness are made of it and would differ in the open.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

DEFAULT_KEYS = ("mean", "std")
EXTENDED_KEYS = ("mean", "std", "median", "skewness", "kurtosis", "min", "max")


@dataclass(slots=True, frozen=True)
class Summary:
    """Statistics of each group's values: name → column; NaN where a group has no value."""

    columns: dict[str, Floats]


def count(group: Ints, groups: int) -> Ints:
    """How many rows each group has."""
    return np.bincount(group, minlength=groups).astype(np.int64)


def count_where(flags: Flags, group: Ints, groups: int) -> Ints:
    """How many rows of each group are flagged."""
    return count(group[flags], groups)


def total(values: NDArray[Any], group: Ints, groups: int) -> Floats:
    """The sum of each group, added in the order of the column."""
    return np.bincount(group, weights=values, minlength=groups).astype(np.float64)


def ratio(part: NDArray[Any], whole: NDArray[Any], otherwise: float) -> Floats:
    """part / whole; `otherwise` where there is nothing to divide by."""
    out = np.full(len(whole), otherwise)
    np.divide(part, whole, out=out, where=whole != 0)
    return out


def summary(values: NDArray[Any], group: Ints, groups: int, extended: bool) -> Summary:
    """Mean and deviation (of the population) of each group; `extended` adds the other five.

    Skewness and kurtosis are those of the moments (normal: 0 and 3), 0 where all values are equal.
    """
    if extended:  # Sorted also for its sums: this is the order that the definitions add in.
        order = np.lexsort((values, group))
        values, group = values[order], group[order]
    size = count(group, groups)
    mean = ratio(total(values, group, groups), size, np.nan)
    off = values - mean[group]
    m2 = _moment(off, 2, group, size)
    columns = {"mean": mean, "std": np.sqrt(m2)}
    if extended:
        last = np.cumsum(size) - 1
        first = last - size + 1
        some = size > 0

        def at(place: Ints) -> Floats:
            out = np.full(groups, np.nan)
            out[some] = values[place[some]]
            return out

        columns["median"] = (at(first + size // 2) + at(first + (size - 1) // 2)) / 2.0
        columns["skewness"] = ratio(_moment(off, 3, group, size), m2**1.5, 0.0)
        columns["kurtosis"] = ratio(_moment(off, 4, group, size), m2**2.0, 0.0)
        for name in ("skewness", "kurtosis"):
            columns[name][~some] = np.nan
        columns["min"], columns["max"] = at(first), at(last)
    return Summary(columns)


def _moment(off: Floats, power: int, group: Ints, size: Ints) -> Floats:
    moment = ratio(total(off**power, group, len(size)), size, np.nan)
    moment[size == 1] = 0.0  # Of a single value there is none, whatever its mean rounds to.
    return moment


def starts(*columns: NDArray[Any]) -> Flags:
    """True where a row differs from the one before it in any of the columns; the first row is a start."""
    out = np.zeros(len(columns[0]), dtype=np.bool_)
    if len(out):
        out[0] = True
        for column in columns:
            out[1:] |= column[1:] != column[:-1]
    return out


def gaps(values: Ints, group: Ints) -> tuple[Floats, Ints]:
    """The difference of each two values of a group that follow one another, and the group of each."""
    again = ~starts(group)[1:]
    return np.diff(values)[again].astype(np.float64), group[1:][again]


@dataclass(slots=True, frozen=True)
class Pairs:
    """The different (group, key) pairs of some rows, in the order of group, then key."""

    group: Ints
    key: Ints
    size: Ints
    row: Ints  # each row's pair
    first: Ints  # each pair's first row


def pairs(group: Ints, key: Ints) -> Pairs:
    """The different (group, key) pairs, how often each occurs, and where first. Keys are ≥ 0."""
    span = int(key.max()) + 1 if len(key) else 1
    joined = group * span + key
    order = np.argsort(joined, kind="stable")
    begins = starts(joined[order])
    places = np.flatnonzero(begins)
    row = np.empty(len(group), dtype=np.int64)
    row[order] = np.cumsum(begins) - 1
    first = order[places]
    size = np.diff(np.append(places, len(group)))
    return Pairs(group[first], key[first], size.astype(np.int64), row, first)


def entropy(found: Pairs, groups: int) -> Floats:
    """Shannon's entropy of how often each key of a group occurs, in nats."""
    whole = total(found.size, found.group, groups)
    share = found.size / whole[found.group]
    out = -total(share * np.log(share), found.group, groups)
    out[whole == 0] = np.nan
    return out


def fewest(weight: NDArray[Any], group: Ints, groups: int, share: float) -> Ints:
    """How many of a group's heaviest rows it takes to reach this share of its weight, rounded up."""
    order = np.lexsort((-weight, group))
    group, weight = group[order], weight[order]
    target = np.ceil(total(weight, group, groups) * share)
    reached = np.cumsum(weight)
    begins = np.flatnonzero(starts(group))
    base = np.zeros(groups)
    base[group[begins]] = reached[begins] - weight[begins]
    before = reached - weight - base[group]
    return count(group[before < target[group]], groups)
