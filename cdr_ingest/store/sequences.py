"""Sequences: which numbers are missing in the sequences that nodes give their files, and which came twice.

A number of TS 32.297 (section 6.1.1.9) is 32 bits and starts again at 0 behind the last one; a sequence is
judged from its first known number on, and a step back of more than half its range is such a new start.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cdr_ingest.store.ledger_rows import FileRow

NUMBERS = 1 << 32
MISSING = "missing"
TWICE = "twice"


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers first..last of a node's sequence are missing, or came in more than one file."""

    node: str
    what: str
    first: int
    last: int
    files: tuple[str, ...] = ()


def find_gaps(files: Iterable[FileRow]) -> list[Gap]:
    """The gaps and repeats of every node, in the order of its numbers."""
    nodes: dict[str, dict[int, list[str]]] = {}
    for file in files:
        if file.sequence_number is not None:
            nodes.setdefault(file.node, {}).setdefault(file.sequence_number, []).append(file.name)
    return [gap for node, numbers in sorted(nodes.items()) for gap in _of_node(node, numbers)]


def _of_node(node: str, numbers: dict[int, list[str]]) -> list[Gap]:
    gaps = [Gap(node, TWICE, at, at, tuple(names)) for at, names in sorted(numbers.items()) if len(names) > 1]
    present = sorted(numbers)
    # The widest hole on the circle lies outside of the sequence: it begins behind that hole.
    holes = [
        ((later - earlier) % NUMBERS or NUMBERS, earlier, later)
        for earlier, later in zip(present, [*present[1:], present[0]], strict=True)
    ]
    widest = max(holes)
    for step, earlier, later in holes:
        if step > 1 and (step, earlier, later) != widest:
            gaps.append(Gap(node, MISSING, (earlier + 1) % NUMBERS, (later - 1) % NUMBERS))
    return gaps
