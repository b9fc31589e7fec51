"""Frequency caps: slots taken, given back, per handset, brand and local day."""

import pytest

from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import MICROS_PER_DAY

CHAI, ZING = 1, 2
NOON = 20_000 * MICROS_PER_DAY + MICROS_PER_DAY // 2


def test_a_day_s_slots_run_out_and_the_next_day_has_its_own() -> None:
    caps = FrequencyCaps(per_day=2)
    for brand in (CHAI, ZING):
        assert caps.has_room(7, brand, NOON)
        caps.take(7, brand, NOON)
    assert not caps.has_room(7, CHAI, NOON)
    assert caps.has_room(8, CHAI, NOON)
    assert caps.has_room(7, CHAI, NOON + MICROS_PER_DAY)


def test_the_cap_of_a_brand_is_its_own() -> None:
    caps = FrequencyCaps(per_brand_per_day=1)
    caps.take(7, CHAI, NOON)
    assert not caps.has_room(7, CHAI, NOON)
    assert caps.has_room(7, ZING, NOON)


def test_none_is_unlimited_and_zero_is_none() -> None:
    unlimited = FrequencyCaps()
    for _ in range(100):
        unlimited.take(7, CHAI, NOON)
    assert unlimited.is_unlimited
    assert unlimited.has_room(7, CHAI, NOON)
    assert not FrequencyCaps(per_day=0).has_room(7, CHAI, NOON)
    assert not FrequencyCaps(per_brand_per_day=0).has_room(7, CHAI, NOON)


def test_a_slot_given_back_can_be_taken_and_one_s_own_does_not_count() -> None:
    caps = FrequencyCaps(per_day=1, per_brand_per_day=1)
    caps.take(7, CHAI, NOON)
    assert caps.has_room(7, CHAI, NOON, own_slots=1)
    caps.give_back(7, CHAI, NOON)
    assert caps.has_room(7, CHAI, NOON)
    caps.give_back(7, CHAI, NOON)
    caps.give_back(7, CHAI, NOON + 5 * MICROS_PER_DAY)
    caps.take(7, CHAI, NOON)
    assert not caps.has_room(7, CHAI, NOON), "giving back twice does not make room"


def test_old_days_are_forgotten_and_the_day_is_local() -> None:
    caps = FrequencyCaps(per_day=1, zone_offset_minutes=330)
    evening = NOON + MICROS_PER_DAY // 2 - 1  # 05:29 in India on the next day
    caps.take(7, CHAI, evening)
    assert caps.has_room(7, CHAI, NOON)
    assert not caps.has_room(7, CHAI, NOON + MICROS_PER_DAY)
    for days in range(2, 10):
        caps.take(7, CHAI, NOON + days * MICROS_PER_DAY)
    assert len(caps._days) <= 3


def test_a_brand_without_number_counts_once() -> None:
    caps = FrequencyCaps(per_day=2)
    caps.take(7, 0, NOON)
    assert caps.has_room(7, 0, NOON)


def test_a_negative_cap_is_an_error() -> None:
    with pytest.raises(OperatorError, match="per_brand_per_day: -1 is negative"):
        FrequencyCaps(per_brand_per_day=-1)
