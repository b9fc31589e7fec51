"""Assertions are judged against counters, faults and facts, per virtual SMSC or over all."""

import msgspec
import pytest

from smsc_sim.assertions.figures import SmscFigures
from smsc_sim.assertions.table import Assert
from smsc_sim.assertions.verdicts import judge
from smsc_sim.assertions.witness_facts import WitnessFacts
from smsc_sim.counters import Counters


def part(name="", unfinished=0, hits=(), **counters):
    facts = WitnessFacts()
    facts.messages.update({"DELIVERED": 3, "EXPIRED": 1})
    facts.receipts.update({"DELIVERED": 2})
    facts.response_us.record(20_000)
    return SmscFigures(name, msgspec.structs.asdict(Counters(**counters)), unfinished, dict(hits), facts)


def verdict(what, operator, value, parts, speed=1.0, **members):
    [found] = judge([Assert(what=what, operator=operator, value=value, **members)], parts, speed)
    return found


@pytest.mark.parametrize(
    ("what", "operator", "value", "passed", "told"),
    [
        ("submits_accepted", "==", 10.0, True, "was 10"),
        ("submits_accepted", "<", 10.0, False, "was 10"),
        ("submits_accepted", "!=", "finals", True, "was 10; finals was 8"),
        ("messages", "==", 4.0, True, "was 4"),
        ("messages:EXPIRED", "<=", 1.0, True, "was 1"),
        ("messages:DELETED", "==", 0.0, True, "was 0"),
        ("messages:DELIVERED", "==", "receipts:DELIVERED", False, "was 3; receipts:DELIVERED was 2"),
        ("faults:cut", ">=", 2.0, True, "was 2"),
        ("faults", "==", 5.0, True, "was 5"),
        ("unfinished", "==", 0.0, False, "was 4"),
        ("response_p99_ms", "<", 21.0, True, "was 19.968"),
        ("esme_response_max_ms", "<", 1000.0, False, "was not measured"),
    ],
)
def test_a_verdict_tells_what_was_found(what, operator, value, passed, told):
    parts = [part(unfinished=4, hits={"cut": 2}, submits_accepted=10, finals=8, faults=5)]
    found = verdict(what, operator, value, parts)
    assert (found.passed, found.told) == (passed, told)


def test_several_smscs_count_together_or_by_name():
    parts = [part("north", finals=3), part("south", finals=4)]
    assert verdict("finals", "==", 7.0, parts).passed
    assert verdict("finals", "==", 4.0, parts, smsc="south").passed
    assert verdict("finals", "==", 4.0, parts, smsc="south").title == "finals == 4 in south"
    assert verdict("messages", "==", 8.0, parts).passed


def test_latencies_are_real_milliseconds_on_an_accelerated_clock():
    assert verdict("response_max_ms", "<=", 2.0, [part()], speed=10.0).passed


def test_a_name_stands_before_the_condition():
    found = verdict("finals", ">=", 0.0, [part()], name="all is well")
    assert found.title == "all is well (finals >= 0)"
