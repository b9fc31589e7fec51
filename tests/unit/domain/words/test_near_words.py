"""A slip of the thumb is heard where no other word can be meant."""

import pytest

from operator_push.domain.words.near_words import is_slip_of, slips


@pytest.mark.parametrize(
    ("typed", "word", "count"),
    [("stop", "stop", 0), ("stpo", "stop", 1), ("stp", "stop", 1), ("sttop", "stop", 1), ("spot", "stop", 2)],
)
def test_slips_are_counted_with_swaps_as_one(typed: str, word: str, count: int) -> None:
    assert slips(typed, word) == count


@pytest.mark.parametrize(
    ("typed", "word", "is_slip"),
    [
        ("stpo", "stop", True),
        ("sotp", "stop", True),
        ("stp", "stop", True),
        ("stopo", "stop", True),
        ("step", "stop", False),
        ("top", "stop", False),
        ("sto", "stop", False),
        ("stop", "stop", False),
        ("unsuscribe", "unsubscribe", True),
        ("unsbscrbe", "unsubscribe", True),
        ("arrte", "arret", True),
        ("ned", "end", False),
        ("bestellen", "abbestellen", False),  # order, and the contrary
        ("position", "opposition", False),
        ("sad", "stad", False),
        ("abmeldng", "abmeldung", True),
    ],
)
def test_short_words_are_judged_more_carefully(typed: str, word: str, is_slip: bool) -> None:
    assert is_slip_of(typed, word) is is_slip
