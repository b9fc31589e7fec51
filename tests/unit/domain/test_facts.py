"""Facts: what the rules read when nobody has said anything."""

from operator_push.domain.facts import AccountPolicy, PolicyFacts
from operator_push.domain.message import TrafficClass


def test_facts_of_two_shards_are_not_shared_and_an_account_is_promotional_by_default() -> None:
    one, other = PolicyFacts(), PolicyFacts()
    one.accounts[1] = AccountPolicy(account_no=1, brand_no=2)
    assert not other.accounts
    assert one.permission is not other.permission
    assert (one.clocks.rules.is_empty, one.caps) == (True, None)
    assert one.accounts[1].traffic_class is TrafficClass.PROMOTIONAL
    assert one.accounts[1].quiet_hours
