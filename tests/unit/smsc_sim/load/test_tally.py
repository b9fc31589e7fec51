"""Counting by slice: nothing is lost when slices close or are merged."""

import pytest

from smsc_sim.load import tally as tally_module
from smsc_sim.load.tally import Tally


def test_slices_hold_what_happened_in_them():
    tally = Tally(1)
    tally.begin(10.0)
    tally.answered(10.0, 10.02, 10.05, 0)
    tally.at(10.25)
    tally.refuse(10.2, 10.25, 0, 0x58)
    tally.give_up(10.0, None, 10.26)
    tally.finish()
    assert [(piece.accepted, piece.failed) for piece in tally.slices] == [(1, 0), (0, 0), (0, 2)]
    assert tally.slices[0].p50_us == pytest.approx(50_000, abs=1)
    assert tally.refusals == {0x58: 1}
    assert tally.response.total == 2
    assert tally.service.total == 1
    assert tally.censored == 1


def test_too_many_slices_are_merged_and_lose_nothing(monkeypatch):
    monkeypatch.setattr(tally_module, "SLICES_MAX", 8)
    tally = Tally(1)
    tally.begin(0.0)
    for number in range(100):
        now = number * 0.1 + 0.05
        tally.at(now)
        tally.answered(now - 0.001 * (1 + number), now, now, 0)
    tally.finish()
    assert len(tally.slices) < 8
    assert sum(piece.accepted for piece in tally.slices) == 100
    assert sum(sum(piece.heat.values()) for piece in tally.slices) == 100
    assert tally.slice_s == pytest.approx(1.6)
    assert tally.response.total == 100
    assert max(piece.max_us for piece in tally.slices) == pytest.approx(100_000, abs=1)
    for piece in tally.slices:
        assert 0 < piece.p50_us <= piece.p99_us <= piece.max_us


def test_a_long_silence_is_slices_without_anything():
    tally = Tally(1)
    tally.begin(0.0)
    tally.at(1.0)
    assert len(tally.slices) == 10
    assert all(piece.max_us == 0 for piece in tally.slices)
