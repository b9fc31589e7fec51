"""Rule 8: the register is asked about promotions, others pass."""

from quiet_clocks import quiet_clocks

from operator_push.domain.dnd_register import parse_entry
from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import Origin, RefusalReason, Submission, TrafficClass, Verdict
from operator_push.domain.rules.do_not_disturb import DoNotDisturbRule
from operator_push.domain.ruling import not_asked, passed
from operator_push.kernel.instants import parse_iso

NOON = parse_iso("2027-01-15T12:00Z")
PERSON = "919812345678"


def submission(kind: TrafficClass, category: int = 4) -> Submission:
    return Submission(1, 1, category, kind, Origin.ESME, 7, PERSON, "CHAI", 1)


def test_blocked_categories_are_refused_and_others_pass() -> None:
    facts = PolicyFacts()
    rule = DoNotDisturbRule(facts)
    assert rule.judge(submission(TrafficClass.PROMOTIONAL), NOON) == not_asked(8), "there is no register"
    facts.dnd.put("919812345679", parse_entry("*"))
    assert rule.judge(submission(TrafficClass.PROMOTIONAL), NOON) == passed(8)
    facts.dnd.put(PERSON, parse_entry("4"))
    for judge in (rule.judge, rule.judge_again):
        assert judge(submission(TrafficClass.PROMOTIONAL), NOON).reason is RefusalReason.DO_NOT_DISTURB
    assert rule.judge(submission(TrafficClass.PROMOTIONAL, 5), NOON) == passed(8)
    assert rule.judge(submission(TrafficClass.SERVICE), NOON) == not_asked(8)
    assert rule.judge(submission(TrafficClass.TRANSACTIONAL), NOON) == not_asked(8)


def test_blocked_hours_are_waited_out() -> None:
    facts = PolicyFacts(clocks=quiet_clocks("21:00-09:00"))
    facts.dnd.put(PERSON, parse_entry("", bands="11:00-13:00"))
    ruling = DoNotDisturbRule(facts).judge(submission(TrafficClass.PROMOTIONAL), NOON)
    assert (ruling.verdict, ruling.defer_until_us) == (Verdict.DEFER, parse_iso("2027-01-15T13:00Z"))
    assert DoNotDisturbRule(facts).judge(
        submission(TrafficClass.PROMOTIONAL), ruling.defer_until_us
    ) == passed(8)


def test_an_entry_about_sms_alone_blocks_no_text_for_the_screen() -> None:
    facts = PolicyFacts()
    facts.dnd.put(PERSON, parse_entry("*", "sms"))
    rule = DoNotDisturbRule(facts)
    promotion = (1, 1, 8, TrafficClass.PROMOTIONAL, Origin.ESME, 7, PERSON, "CHAI", 1)
    assert rule.judge(Submission(*promotion), 0).reason is RefusalReason.DO_NOT_DISTURB
    assert rule.judge(Submission(*promotion, channel="ussd"), 0).reason is RefusalReason.NONE
