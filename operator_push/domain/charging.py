"""Charging: what is held when a message is accepted and what is earned when it ends. Integers of micros.

The contract here is "on delivery, per segment": every delivered segment is earned, everything else goes
back. Which price applies is `domain.tariff`, moving the money `domain.ledger`.
"""

from typing import NamedTuple

from operator_push.kernel.errors import MoneyInvariantError


class Settlement(NamedTuple):
    """How a hold is resolved; the two add up to what was held."""

    settled_micros: int
    released_micros: int


def quote_hold(price_per_segment_micros: int, segment_count: int) -> int:
    """The most that a message can cost: every segment of a concatenated message is billed.

    Raises:
        MoneyInvariantError: a negative price or a message without segments.
    """
    if price_per_segment_micros < 0 or segment_count < 1:
        raise MoneyInvariantError(
            f"cannot hold {segment_count} segments at {price_per_segment_micros} micros each"
        )
    return price_per_segment_micros * segment_count


def settlement(price_per_segment_micros: int, segments_delivered: int, held_micros: int) -> Settlement:
    """What of a hold is earned and what is released.

    Raises:
        MoneyInvariantError: more would be earned than was held, or something is negative.
    """
    settled = earned(price_per_segment_micros, segments_delivered, held_micros)
    return Settlement(settled, held_micros - settled)


def earned(price_per_segment_micros: int, segments_delivered: int, held_micros: int) -> int:
    """What of a hold is earned; the rest is released. Errors as `settlement`."""
    settled = price_per_segment_micros * segments_delivered
    if price_per_segment_micros < 0 or segments_delivered < 0 or settled > held_micros:
        raise MoneyInvariantError(
            f"{segments_delivered} segments at {price_per_segment_micros} micros do not fit"
            f" into a hold of {held_micros} micros"
        )
    return settled
