"""What is set aside for a campaign pays its messages first, comes back at a start, and is never lost."""

from campaign_room import CampaignRoom
from shard import ACCOUNT, PRICE_MICROS, Shard

from operator_push.services.campaign_money import CampaignMoney


def test_others_cannot_spend_what_a_campaign_has_set_aside():
    shard = Shard(segments_paid=3)
    room = CampaignRoom(shard)
    room.approved()
    room.launch()
    (other,) = shard.accept(shard.offer())
    assert other.message is None
    assert room.hand_in(1, 2, 3)["accepted"] == 3
    assert shard.balances.held(ACCOUNT) == 3 * PRICE_MICROS


def test_free_money_is_used_when_the_reservation_is_used_up():
    shard = Shard(segments_paid=5)
    room = CampaignRoom(shard)
    room.approved(people_max=1)
    room.launch()
    assert room.hand_in(1, 2, 3)["accepted"] == 3
    assert (room.money.reserved(1), shard.balances.available(ACCOUNT)) == (0, 2 * PRICE_MICROS)


def test_a_start_sets_aside_what_is_there():
    shard = Shard(segments_paid=2)
    money = CampaignMoney(shard.balances)
    money.restore([(1, ACCOUNT, PRICE_MICROS), (2, ACCOUNT, 5 * PRICE_MICROS), (3, ACCOUNT, 0)])
    assert (money.reserved(1), money.reserved(2)) == (PRICE_MICROS, PRICE_MICROS)
    money.release(2)
    money.release(2)
    assert shard.balances.available(ACCOUNT) == PRICE_MICROS


def test_money_that_is_not_the_accounts_own_is_not_set_aside():
    shard = Shard()
    assert CampaignRoom(shard, online_charging=True).order().progress.reserved_micros == 0
    assert shard.balances.available(ACCOUNT) == 10 * PRICE_MICROS
