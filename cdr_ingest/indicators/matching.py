"""Which records of people the others have, too: what is left of a person and of their correspondents.

Law (bandicoot 0.6.0, `read_csv(..., network=True)`): a record with somebody whose records are there stays
only if that somebody has a record that matches it: of the same interaction and duration, in the other
direction, less than 30 s apart. Whom that other record is with does not count. Every person's network is
weeded for itself: first the person, then the correspondents in the order of their names, each against what
is left of those before and all of those after. Records with anybody outside the network stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cdr_ingest.indicators.groups import Flags, Ints
from cdr_ingest.indicators.records import NO_KIND, NO_WAY, ODD_DURATION, People, Records

MATCH_S = 29  # the definition says less than 30
NO_FILE = -1
WAYS = 3  # in, out, and missing as a location may have it; any two are different


@dataclass(slots=True, frozen=True)
class Network:
    """A person's network. `persons[0]` is the person, then the correspondents that have records, by name.

    `rows` are the row numbers of the records left to each of `persons`. `own` are those of the person's own
    indicators: where people contact themselves they are all records, and `persons[0]` is a weeded copy.
    """

    contacts: Ints  # codes of all correspondents, in the order of their names
    persons: Ints
    rows: Sequence[Ints]
    own: Ints
    is_weeded: bool


class Matches:
    """Matches of each record in the records of its correspondent, found once for everybody."""

    def __init__(self, people: People, contact: Ints, file_of: Ints) -> None:
        """`contact`: each record's contact, by name; `file_of`: whose each one's records are."""
        records = people.records
        size = np.bincount(records.person, minlength=len(people.names)).astype(np.int64)
        self._end = np.cumsum(size)
        self._first = self._end - size
        self._contact, self._file_of = contact, file_of
        self._correspondent = file_of[contact]
        self._is_near = np.zeros(len(size) + 1, dtype=np.bool_)  # the last one is that of NO_FILE
        self._index(records)

    def network(self, ego: int) -> Network:
        """The network of a person, and the records that are left of it."""
        contacts = np.unique(self._contact[self._first[ego] : self._end[ego]])
        files = self._file_of[contacts]
        present = files[files != NO_FILE]
        knows_self = bool((present == ego).any())
        others = present[present != ego]
        self._is_near[present] = self._is_near[ego] = True
        rows: dict[int, Ints] = {}
        for person in present.tolist() if knows_self else [ego, *present.tolist()]:
            stays = self._matched(person)
            rows[person] = self._first[person] + np.flatnonzero(stays)
            if not (knows_self and person == ego):
                self._weed(person, stays)
        for person in rows:
            self._weed(person, None)
        self._is_near[present] = self._is_near[ego] = False
        own = np.arange(self._first[ego], self._end[ego]) if knows_self else rows[ego]
        persons = np.concatenate([[ego], others])
        return Network(contacts, persons, [rows[person] for person in persons.tolist()], own, not knows_self)

    def _index(self, records: Records) -> None:
        """Sorts each person's records by what a match must share; finds where each record's would be."""
        way = np.where(records.quirks & NO_WAY, 2, records.is_out)
        # An empty interaction is none of gps, and an odd duration none that is missing.
        kind = records.interaction.astype(np.int64) * 8 + (records.quirks & (NO_KIND | ODD_DURATION))
        duration = np.where(np.isnan(records.duration_s), -np.inf, records.duration_s)
        durations, duration_code = np.unique(duration, return_inverse=True)
        _, shared = np.unique(kind * max(len(durations), 1) + duration_code, return_inverse=True)
        span = int(shared.max(initial=0)) + 1
        start = int(records.time_s.min(initial=0))
        after = records.time_s - start
        seconds = int(after.max(initial=0)) + 2 * MATCH_S + 2
        bucket = (records.person * span + shared) * WAYS + way
        buckets, number = np.unique(bucket, return_inverse=True)
        key = number * seconds + after
        self._order = np.argsort(key, kind="stable")
        in_order = key[self._order]
        has_file = self._correspondent != NO_FILE
        self._from = np.zeros((WAYS - 1, len(records)), dtype=np.int64)
        self._to = np.zeros((WAYS - 1, len(records)), dtype=np.int64)
        for turn in range(1, WAYS):
            sought = (self._correspondent * span + shared) * WAYS + (way + turn) % WAYS
            at = np.searchsorted(buckets, sought)
            at[at == len(buckets)] = 0
            there = has_file & (buckets[at] == sought) if len(buckets) else has_file
            middle = at[there] * seconds + after[there]
            # One cell more for each person before: `_left` counts from 0 anew for everybody.
            shift = self._correspondent[there]
            self._from[turn - 1, there] = np.searchsorted(in_order, middle - MATCH_S) + shift
            self._to[turn - 1, there] = np.searchsorted(in_order, middle + MATCH_S, side="right") + shift
        self._left = np.zeros(len(records) + len(self._end), dtype=np.int64)
        for person in range(len(self._end)):
            self._weed(person, None)

    def _matched(self, person: int) -> Flags:
        """Which records of a person stay, by what is left of the others now."""
        block = slice(self._first[person], self._end[person])
        stays: Flags = ~self._is_near[self._correspondent[block]]
        for some, end in zip(self._from[:, block], self._to[:, block], strict=True):
            stays |= self._left[end] > self._left[some]
        return stays

    def _weed(self, person: int, stays: NDArray[np.bool_] | None) -> None:
        """Leaves these records of a person to be matched; None: all again."""
        first, end = int(self._first[person]), int(self._end[person])
        left = self._left[first + person + 1 : end + person + 1]
        if stays is None:
            left[:] = np.arange(1, end - first + 1)
        else:
            left[:] = np.cumsum(stays[self._order[first:end] - first])
