"""Distribution lists: by account and name, each person once, of a stated size."""

import pytest

from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes
from operator_push.services.distribution_lists import MEMBERS_MAX, DistributionLists

NOW_US = 1_800_000_000_000_000


def test_a_list_keeps_its_order_and_each_person_once():
    lists, changes = DistributionLists(), Changes()
    assert lists.add(1, "vip", [7, 5, 7], NOW_US, changes) == 2
    assert lists.add(1, "vip", [5, 6], NOW_US, changes) == 1
    assert lists.members_of(1, "vip") == (7, 5, 6)
    assert [table for table, _ in changes.upserts] == ["distribution_list"] + ["distribution_list_member"] * 3


def test_lists_are_their_account_s_own():
    lists = DistributionLists([(1, 1, "vip"), (2, 2, "vip")], [(1, 5), (2, 6)])
    assert lists.members_of(1, "vip") == (5,)
    assert lists.members_of(2, "vip") == (6,)
    assert lists.members_of(3, "vip") == ()


def test_who_is_taken_off_is_gone_and_an_empty_list_is_none():
    lists, changes = DistributionLists([(1, 1, "vip")], [(1, 5), (1, 6)]), Changes()
    assert lists.remove(1, "vip", [5, 9], changes) == 1
    assert lists.members_of(1, "vip") == (6,)
    assert lists.remove(1, "vip", None, changes) == 1
    with pytest.raises(OperatorError, match="no list"):
        lists.remove(1, "vip", None, changes)
    assert lists.add(1, "vip", [8], NOW_US, changes) == 1
    assert changes.upserts[-1] == (
        "distribution_list_member",
        {"list_no": 1, "subscriber_no": 8, "active": True},
    )


@pytest.mark.parametrize("name", ["", "x" * 21, "नाम", "a\nb"])
def test_a_name_fits_into_dl_name(name: str):
    with pytest.raises(OperatorError, match="list name"):
        DistributionLists().add(1, name, [1], NOW_US, Changes())


def test_a_list_has_a_limit_with_a_named_answer():
    lists = DistributionLists()
    lists.add(1, "all", range(MEMBERS_MAX), NOW_US, Changes())
    with pytest.raises(OperatorError, match="at most 1000"):
        lists.add(1, "all", [MEMBERS_MAX + 1], NOW_US, Changes())
