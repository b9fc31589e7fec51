"""Moments by number: a sparse map that forgets its pages."""

from operator_push.domain.moments_by_number import MomentsByNumber


def test_neighbours_and_strangers_do_not_disturb_each_other() -> None:
    moments = MomentsByNumber()
    moments.set(31, 5)
    moments.set(32, 6)
    moments.set(4_000_000_000, 7)
    assert [moments.get(number, -1) for number in (30, 31, 32, 33, 4_000_000_000)] == [-1, 5, 6, -1, 7]
    moments.set(31, 9)
    assert moments.get(31, -1) == 9


def test_what_is_discarded_is_gone_and_an_empty_page_with_it() -> None:
    moments = MomentsByNumber()
    moments.set(1, 5)
    moments.set(2, 0)
    moments.discard(1)
    assert (moments.get(1, -1), moments.get(2, -1)) == (-1, 0)
    moments.discard(2)
    moments.discard(2)
    moments.discard(99)
    assert moments._pages == {}
