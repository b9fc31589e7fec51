"""The control group: the same people whatever is started or imported again."""

from operator_push.domain.holdout import CampaignControls, Holdout

NUMBERS = [f"9198{number:08d}" for number in range(20_000)]
KEY = bytes(range(32))
VECTOR = ["919800010274", "919800016995"]


def members(holdout: Holdout) -> set[str]:
    return {msisdn for msisdn in NUMBERS if holdout.holds(msisdn)}


def test_who_is_in_it_follows_from_key_name_and_number_alone() -> None:
    group = members(Holdout(KEY, "control", 500))
    assert group == members(Holdout(KEY, "control", 500))
    assert 800 < len(group) < 1_200, "five in a hundred of 20,000"
    assert group != members(Holdout(KEY, "spring", 500))
    assert group != members(Holdout(bytes(32), "control", 500))


def test_a_group_once_drawn_is_drawn_for_good() -> None:
    """A vector: who is in the group of a released version stays in it."""
    assert sorted(members(Holdout(KEY, "control", 3))) == VECTOR


def test_a_larger_group_holds_the_smaller_one() -> None:
    assert members(Holdout(KEY, "control", 100)) < members(Holdout(KEY, "control", 500))
    assert not members(Holdout(KEY, "control", 0))


def test_a_campaign_draws_its_own_group_and_its_times_the_same() -> None:
    agreed = {1: ("weekly", 5), 2: ("weekly", 5), 3: ("spring", 5)}
    controls, again = CampaignControls(KEY, agreed.get), CampaignControls(KEY, agreed.get)
    groups = {number: members(group) for number in agreed if (group := controls.of(number)) is not None}
    assert groups[1] == groups[2] != groups[3]
    assert 800 < len(groups[3]) < 1_200
    assert groups[3] != members(Holdout(KEY, "spring", 500)), "the group of all promotions is another draw"
    other = again.of(1)
    assert other is not None
    assert members(other) == groups[1], "the same people after a restart"
    assert controls.of(4) is None
