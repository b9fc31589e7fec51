"""To bitmap: the people of a rule by set algebra over its parts.

`a && b` is true for whom both are, `a || b` for whom one is, and a negation is pushed down to the parts, by
which three-valued logic stays what it is: `!(a && b)` is true where a is false or b is. So each part is asked
by itself: membership of the sets, everything else of whoever keeps its attributes; parts of one source are
asked in one question. What no source answers for alone is left to whoever asks for the whole.
"""

from collections.abc import Callable, Hashable, Mapping

from pyroaring import BitMap

from operator_push.domain.audience.tree import AllOf, AnyOf, Literal, Member, Node, Not

# Who answers for a part: what parts have in common that can be asked together; None where nobody does alone.
SourceOf = Callable[[Node], Hashable | None]
# The people for whom a part is true; None where its source cannot tell.
Ask = Callable[[Node], BitMap | None]


class _Unanswered(Exception):  # noqa: N818  # no error: the whole rule is asked instead
    """A part that nobody answers for by itself."""


def to_bitmap(
    root: Node,
    everybody: BitMap,
    sets: Mapping[str, BitMap],
    source_of: SourceOf = lambda part: None,
    ask: Ask = lambda part: None,
) -> BitMap | None:
    """Of `everybody` those for whom a checked rule is true; None where a part has no source of its own.

    `sets`: the people of each by its key, at most everybody. Without sources a rule that reads more than sets
    is not answered.
    """

    def true(node: Node, negated: bool) -> BitMap:
        """For whom a part is true, or with `negated` false."""
        if source_of(node) is not None:
            found = ask(Not(node, node.column) if negated else node)
            if found is None:
                raise _Unanswered
            return found
        match node:
            case Not(operand):
                return true(operand, not negated)
            case Member(key):
                return everybody - sets[key] if negated else sets[key]
            case Literal(bool(value)):
                return everybody if value != negated else BitMap()
            case AllOf(operands) | AnyOf(operands):
                parts = [true(part, negated) for part in _together(node, operands, source_of)]
                of_all = isinstance(node, AllOf) != negated
                return BitMap.intersection(*parts) if of_all else BitMap.union(*parts)
        raise _Unanswered

    try:
        return true(root, False) & everybody
    except _Unanswered:
        return None


def _together(node: AllOf | AnyOf, operands: tuple[Node, ...], source_of: SourceOf) -> list[Node]:
    """The operands, those of one source as one part."""
    by_source: dict[Hashable, list[Node]] = {}
    alone: list[Node] = []
    for operand in operands:
        source = source_of(operand)
        (alone if source is None else by_source.setdefault(source, [])).append(operand)
    kind = type(node)
    joined = [
        parts[0] if len(parts) == 1 else kind(tuple(parts), node.column) for parts in by_source.values()
    ]
    return [*joined, *alone]
