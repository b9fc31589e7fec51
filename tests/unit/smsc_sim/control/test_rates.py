"""The samples of the page's chart."""

from smsc_sim.control.rates import SAMPLES_MAX, SERIES, Rates


def test_samples_are_sums_and_come_in_the_order_of_the_names():
    rates = Rates()
    rates.sample(10, {name: at for at, name in enumerate(SERIES)} | {"other": 99})
    assert rates.since(0) == {"names": SERIES, "samples": [[10, 0, 1, 2, 3, 4]]}
    assert rates.since(10)["samples"] == []


def test_the_oldest_go():
    rates = Rates()
    for t in range(1, SAMPLES_MAX + 11):
        rates.sample(t, {})
    kept = rates.since(0)["samples"]
    assert (len(kept), kept[0][0]) == (SAMPLES_MAX, 11)
