"""A forecast asks the rules of the door, hour by hour, and tells shares in steps."""

from campaign_room import PEOPLE
from pyroaring import BitMap
from shard import ACCOUNT, BRAND, NOW_US, Shard

from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.permission import ConsentAction
from operator_push.domain.quiet_rules import QuietRules
from operator_push.domain.subscriber_clocks import SubscriberClocks
from operator_push.services.forecast_reach import HOURS, SAMPLE_PEOPLE, ForecastReach, _percent, _sample
from operator_push.services.registry import Account, Registry


def forecast(shard: Shard, *people: int) -> dict[str, object]:
    account = Account(ACCOUNT, "chai", "enterprise", BRAND, "", True, 3, 0, (), False, 1, 1, "INR", 0)
    reach = ForecastReach(Registry([(BRAND, "Chai")], [account]), shard.policy, PEOPLE.__getitem__)
    return reach.forecast("chai", "CHAI", 0, BitMap(people), NOW_US)


def test_quiet_hours_and_caps_are_told_by_hour_and_nothing_is_taken() -> None:
    shard = Shard()
    shard.facts.caps = FrequencyCaps(1)
    shard.facts.clocks = SubscriberClocks(QuietRules([(21 * 60, 9 * 60)]), zone="Asia/Kolkata")
    shard.facts.caps.take(1, BRAND, NOW_US)
    shard.consent(2, ConsentAction.WITHDRAW, brand_no=BRAND)
    told = forecast(shard, 1, 2, 3, 4)
    assert (told["percent"], told["capped_percent"]) == (50, 25)
    by_hour = {each["hour"][11:13]: each["percent"] for each in told["by_hour"]}
    assert len(by_hour) == HOURS
    assert (by_hour["09"], by_hour["16"], by_hour["04"]) == (50, 0, 75)  # 14:30, 21:30 and 09:30 there
    assert forecast(shard, 1, 2, 3, 4) == told


def test_shares_are_steps_and_samples_the_same_people() -> None:
    assert [_percent(part, 40) for part in (0, 1, 2, 39, 40)] == [0, 5, 5, 100, 100]
    assert _percent(0, 0) == 0
    many = BitMap(range(1, 50_000))
    assert len(_sample(many)) == SAMPLE_PEOPLE
    assert _sample(many) == _sample(BitMap(range(1, 50_000)))
