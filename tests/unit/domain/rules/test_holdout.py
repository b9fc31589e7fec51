"""Rule 9: the control group gets no promotions, and everything else."""

from msgspec.structs import replace

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.holdout import Holdout
from operator_push.domain.message import Origin, RefusalReason, Submission, TrafficClass
from operator_push.domain.rules.holdout import HoldoutRule
from operator_push.domain.ruling import not_asked, passed


def submission(kind: TrafficClass) -> Submission:
    return Submission(1, 1, 8, kind, Origin.ESME, 7, "919812345678", "CHAI", 1)


def test_members_get_no_promotions() -> None:
    everybody = HoldoutRule(PolicyFacts(holdout=Holdout(bytes(32), "all", 10_000)))
    assert everybody.judge(submission(TrafficClass.PROMOTIONAL), 0).reason is RefusalReason.HOLDOUT
    assert everybody.judge(submission(TrafficClass.SERVICE), 0) == not_asked(9)
    nobody = HoldoutRule(PolicyFacts(holdout=Holdout(bytes(32), "none", 0)))
    assert nobody.judge(submission(TrafficClass.PROMOTIONAL), 0) == passed(9)
    assert HoldoutRule(PolicyFacts()).judge(submission(TrafficClass.PROMOTIONAL), 0) == not_asked(9)


def test_a_campaign_s_own_group_gets_nothing_of_it_and_everything_else() -> None:
    group = Holdout(bytes(32), "all", 10_000)
    rule = HoldoutRule(PolicyFacts(control_of={7: group, 8: Holdout(bytes(32), "none", 0)}.get))
    offered = submission(TrafficClass.PROMOTIONAL)
    assert rule.judge(replace(offered, campaign_no=7), 0).reason is RefusalReason.CONTROL_GROUP
    assert rule.judge_again(replace(offered, campaign_no=7), 0).reason is RefusalReason.CONTROL_GROUP
    assert rule.judge(replace(offered, campaign_no=8), 0) == passed(9)
    assert rule.judge(offered, 0) == not_asked(9)
