"""A promotion waits for the hours that a person wished, and is refused beyond the number they wished."""

from operator_push.domain.contact_wishes import Wish, WishScope
from operator_push.domain.facts import AccountPolicy, PolicyFacts
from operator_push.domain.message import Origin, RefusalReason, Submission, TrafficClass, Verdict
from operator_push.domain.policy import Policy
from operator_push.domain.rules.contact_wish import ContactWishRule
from operator_push.kernel.instants import parse_iso

NOON = parse_iso("2027-01-15T12:00:00Z")
HOUR_US = 3_600_000_000


def policy(wish: Wish | None) -> Policy:
    facts = PolicyFacts()
    facts.accounts[1] = AccountPolicy(1, 7)
    if wish is not None:
        facts.wishes.put(5, wish)
    return Policy((ContactWishRule,), facts)


def promotion(kind: TrafficClass = TrafficClass.PROMOTIONAL) -> Submission:
    return Submission(1, 7, 0, kind, Origin.ESME, 5, "447700900123", "SHOP", 1)


def test_hours_are_waited_for_and_other_traffic_is_not_asked() -> None:
    house = policy(Wish(18 * 60, 20 * 60))
    decision = house.decide(promotion(), NOON)
    assert (decision.verdict, decision.reason) == (Verdict.DEFER, RefusalReason.QUIET_HOURS)
    assert decision.defer_until_us == NOON + 6 * HOUR_US
    assert house.decide(promotion(TrafficClass.SERVICE), NOON).verdict is Verdict.ADMIT
    assert policy(None).decide(promotion(), NOON).verdict is Verdict.ADMIT


def test_the_number_is_counted_as_admitted_and_its_own_slot_is_its_own() -> None:
    house = policy(Wish(per_week=1))
    assert house.decide(promotion(), NOON).verdict is Verdict.ADMIT
    house.admitted(promotion(), 1, NOON)
    assert house.decide(promotion(), NOON).reason is RefusalReason.FREQUENCY_CAP
    assert house.decide_again(promotion(), NOON, NOON).verdict is Verdict.ADMIT
    assert house.decide_again(promotion(), NOON).verdict is Verdict.ADMIT  # a part that follows
    house.replanned(promotion(), NOON, NOON + HOUR_US)
    assert house.decide_again(promotion(), NOON + HOUR_US, NOON + HOUR_US).verdict is Verdict.ADMIT
    house.given_up(promotion(), 1, NOON + HOUR_US)
    assert house.decide(promotion(), NOON).verdict is Verdict.ADMIT


def test_a_new_wish_ends_what_stood() -> None:
    house = policy(None)
    standing = house.standing(NOON)
    assert house.standing(NOON) == standing
    house.facts.wishes.put(5, Wish(per_week=0))
    assert house.standing(NOON) != standing


def test_one_brand_is_wished_less_often_than_all_together() -> None:
    house = policy(Wish(8 * 60, 20 * 60, 3))
    house.facts.wishes.put(5, Wish(10 * 60, 18 * 60, 1), WishScope(7))
    assert house.decide(promotion(), NOON - 3 * HOUR_US).defer_until_us == NOON - 2 * HOUR_US
    house.admitted(promotion(), 1, NOON)
    assert house.decide(promotion(), NOON).reason is RefusalReason.FREQUENCY_CAP
    other = Submission(1, 8, 0, TrafficClass.PROMOTIONAL, Origin.ESME, 5, "447700900123", "SHOP", 1)
    assert house.decide(other, NOON - 3 * HOUR_US).verdict is Verdict.ADMIT
    house.admitted(other, 2, NOON)
    house.admitted(other, 3, NOON)
    assert house.decide(other, NOON).reason is RefusalReason.FREQUENCY_CAP
