"""Handing in: everybody once, in batches, at the server's pace."""

from collections import Counter

from campaign_desk import Desk
from pyroaring import BitMap

from operator_push.cli.campaign_hand_in import BATCH_SUBSCRIBERS, at_most, hand_in

PEOPLE = BitMap(range(1, 1_235))


def test_everybody_is_handed_in_once_in_batches() -> None:
    desk = Desk(PEOPLE)
    told: list[tuple[int, int]] = []
    outcomes = hand_in(desk, "Morning", PEOPLE, lambda done, so_far: told.append((done, so_far["accepted"])))
    assert outcomes == Counter({"accepted": 1_234, "repeated": 0})
    assert desk.handed_in == PEOPLE
    whole, rest = divmod(1_234, BATCH_SUBSCRIBERS)
    assert [len(call["subscribers"]) for call in desk.calls] == [BATCH_SUBSCRIBERS] * whole + [rest]
    done = [min(1_234, BATCH_SUBSCRIBERS * (place + 1)) for place in range(whole + 1)]
    assert told == [(each, each) for each in done]


def test_a_busy_server_is_waited_for_and_gets_the_same_batch_again() -> None:
    desk = Desk(PEOPLE)
    desk.busy_answers = 3
    waits: list[float] = []
    outcomes = hand_in(desk, "Morning", BitMap([1, 2]), wait=waits.append)
    assert outcomes["accepted"] == 2
    assert len(waits) == 3
    assert {tuple(call["subscribers"]) for call in desk.calls} == {(1, 2)}


def test_a_second_hand_in_changes_nothing() -> None:
    desk = Desk(PEOPLE)
    hand_in(desk, "Morning", PEOPLE)
    assert hand_in(desk, "Morning", PEOPLE) == Counter({"repeated": 1_234, "accepted": 0})


def test_no_more_than_were_quoted_and_nearly_the_same_ones_again() -> None:
    chosen = at_most(PEOPLE, 1_000, seed=7)
    assert len(chosen) == 1_000
    assert chosen <= PEOPLE
    fewer = PEOPLE - BitMap(range(1, 11))
    assert len(at_most(fewer, 1_000, seed=7) & chosen) >= 990
    assert at_most(PEOPLE, 1_000, seed=8) != chosen
    assert at_most(PEOPLE, 1_234, seed=7) == PEOPLE
