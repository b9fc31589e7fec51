"""The policy: rules in order, the first refusal ends, a deferral moves the moment; trails spelt out."""

import msgspec
import pytest
from quiet_clocks import quiet_clocks

from operator_push.domain.dnd_register import parse_entry
from operator_push.domain.facts import AccountPolicy, PolicyFacts
from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.message import (
    Decision,
    Origin,
    RefusalReason,
    Submission,
    TrafficClass,
    Verdict,
)
from operator_push.domain.permission import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.policy import STANDARD_RULES, Policy, read_trail, standard_policy
from operator_push.domain.ruling import Ruling, deferred, not_asked, passed, refused
from operator_push.kernel.ids import IdSequence, id_epoch_us
from operator_push.kernel.instants import MICROS_PER_DAY, parse_iso

SUSPENDED = RefusalReason.ACCOUNT_SUSPENDED
NOON, NIGHT = parse_iso("2027-01-15T12:00:00Z"), parse_iso("2027-01-15T22:00:00Z")
MORNING = parse_iso("2027-01-16T09:00:00Z")
PROMOTION = Submission(1, 1, 8, TrafficClass.PROMOTIONAL, Origin.ESME, 7, "919812345678", "CHAI", 1)


def consent(action: ConsentAction, at_us: int) -> ConsentEvent:
    return ConsentEvent(7, 0, 0, Purpose.MARKETING, "*", action, at_us, Evidence("web"))


def only_from(source: str) -> AccountPolicy:
    return AccountPolicy(1, 1, allowed_sources=frozenset({source}))


@pytest.fixture
def facts() -> PolicyFacts:
    facts = PolicyFacts(clocks=quiet_clocks("21:00-09:00"), caps=FrequencyCaps(per_handset=1))
    facts.accounts[1] = AccountPolicy(1, 1)
    facts.permission.apply(consent(ConsentAction.GRANT, 1))
    return facts


def test_an_admission_has_a_trail_of_every_rule(facts: PolicyFacts) -> None:
    decision = standard_policy(facts).decide(PROMOTION, NOON)
    assert (decision.verdict, decision.reason) == (Verdict.ADMIT, RefusalReason.NONE)
    assert read_trail(decision.trail) == [
        ("account", "passed"),
        ("source", "passed"),
        ("destination", "passed"),
        ("route", "passed"),
        ("permission", "passed"),
        ("do not disturb", "not asked"),
        ("holdout", "not asked"),
        ("quiet hours", "passed"),
        ("contact wish", "not asked"),
        ("frequency cap", "passed"),
    ]


def test_the_first_refusal_ends_the_asking(facts: PolicyFacts) -> None:
    facts.permission.apply(consent(ConsentAction.WITHDRAW, 2))
    decision = standard_policy(facts).decide(PROMOTION, NIGHT)
    assert (decision.verdict, decision.reason) == (Verdict.REFUSE, RefusalReason.WITHDRAWN)
    assert read_trail(decision.trail)[-1] == ("permission", "refused WITHDRAWN")
    assert len(decision.trail) == 2 * 5


def test_a_deferral_is_judged_at_the_moment_to_which_it_moved(facts: PolicyFacts) -> None:
    policy = standard_policy(facts)
    decision = policy.decide(PROMOTION, NIGHT)
    assert (decision.verdict, decision.reason, decision.defer_until_us) == (
        Verdict.DEFER,
        RefusalReason.QUIET_HOURS,
        MORNING,
    )
    assert facts.caps is not None
    facts.caps.take(7, 1, NIGHT)
    assert policy.decide(PROMOTION, NIGHT).verdict is Verdict.DEFER, "tonight's slot is not tomorrow's"
    facts.caps.take(7, 1, MORNING)
    assert policy.decide(PROMOTION, NIGHT).reason is RefusalReason.FREQUENCY_CAP


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda accounts: accounts.clear(), SUSPENDED),
        (lambda accounts: accounts.__delitem__(1), SUSPENDED),
        (lambda accounts: accounts.update({1: AccountPolicy(1, 1, active=False)}), SUSPENDED),
        (lambda accounts: accounts.__setitem__(1, only_from("TEA")), RefusalReason.BAD_SOURCE),
    ],
)
def test_a_changed_account_counts_from_the_next_message_on(
    facts: PolicyFacts, change: object, reason: object
) -> None:
    policy = standard_policy(facts)
    first = policy.decide(PROMOTION, NOON)
    assert policy.decide(PROMOTION, NOON) is first, "the usual admission is handed out again"
    change(facts.accounts)  # type: ignore[operator]
    assert policy.decide(PROMOTION, NOON).reason is reason
    facts.accounts[1] = AccountPolicy(1, 1)
    assert policy.decide(PROMOTION, NOON) == first


def test_what_one_sender_may_another_may_not_of_the_same_account(facts: PolicyFacts) -> None:
    facts.accounts[1] = only_from("CHAI")
    policy = standard_policy(facts)
    assert policy.decide(PROMOTION, NOON).verdict is Verdict.ADMIT
    other = msgspec.structs.replace(PROMOTION, source="BANK")
    assert policy.decide(other, NOON).reason is RefusalReason.BAD_SOURCE
    assert policy.decide(PROMOTION, NOON).verdict is Verdict.ADMIT


