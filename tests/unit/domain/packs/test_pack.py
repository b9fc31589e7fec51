"""Quiet hours of a country and of its regions, on a day."""

from datetime import date, timedelta

import pytest

from operator_push.domain.packs import LocalWindow, shipped_packs
from operator_push.domain.packs.pack import easter_sunday

DAY = date(2027, 1, 15)
EVERY_DAY = frozenset(range(7))
NINE_TO_EIGHT = LocalWindow(21 * 60, 8 * 60, EVERY_DAY, True)
EIGHT_TO_EIGHT = LocalWindow(20 * 60, 8 * 60, EVERY_DAY, True)


def windows(country: str, region: str = "") -> set[LocalWindow]:
    return set(shipped_packs().pack_for(country, DAY).quiet_hours(country, region, DAY))


def test_a_region_without_a_rule_has_the_rule_of_its_country() -> None:
    assert windows("US", "US-CA") == {NINE_TO_EIGHT}


def test_a_region_adds_to_the_rule_of_its_country() -> None:
    assert windows("US", "US-OK") == {NINE_TO_EIGHT, EIGHT_TO_EIGHT}


def test_an_unknown_region_may_be_any() -> None:
    assert windows("US") == {NINE_TO_EIGHT, EIGHT_TO_EIGHT}


def test_a_rule_for_the_whole_pack_holds_in_each_of_its_countries_and_a_whole_day_can_rest() -> None:
    assert windows("DE") == {NINE_TO_EIGHT}
    assert LocalWindow(0, 1440, frozenset({6}), True) in windows("FR")


def test_a_country_that_no_pack_names_has_the_default() -> None:
    assert windows("KE") == {NINE_TO_EIGHT}


def test_india_has_its_categories_headers_templates_and_register() -> None:
    pack = shipped_packs().pack("in", DAY)
    assert [row.number for row in pack.category] == list(range(1, 9))
    assert {row.suffix for row in pack.header} == {"-P", "-S", "-T", "-G"}
    assert next(row for row in pack.template if row.kind == "content").variable_chars_max == 30
    assert {row.code for row in pack.register_code} >= {"START 0", "STOP"}


@pytest.mark.parametrize(
    ("country", "days"),
    [
        # 2015 as le-journal-catalan.com lists them, 2019 as riviere-consulting.fr does.
        ("FR", "2015-04-06 2015-05-14 2015-05-25 2015-07-14 2019-04-22 2019-05-30 2019-06-10 2019-11-11"),
        ("ES", "2027-03-26 2027-10-12 2027-12-06"),
        ("IT", "2027-03-29 2027-04-25 2027-12-26"),
    ],
)
def test_public_holidays_of_a_country(country: str, days: str) -> None:
    pack = shipped_packs().pack("eu", date(2027, 1, 1))
    for day in map(date.fromisoformat, days.split()):
        assert pack.is_holiday(country, day), day
        assert not pack.is_holiday(country, day + timedelta(days=8)), day
        assert not pack.is_holiday("DE", day)


@pytest.mark.parametrize("sunday", ["1961-04-02", "2000-04-23", "2024-03-31", "2038-04-25", "2285-03-22"])
def test_easter(sunday: str) -> None:
    day = date.fromisoformat(sunday)
    assert easter_sunday(day.year) == day
