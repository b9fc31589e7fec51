"""Conditions on events: the attributes of their trigger beside the catalogue, and nothing else."""

import pytest

from operator_push.domain.audience.event_rules import event_rule
from operator_push.domain.audience.rule_error import RuleError
from operator_push.kernel.errors import OperatorError


def test_a_condition_asks_the_event_and_the_person() -> None:
    rule = event_rule("top_up", "event.amount >= 200.0 && age >= 18")
    assert [each.name for each in rule.attributes] == ["event.amount", "age"]
    assert rule.function()({"event.amount": 200.0, "age": 20}) is True
    assert (
        rule.words() == "people whose event amount is at least 200 rupees and whose age is at least 18 years"
    )


@pytest.mark.parametrize(
    ("trigger", "text", "column"),
    [
        ("top_up", 'event.city == "Pune"', 1),  # of another trigger
        ("top_up", 'event.amount > 1.0 && in_list("vip")', 23),
        ("area_entered", "event.city == 1", 1),
    ],
)
def test_what_the_trigger_does_not_tell_cannot_be_asked(trigger: str, text: str, column: int) -> None:
    with pytest.raises(RuleError) as refused:
        event_rule(trigger, text)
    assert refused.value.column >= column


def test_the_operator_bars_what_an_event_tells() -> None:
    with pytest.raises(RuleError, match="no places for lenders"):
        event_rule("area_entered", 'event.city == "Pune"', barred={"event.city": "no places for lenders"})


def test_an_event_of_no_catalogue_has_no_condition() -> None:
    with pytest.raises(OperatorError, match="the triggers are area_entered, landed_abroad"):
        event_rule("full_moon", "age >= 18")
