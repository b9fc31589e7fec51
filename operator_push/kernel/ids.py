"""Ids: 64-bit integers that ascend with time, so that every key in every large table is appended at its end.

Layout, high to low: 41 bits of milliseconds since 2024-01-01T00:00Z (until 2093), 8 bits of shard, 14 bits
of counter; the sign bit stays 0. An id therefore tells its day and its shard without a look-up.
"""

from operator_push.kernel.instants import MICROS_PER_DAY

ID_EPOCH_MS = 1_704_067_200_000
SHARD_BITS = 8
COUNTER_BITS = 14
SHARDS_MAX = 1 << SHARD_BITS
_COUNTER_MASK = (1 << COUNTER_BITS) - 1
_MILLIS_PER_DAY = MICROS_PER_DAY // 1000
_TIME_SHIFT = SHARD_BITS + COUNTER_BITS


class IdSequence:
    """Ids of one shard: strictly ascending, also when the clock stands still or steps back.

    After 16,384 ids in one millisecond the sequence borrows the next one, so it never blocks and never
    repeats. Start a new sequence after a restart with `above` set to the highest stored id.
    """

    __slots__ = ("_last", "_millis", "_shard")

    def __init__(self, shard: int = 0, above: int = 0) -> None:
        if not 0 <= shard < SHARDS_MAX:
            raise ValueError(f"shard {shard} not in 0..{SHARDS_MAX - 1}")
        self._shard = shard << COUNTER_BITS
        self._millis = (above >> _TIME_SHIFT) + 1 if above else 0
        self._last = self._millis << _TIME_SHIFT | self._shard

    def next_id(self, now_us: int) -> int:
        """The next id at this moment (microseconds since 1970)."""
        millis = now_us // 1000 - ID_EPOCH_MS
        if millis <= self._millis:
            identifier = self._last + 1
            if identifier & _COUNTER_MASK:
                self._last = identifier
                return identifier
            millis = self._millis + 1  # every counter of this millisecond is taken
        self._millis = millis
        self._last = identifier = millis << _TIME_SHIFT | self._shard
        return identifier


def id_epoch_us(identifier: int) -> int:
    """The moment inside an id, microseconds since 1970, to the millisecond."""
    return ((identifier >> _TIME_SHIFT) + ID_EPOCH_MS) * 1000


def id_day(identifier: int) -> int:
    """The UTC day (days since 1970) inside an id: the `day` of its row's key."""
    return ((identifier >> _TIME_SHIFT) + ID_EPOCH_MS) // _MILLIS_PER_DAY


def id_shard(identifier: int) -> int:
    """The shard inside an id."""
    return identifier >> COUNTER_BITS & (SHARDS_MAX - 1)


def first_id_at(moment_us: int) -> int:
    """The lowest id that a moment can have, whatever its shard: ids from then on are not below it."""
    return max(0, moment_us // 1000 - ID_EPOCH_MS) << _TIME_SHIFT
