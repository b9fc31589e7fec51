"""Quiet hours of a country and of its regions, on a day."""

from datetime import date

from operator_push.domain.packs import LocalWindow, shipped_packs

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
