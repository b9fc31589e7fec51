"""Bit slices: one attribute of everybody as a few bitmaps, so that a comparison is set algebra and no scan.

Every value that occurs has a rank; slice n holds the people whose rank has bit n. A comparison walks the
slices once, from the highest (O'Neil and Quass, Improved Query Performance with Variant Indexes, 1997). Of
whom nothing is known is in no slice and not in `known`, so both answers of three-valued logic can be told.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from operator_push.domain.audience.tree import (
    Attribute,
    Compare,
    Comparison,
    IsNull,
    ListOf,
    Literal,
    Node,
    Not,
    ToDouble,
    Value,
    Within,
)

_TURNED = {
    Comparison.LESS: Comparison.MORE,
    Comparison.AT_MOST: Comparison.AT_LEAST,
    Comparison.MORE: Comparison.LESS,
    Comparison.AT_LEAST: Comparison.AT_MOST,
}


@dataclass(frozen=True, slots=True)
class BitSlices:
    """One attribute. `values` ascend, each once; `slices` from the lowest bit of the rank on."""

    values: Sequence[bool | int | float | str]
    known: BitMap
    slices: Sequence[BitMap]

    def compare(self, comparison: Comparison, value: Value) -> BitMap:
        """For whom the comparison with a value is true."""
        match comparison:
            case Comparison.EQUAL:
                return self.among([value])
            case Comparison.NOT_EQUAL:
                return self.known - self.among([value])
            case Comparison.LESS:
                return self._below(bisect_left(self.values, value))  # type: ignore[type-var]
            case Comparison.AT_MOST:
                return self._below(bisect_right(self.values, value))  # type: ignore[type-var]
            case Comparison.MORE:
                return self.known - self._below(bisect_right(self.values, value))  # type: ignore[type-var]
            case Comparison.AT_LEAST:
                return self.known - self._below(bisect_left(self.values, value))  # type: ignore[type-var]

    def among(self, values: Collection[Value]) -> BitMap:
        """Who has one of these values."""
        found = BitMap()
        for value in values:
            rank = bisect_left(self.values, value)  # type: ignore[type-var]
            if rank < len(self.values) and self.values[rank] == value:
                found |= self._ranked(rank)
        return found

    def _ranked(self, rank: int) -> BitMap:
        found = self.known.copy()
        for bit, ranked in enumerate(self.slices):
            if rank >> bit & 1:
                found &= ranked
            else:
                found -= ranked
        return found

    def _below(self, rank: int) -> BitMap:
        if rank <= 0:
            return BitMap()
        if rank >= len(self.values):
            return self.known.copy()
        below, same = BitMap(), self.known.copy()
        for bit in range(len(self.slices) - 1, -1, -1):
            ranked = self.slices[bit]
            if rank >> bit & 1:
                below |= same - ranked
                same &= ranked
            else:
                same -= ranked
        return below


def sliced_attribute(part: Node) -> str | None:
    """The attribute of a part that bit slices answer alone: a comparison of it with values, `in` a list of
    them, whether it is known, or a bool itself; None for every other part."""
    match part:
        case Attribute(name) | IsNull(Attribute(name)) | Within(Attribute(name), ListOf()):
            simple = not isinstance(part, Within) or _values(part) is not None
            return name if simple else None
        case Compare(_, Attribute(name), other) | Compare(_, other, Attribute(name)):
            return name if _constant(other) is not None else None
    return None


def sliced(part: Node, everybody: BitMap, permitting: BitMap, of: Callable[[str], BitSlices]) -> BitMap:
    """Of `everybody` those for whom a part with a sliced attribute, or its negation, is true.

    `permitting`: whose attribute may be used; it is not known of others.

    Raises:
        ValueError: the part is none that slices answer.
    """
    negated = isinstance(part, Not)
    leaf = part.operand if isinstance(part, Not) else part
    name = sliced_attribute(leaf)
    if name is None:
        raise ValueError(f"{type(leaf).__name__} is no part that slices answer")
    slices = of(name)
    known = slices.known & permitting & everybody
    match leaf:
        case IsNull(_, is_known):
            return known if is_known != negated else everybody - known
        case Within():
            found = slices.among(_values(leaf) or ())
        case Compare(comparison, left, right):
            turned = isinstance(right, Attribute)
            found = slices.compare(
                _TURNED.get(comparison, comparison) if turned else comparison,
                _constant(left if turned else right),
            )
        case _:
            found = slices.among([True])
    return known - found if negated else known & found


def _values(part: Within) -> list[Value] | None:
    """The constants of a list; None where one is none."""
    options = part.options
    if not isinstance(options, ListOf):
        return None
    values = [_constant(item) for item in options.items]
    return None if None in values else values


def _constant(part: Node) -> Value:
    """The value of a constant; None for null and for everything else."""
    match part:
        case Literal(value):
            return value
        case ToDouble(Literal(int(value))):
            return float(value)
    return None
