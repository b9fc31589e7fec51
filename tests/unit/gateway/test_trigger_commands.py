"""Triggers on the control socket: what one person permits now, and who hears of an event."""

from typing import Any

import pytest
from campaign_room import CampaignRoom
from shard import Shard

from operator_push.domain.consent import EVERY_CHANNEL, ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.permission import PermissionBook
from operator_push.gateway.trigger_commands import TriggerCommands
from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes
from operator_push.services.repeat_campaigns import RepeatCampaigns


class Committer:
    def __init__(self, changes: Changes) -> None:
        self.changes = changes

    def promise(self, act: Any) -> None:
        act()

    def kick(self) -> None:
        pass


class Brands:
    def known_brand_no(self, name: str) -> int | None:
        return {"Chai": 4}.get(name)


def commands(book: PermissionBook, room: CampaignRoom | None = None) -> TriggerCommands:
    room = room or CampaignRoom(Shard())
    return TriggerCommands(
        RepeatCampaigns(room.registry, room.running),
        book,
        Brands(),
        {"919812345601": 1}.get,  # type: ignore[arg-type]
        Committer(room.shard.changes),  # type: ignore[arg-type]
    )


def call(told: TriggerCommands, do: str, **args: Any) -> dict[str, Any]:
    answers: list[dict[str, Any]] = []
    told.handlers()[do](args, answers.append, answers.append)  # type: ignore[arg-type]
    return answers[0]


def act(book: PermissionBook, purpose: Purpose, brand_no: int, category: int, action: ConsentAction) -> None:
    at_us = book.sequence + 1
    book.apply(ConsentEvent(7, brand_no, category, purpose, EVERY_CHANNEL, action, at_us, Evidence("web")))


def test_what_is_held_is_of_this_moment() -> None:
    book = PermissionBook()
    told = commands(book)
    asks = [["Chai", 8], ["Tea House", 8]]
    assert call(told, "permission.held", subscribers=[7], asks=asks)["held"] == [[0, [False, False]]]
    act(book, Purpose.MARKETING, 4, 0, ConsentAction.GRANT)
    act(book, Purpose.USE_TOP_UP, 0, 0, ConsentAction.GRANT)
    assert call(told, "permission.held", subscribers=[7], asks=asks)["held"] == [[8, [True, False]]]
    act(book, Purpose.USE_TOP_UP, 0, 0, ConsentAction.WITHDRAW)
    assert call(told, "permission.held", subscribers=[7, 8])["held"] == [[0, []], [0, []]]


def test_a_condition_is_judged_before_the_campaign_hears_of_it() -> None:
    room = CampaignRoom(Shard())
    room.approved(terms={"trigger": "top_up", "when": "event.amount > 100.0"})
    room.launch(1, 2)
    told = commands(PermissionBook(), room)
    assert call(told, "campaign.trigger", event="top_up", number="+919812345601") == {"campaigns": {}}
    asked = {"event": "top_up", "subscriber_no": 1}
    assert call(told, "campaign.trigger", **asked, campaigns=[]) == {"campaigns": {}}
    found = call(told, "campaign.trigger", **asked, campaigns=["tea"])
    assert found == {"campaigns": {"tea": "accepted"}}
    assert call(told, "campaign.trigger", **asked, campaigns=["tea"]) == {"campaigns": {"tea": "repeated"}}


def test_events_of_one_call_are_answered_in_their_order_after_one_commit() -> None:
    room = CampaignRoom(Shard())
    room.approved(terms={"trigger": "top_up"})
    room.launch(1, 2)
    told = commands(PermissionBook(), room)
    events = [{"event": "top_up", "subscriber_no": who, "campaigns": ["tea"]} for who in (1, 3, 1, 2)]
    outcomes = call(told, "campaign.trigger", events=events)["outcomes"]
    assert outcomes == [{"tea": "accepted"}, {}, {"tea": "repeated"}, {"tea": "accepted"}]
    with pytest.raises(OperatorError, match="events has 101 items, at most 100"):
        call(told, "campaign.trigger", events=events[:1] * 101)


def test_somebody_who_was_erased_meanwhile_keeps_nobody_else_waiting() -> None:
    room = CampaignRoom(Shard())
    room.approved(terms={"trigger": "top_up"})
    room.launch(1, 77)
    told = commands(PermissionBook(), room)
    events = [{"event": "top_up", "subscriber_no": who, "campaigns": ["tea"]} for who in (77, 1)]
    assert call(told, "campaign.trigger", events=events)["outcomes"] == [{}, {"tea": "accepted"}]
