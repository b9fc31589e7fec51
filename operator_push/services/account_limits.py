"""Account limits: how many segments an account may hand in, by the second and by the day.

Laws: a message is asked for with all its segments at once, so that a long one is not refused by its second
part; one larger than the bucket passes when the bucket is full and leaves a debt, so that the rate holds in
the mean; integers only, so that 0 is none and no rate divides by anything; moments are arguments
(microseconds since 1970). The rate is a matter of the doors (flow control of an ESME); a campaign paces
itself. The quota counts what was admitted, through whichever door, on the account's own calendar day.
Where what was admitted earlier today is read from: store.quota_rows.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from operator_push.domain.message import Origin, RefusalReason
from operator_push.kernel.instants import from_epoch_us, to_epoch_us
from operator_push.services.account_terms import AccountTerms

_TOKEN = 1_000_000  # a segment in the bucket: rate × microseconds then needs no division


class SegmentBucket:
    """A token bucket in segments; starts full."""

    __slots__ = ("_at_us", "_room", "_tokens", "rate_per_s")

    def __init__(self, rate_per_s: int, burst: int, now_us: int) -> None:
        self.rate_per_s = rate_per_s
        self._room = burst * _TOKEN
        self._tokens = self._room
        self._at_us = now_us

    def is_like(self, other: "SegmentBucket") -> bool:
        """True where rate and burst are the same, so that this one can go on."""
        return (self.rate_per_s, self._room) == (other.rate_per_s, other._room)

    def take(self, segments: int, now_us: int) -> bool:
        """Take so many segments out, True where they were there; a bucket without a rate has none."""
        elapsed_us = now_us - self._at_us
        self._at_us = now_us  # also where the clock has stepped back
        if elapsed_us > 0:
            self._tokens = min(self._room, self._tokens + elapsed_us * self.rate_per_s)
        need = segments * _TOKEN
        if not self.rate_per_s or self._tokens < min(need, self._room):
            return False
        self._tokens -= need
        return True


class DailyQuota:
    """Segments admitted on one day of a time zone."""

    __slots__ = ("_day_ends_us", "limit", "used", "zone")

    def __init__(self, limit: int, zone: str, now_us: int) -> None:
        self.limit = limit
        self.zone = zone
        self.used = 0
        self._day_ends_us = day_of_zone(zone, now_us)[1]

    def has_room(self, segments: int, now_us: int) -> bool:
        """True where so many more fit into today."""
        if now_us >= self._day_ends_us:
            self.used = 0
            self._day_ends_us = day_of_zone(self.zone, now_us)[1]
        return self.used + segments <= self.limit


class AccountLimit:
    """The limits of one account; None where it has none of that kind."""

    __slots__ = ("bucket", "quota", "throttled")

    def __init__(self) -> None:
        self.bucket: SegmentBucket | None = None
        self.quota: DailyQuota | None = None
        self.throttled = 0  # messages refused by the rate since the start: they leave no row

    def refusal(self, origin: int, segments: int, now_us: int) -> RefusalReason:
        """Why a message of so many segments is refused now, NONE where it is not; takes from the bucket."""
        if self.quota is not None and not self.quota.has_room(segments, now_us):
            return RefusalReason.OVER_QUOTA
        if self.bucket is not None and origin != Origin.CAMPAIGN and not self.bucket.take(segments, now_us):
            self.throttled += 1
            return RefusalReason.OVER_RATE
        return RefusalReason.NONE

    def admitted(self, segments: int) -> None:
        """So many segments were admitted."""
        if self.quota is not None:
            self.quota.used += segments


class AccountLimits:
    """The limits of those accounts that have any."""

    def __init__(self) -> None:
        self.by_account: dict[int, AccountLimit] = {}  # read once per message by accept_submissions

    def apply(self, account_no: int, terms: AccountTerms, now_us: int) -> bool:
        """Put an account's terms in force; what is unchanged keeps what it has counted.

        True where its quota begins to count only now, so that today's earlier segments are to be added by
        `count_earlier`.
        """
        limit = self.by_account.pop(account_no, None) or AccountLimit()
        limit.bucket = _bucket(limit.bucket, terms, now_us)
        counting, limit.quota = limit.quota, _quota(terms, now_us)
        begins = limit.quota is not None
        if counting is not None and limit.quota is not None and counting.zone == limit.quota.zone:
            counting.has_room(0, now_us)  # a new day may have begun
            limit.quota.used = counting.used
            begins = False
        if limit.bucket is not None or limit.quota is not None:
            self.by_account[account_no] = limit
        return begins

    def count_earlier(self, account_no: int, segments: int) -> None:
        """Add segments that were admitted today before the quota began to count."""
        limit = self.by_account.get(account_no)
        if limit is not None and limit.quota is not None:
            limit.quota.used += segments

    def usage(self, account_no: int, now_us: int) -> dict[str, int | None]:
        """For show: segments of today's quota that are used, and messages throttled since the start."""
        limit = self.by_account.get(account_no)
        quota = limit.quota if limit else None
        if quota is not None:
            quota.has_room(0, now_us)  # a new day begins at 0
        return {"quota_used": quota.used if quota else None, "throttled": limit.throttled if limit else 0}


def day_of_zone(zone: str, now_us: int) -> tuple[int, int]:
    """The first moment of the day at `now_us` in a time zone, and of the next day (µs since 1970)."""
    here = ZoneInfo(zone)
    date = from_epoch_us(now_us).astimezone(here).date()
    midnight, next_one = (
        datetime.combine(day, time(), tzinfo=here) for day in (date, date + timedelta(days=1))
    )
    return to_epoch_us(midnight), to_epoch_us(next_one)


def _bucket(old: SegmentBucket | None, terms: AccountTerms, now_us: int) -> SegmentBucket | None:
    rate = terms.rate_segments_per_s
    if rate is None:
        return None
    fresh = SegmentBucket(rate, terms.burst_segments or max(1, rate), now_us)
    return old if old is not None and old.is_like(fresh) else fresh


def _quota(terms: AccountTerms, now_us: int) -> DailyQuota | None:
    if terms.daily_quota_segments is None:
        return None
    return DailyQuota(terms.daily_quota_segments, terms.quota_zone, now_us)
