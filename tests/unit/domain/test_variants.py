"""The same people get the same text, and the text that was answered most wins."""

from collections import Counter

from operator_push.domain.variants import Tally, WonBy, place_of, winner_of


def test_a_person_keeps_its_variant_and_the_parts_are_even() -> None:
    places = [place_of(7, number, 3) for number in range(3_000)]
    assert places == [place_of(7, number, 3) for number in range(3_000)]
    assert all(900 < people < 1_100 for people in Counter(places).values())
    assert places != [place_of(8, number, 3) for number in range(3_000)]


def test_the_most_answered_wins_once_each_was_delivered_often_enough() -> None:
    tallies = [Tally("warm", 500, 10), Tally("bold", 400, 9), Tally("long", 600, 12)]
    assert winner_of(tallies, 400) == "bold"
    assert winner_of(tallies, 401) is None
    assert winner_of([Tally("warm", 500, 10), Tally("bold", 500, 10)], 1) == "warm"
    assert winner_of([Tally("warm", 0, 0), Tally("bold", 500, 10)], 0) is None
    assert winner_of([], 1) is None


def test_the_best_may_be_told_by_clicks_or_conversions() -> None:
    tallies = [Tally("warm", 500, 10, 5, 5), Tally("bold", 500, 9, 20, 4), Tally("long", 500, 8, 10, 6)]
    assert [winner_of(tallies, 1, by) for by in WonBy] == ["warm", "bold", "long"]
