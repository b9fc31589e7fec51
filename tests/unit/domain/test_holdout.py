"""The control group: the same people whatever is started or imported again."""

from operator_push.domain.holdout import Holdout

NUMBERS = [f"9198{number:08d}" for number in range(20_000)]
KEY = bytes(range(32))


def members(holdout: Holdout, first: int = 1) -> set[str]:
    return {msisdn for number, msisdn in enumerate(NUMBERS, first) if holdout.holds(number, msisdn)}


def test_who_is_in_it_follows_from_key_name_and_number_alone() -> None:
    group = members(Holdout(KEY, "control", 500))
    assert group == members(Holdout(KEY, "control", 500), first=7_000), (
        "other subscriber numbers, same people"
    )
    assert group == {msisdn for msisdn in NUMBERS if Holdout(KEY, "control", 500).holds(0, msisdn)}
    assert 800 < len(group) < 1_200, "five in a hundred of 20,000"
    assert group != members(Holdout(KEY, "spring", 500))
    assert group != members(Holdout(bytes(32), "control", 500))


def test_a_larger_group_holds_the_smaller_one() -> None:
    assert members(Holdout(KEY, "control", 100)) < members(Holdout(KEY, "control", 500))
    assert not members(Holdout(KEY, "control", 0))


def test_an_answer_is_remembered_by_subscriber() -> None:
    holdout = Holdout(KEY, "control", 5_000)
    first = [holdout.holds(number, msisdn) for number, msisdn in enumerate(NUMBERS[:100], 1)]
    assert first == [holdout.holds(number, "") for number in range(1, 101)]