def test_permission_is_read_last(facts: PolicyFacts) -> None:
    policy = standard_policy(facts)
    assert policy.decide(PROMOTION, NOON).verdict is Verdict.ADMIT
    assert policy.decide_again(PROMOTION, NOON).verdict is Verdict.ADMIT
    facts.permission.apply(consent(ConsentAction.WITHDRAW, NOON))
    again = policy.decide_again(PROMOTION, NOON + 1)
    assert (again.verdict, again.reason) == (Verdict.REFUSE, RefusalReason.WITHDRAWN)


def test_deciding_again_asks_only_what_can_have_changed(facts: PolicyFacts) -> None:
    policy = standard_policy(facts)
    facts.accounts.clear()
    again = policy.decide_again(PROMOTION, NOON)
    assert again.verdict is Verdict.ADMIT
    assert [rule for rule, _ in read_trail(again.trail)] == [
        "permission",
        "do not disturb",
        "holdout",
        "quiet hours",
        "contact wish",
        "frequency cap",
    ]
    assert policy.decide_again(PROMOTION, NIGHT).defer_until_us == MORNING


def test_an_admitted_message_does_not_cap_itself(facts: PolicyFacts) -> None:
    policy, message_id = standard_policy(facts), IdSequence().next_id(NOON)
    policy.admitted(PROMOTION, message_id)
    assert policy.decide(PROMOTION, NOON).reason is RefusalReason.FREQUENCY_CAP
    for _ in range(3):
        assert policy.decide_again(PROMOTION, NOON, id_epoch_us(message_id)).verdict is Verdict.ADMIT
    policy.given_up(PROMOTION, message_id)
    assert policy.decide(PROMOTION, NOON).verdict is Verdict.ADMIT


def test_a_slot_is_counted_on_the_day_for_which_it_is_planned(facts: PolicyFacts) -> None:
    policy, message_id = standard_policy(facts), IdSequence().next_id(NIGHT)
    policy.admitted(PROMOTION, message_id, MORNING)
    assert policy.decide(PROMOTION, NOON).verdict is Verdict.ADMIT
    assert policy.decide(PROMOTION, MORNING).reason is RefusalReason.FREQUENCY_CAP
    policy.replanned(PROMOTION, MORNING, NOON)
    assert policy.decide(PROMOTION, NOON).reason is RefusalReason.FREQUENCY_CAP
    assert policy.decide(PROMOTION, MORNING).verdict is Verdict.ADMIT


def test_transactional_traffic_is_neither_counted_nor_capped(facts: PolicyFacts) -> None:
    facts.accounts[1] = AccountPolicy(1, 1, traffic_class=TrafficClass.TRANSACTIONAL)
    policy = standard_policy(facts)
    one_time_password = Submission(
        1, 1, 0, TrafficClass.TRANSACTIONAL, Origin.ESME, 7, "919812345678", "C", 1
    )
    for count in range(5):
        assert policy.decide(one_time_password, NIGHT).verdict is Verdict.ADMIT
        policy.admitted(one_time_password, count)
    assert policy.decide(PROMOTION, NOON).verdict is Verdict.ADMIT


def test_raw_integers_of_rows_decide_like_the_names(facts: PolicyFacts) -> None:
    policy = standard_policy(facts)
    facts.permission.apply(consent(ConsentAction.WITHDRAW, 2))
    from_row = Submission(1, 1, 8, 3, 1, 7, "919812345678", "CHAI", 1)  # type: ignore[arg-type]
    assert policy.decide(from_row, NOON) == policy.decide(PROMOTION, NOON)
    assert policy.decide_again(from_row, NOON).reason is RefusalReason.WITHDRAWN


def test_admissions_of_one_kind_are_one_object(facts: PolicyFacts) -> None:
    policy = standard_policy(facts)
    first = policy.decide(PROMOTION, NOON)
    assert policy.decide(PROMOTION, NOON + MICROS_PER_DAY) is first
    assert policy.decide_again(PROMOTION, NOON) is not first


