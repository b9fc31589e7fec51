"""Differencing: what earlier answers already tell of a set of people, judged on the sets themselves.

A client that subtracts answers learns of the people in whom they differ. So before a count is told, the set
is held against every set that this client has been answered: alone, and in sums and differences of two and
three of them. Where it differs from one of these in few people, or in nobody, what those answers already say
is said again: the same whoever the few are and whether there are any, since who hears one number for "nearly"
and another for "exactly" has heard of the few. Distance is a sum over people of how often they are counted
more or less, so it makes no difference by which rule, list or exclusion the few were singled out, or on which
day.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from pyroaring import BitMap

# Ours: how many of the latest answers are combined; each bounds a loop of Python to tens of milliseconds.
PAIRS_OF = 300
TRIPLES_OF = 40


@dataclass(frozen=True, slots=True)
class Answered:
    """A set that a client knows the size of. `told`: the count it heard; `people`: the true size. `load`
    brings the set, when sizes cannot decide."""

    told: int
    people: int
    load: Callable[[], BitMap]


@dataclass(frozen=True, slots=True)
class Nearness:
    """What earlier answers say of a set: nothing here depends on the set itself.

    `told`: what the earlier answers come to as they were told, `total` by their true sizes; `people`: who
    stands in for the set wherever more than its size is told. `single`: it is about the people of one earlier
    answer, so the set itself need not be remembered.
    """

    told: int
    total: int
    people: BitMap
    single: bool


def nearness(
    found: BitMap, answered: Sequence[Answered], floor: int, own: Sequence[Answered] = ()
) -> Nearness | None:
    """What the earlier answers (latest last) say of a set that differs from them in fewer than `floor`.

    `own`: sets that the client brought, which tell something in sums alone. None where it is far from all.
    """
    near = _nearest(found, answered, floor)
    if near is not None:
        return near
    size = len(found)
    latest = [*own, *answered[-PAIRS_OF:]]
    for earlier, count in ((latest, 2), ([*own, *answered[-TRIPLES_OF:]], 3)):
        for plus, minus in _close_by_size(size, earlier, count, floor):
            beside, against = _loaded(plus), _loaded(minus)
            if distance([found, *beside], against) < floor:
                told = sum(each.told for each in minus) - sum(each.told for each in plus)
                total = sum(each.people for each in minus) - sum(each.people for each in plus)
                return Nearness(told, total, surplus(against, beside), single=False)
    return None


def surplus(more: Sequence[BitMap], less: Sequence[BitMap]) -> BitMap:
    """The people who stand more often in the sets of `more` than in those of `less`."""
    upper, lower = _levels(more), _levels(less)
    people = BitMap()
    for place, level in enumerate(upper):
        people |= level - lower[place] if place < len(lower) else level
    return people


def distance(plus: Sequence[BitMap], minus: Sequence[BitMap]) -> int:
    """Over all people, how often they stand in `plus` less how often in `minus`, without its sign.

    For one set on either side these are the people in whom the two differ.
    """
    upper, lower = _levels(plus), _levels(minus)
    steps = max(len(upper), len(lower))
    empty = BitMap()
    upper += [empty] * (steps - len(upper))
    lower += [empty] * (steps - len(lower))
    return sum(one.symmetric_difference_cardinality(other) for one, other in zip(upper, lower, strict=True))


def _nearest(found: BitMap, answered: Sequence[Answered], floor: int) -> Nearness | None:
    """The nearest single set; of sets as near, the earliest."""
    size, best, least = len(found), None, floor
    for each in answered:
        if abs(size - each.people) >= least:
            continue
        people = each.load()
        apart = found.symmetric_difference_cardinality(people)
        if apart < least:
            best, least = Nearness(each.told, each.people, people, single=True), apart
    return best


def _close_by_size(
    size: int, answered: Sequence[Answered], count: int, floor: int
) -> Iterator[tuple[tuple[Answered, ...], tuple[Answered, ...]]]:
    """The ways to stand `count` earlier sets beside the new one (plus) or against it (minus) after which the
    sums of both sides differ by less than `floor` people: no other way can bring the sets that near.

    In the order of the sets, fewer beside before more. One set always stands against, and which ones that
    can be is looked up by its size, so the cost is that of one set fewer.
    """
    sizes = [each.people for each in answered]
    by_size = sorted(range(len(sizes)), key=sizes.__getitem__)
    ascending = [sizes[place] for place in by_size]
    ways: set[tuple[tuple[int, ...], tuple[int, ...]]] = set()
    for others in combinations(range(len(sizes)), count - 1):
        for beside in range(count):
            for plus in combinations(others, beside):
                wanted = size + sum(sizes[each] if each in plus else -sizes[each] for each in others)
                first = bisect_right(ascending, wanted - floor)
                last = bisect_left(ascending, wanted + floor, first)
                minus = tuple(each for each in others if each not in plus)
                ways |= {
                    (plus, tuple(sorted((*minus, last_one))))
                    for last_one in by_size[first:last]
                    if last_one not in others
                }
    for plus, minus in sorted(ways, key=lambda way: (sorted((*way[0], *way[1])), len(way[0]), way[0])):
        yield tuple(answered[each] for each in plus), tuple(answered[each] for each in minus)


def _levels(sets: Sequence[BitMap]) -> list[BitMap]:
    """The people who stand in at least one of the sets, in at least two, and so on."""
    levels: list[BitMap] = []
    for each in sets:
        carried = each
        for place, level in enumerate(levels):
            carried, levels[place] = level & carried, level | carried
        levels.append(carried)
    return levels


def _loaded(sets: Sequence[Answered]) -> list[BitMap]:
    return [each.load() for each in sets]
