"""Own lists: what the lists of a client decide of a rule, so that a list tells nothing of whom it names.

A client knows who is on its lists. A rule that joins lists to something else is therefore judged by its
parts: whom the lists decide by themselves, and whom they leave open. What the second comes to in fewer
people than the floor is not told, be they few or none; and whom a short list leaves out is put back before
the rule is held against earlier answers.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pyroaring import BitMap

from operator_push.domain.audience.tree import (
    AllOf,
    AnyOf,
    Conditional,
    Literal,
    Member,
    Node,
    Not,
    attribute_names,
)
from operator_push.kernel.errors import OperatorError

LISTS_MAX = 10  # Ours: people are sorted by which lists they are on, up to 2^10 sorts of them.


@dataclass(frozen=True, slots=True)
class OwnLists:
    """The people on the lists of a rule. `decided`: for them it is true by the lists alone; `undecided`: for
    them something else decides; `few`: those whom the lists single out in fewer than the floor."""

    lists: tuple[BitMap, ...]
    decided: BitMap
    undecided: BitMap
    few: BitMap

    def is_told_by_few(self, found: BitMap, floor: int) -> bool:
        """Whether fewer than `floor` people beyond the lists are found: a count would tell of them."""
        return len(found - self.decided - self.undecided) < floor

    def is_nearly_all(self, found: BitMap, floor: int) -> bool:
        """Whether of the undecided fewer than `floor`, or nobody, are left out."""
        return bool(self.undecided) and len(self.undecided - found) < floor


def is_list(key: str) -> bool:
    """Whether a set is a list, by its key: list:NAME, not received:CAMPAIGN and its like."""
    return key.startswith("list:")


def own_lists(root: Node, sets: Mapping[str, BitMap], floor: int) -> OwnLists | None:
    """What the lists among `sets` decide of a checked rule; None where it reads none, or nothing else.

    Raises:
        OperatorError: more than LISTS_MAX lists beside other conditions.
    """
    lists = {key: people for key, people in sets.items() if is_list(key)}
    if not lists or (len(lists) == len(sets) and not attribute_names(root)):
        return None
    if len(lists) > LISTS_MAX:
        raise OperatorError(
            f"a rule asks for at most {LISTS_MAX} lists beside other conditions, not {len(lists)}: "
            "put them together in one"
        )
    by_lists = sorted_by_lists(lists)
    found = OwnLists(tuple(lists.values()), BitMap(), BitMap(), BitMap())
    for on, people in by_lists.items():
        answer = decided(root, on)
        if answer is None:
            found.undecided.update(people)
        elif answer:
            found.decided.update(people)
        if len(people) < floor:
            found.few.update(people)
    return found


def every_member(lists: Collection[BitMap], floor: int) -> OwnLists | None:
    """Lists within a group that the client does not know, such as who got a campaign: they decide nothing."""
    if not lists:
        return None
    people = BitMap.union(*lists)
    return OwnLists(tuple(lists), BitMap(), people, people if len(people) < floor else BitMap())


def sorted_by_lists(lists: Mapping[str, BitMap]) -> dict[frozenset[str], BitMap]:
    """The people on any list, by the lists that they are on."""
    sorts: dict[frozenset[str], BitMap] = {}
    for key, people in lists.items():
        rest = BitMap(people)
        for on, some in list(sorts.items()):
            both = some & people
            if both:
                rest -= both
                sorts[on | {key}] = both
                sorts[on] = some - both
                if not sorts[on]:
                    del sorts[on]
        if rest:
            sorts[frozenset({key})] = rest
    return sorts


def decided(node: Node, on: Collection[str]) -> bool | None:
    """What a checked rule is for people on the lists `on` alone; None where more must be known of them."""
    match node:
        case Literal(bool(value)):
            return value
        case Member(key) if is_list(key):
            return key in on
        case Not(operand):
            answer = decided(operand, on)
            return None if answer is None else not answer
        case AllOf(operands) | AnyOf(operands):
            answers = [decided(each, on) for each in operands]
            strong = isinstance(node, AnyOf)
            if strong in answers:
                return strong
            return None if None in answers else not strong
        case Conditional(condition, then, otherwise):
            answer = decided(condition, on)
            return None if answer is None else decided(then if answer else otherwise, on)
    return None
