"""Latency: the forms of distribution that only faults have, drawn from one number in [0, 1).

A log-normal by its median and 99th percentile, or any distribution by its percentiles, straight lines between
them (below the lowest from 0, above the highest up to `max`).
"""

from bisect import bisect_right
from collections.abc import Mapping
from math import exp, log
from statistics import NormalDist

from smsc_sim.delays import DELAY_MS_MAX, DrawSeconds, delay_drawer
from smsc_sim.faults.pdu_tables import Latency, LogNormal

_NORMAL = NormalDist()
_P99 = _NORMAL.inv_cdf(0.99)
_UNIT_MIN = 2.0**-53  # inv_cdf has no value at 0.


def latency_drawer(fault: Latency) -> DrawSeconds:
    """A function from a number in [0, 1) to seconds; of the three forms exactly one is given (`checks`)."""
    if fault.lognormal_ms is not None:
        return _lognormal(fault.lognormal_ms)
    if fault.percentiles_ms:
        return _by_percentiles(fault.percentiles_ms)
    return delay_drawer(fault.delay_ms or 0.0)


def percentile_of(name: str) -> float | None:
    """0.999 of "p99.9", 1.0 of "max", None of anything else."""
    if name == "max":
        return 1.0
    digits = name.removeprefix("p")
    if digits == name or not digits.replace(".", "", 1).isdecimal():
        return None
    share = float(digits) / 100
    return share if 0 < share < 1 else None


def _lognormal(shape: LogNormal) -> DrawSeconds:
    middle, width = log(shape.median), log(shape.p99 / shape.median) / _P99
    longest = log(DELAY_MS_MAX)

    def draw(unit: float) -> float:
        return exp(min(longest, middle + width * _NORMAL.inv_cdf(max(unit, _UNIT_MIN)))) / 1000

    return draw


def _by_percentiles(percentiles: Mapping[str, float]) -> DrawSeconds:
    points = sorted((percentile_of(name) or 0.0, value) for name, value in percentiles.items())
    shares = [0.0, *(share for share, _ in points)]
    values = [0.0, *(value for _, value in points)]
    if shares[-1] < 1.0:
        shares.append(1.0)
        values.append(values[-1])

    def draw(unit: float) -> float:
        right = min(bisect_right(shares, unit), len(shares) - 1)
        low, high = shares[right - 1], shares[right]
        along = (unit - low) / (high - low)
        return (values[right - 1] + (values[right] - values[right - 1]) * along) / 1000

    return draw
