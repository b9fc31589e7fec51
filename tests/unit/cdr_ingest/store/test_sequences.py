"""Missing and repeated numbers in the sequences of nodes."""

import pytest

from cdr_ingest.store.ledger_rows import FileRow
from cdr_ingest.store.sequences import NUMBERS, Gap, find_gaps


def files(*numbers: int, node: str = "n") -> list[FileRow]:
    return [
        FileRow(f"{place}", place, f"f{place}", "cdr", 1, node=node, sequence_number=number)
        for place, number in enumerate(numbers)
    ]


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        ((), []),
        ((7,), []),
        ((7, 8, 9), []),
        ((9, 7, 8), []),
        ((7, 9, 13), [(8, 8), (10, 12)]),
        ((NUMBERS - 1, 0, 1), []),  # the sequence starts again behind its last number
        ((NUMBERS - 3, NUMBERS - 1, 2), [(NUMBERS - 2, NUMBERS - 2), (0, 1)]),
    ],
)
def test_missing_numbers(numbers: tuple[int, ...], missing: list[tuple[int, int]]) -> None:
    assert sorted((gap.first, gap.last) for gap in find_gaps(files(*numbers))) == sorted(missing)


def test_nodes_have_sequences_of_their_own_and_repeats_are_named() -> None:
    rows = [*files(1, 2, 2), *files(5, 7, node="m"), FileRow("x", 9, "no number", "cdr", 1)]
    assert find_gaps(rows) == [Gap("m", "missing", 6, 6), Gap("n", "twice", 2, 2, ("f1", "f2"))]
