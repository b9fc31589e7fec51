"""Meters count, and only count."""

from operator_push.kernel.meters import Meters


def test_counters_start_at_nothing_and_grow() -> None:
    meters = Meters()
    assert meters.value("submit_sm.accepted") == 0
    meters.count("submit_sm.accepted")
    meters.count("submit_sm.accepted", 4)
    assert meters.value("submit_sm.accepted") == 5


def test_a_snapshot_is_sorted_and_stays_as_it_was() -> None:
    meters = Meters()
    meters.gauge("window", 0.5)
    meters.count("b")
    meters.count("a")
    snapshot = meters.snapshot()
    meters.count("a")
    assert list(snapshot) == ["a", "b", "window"]
    assert snapshot == {"a": 1, "b": 1, "window": 0.5}
