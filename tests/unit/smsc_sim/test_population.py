"""The population: a number's fate is a function of seed and number, in the shares of the scenario."""

from collections import Counter

import pytest

from operator_push.smpp.constants import MessageState
from smsc_sim.population import HandsetPopulation
from smsc_sim.scenario_handsets import Handsets, Numbers, Timetable

GROUPS = (
    Handsets(state="on", share=0.6),
    Handsets(state="off", share=0.2, delay_ms=(100.0, 200.0)),
    Handsets(state="absent", share=0.15),
    Handsets(state="memory_full", share=0.05, outcome="delivered", error_code=7, delay_ms=5.0),
)
NUMBERS = [f"9198{i:08d}" for i in range(20_000)]


def test_the_shares_are_kept():
    population = HandsetPopulation(GROUPS, 7)
    seen = Counter(population.fate(number).handset_state for number in NUMBERS)
    for group in GROUPS:
        assert seen[group.state] / len(NUMBERS) == pytest.approx(group.share, abs=0.01)


def test_a_fate_is_the_same_every_time_and_for_another_seed_another():
    fates = [HandsetPopulation(GROUPS, 7).fate(number) for number in NUMBERS[:500]]
    assert fates == [HandsetPopulation(GROUPS, 7).fate(number) for number in NUMBERS[:500]]
    assert fates != [HandsetPopulation(GROUPS, 8).fate(number) for number in NUMBERS[:500]]


def test_states_have_defaults_and_the_scenario_beats_them():
    population = HandsetPopulation(GROUPS, 7)
    fates = {population.fate(number).handset_state: population.fate(number) for number in NUMBERS[:2000]}
    assert fates["on"].final_state is MessageState.DELIVERED
    assert 0.02 <= fates["on"].delay_s <= 0.2
    assert 0.1 <= fates["off"].delay_s <= 0.2
    assert (fates["absent"].final_state, fates["absent"].error_code) == (MessageState.EXPIRED, 27)
    full = fates["memory_full"]
    assert (full.final_state, full.error_code, full.delay_s) == (MessageState.DELIVERED, 7, 0.005)


def test_a_group_without_share_is_nobody_and_the_last_takes_what_rounding_leaves():
    groups = (Handsets(state="absent", share=0.0), Handsets(state="on", share=0.9999999))
    population = HandsetPopulation(groups, 7)
    assert {population.fate(number).handset_state for number in NUMBERS} == {"on"}


def test_numbers_beat_shares_and_keep_their_own_outcome():
    rows = (Numbers(like="9198000*", state="ported"), Numbers(like="9198*", state="on", error_code=9))
    population = HandsetPopulation(GROUPS, 7, numbers=rows)
    assert population.fate("919800000001").error_code == 1
    assert population.fate("919811111111").error_code == 9
    assert population.fate("919911111111") == HandsetPopulation(GROUPS, 7).fate("919911111111")


def test_a_timetable_beats_numbers_and_a_state_set_by_hand_beats_all():
    population = HandsetPopulation(
        GROUPS,
        7,
        numbers=(Numbers(like="91*", state="ported"),),
        timetable=(Timetable(state="barred", until_s=10),),
        start_us=1_000_000,
    )
    assert not population.is_steady
    assert population.fate_at("91", 2_000_000).handset_state == "barred"
    assert population.fate_at("91", 2_000_000).until_us == 11_000_000
    assert population.fate_at("91", 11_000_000).handset_state == "ported"
    population.set_state("91", "off")
    off = population.fate_at("91", 2_000_000)
    assert (off.handset_state, off.final_state, off.error_code) == ("off", MessageState.EXPIRED, 27)
    population.set_state("91", None)
    assert population.fate_at("91", 2_000_000).handset_state == "barred"


def test_what_was_set_by_hand_is_taken_over():
    before, after = HandsetPopulation(GROUPS, 7), HandsetPopulation(GROUPS, 7)
    assert before.is_steady
    before.set_state("91*", "roaming")
    after.take_set_states(before)
    assert not after.is_steady
    assert after.set_states == {"91*": "roaming"}
    assert after.fate_at("919", 0).handset_state == "roaming"


def test_a_full_memory_is_tried_again_under_a_schedule_unless_the_scenario_says_how_it_ends():
    plain = (Handsets(state="memory_full", share=1.0),)
    named = (Handsets(state="memory_full", share=1.0, outcome="undeliverable"),)
    assert HandsetPopulation(plain, 7).fate("9").final_state is MessageState.UNDELIVERABLE
    assert HandsetPopulation(plain, 7, retries=True).fate("9").final_state is MessageState.EXPIRED
    assert HandsetPopulation(named, 7, retries=True).fate("9").final_state is MessageState.UNDELIVERABLE


def test_a_fast_clock_shortens_delays():
    slow, fast = (HandsetPopulation(GROUPS, 7, speed=speed) for speed in (1.0, 10.0))
    for number in NUMBERS[:50]:
        assert fast.fate(number).delay_s == pytest.approx(slow.fate(number).delay_s / 10)
