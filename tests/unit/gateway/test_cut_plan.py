"""Plans go both ways through their octets; references count up per destination."""

from sys import getsizeof

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.gateway.cut_plan import ConcatReferences, CutPlan, Form, Way, plan_from_octets

NOW_US = 1_800_000_000_000_000
plans = st.builds(
    CutPlan,
    way=st.sampled_from(Way),
    form=st.sampled_from(Form),
    reference=st.integers(0, 0xFFFF),
    locking=st.integers(0, 13),
    single=st.integers(0, 13),
)


@given(plan=plans)
def test_a_plan_goes_both_ways(plan: CutPlan):
    assert plan_from_octets(plan.to_octets()) == plan


@pytest.mark.parametrize("octets", [b"", b"\0\0\0\0", b"\xf0\0\0\0\0", b"\x03\0\0\0\0"])
def test_what_is_no_plan_is_refused(octets: bytes):
    with pytest.raises(ValueError):
        plan_from_octets(octets)


def test_references_count_up_for_each_destination_alone():
    references = ConcatReferences()
    first = references.next("1", NOW_US)
    other = references.next("2", NOW_US + 5_000_000)
    assert references.next("1", NOW_US) == first + 1 & 0xFFFF
    assert references.next("2", NOW_US) == other + 1 & 0xFFFF


def test_references_turn_over_at_16_bits():
    references = ConcatReferences()
    references.remember("1", 0xFFFF)
    assert references.next("1", NOW_US) == 0


def test_destinations_that_share_a_counter_get_references_that_differ_from_their_own_before():
    references = ConcatReferences(counters=1)
    given_to = {"1": [references.next("1", NOW_US)], "2": [references.next("2", NOW_US)]}
    for destination in "1212":
        given_to[destination].append(references.next(destination, NOW_US))
    assert all(len(set(each)) == len(each) for each in given_to.values())


def test_no_number_of_destinations_makes_it_grow():
    references = ConcatReferences(counters=64)
    before = getsizeof(references._last)
    for number in range(1000):
        references.next(f"9198{number:08}", NOW_US)
    assert getsizeof(references._last) == before
