"""Rates and quotas in segments: long messages whole, 0 is none, unset is unlimited, days of the zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shard import ACCOUNT, NOW_US, SECOND_US, Shard

from operator_push.domain.concatenated_parts import Part
from operator_push.domain.message import Origin, RefusalReason
from operator_push.kernel.instants import to_epoch_us
from operator_push.services.account_limits import AccountLimits, DailyQuota, SegmentBucket, day_of_zone
from operator_push.services.account_terms import NO_TERMS, AccountTerms

DAY_US = 86_400 * SECOND_US


def test_a_burst_passes_and_then_the_rate() -> None:
    bucket = SegmentBucket(rate_per_s=10, burst=30, now_us=NOW_US)
    assert [bucket.take(1, NOW_US) for _ in range(31)] == [True] * 30 + [False]
    assert not bucket.take(1, NOW_US + SECOND_US // 20)
    assert bucket.take(1, NOW_US + SECOND_US // 10)


def test_the_second_message_of_a_burst_is_not_refused_at_a_rate_of_one_hundred() -> None:
    """jasmin#648: a quota of 100 a second rejected the second message of a burst."""
    bucket = SegmentBucket(rate_per_s=100, burst=100, now_us=NOW_US)
    assert [bucket.take(1, NOW_US + number) for number in range(100)] == [True] * 100


def test_a_long_message_is_taken_whole_or_not_at_all() -> None:
    bucket = SegmentBucket(rate_per_s=1, burst=3, now_us=NOW_US)
    assert bucket.take(2, NOW_US)
    assert not bucket.take(2, NOW_US)
    assert bucket.take(1, NOW_US)  # the refusal took nothing


def test_a_message_longer_than_the_bucket_passes_when_it_is_full_and_is_paid_back() -> None:
    bucket = SegmentBucket(rate_per_s=2, burst=2, now_us=NOW_US)
    assert bucket.take(10, NOW_US)
    assert not bucket.take(1, NOW_US + 4 * SECOND_US)
    assert bucket.take(1, NOW_US + 5 * SECOND_US)


def test_a_rate_of_nothing_lets_nothing_pass_and_divides_by_nothing() -> None:
    bucket = SegmentBucket(rate_per_s=0, burst=1, now_us=NOW_US)
    assert not bucket.take(1, NOW_US)
    assert not bucket.take(1, NOW_US + DAY_US)


def test_a_clock_that_steps_back_gives_nothing_and_takes_nothing() -> None:
    bucket = SegmentBucket(rate_per_s=1, burst=1, now_us=NOW_US)
    assert bucket.take(1, NOW_US)
    assert not bucket.take(1, NOW_US - DAY_US)
    assert bucket.take(1, NOW_US - DAY_US + SECOND_US)


@given(
    st.integers(1, 50),
    st.integers(1, 50),
    st.lists(st.tuples(st.integers(0, 3 * SECOND_US), st.integers(1, 8)), max_size=60),
)
def test_never_more_passes_than_burst_and_rate_allow(
    rate: int, burst: int, tries: list[tuple[int, int]]
) -> None:
    bucket, now_us, passed = SegmentBucket(rate, burst, NOW_US), NOW_US, 0
    for pause_us, segments in tries:
        now_us += pause_us
        passed += segments if bucket.take(segments, now_us) else 0
    longest = max((segments for _, segments in tries), default=0)
    assert passed <= burst + rate * (now_us - NOW_US) / SECOND_US + max(0, longest - 1)


