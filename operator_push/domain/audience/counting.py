"""Counting: what a client may learn about how many people a rule finds.

Fewer than the floor is no count at all; what is told is rounded down to tens, so that one person more or
less is seldom seen. Differences between rules are guarded elsewhere.
"""

from dataclasses import dataclass

COUNT_FLOOR = 100  # k of the k-anonymity that a count keeps
COUNT_STEP = 10


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A count that may be told: rounded down to tens."""

    count: int

    def __str__(self) -> str:
        return f"{self.count:,}"


@dataclass(frozen=True, slots=True)
class Withheld:
    """No count: fewer people than `floor`, and nothing may be ordered for them."""

    floor: int

    def __str__(self) -> str:
        return f"fewer than {self.floor}"


def disclose_cell(count: int) -> int | str:
    """What a cell of a report may tell: tens, 0 where there is nobody, and "<10" below ten.

    Raises:
        ValueError: a negative count.
    """
    if count < 0:
        raise ValueError(f"{count} people cannot be counted")
    if 0 < count < COUNT_STEP:
        return f"<{COUNT_STEP}"
    return count - count % COUNT_STEP


def disclose(count: int, floor: int = COUNT_FLOOR) -> Disclosed | Withheld:
    """What may be told of a true count of people.

    Raises:
        ValueError: a negative count.
    """
    if count < 0:
        raise ValueError(f"{count} people cannot be counted")
    return Withheld(floor) if count < floor else Disclosed(count - count % COUNT_STEP)
