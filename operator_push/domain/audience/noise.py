"""Noise: a count made uncertain by a calibrated amount, the same one whenever the same is asked.

The two-sided geometric mechanism (Ghosh, Roughgarden, Sundararajan 2009): noise of n has the probability
proportional to exp(-epsilon·|n|), so that one person more or less changes the odds of any answer by at most
exp(epsilon). It is drawn from a keyed hash of who asks and of the set itself: to ask again averages nothing
away.
"""

import hashlib
import hmac
import math
from fractions import Fraction

EPSILON_MIN, EPSILON_MAX = 0.01, 10.0


def noise_of(key: bytes, client: str, people_digest: bytes, epsilon: float) -> int:
    """The noise for one client and one set of people.

    Raises:
        ValueError: epsilon outside EPSILON_MIN..EPSILON_MAX.
    """
    if not EPSILON_MIN <= epsilon <= EPSILON_MAX:
        raise ValueError(f"epsilon {epsilon} is not in {EPSILON_MIN}..{EPSILON_MAX}")
    drawn = hmac.digest(key, b"audience noise:" + client.encode() + b"\0" + people_digest, hashlib.sha256)
    first = _geometric(int.from_bytes(drawn[:8]), epsilon)
    second = _geometric(int.from_bytes(drawn[8:16]), epsilon)
    # The difference of two geometric numbers is the two-sided one.
    return first - second


def _geometric(drawn: int, epsilon: float) -> int:
    """How often a coin of exp(-epsilon) falls so before it falls otherwise, from 64 even bits."""
    uniform = float(Fraction(drawn + 1, 1 << 64))  # in (0, 1]
    return math.floor(math.log(uniform) / -epsilon)
