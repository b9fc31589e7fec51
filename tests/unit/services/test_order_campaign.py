"""An order passes from its maker to two checkers, and sets its money aside; not everything may be said."""

from typing import Any

import pytest
from campaign_room import CampaignRoom
from shard import ACCOUNT, NOW_US, PRICE_MICROS, Shard

from operator_push.domain.campaign import CampaignAction
from operator_push.kernel.errors import OperatorError
from operator_push.services.quote_campaign import QUOTE_VALID_US


def test_both_sides_say_yes_and_then_it_is_approved():
    room = CampaignRoom(Shard())
    room.order()
    assert room.approve("ravi", "client").state == "pending_approval"
    approved = room.approve("desk")
    assert (approved.state, approved.approved_by) == ("approved", "desk")
    assert approved.progress.client_approved_by == "ravi"
    assert approved.progress.approved_us == NOW_US


@pytest.mark.parametrize("approver", ["asha", "Asha ", "RAVI", " ", ""])
def test_no_spelling_makes_another_person(approver: str):
    room = CampaignRoom(Shard())
    room.order()
    room.approve("ravi", "client")
    with pytest.raises(OperatorError):
        room.approve(approver)


def test_a_side_says_yes_once():
    room = CampaignRoom(Shard())
    room.order()
    room.approve("ravi", "client")
    with pytest.raises(OperatorError, match="for the client already, by ravi"):
        room.approve("meena", "client")
    with pytest.raises(OperatorError, match="no side"):
        room.approve("meena", "bank")


def test_a_change_takes_every_approval_back():
    room = CampaignRoom(Shard())
    room.approved()
    changed = room.change(text="Hello again", ordered_by="meena")
    assert (changed.state, changed.text, changed.approved_by) == ("pending_approval", "Hello again", "")
    assert changed.progress.client_approved_by == ""
    assert changed.campaign_no == 1
    room.approve("ravi", "client")
    assert room.approve("desk").state == "approved"
    room.launch()
    with pytest.raises(OperatorError, match="cannot take the action change"):
        room.change(text="Too late")


def test_what_an_order_may_cost_is_out_of_reach_until_it_ends():
    shard = Shard(segments_paid=4)
    room = CampaignRoom(shard)
    room.order()
    assert shard.balances.available(ACCOUNT) == PRICE_MICROS
    with pytest.raises(
        OperatorError, match=r"NO_CREDIT: this campaign may cost 0\.30 INR, and chai has 0\.10"
    ):
        room.order(name="coffee")
    room.change(people_max=2)
    assert shard.balances.available(ACCOUNT) == 2 * PRICE_MICROS
    room.running.act("tea", CampaignAction.REJECT, NOW_US, shard.changes)
    assert shard.balances.available(ACCOUNT) == 4 * PRICE_MICROS
    assert room.change().state == "pending_approval"
    room.running.end_overdue(NOW_US + QUOTE_VALID_US + 1, shard.changes)
    assert shard.balances.available(ACCOUNT) == 4 * PRICE_MICROS
    with pytest.raises(OperatorError, match="quote has ended"):
        room.ordering.approve("tea", "ravi", NOW_US + QUOTE_VALID_US + 1, shard.changes)


def test_a_change_that_is_refused_leaves_the_order_its_money():
    shard = Shard(segments_paid=3)
    room = CampaignRoom(shard)
    room.order()
    with pytest.raises(OperatorError, match="text is empty"):
        room.change(text=" ")
    assert (shard.balances.available(ACCOUNT), room.money.reserved(1)) == (0, 3 * PRICE_MICROS)


def test_the_operator_may_want_two_people_of_its_own():
    room = CampaignRoom(Shard(), checkers=2)
    room.order()
    room.approve("desk", "operator")
    room.approve("ravi", "client")
    with pytest.raises(OperatorError, match="different people"):
        room.approve("Desk ", "operator")
    with pytest.raises(OperatorError, match="approved for the client already, by ravi"):
        room.approve("mira", "client")
    assert room.registry.require_campaign("tea").state == "pending_approval"
    campaign = room.approve("lead", "operator", priority=7)
    assert (campaign.state, campaign.approved_by, campaign.progress.also_approved_by) == (
        "approved",
        "desk",
        "lead",
    )
    with pytest.raises(OperatorError, match="cannot take the action approve"):
        room.approve("fourth", "operator")
    changed = room.change()
    assert (changed.state, changed.approved_by, changed.progress.also_approved_by) == (
        "pending_approval",
        "",
        "",
    )


def test_a_budget_buys_as_many_people_as_it_pays():
    shard = Shard()
    assert CampaignRoom(shard).order(terms={"budget_micros": 250_000}).audience == 2
    assert shard.balances.available(ACCOUNT) == 8 * PRICE_MICROS
    with pytest.raises(OperatorError, match=r"3 people at least, at 0\.10 each, are 0\.30"):
        CampaignRoom(Shard(), floor=3).order(terms={"budget_micros": 250_000})


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"text": "  "}, "text is empty"),
        ({"name": "two\nlines"}, "printable"),
        ({"name": " "}, "printable"),
        ({"text": "A Guaranteed WIN!"}, "'guaranteed win', which no campaign may say"),
        ({"text": "see evil.example/x"}, "links to 'evil.example'; with chai agreed are chai.example"),
    ],
)
def test_an_order_that_nobody_should_read_is_refused(wrong: dict[str, str], why: str):
    shard = Shard()
    room = CampaignRoom(shard, forbidden=["guaranteed win"], url_hosts=("chai.example",))
    with pytest.raises(OperatorError, match=why):
        room.order(**wrong)
    assert shard.balances.available(ACCOUNT) == 10 * PRICE_MICROS
    assert room.order(text="see https://www.chai.example/tea").state == "pending_approval"


def test_a_name_is_taken_once_and_a_campaign_is_its_accounts():
    room = CampaignRoom(Shard())
    room.order()
    with pytest.raises(OperatorError, match="exists already"):
        room.order()


@pytest.mark.parametrize("wrong", [0, "9", True])
def test_an_order_may_remember_less_than_the_size_of_its_audience(wrong: Any):
    room = CampaignRoom(Shard())
    assert room.order(people_max=2).audience == 2
    with pytest.raises(OperatorError, match="people_max"):
        room.order(name="x", people_max=wrong)
