"""What a person is shown is what the book would decide, and whose stop stands in the way."""

from typing import NamedTuple

from operator_push.domain.consent import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.services.permission_overview import Overview, act_json, overview

NOW = 1_800_000_000_000_000
CHAI, TEA = 3, 4
NAMES = {CHAI: "Chai Point", TEA: "Tea House"}


class Act(NamedTuple):
    event_id: int
    event: ConsentEvent


def acts(*said: tuple[ConsentAction, int, int, str]) -> list[Act]:
    return [
        Act(
            place << 22,
            ConsentEvent(
                1,
                brand,
                category,
                Purpose.MARKETING,
                channel,
                action,
                NOW - 100 + place,
                Evidence("sms", "x"),
            ),
        )
        for place, (action, brand, category, channel) in enumerate(said, start=1)
    ]


def seen(*said: tuple[ConsentAction, int, int, str]) -> Overview:
    return overview(1, acts(*said), "IN", NAMES, [TEA], NOW)


GRANT, WITHDRAW, RESUME = ConsentAction.GRANT, ConsentAction.WITHDRAW, ConsentAction.RESUME


def test_a_brand_is_shown_with_its_act_and_finer_scopes() -> None:
    told = seen((GRANT, CHAI, 0, "*"), (WITHDRAW, CHAI, 8, "*"))
    assert [each.brand for each in told.brands] == ["Chai Point", "Tea House"]
    chai, tea = told.brands
    assert (chai.marketing.allowed, chai.marketing.method, chai.marketing.state) == (True, "sms", "GRANTED")
    (food,) = chai.finer
    assert (food.scope.category, food.allowed, food.is_stopped, food.blocked_by) == (8, False, True, None)
    assert (tea.marketing.allowed, tea.marketing.is_stopped, tea.marketing.state) == (False, False, "PENDING")
    assert len(told.data) == 4


def test_a_stop_of_all_stands_in_the_way_of_each_until_taken_back() -> None:
    said = [(GRANT, CHAI, 0, "*"), (WITHDRAW, 0, 0, "*")]
    told = seen(*said)
    assert told.everything.is_stopped
    assert told.everything.blocked_by is None
    chai = told.brands[0].marketing
    assert (chai.allowed, chai.state) == (False, "GRANTED")
    assert chai.blocked_by == told.everything.scope
    assert seen(*said, (RESUME, 0, 0, "*")).brands[0].marketing.allowed


def test_acts_of_another_law_do_not_count() -> None:
    (act,) = acts((GRANT, CHAI, 0, "*"))
    event = ConsentEvent(1, CHAI, 0, Purpose.MARKETING, "*", GRANT, NOW, Evidence("sms"), jurisdiction="gb")
    told = overview(1, [Act(act.event_id, event)], "IN", NAMES, (), NOW)
    assert told.brands == ()


def test_an_act_is_a_flat_row() -> None:
    (act,) = acts((GRANT, 0, 0, "*"))
    row = act_json(act, NAMES)
    assert (row["brand"], row["category"], row["action"]) == ("*", "*", "grant")
    assert all(not isinstance(value, dict | list) for value in row.values())
