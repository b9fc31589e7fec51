"""The calls account.stop, campaign.stop and queue.*, from names to holds."""

from types import SimpleNamespace
from typing import Any

import pytest
from control_desk import call
from link_room import LinkRoomInMemory
from shard import ACCOUNT, BRAND, NOW_US

from operator_push.domain.campaign import CampaignAction, CampaignState
from operator_push.domain.message import MessageState
from operator_push.gateway.control_server import Handler
from operator_push.gateway.stop_commands import StopCommands
from operator_push.kernel.errors import OperatorError
from operator_push.services.cancel_message import CancelMessage
from operator_push.services.manage_holds import ManageHolds
from operator_push.services.registry import Account, Registry
from operator_push.services.shown_ids import ShownIds


class Desk:
    """One account, one campaign that it runs; what became of both is noted."""

    def __init__(self) -> None:
        self.room = LinkRoomInMemory()
        shard = self.room.shard
        account = Account(ACCOUNT, "chai", "enterprise", BRAND, "", True, 3, 0, (), False, 1, 1, "INR", 0)
        self.registry = Registry([(BRAND, "Chai")], [account])
        self.campaign = SimpleNamespace(campaign_no=7, name="tea", state=CampaignState.RUNNING.value)
        self.registry.require_campaign = self._campaign  # type: ignore[method-assign,assignment]
        self.active = True
        cancel = CancelMessage(
            shard.messages, ShownIds(0), shard.finish, shard.policy, lambda: (1,), lambda message: ""
        )
        running = self.room.running
        holds = ManageHolds(
            shard.holds, shard.messages, cancel.withdraw, running.put_back, running.link_name_of
        )
        self.handlers: dict[str, Handler] = StopCommands(
            holds,
            self.registry,
            self,  # type: ignore[arg-type]
            self,  # type: ignore[arg-type]
            running,
            lambda account: {"account": account.name},
            lambda campaign: {"state": campaign.state},
            self.room.committer,
        ).handlers()

    def set_active(self, name: str, active: bool, now_us: int, changes: object) -> Account:
        self.active = active
        return self.registry.require_account(name)

    def act(self, name: str, action: CampaignAction, now_us: int, changes: object) -> Any:
        self.campaign.state = {
            CampaignAction.PAUSE: CampaignState.PAUSED,
            CampaignAction.RESUME: CampaignState.RUNNING,
            CampaignAction.CANCEL: CampaignState.CANCELLED,
        }[action].value
        return self.campaign

    def _campaign(self, name: str) -> Any:
        if name != "tea":
            raise OperatorError(f"no campaign is called {name!r}")
        return self.campaign


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_an_account_stops_and_goes_on(desk: Desk) -> None:
    desk.room.shard.accept(desk.room.shard.offer())
    stopped = call(desk.handlers, "account.stop", name="chai", by="ann")
    assert stopped == {"account": "chai", "waiting": 1, "cancelled": 0, "at_smsc": 0}
    assert not desk.active
    (row,) = call(desk.handlers, "queue.list")["rows"]
    assert (row["account"], row["link"], row["held"], row["messages"]) == ("chai", "main", True, 1)
    assert call(desk.handlers, "account.resume", name="chai")["waiting"] == 1
    assert desk.active
    (row,) = call(desk.handlers, "queue.list", account="chai", link="main")["rows"]
    assert not row["held"]
    held = [row["held"] for table, row in desk.room.written.upserts if table == "traffic_hold"]
    assert held == [True, False]


def test_an_account_that_stops_for_good_gets_its_money_back(desk: Desk) -> None:
    desk.room.shard.accept(desk.room.shard.offer())
    assert call(desk.handlers, "account.stop", name="chai", cancel=True)["cancelled"] == 1
    assert [state for _, state in desk.room.shard.ends] == [MessageState.DELETED]
    assert desk.room.shard.balances.held(ACCOUNT) == 0


def test_a_campaign_is_paused_resumed_or_given_up(desk: Desk) -> None:
    assert call(desk.handlers, "campaign.stop", name="tea")["state"] == "paused"
    assert call(desk.handlers, "campaign.resume", name="tea")["state"] == "running"
    assert call(desk.handlers, "campaign.stop", name="tea", cancel=True)["state"] == "cancelled"


def test_a_campaign_that_has_handed_everybody_in_is_held_and_released(desk: Desk) -> None:
    desk.campaign.state = CampaignState.FINISHED.value
    assert call(desk.handlers, "campaign.stop", name="tea")["state"] == "finished"
    assert call(desk.handlers, "campaign.resume", name="tea")["state"] == "finished"


def test_one_message_is_held_released_and_cancelled(desk: Desk) -> None:
    (one,) = desk.room.shard.accept(desk.room.shard.offer())
    number = str(one.message_id)
    assert call(desk.handlers, "queue.hold", message=number)["waiting"] == 1
    assert call(desk.handlers, "queue.release", message=number)["waiting"] == 1
    assert call(desk.handlers, "queue.hold", campaign="tea")["waiting"] == 0
    assert call(desk.handlers, "queue.release", message=number, cancel=True)["cancelled"] == 1
    assert call(desk.handlers, "queue.list") == {"rows": []}


def test_what_waits_for_a_retry_is_routed_again_at_once(desk: Desk) -> None:
    shard = desk.room.shard
    (one,) = shard.accept(shard.offer())
    assert one.message is not None
    one.message.segments[0].retry_at_us = 2**62
    assert call(desk.handlers, "queue.requeue", link="main") == {"requeued": 1, "moved": 0}
    assert one.message.segments[0].retry_at_us == 0
    assert len(desk.room.outbox("main")) == 1


def test_what_may_be_at_the_smsc_is_never_requeued(desk: Desk) -> None:
    shard = desk.room.shard
    shard.accept(shard.offer())
    (attempt,) = desk.room.outbox("main").fill(1, NOW_US, shard.changes)
    desk.room.outbox("main").unanswered(attempt)
    assert call(desk.handlers, "queue.requeue") == {"requeued": 0, "moved": 0}


@pytest.mark.parametrize(
    ("do", "args", "told"),
    [
        ("queue.hold", {}, "give one of message, account, campaign"),
        ("queue.hold", {"message": "5", "account": "chai"}, "give one of"),
        ("queue.hold", {"message": "x"}, "'x' is not a message_id"),
        ("queue.hold", {"message": "5"}, "no open message has the id 5"),
        ("queue.hold", {"account": "shop"}, "no account is called 'shop'"),
        ("queue.hold", {"campaign": "coffee"}, "no campaign is called 'coffee'"),
        ("queue.list", {"link": "north"}, "no link is called 'north'; there are: main"),
        ("queue.list", {"traffic_class": "loud"}, "'loud' is not one of transactional"),
        ("queue.requeue", {"link": "north"}, "no link is called 'north'"),
    ],
)
def test_what_is_wrong_is_told(desk: Desk, do: str, args: dict[str, Any], told: str) -> None:
    with pytest.raises(OperatorError, match=told):
        call(desk.handlers, do, **args)
    assert desk.room.written.upserts == []
