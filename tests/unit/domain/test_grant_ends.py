"""Ends come due at their moment, in order, and only those that still hold."""

import random

from operator_push.domain.grant_ends import HOUR_US, NEVER_US, GrantEnds


def test_due_gives_what_a_plain_table_would_give() -> None:
    chance = random.Random(5)
    ends, truth, now_us = GrantEnds(), dict[tuple[int, int], int](), 0
    for _ in range(3_000):
        key, end_us = (chance.randrange(3), chance.randrange(200)), now_us + chance.randrange(1, 5 * HOUR_US)
        if chance.random() < 0.1:
            truth.pop(key, None)
        else:
            truth[key] = end_us
            ends.note(*key, end_us)
        if chance.random() < 0.3:
            now_us += chance.randrange(HOUR_US // 20)
            due = []
            for each in ends.due(now_us, lambda place, number: truth.get((place, number), 0)):
                due.append(each)
                del truth[each]
            assert all(end_us > now_us for end_us in truth.values())
            assert len(due) == len(set(due))
            assert min(truth.values(), default=NEVER_US) >= ends.next_us
    assert list(ends.due(NEVER_US - 1, lambda place, number: truth.get((place, number), 0)))


def test_an_end_is_not_reached_a_microsecond_early() -> None:
    ends = GrantEnds()
    ends.note(0, 7, HOUR_US + 5)
    assert list(ends.due(HOUR_US + 4, lambda place, number: HOUR_US + 5)) == []
    assert ends.next_us == HOUR_US + 5
    assert list(ends.due(HOUR_US + 5, lambda place, number: HOUR_US + 5)) == [(0, 7)]
    assert ends.next_us == NEVER_US
