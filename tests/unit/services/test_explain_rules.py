"""What the rules beyond permission say, in words, with versions, as they themselves answer."""

from typing import Any

from quiet_clocks import quiet_clocks

from operator_push.cli.permission_explain import with_rules
from operator_push.domain.consent import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.contact_wishes import Wish
from operator_push.domain.dnd_register import parse_entry
from operator_push.domain.facts import PolicyFacts
from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.holdout import Holdout
from operator_push.domain.policy import standard_policy
from operator_push.domain.rule_sets import marks_of
from operator_push.domain.way_outs import WayOuts
from operator_push.kernel.instants import iso, parse_iso
from operator_push.services.explain_rules import explain_rules

NOON, NIGHT = parse_iso("2027-01-15T12:00Z"), parse_iso("2027-01-15T22:10Z")
PERSON = "919812345678"


def told(facts: PolicyFacts, at_us: int = NOON, category: int = 8) -> dict[str, Any]:
    return explain_rules(standard_policy(facts), 7, PERSON, 3, category, at_us)


def outcomes(answer: dict[str, Any]) -> dict[str, str]:
    return {step["rule"]: step["outcome"] for step in answer["trail"]}


def test_without_any_such_rule_all_is_allowed_and_nothing_asked() -> None:
    answer = told(PolicyFacts())
    assert (answer["decision"], answer["reason"], answer["rule_set"]) == ("allow", None, None)
    assert set(outcomes(answer).values()) == {"not asked"}


def test_quiet_hours_defer_and_the_cap_judges_the_moment_to_which_they_do() -> None:
    facts = PolicyFacts(clocks=quiet_clocks("21:00-09:00"), caps=FrequencyCaps(2, 1), rule_set=marks_of(17))
    answer = told(facts, NIGHT)
    morning = parse_iso("2027-01-16T09:00Z")
    assert (answer["decision"], answer["reason"]) == ("defer", "quiet_hours")
    assert (answer["not_before"], answer["rule_set"]) == (iso(morning), 17)
    assert "UTC until 2027-01-16T09:00:00" in answer["trail"][2]["why"]
    assert answer["trail"][2]["version"] == 2
    assert outcomes(answer)["frequency cap"] == "passed"
    assert facts.caps is not None
    facts.caps.take(7, 3, morning)
    capped = told(facts, NIGHT)
    assert (capped["decision"], capped["reason"], capped["not_before"]) == ("refuse", "frequency_cap", None)
    assert capped["trail"][4]["why"].startswith("1 of 2 of all brands and 1 of 1 of this brand are taken")


def test_the_first_refusal_ends_the_asking() -> None:
    facts = PolicyFacts(clocks=quiet_clocks("21:00-09:00"), holdout=Holdout(bytes(32), "spring", 10_000))
    answer = told(facts)
    assert answer["reason"] == "holdout"
    assert answer["trail"][1]["why"] == "the number is in the control group 'spring'"
    facts.dnd.put(PERSON, parse_entry("4;8"), NOON)
    answer = told(facts)
    assert answer["trail"][0]["why"] == "the national register blocks categories 4, 8"
    assert outcomes(answer) == {
        "do not disturb": "refused",
        "holdout": "not asked",
        "quiet hours": "not asked",
        "contact wish": "not asked",
        "frequency cap": "not asked",
    }


def test_a_way_out_that_is_due_is_told() -> None:
    facts = PolicyFacts()
    listed = ConsentEvent(
        7, 3, 8, Purpose.MARKETING, "sms", ConsentAction.GRANT, NOON, Evidence("import", "list.csv:3")
    )
    facts.permission.apply(listed)
    outs = WayOuts(facts.permission)

    def answer() -> dict[str, Any]:
        return explain_rules(standard_policy(facts), 7, PERSON, 3, 8, NOON, way_outs=outs)

    due = answer()
    assert (due["way_out_due"], due["trail"][-1]["outcome"]) == (True, "due")
    outs.put(3, 7)
    assert (answer()["way_out_due"], answer()["trail"][-1]["outcome"]) == (False, "passed")
    facts.dnd.put(PERSON, parse_entry("*"), NOON)
    assert (answer()["way_out_due"], answer()["trail"][-1]["outcome"]) == (False, "not asked")
    assert told(facts)["way_out_due"] is None, "nobody has to be told"


def test_permission_and_the_other_rules_make_one_decision() -> None:
    yes = {"allowed": True, "decision": "allow", "reason": "granted", "trail": [{"rule": "grants end"}]}
    no = {**yes, "allowed": False, "decision": "refuse", "reason": "unknown"}
    facts = PolicyFacts(clocks=quiet_clocks("21:00-09:00"))
    deferred = with_rules(yes, told(facts, NIGHT))
    assert (deferred["decision"], deferred["allowed"], deferred["reason"]) == ("defer", True, "quiet_hours")
    assert [step["rule"] for step in deferred["trail"]][-1] == "frequency cap"
    assert with_rules(yes, told(facts, NOON))["decision"] == "allow"
    facts.dnd.put(PERSON, parse_entry("*"), NOON)
    assert with_rules(yes, told(facts, NOON))["allowed"] is False
    refused = with_rules(no, told(facts, NOON))
    assert (refused["decision"], refused["reason"]) == ("refuse", "unknown")
    assert refused["trail"][1]["outcome"] == "not asked"
    assert with_rules(yes, None) is yes


def test_a_wish_is_told_in_words() -> None:
    facts = PolicyFacts()
    facts.wishes.put(7, Wish(per_week=0))
    answer = told(facts)
    assert answer["reason"] == "frequency_cap"
    words = [step["why"] for step in answer["trail"]]
    assert "the person wants at most 0 in seven days of all brands, and they are taken" in words
