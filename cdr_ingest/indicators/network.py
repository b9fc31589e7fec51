"""Indicators of the network of people around a person, where their records lie in the same folder.

Definitions: bandicoot 0.6.0, module `network`, with the records that `matching` leaves. Two people are tied
where both reached the other; the weight of a tie is the number of half hours in which one did, for each way.
Of a correspondent without records their part is known from those that have some.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cdr_ingest.indicators.catalogue import CHURN_RATE, INDICATORS, NETWORK_NAMES
from cdr_ingest.indicators.compute import Asked, Found, compute
from cdr_ingest.indicators.groups import Flags, Floats, Ints, count, count_where, pairs, ratio, total
from cdr_ingest.indicators.matching import NO_FILE, Matches, Network
from cdr_ingest.indicators.records import CALL, NO_WAY, TEXT, People, Recharges, Records
from cdr_ingest.indicators.selections import HALF_HOUR_S

ABSENT = object()  # None is an attribute without a value, of a short row
OUTSIDE = ("calls", "texts", "contacts", "call_durations")
BATCH_RECORDS = 300_000  # Ours: bounds memory, as the same records stand in many networks.
# By week, whatever else is asked for. Not of top-ups: correspondents are read without theirs.
COMPARED = Asked(names=(*(one.name for one in INDICATORS), CHURN_RATE))


@dataclass(slots=True)
class Networks:
    """What the networks say of each person. `people` have the records that are left to them.

    `outside` (OUTSIDE) are shares of what each person has with people without records.
    """

    people: People
    has: Flags
    outside: dict[str, Floats]
    unweighted: Floats
    weighted: Floats
    of_attributes: list[dict[str, float | None]]
    of_indicators: list[dict[str, float]]

    def found(self) -> Iterator[Found]:
        """The indicators, in bandicoot's order."""
        told: tuple[list[Any], ...] = (
            self.unweighted.tolist(),
            self.weighted.tolist(),
            self.of_attributes,
            self.of_indicators,
        )
        for name, values in zip(NETWORK_NAMES, told, strict=True):
            yield Found(name, (), values)


def networks(people: People) -> Networks:
    """Everybody's network, one after the other."""
    persons = len(people.names)
    contact, file_of, code_of = by_name(people)
    matches = Matches(people, contact, file_of)
    records = people.records
    ties = _Ties(records, contact, file_of, code_of)
    unweighted, weighted = np.zeros(persons), np.zeros(persons)
    own, weeded = [], np.zeros(persons, dtype=np.bool_)
    tied = _Tied(people)
    of_attributes: list[dict[str, float | None]] = []
    for ego in range(persons):
        network = matches.network(ego)
        own.append(network.own)
        weeded[ego] = network.is_weeded
        unweighted[ego], weighted[ego], is_tied = ties.clustering(network)
        if is_tied.any():
            tied.add(ego, network, [network.rows[other] for other in np.flatnonzero(is_tied).tolist()])
        of_attributes.append(_same_attributes(people, ego, network.persons[is_tied].tolist()))
    left = np.concatenate(own) if own else np.zeros(0, dtype=np.int64)
    rows = tied.weeded(left, weeded[records.person[left]])
    had = count(records.person, persons)
    spans = {
        person: (int(records.time_s[end - size]), int(records.time_s[end - 1]))
        for person, (size, end) in enumerate(zip(had.tolist(), np.cumsum(had).tolist(), strict=True))
        if size and not len(own[person])
    }
    after = replace(people, records=rows, emptied=spans)
    outside = _outside(rows, file_of[contact[left]] == NO_FILE, persons)
    return Networks(after, had > 0, outside, unweighted, weighted, of_attributes, tied.assortativity())


def by_name(people: People) -> tuple[Ints, Ints, Ints]:
    """Each record's contact, numbered by name; the person that a contact is; the contact that a person is."""
    order = sorted(range(len(people.contacts)), key=people.contacts.__getitem__)
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    known = {name: person for person, name in enumerate(people.names)}
    file_of = np.array([known.get(people.contacts[code], NO_FILE) for code in order], dtype=np.int64)
    code_of = np.full(len(people.names), -1, dtype=np.int64)
    code_of[file_of[file_of != NO_FILE]] = np.flatnonzero(file_of != NO_FILE)
    return number[people.records.contact], file_of, code_of


def _same_attributes(people: People, ego: int, tied: list[int]) -> dict[str, float | None]:
    """Of each attribute: who has the same, of those tied who have any at all; None where nobody has."""
    if not people.attributes:
        return {}
    theirs = [people.attributes[person] for person in tied if people.attributes[person]]
    return {
        key: sum(each.get(key, ABSENT) == value for each in theirs) / len(theirs) if theirs else None
        for key, value in people.attributes[ego].items()
    }


def _outside(rows: Records, is_outside: Flags, persons: int) -> dict[str, Floats]:
    def share(of: Flags) -> Floats:
        whole = count_where(of, rows.person, persons)
        return ratio(count_where(of & is_outside, rows.person, persons), whole, 0.0)

    contacts = pairs(rows.person, rows.contact)
    strange = contacts.group[is_outside[contacts.first]]
    calls = rows.interaction == CALL
    talked = total(rows.duration_s[calls], rows.person[calls], persons)
    away = calls & is_outside
    shares = (
        share(calls),
        share(rows.interaction == TEXT),
        ratio(count(strange, persons), count(contacts.group, persons), 0.0),
        ratio(total(rows.duration_s[away], rows.person[away], persons), talked, 0.0),
    )
    return dict(zip(OUTSIDE, shares, strict=True))


