"""Patterns: the first that fits, whatever was asked before."""

from smsc_sim.patterns import Patterns


def test_the_first_pattern_that_fits_counts():
    rows = Patterns(["9198*", "91?8", "9*"])
    assert [rows.first(text) for text in ("91987", "9188", "97", "8", "97")] == [0, 1, 2, -1, 2]
    assert rows.fits("9")
    assert not rows.fits("8")


def test_letters_keep_their_case_and_a_star_fits_everything():
    assert not Patterns(["chai"]).fits("CHAI")
    assert Patterns(["x", "*"]).fits("")


def test_more_texts_than_are_kept_are_still_answered_right():
    rows = Patterns(["*7"])
    assert sum(rows.fits(str(number)) for number in range(25_000)) == 2_500
    assert rows.fits("7")
