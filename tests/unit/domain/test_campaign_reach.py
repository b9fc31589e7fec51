"""Campaign reach: so many campaign messages a day, and no campaign soon after a rival's."""

from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from operator_push.domain.campaign_reach import CampaignReach, ReachLimit
from operator_push.kernel.instants import MICROS_PER_DAY

NOW_US = 1_800_000_000_000_000
TEA, CHAI = 4, 5
LIMITS = {1: ReachLimit(2, {}), 2: ReachLimit(None, {TEA: 7}), 3: ReachLimit(1, {TEA: 1})}


def refused(reach: CampaignReach, campaign_no: int, at_us: int = NOW_US, is_admitted: bool = False) -> bool:
    return reach.refuses(campaign_no, 7, at_us, is_admitted)


def test_a_day_has_so_many_places_for_everybody_s_campaigns() -> None:
    reach = CampaignReach(LIMITS.get)
    reach.take(7, TEA, NOW_US)
    assert not refused(reach, 1)
    reach.take(7, CHAI, NOW_US)
    assert refused(reach, 1)
    assert not refused(reach, 1, is_admitted=True), "it has its own place"
    assert not refused(reach, 1, NOW_US + MICROS_PER_DAY)
    assert not reach.refuses(1, 8, NOW_US, is_admitted=False)
    reach.give_back(7, CHAI, NOW_US)
    assert not refused(reach, 1)
    assert not refused(reach, 9), "nothing was said of this one"


def test_what_the_store_knows_of_today_counts_and_no_message_twice() -> None:
    reach = CampaignReach(LIMITS.get)
    reach.take(7, TEA, NOW_US)
    reach.know([BitMap([7, 8])], NOW_US)  # the very message of 7
    assert not refused(reach, 1)
    reach.know([BitMap([7, 8]), BitMap([7])], NOW_US)
    assert refused(reach, 1)
    reach.take(8, TEA, NOW_US)
    assert reach.refuses(1, 8, NOW_US, is_admitted=False)


def test_a_rival_is_so_many_days_apart_also_when_it_comes_between() -> None:
    reach = CampaignReach(LIMITS.get)
    reach.take(7, CHAI, NOW_US)
    assert not refused(reach, 2)
    before = reach.changes
    reach.take(7, TEA, NOW_US)
    assert reach.changes > before, "what waits is asked again"
    for days, expected in ((0, True), (6, True), (7, False)):
        assert refused(reach, 2, NOW_US + days * MICROS_PER_DAY) is expected
        assert refused(reach, 2, NOW_US + days * MICROS_PER_DAY, is_admitted=True) is expected
    assert not refused(reach, 3, NOW_US + MICROS_PER_DAY)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 3), st.sampled_from((TEA, CHAI)))))
def test_it_counts_as_a_count_does(turns: list[tuple[bool, int, int]]) -> None:
    reach = CampaignReach({1: ReachLimit(2, {TEA: 1})}.get)
    taken: list[tuple[int, int]] = []
    for takes, person, brand_no in turns:
        if takes:
            reach.take(person, brand_no, NOW_US)
            taken.append((person, brand_no))
        elif (person, brand_no) in taken:
            reach.give_back(person, brand_no, NOW_US)
            taken.remove((person, brand_no))
    for person in (1, 2, 3):
        expected = sum(each == person for each, _ in taken) >= 2 or (person, TEA) in taken
        assert reach.refuses(1, person, NOW_US, is_admitted=False) is expected


def test_days_that_no_rule_reaches_are_forgotten() -> None:
    reach = CampaignReach(LIMITS.get)
    for day in range(200):
        reach.take(7, TEA, NOW_US + day * MICROS_PER_DAY)
    assert len(reach._levels) < 200
