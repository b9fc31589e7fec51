"""Delays: how long something takes, as a scenario writes it and as the engine draws it.

A delay is drawn by inverse transform from one number in [0, 1), so that the same delay can be fed from a
bind's seeded random.Random or from a handset's keyed hash. Scenarios speak milliseconds, the engine seconds.
"""

from collections.abc import Callable
from math import log1p
from typing import Annotated

import msgspec

DELAY_MS_MAX = 31 * 86_400_000  # Ours: a month; longer is a slip of the pen in a simulator.
Milliseconds = Annotated[float, msgspec.Meta(ge=0, le=DELAY_MS_MAX)]


class Exponential(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`{mean = 50, max = 2000}`: exponential with this mean, cut off at `max` (20 means unless given)."""

    mean: Annotated[float, msgspec.Meta(gt=0, le=DELAY_MS_MAX)]
    max: Milliseconds | None = None


# `20` is fixed, `[20, 200]` uniform between the two, `{mean = 50}` exponential.
# Not tuple[Milliseconds, Milliseconds]: msgspec 0.22.0 reads the length of a fixed tuple from the wrong place
# (and crashes) where the same union has a number with limits.
Pair = Annotated[
    tuple[Milliseconds, ...],
    msgspec.Meta(
        min_length=2,
        max_length=2,
        description=f"milliseconds up to {DELAY_MS_MAX}, [shortest, longest] or {{mean = …, max = …}}",
    ),
]
Delay = Milliseconds | Pair | Exponential
DrawSeconds = Callable[[float], float]


def delay_drawer(delay: Delay, speed: float = 1.0) -> DrawSeconds:
    """A function from a number in [0, 1) to real seconds, on a clock that runs `speed` times as fast."""
    per_second = 1000 * speed
    match delay:
        case Exponential(mean=mean, max=longest):
            mean_s = mean / per_second
            longest_s = 20 * mean_s if longest is None else longest / per_second
            return lambda unit: min(longest_s, -mean_s * log1p(-unit))
        case tuple() as pair:
            shortest, longest = pair
            start_s = shortest / per_second
            span_s = (longest - shortest) / per_second
            return lambda unit: start_s + span_s * unit
        case _:
            fixed_s = delay / per_second
            return lambda unit: fixed_s


def fixed_seconds(delay: Delay, speed: float = 1.0) -> float | None:
    """The real seconds of a delay that is always the same, so that nobody needs to draw; None for others."""
    return delay / (1000 * speed) if isinstance(delay, int | float) else None


def delay_fault(delay: Delay) -> str | None:
    """What is wrong with a delay that has the right shape, as a sentence; None where nothing is."""
    if isinstance(delay, tuple) and delay[0] > delay[1]:
        return f"[{delay[0]:g}, {delay[1]:g}] runs backwards; write [shortest, longest]"
    if isinstance(delay, Exponential) and delay.max is not None and delay.max < delay.mean:
        return f"max {delay.max:g} is below mean {delay.mean:g}"
    return None
