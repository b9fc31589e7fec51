"""Rule sets: a number for what is in force, the old one where it was in force before."""

import json

from shard import NOW_US, Shard

from operator_push.domain.dnd_register import parse_entry
from operator_push.domain.facts import PolicyFacts
from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.holdout import Holdout
from operator_push.domain.packs.shelf import shipped_packs
from operator_push.domain.policy import read_trail, standard_policy
from operator_push.domain.rule_sets import Content, describe
from operator_push.kernel.instants import iso
from operator_push.services.changes import Changes
from operator_push.services.rule_set_book import RuleSetBook

MINUTE_US = 60_000_000


def content_of(facts: PolicyFacts) -> Content:
    return describe(standard_policy(facts).rules, facts, shipped_packs(), {"start": "21:00"})


def test_what_changes_has_a_new_number_and_what_was_has_its_own() -> None:
    facts, changes = PolicyFacts(), Changes()
    book = RuleSetBook(0, facts, lambda: content_of(facts))
    assert [book.bring_up_to_date(NOW_US, changes) for _ in range(2)] == [1, 1]
    facts.caps = FrequencyCaps(per_handset=3, rolling_us=86_400_000_000)
    assert book.bring_up_to_date(NOW_US, changes) == 2
    facts.holdout = Holdout(bytes(32), "control", 100)
    assert book.bring_up_to_date(NOW_US, changes) == 3
    facts.dnd.put("919812345678", parse_entry("*"), NOW_US)
    assert book.bring_up_to_date(NOW_US, changes) == 4
    facts.dnd.put("919812345679", parse_entry("*"), NOW_US + 1)
    assert book.bring_up_to_date(NOW_US + 1, changes) == 4, "one number a minute while a file comes in"
    facts.dnd.put("919812345670", parse_entry("*"), NOW_US + MINUTE_US)
    assert book.bring_up_to_date(NOW_US + MINUTE_US, changes) == 5
    assert [row["rule_set_no"] for _, row in changes.upserts] == [1, 2, 3, 4, 5]
    stored = [(row["rule_set_no"], row["content"]) for _, row in changes.upserts]
    facts.dnd = PolicyFacts().dnd
    again = Changes()
    assert RuleSetBook(0, facts, lambda: content_of(facts), stored).bring_up_to_date(NOW_US, again) == 3
    assert again.upserts == []


def test_the_content_names_versions_of_rules_and_packs() -> None:
    facts = PolicyFacts(caps=FrequencyCaps(per_brand=0))
    content = json.loads(json.dumps(content_of(facts)))
    assert content["rules"]["quiet hours"] == 2
    assert content["caps"] == {"per_handset": None, "per_brand": 0, "rolling_hours": None}
    assert [pack["version"] for pack in content["packs"]["in"]] == ["2026.2"]
    assert all(len(pack["sha256"]) == 16 for versions in content["packs"].values() for pack in versions)
    assert (content["dnd_register"], content["holdout"]) == (None, None)


def test_every_stored_decision_begins_with_it() -> None:
    shard = Shard()
    book = RuleSetBook(0, shard.facts, lambda: content_of(shard.facts), [(299, "older")])
    book.bring_up_to_date(NOW_US, Changes())
    (accepted,) = shard.accept(shard.offer())
    assert read_trail(accepted.trail)[0] == ("rule set", "300")
    assert read_trail(shard.changes.message[0][17])[0] == ("rule set", "300")


def test_the_register_of_content_counts_where_it_is_asked() -> None:
    facts, rules = PolicyFacts(), standard_policy(PolicyFacts()).rules
    assert describe(rules, facts, None, {})["registered_content"] is None
    assert describe(rules, facts, None, {}, NOW_US + 5)["registered_content"] == iso(NOW_US)