@pytest.mark.parametrize(
    ("zone", "local", "hours"),
    [
        ("UTC", datetime(2027, 1, 15, 8), 24),
        ("Asia/Kolkata", datetime(2027, 1, 15, 3), 24),
        ("Europe/Berlin", datetime(2027, 3, 28, 12), 23),  # summer time begins
        ("Europe/Berlin", datetime(2027, 10, 31, 12), 25),
    ],
)
def test_a_day_is_the_zone_s_own(zone: str, local: datetime, hours: int) -> None:
    begins, ends = day_of_zone(zone, to_epoch_us(local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)))
    midnight = datetime(local.year, local.month, local.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert begins == to_epoch_us(midnight)
    assert (ends - begins) // (3_600 * SECOND_US) == hours


def test_a_quota_ends_with_the_day_and_begins_anew() -> None:
    quota = DailyQuota(5, "UTC", NOW_US)
    quota.used = 4
    assert quota.has_room(1, NOW_US)
    assert not quota.has_room(2, NOW_US)
    assert quota.has_room(5, NOW_US + DAY_US)
    assert not quota.has_room(6, NOW_US + DAY_US)


def test_unset_has_no_limit_and_0_is_none() -> None:
    limits = AccountLimits()
    assert not limits.apply(1, NO_TERMS, NOW_US)
    assert limits.by_account == {}
    assert limits.apply(1, AccountTerms(daily_quota_segments=0), NOW_US)
    assert limits.by_account[1].refusal(Origin.ESME, 1, NOW_US) is RefusalReason.OVER_QUOTA


def test_what_is_unchanged_keeps_what_it_has_counted() -> None:
    limits = AccountLimits()
    limits.apply(1, AccountTerms(rate_segments_per_s=1, daily_quota_segments=9), NOW_US)
    limits.count_earlier(1, 4)
    limit = limits.by_account[1]
    assert limit.refusal(Origin.ESME, 1, NOW_US) is RefusalReason.NONE
    assert not limits.apply(1, AccountTerms(rate_segments_per_s=1, daily_quota_segments=7), NOW_US)
    assert limits.usage(1, NOW_US) == {"quota_used": 4, "throttled": 0}
    assert limit.refusal(Origin.ESME, 1, NOW_US) is RefusalReason.OVER_RATE  # the bucket is still empty
    assert limits.usage(1, NOW_US)["throttled"] == 1
    zone = AccountTerms(daily_quota_segments=7, quota_zone="Asia/Kolkata")
    assert limits.apply(1, zone, NOW_US)  # another day: what it holds must be counted anew
    assert limits.usage(1, NOW_US)["quota_used"] == 0


def test_a_campaign_paces_itself_and_counts_towards_the_quota() -> None:
    limits = AccountLimits()
    limits.apply(1, AccountTerms(rate_segments_per_s=0, daily_quota_segments=1), NOW_US)
    limit = limits.by_account[1]
    assert limit.refusal(Origin.CAMPAIGN, 1, NOW_US) is RefusalReason.NONE
    limit.admitted(1)
    assert limit.refusal(Origin.CAMPAIGN, 1, NOW_US) is RefusalReason.OVER_QUOTA


# Through the one door.


def shard_with(terms: AccountTerms) -> Shard:
    shard = Shard(segments_paid=100)
    shard.accept_use_case.limits.apply(ACCOUNT, terms, NOW_US)
    return shard


def test_the_rate_refuses_without_a_row_and_the_quota_with_one() -> None:
    shard = shard_with(AccountTerms(rate_segments_per_s=4, daily_quota_segments=6))
    outcomes = shard.accept(*(shard.offer(number) for number in range(1, 6)))
    assert [outcome.reason for outcome in outcomes] == [None] * 4 + [RefusalReason.OVER_RATE]
    assert len(shard.changes.message) == 4
    later = NOW_US + SECOND_US
    (long,) = shard.accept(shard.offer(6, segment_count=3), now_us=later)
    assert long.reason is RefusalReason.OVER_QUOTA
    assert len(shard.changes.message) == 5
    (short,) = shard.accept(shard.offer(6, segment_count=2), now_us=later)
    assert short.reason is None


def test_what_a_rule_refuses_is_not_counted_towards_the_quota() -> None:
    shard = shard_with(AccountTerms(daily_quota_segments=1))
    (refused,) = shard.accept(shard.offer(99))  # has not permitted it
    assert refused.reason is RefusalReason.NO_PERMISSION
    (accepted,) = shard.accept(shard.offer(1))
    assert accepted.reason is None


def test_a_long_message_in_parts_is_not_refused_by_its_second_part() -> None:
    """ksmppd#126: the second segment was throttled, and the handset got half a message."""
    shard = shard_with(AccountTerms(rate_segments_per_s=2, burst_segments=2, daily_quota_segments=3))
    parts = [msgspec.structs.replace(shard.offer(), part=Part(7, 3, number)) for number in (1, 2, 3)]
    outcomes = [shard.accept(part)[0] for part in parts]
    assert [outcome.reason for outcome in outcomes] == [None, None, None]
    (next_one,) = shard.accept(shard.offer(2))
    assert next_one.reason is RefusalReason.OVER_QUOTA
    shard = shard_with(AccountTerms(daily_quota_segments=2))
    outcomes = [shard.accept(part)[0] for part in parts]
    assert {outcome.reason for outcome in outcomes} == {RefusalReason.OVER_QUOTA}
