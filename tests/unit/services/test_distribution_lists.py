"""Distribution lists: by account and name, each person once, of a stated size."""

import pytest

from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes
from operator_push.services.distribution_lists import MEMBERS_MAX, REMOVED_MAX, DistributionLists, Member

NOW_US = 1_800_000_000_000_000


def people(*numbers: int) -> list[Member]:
    return [Member(number) for number in numbers]


def said(changes: Changes) -> list[tuple[object, ...]]:
    """(subscriber, active, by_code, own) of the rows of members."""
    names = ("subscriber_no", "active", "by_code", "own")
    return [tuple(row[each] for each in names) for table, row in changes.upserts if "member" in table]


def test_a_list_has_each_person_once_lowest_number_first():
    lists, changes = DistributionLists(), Changes()
    assert lists.add(1, "vip", people(7, 5, 7), NOW_US, changes) == 2
    assert lists.add(1, "vip", people(5, 6), NOW_US, changes) == 1
    assert lists.members_of(1, "vip") == (5, 6, 7)
    assert lists.members_of(1, "vip", at_most=2) == (5, 6)
    assert lists.size_of(1, "vip") == 3
    assert [table for table, _ in changes.upserts] == ["distribution_list"] + ["distribution_list_member"] * 3


def test_lists_are_their_account_s_own():
    lists = DistributionLists([(1, 1, "vip", {}), (2, 2, "vip", {})], [(1, 5, False), (2, 6, False)])
    assert lists.members_of(1, "vip") == (5,)
    assert lists.members_of(2, "vip") == (6,)
    assert lists.members_of(3, "vip") == ()


def test_who_is_taken_off_is_gone_and_an_empty_list_is_none():
    lists, changes = DistributionLists([(1, 1, "vip", {})], [(1, 5, False), (1, 6, False)]), Changes()
    assert lists.remove(1, "vip", [5, 9], changes) == 1
    assert lists.members_of(1, "vip") == (6,)
    assert lists.remove(1, "vip", None, changes) == 1
    with pytest.raises(OperatorError, match="no list"):
        lists.remove(1, "vip", None, changes)
    assert lists.add(1, "vip", people(8), NOW_US, changes) == 1
    assert changes.upserts[-1] == (
        "distribution_list_member",
        {"list_no": 1, "subscriber_no": 8, "active": True, "by_code": 0, "own": "", "own_us": 0},
    )


@pytest.mark.parametrize("name", ["", "x" * 21, "नाम", "a\nb"])
def test_a_name_fits_into_dl_name(name: str):
    with pytest.raises(OperatorError, match="list name"):
        DistributionLists().add(1, name, people(1), NOW_US, Changes())


def test_a_list_has_a_limit_with_a_named_answer():
    lists = DistributionLists([(1, 1, "all", {})], ((1, number, False) for number in range(MEMBERS_MAX)))
    lists.add(1, "all", people(5), NOW_US, Changes())
    with pytest.raises(OperatorError, match="1000000 at most"):
        lists.add(1, "all", people(MEMBERS_MAX), NOW_US, Changes())


def test_a_long_list_goes_piece_by_piece():
    lists = DistributionLists([(1, 1, "all", {})], ((1, number, False) for number in range(REMOVED_MAX + 5)))
    assert lists.remove(1, "all", None, Changes()) == REMOVED_MAX
    assert lists.size_of(1, "all") == 5
    assert lists.remove(1, "all", None, Changes()) == 5


def test_what_is_said_of_a_person_goes_with_the_list_and_with_the_person():
    lists, changes = DistributionLists(), Changes()
    asha, code = Member(7, own={"name": "Asha"}), Member(5, by_code=True, own={"name": "Ravi"})
    assert lists.add(1, "vip", [asha, code, Member(6)], NOW_US, changes, {"name": "text"}) == 3
    assert lists.columns_of(1, "vip") == {"name": "text"}
    assert set(lists.came_by_code(1, "vip")) == {5}
    assert lists.open_to_esmes(1, "vip") == ()  # answers would tell the number behind the code
    assert said(changes) == [
        (7, True, 0, '{"name": "Asha"}'),
        (5, True, 1, '{"name": "Ravi"}'),
        (6, True, 0, ""),
    ]
    more = Changes()
    assert lists.add(1, "vip", [Member(7), Member(5, own={"name": "R."})], NOW_US, more) == 1
    assert said(more) == [(5, True, 1, '{"name": "R."}')]  # came by code, whoever says more of them
    gone = Changes()
    lists.forget(5, gone)
    lists.remove(1, "vip", None, gone)
    assert said(gone) == [(5, False, 0, ""), (6, False, 0, ""), (7, False, 0, "")]
    assert lists.add(1, "vip", people(8), NOW_US, gone) == 1
    assert lists.columns_of(1, "vip") == {}
    assert lists.open_to_esmes(1, "vip") == (8,)


def test_a_column_keeps_its_type_and_a_list_has_so_many():
    lists = DistributionLists()
    lists.add(1, "vip", people(7), NOW_US, Changes(), {"points": "number"})
    with pytest.raises(OperatorError, match="column points of list 'vip' is a number"):
        lists.add(1, "vip", people(8), NOW_US, Changes(), {"points": "text"})
    with pytest.raises(OperatorError, match="21 columns; 20 at most"):
        lists.add(1, "vip", people(8), NOW_US, Changes(), {f"c{number}": "text" for number in range(20)})
    assert lists.members_of(1, "vip") == (7,)
