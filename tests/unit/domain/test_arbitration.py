"""Who gets a slot first: the declared priority, the score, the earlier approval, the lower number."""

from operator_push.domain.arbitration import PPM, Standing

TEA = Standing(1, 5, 100_000, False, 0, 1_000)


def test_value_relevance_and_fatigue_make_the_score() -> None:
    assert TEA.score == 100_000
    assert TEA._replace(is_preferred=True).score == 200_000
    assert [TEA._replace(messages=messages).score for messages in (1, 2, 3, 9)] == [
        50_000,
        33_333,
        25_000,
        25_000,
    ]
    assert TEA._replace(messages=1).fatigue_ppm == PPM // 2


def test_what_is_asked_first_decides_first() -> None:
    best_first = [
        TEA._replace(priority=6, value_micros=1),
        TEA._replace(value_micros=100_001),
        TEA,
        TEA._replace(campaign_no=2),
        TEA._replace(approved_us=1_001, campaign_no=0),
    ]
    assert sorted(set(best_first), key=Standing.rank) == best_first
