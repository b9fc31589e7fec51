"""Rule 7: promotional messages are capped, others are not asked."""

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.message import Origin, RefusalReason, Submission, TrafficClass
from operator_push.domain.rules.frequency_cap import FrequencyCapRule
from operator_push.domain.ruling import not_asked


def submission(kind: TrafficClass) -> Submission:
    return Submission(1, 1, 8, kind, Origin.ESME, 7, "919812345678", "CHAI", 1)


PROMOTION = submission(TrafficClass.PROMOTIONAL)


def test_the_cap_is_reached_and_one_s_own_slot_does_not_count() -> None:
    caps = FrequencyCaps(per_handset=1)
    facts = PolicyFacts(caps=caps)
    rule = FrequencyCapRule(facts)
    assert rule.judge(PROMOTION, 0).reason is RefusalReason.NONE
    caps.take(7, 1, 0)
    assert rule.judge(PROMOTION, 0).reason is RefusalReason.FREQUENCY_CAP
    facts.own_slot_us = 0
    assert rule.judge_again(PROMOTION, 0).reason is RefusalReason.NONE
    facts.caps = FrequencyCaps(per_handset=0)
    assert rule.judge_again(PROMOTION, 0).reason is RefusalReason.FREQUENCY_CAP


def test_without_caps_and_for_other_traffic_nothing_is_asked() -> None:
    assert FrequencyCapRule(PolicyFacts()).judge(PROMOTION, 0) == not_asked(7)
    capped = FrequencyCapRule(PolicyFacts(caps=FrequencyCaps(per_handset=0)))
    assert capped.judge(submission(TrafficClass.SERVICE), 0) == not_asked(7)
    assert capped.judge(submission(TrafficClass.TRANSACTIONAL), 0) == not_asked(7)
