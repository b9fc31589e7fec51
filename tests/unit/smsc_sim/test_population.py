"""The population: a number's fate is a function of seed and number, in the shares of the scenario."""

from collections import Counter

import pytest

from operator_push.smpp.constants import MessageState
from smsc_sim.population import HandsetPopulation
from smsc_sim.scenario import Handsets

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