class _Ties:
    """Who is tied to whom in a network."""

    def __init__(self, records: Records, contact: Ints, file_of: Ints, code_of: Ints) -> None:
        self._contact, self._file_of, self._code_of = contact, file_of, code_of
        self._half = records.time_s // HALF_HOUR_S
        self._half -= self._half.min(initial=0)
        self._halves = int(self._half.max(initial=0)) + 1
        self._is_out = records.is_out
        self._has_way = (records.quirks & NO_WAY) == 0
        self._member = np.full(len(file_of), -1, dtype=np.int64)

    def clustering(self, network: Network) -> tuple[float, float, Flags]:
        """Both clustering coefficients, and which of the network's persons are tied to the first."""
        ego = int(network.persons[0])
        others = network.contacts[self._file_of[network.contacts] != ego]
        size = len(others) + 1
        self._member[others] = np.arange(1, size)
        if self._code_of[ego] >= 0:
            self._member[self._code_of[ego]] = 0
        at = np.concatenate([[0], self._member[self._code_of[network.persons[1:]]]]).astype(np.int64)
        some, other, weight = self._tied(network, at, size)
        self._member[others] = -1
        if self._code_of[ego] >= 0:
            self._member[self._code_of[ego]] = -1
        to_ego = np.zeros(size)
        to_ego[other[some == 0]] = weight[some == 0]
        degree = np.count_nonzero(to_ego)
        if degree < 2:
            return 0.0, 0.0, to_ego[at] > 0
        closed = (to_ego[some] > 0) & (to_ego[other] > 0)
        product = weight[closed] * to_ego[some[closed]] * to_ego[other[closed]]
        most = degree * (degree - 1)
        weighted = 2 * float(np.sum(product ** (1 / 3) / weight.max())) / most
        return 2 * int(np.count_nonzero(closed)) / most, weighted, to_ego[at] > 0

    def _tied(self, network: Network, at: Ints, size: int) -> tuple[Ints, Ints, Floats]:
        """Both ends of each tie, the smaller one first, and its weight."""
        rows = np.concatenate(network.rows)
        one = np.repeat(at, [len(each) for each in network.rows])
        two = self._member[self._contact[rows]]
        chosen = (two >= 0) & (two != one) & self._has_way[rows]
        rows, one, two = rows[chosen], one[chosen], two[chosen]
        is_out, half = self._is_out[rows], self._half[rows]
        has_file = np.zeros(size, dtype=np.bool_)
        has_file[at] = True
        told = is_out | ~has_file[two]
        # What somebody without records sent is what came in.
        sender, receiver = np.where(is_out, one, two)[told], np.where(is_out, two, one)[told]
        seen = np.unique((sender * size + receiver) * self._halves + half[told])
        way, often = np.unique(seen // self._halves, return_counts=True)
        some, other = way // size, way % size
        back = np.searchsorted(way, other * size + some)
        back[back == len(way)] = 0
        both = (some < other) & (way[back] == other * size + some) if len(way) else some < other
        return some[both], other[both], (often[both] + often[back[both]]).astype(np.float64)


class _Tied:
    """How far people's indicators are from those of the people tied to them; some people at a time."""

    def __init__(self, people: People) -> None:
        self._people, self._corrected = people, people.corrected()
        self._found: list[dict[str, float]] = [{} for _ in people.names]
        self._clear()

    def _clear(self) -> None:
        self._egos: list[int] = []
        self._own: list[tuple[Ints, bool]] = []  # each person's rows, and whether they are weeded
        self._tied: list[Ints] = []
        self._to: list[int] = []  # whom in the batch each one is tied to
        self._size = 0

    def add(self, ego: int, network: Network, tied: list[Ints]) -> None:
        """A person, and what is left of the records of each one tied to them."""
        self._to += [len(self._egos)] * len(tied)
        self._egos.append(ego)
        self._own.append((network.own, network.is_weeded))
        self._tied += tied
        self._size += len(network.own) + sum(map(len, tied))
        if self._size >= BATCH_RECORDS:
            self._compare()

    def weeded(self, rows: Ints, is_weeded: Flags) -> Records:
        """These records; weeding chooses where people live anew, by then as the antenna file has it."""
        records = self._people.records.take(rows)
        records.place = np.where(is_weeded, self._corrected.place[rows], records.place)
        return records

    def assortativity(self) -> list[dict[str, float]]:
        """Of each indicator: the mean square of the differences to the tied people that have a value, too."""
        self._compare()
        return self._found

    def _compare(self) -> None:
        if not self._egos:
            return
        each = [rows for rows, _ in self._own] + self._tied
        size = [len(rows) for rows in each]
        is_weeded = np.array([weeded for _, weeded in self._own] + [True] * len(self._tied))
        records = self.weeded(np.concatenate(each), np.repeat(is_weeded, size))
        records.person = np.repeat(np.arange(len(each)), size)
        batch = replace(self._people, names=[""] * len(each), records=records, recharges=Recharges.none())
        to, egos = np.array(self._to, dtype=np.int64), len(self._egos)
        for key, values in _flat(batch):
            apart = (values[:egos][to] - values[egos:]) ** 2
            known = ~np.isnan(apart)
            square, often = total(apart[known], to[known], egos), count_where(known, to, egos)
            for number in np.flatnonzero(often).tolist():
                self._found[self._egos[number]][key] = float(square[number] / often[number])
        self._clear()


def _flat(people: People) -> Iterator[tuple[str, Floats]]:
    """Each number that is compared, under its flat name; NaN for people that have none."""
    for one in compute(people, COMPARED):
        yield from _columns("__".join([one.name, *one.path]), one.told)


def _columns(name: str, told: list[Any]) -> Iterator[tuple[str, Floats]]:
    if told and isinstance(told[0], dict):
        for key in told[0]:
            yield from _columns(f"{name}__{key}", [each[key] for each in told])
    else:
        yield name, np.array(told, dtype=np.float64)