def test_what_is_remembered_of_kinds_of_messages_is_bounded(
    facts: PolicyFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operator_push.domain.policy.KINDS_REMEMBERED", 2)
    policy = standard_policy(facts)
    for account_no in range(10, 15):
        facts.accounts[account_no] = AccountPolicy(account_no, 1)
        offered = msgspec.structs.replace(PROMOTION, account_no=account_no)
        assert policy.decide(offered, NOON).verdict is Verdict.ADMIT
    assert len(policy._offered.usual) <= 2


def test_a_decision_does_not_depend_on_the_one_before() -> None:
    """Every rule in turn gives every ruling, after messages of the same kind that were admitted otherwise."""

    class Told:
        at_sending = False

        def __init__(self, number: int) -> None:
            self.number, self.name = number, f"rule {number}"
            self.says = self.usual = passed(number)

        def judge(self, submission: Submission, at_us: int) -> Ruling:
            return self.says

        judge_again = judge

    rules = [Told(number) for number in (30, 31, 32)]
    facts = PolicyFacts()
    policy = Policy([lambda facts, rule=rule: rule for rule in rules], facts)
    for rule_set in (b"", bytes((0, 7))):
        facts.rule_set = rule_set
        for rule in rules:
            for says in (
                not_asked(rule.number),
                deferred(rule.number, RefusalReason.QUIET_HOURS, NOON + 5),
                refused(rule.number, RefusalReason.HOLDOUT),
            ):
                for now in (rule.usual, says, says, rule.usual):
                    rule.says = now
                    fresh = Policy([lambda facts, rule=each: rule for each in rules], facts)
                    assert policy.decide(PROMOTION, NOON) == fresh.decide(PROMOTION, NOON)


def test_rule_numbers_are_their_own_and_every_rule_is_asked() -> None:
    rules = Policy(STANDARD_RULES, PolicyFacts()).rules
    assert [rule.number for rule in rules] == [1, 2, 3, 4, 5, 8, 9, 6, 20, 7]
    assert [rule.name for rule in rules if rule.at_sending] == [
        "permission",
        "do not disturb",
        "holdout",
        "quiet hours",
        "contact wish",
        "frequency cap",
    ]


def test_a_trail_of_a_later_version_can_still_be_read() -> None:
    assert read_trail(bytes((99, 0, 5, 7, 1, 16 + 200))) == [
        ("rule 99", "passed"),
        ("permission", "outcome 7"),
        ("account", "refused 200"),
    ]
    assert isinstance(Decision(Verdict.ADMIT, RefusalReason.NONE, 0, b"").trail, bytes)


# What was decided stands while nothing changes that the rules of law 4 read


def test_a_decision_stands_while_nothing_changes(facts: PolicyFacts) -> None:
    policy = standard_policy(facts)
    standing = policy.standing(NOON)
    policy.decide(PROMOTION, NOON)
    policy.admitted(PROMOTION, IdSequence().next_id(NOON))
    assert policy.standing(NOON + 59_999_999) == standing


@pytest.mark.parametrize(
    "change",
    [
        lambda facts, policy: facts.permission.apply(consent(ConsentAction.WITHDRAW, 2)),
        lambda facts, policy: facts.accounts.__setitem__(1, AccountPolicy(1, 1, any_destination=False)),
        lambda facts, policy: facts.accounts.update({2: AccountPolicy(2, 1)}),
        lambda facts, policy: facts.accounts.__delitem__(1),
        lambda facts, policy: setattr(facts, "clocks", quiet_clocks()),
        lambda facts, policy: facts.clocks.note(7, "Asia/Kolkata"),
        lambda facts, policy: facts.dnd.put("919812345678", parse_entry("*")),
        lambda facts, policy: setattr(facts, "caps", FrequencyCaps(per_handset=2)),
        lambda facts, policy: setattr(facts, "caps", FrequencyCaps(per_handset=0)),
    ],
)
def test_whatever_the_rules_of_law_4_read_ends_it(facts: PolicyFacts, change: object) -> None:
    policy = standard_policy(facts)
    standing = policy.standing(NOON)
    change(facts, policy)  # type: ignore[operator]
    assert policy.standing(NOON) != standing


def test_the_next_minute_ends_it_because_hours_and_days_begin_on_one(facts: PolicyFacts) -> None:
    policy = standard_policy(facts)
    assert policy.standing(NOON) != policy.standing(NOON + 60_000_000)


def test_a_rule_that_does_not_say_what_it_reads_is_asked_every_time(facts: PolicyFacts) -> None:
    class Other(STANDARD_RULES[4]):  # type: ignore[name-defined,misc]
        judges_by_standing = False

    policy = Policy((*STANDARD_RULES[:4], Other), facts)
    assert policy.standing(NOON) != policy.standing(NOON)


def test_a_grant_with_an_end_permits_up_to_that_moment_and_not_at_it(facts: PolicyFacts) -> None:
    policy, ends_us = standard_policy(facts), NOON + 5
    facts.permission.apply(
        ConsentEvent(
            7, 0, 0, Purpose.MARKETING, "*", ConsentAction.GRANT, 3, Evidence("web"), expires_us=ends_us
        )
    )
    assert policy.decide(PROMOTION, ends_us - 1).verdict is Verdict.ADMIT
    standing = policy.standing(ends_us - 1)
    assert policy.standing(ends_us) != standing
    assert policy.decide_again(PROMOTION, ends_us).reason is RefusalReason.NO_PERMISSION
    assert policy.decide(PROMOTION, ends_us).reason is RefusalReason.NO_PERMISSION


def test_what_has_no_slot_of_its_own_is_not_capped_when_it_leaves(facts: PolicyFacts) -> None:
    """A part that follows has the slot of its message's first part; a stop asks for what is at the SMSC."""
    policy = standard_policy(facts)
    policy.admitted(PROMOTION, IdSequence().next_id(NOON))
    assert policy.decide(PROMOTION, NOON).reason is RefusalReason.FREQUENCY_CAP
    assert policy.decide_again(PROMOTION, NOON).verdict is Verdict.ADMIT
