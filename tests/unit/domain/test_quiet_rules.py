"""Quiet rules: own windows beside those of the law, by country, zone and date."""

from datetime import date

from operator_push.domain.packs.shelf import shipped_packs
from operator_push.domain.quiet_rules import QuietRules

OWN = (22 * 60, 7 * 60)
FRIDAY, SUNDAY, BASTILLE_DAY = date(2027, 1, 15), date(2027, 1, 17), date(2027, 7, 14)
WHOLE_DAY = (0, 1440)


def test_without_packs_the_own_windows_hold_everywhere() -> None:
    rules = QuietRules([OWN, (60, 60)])
    assert [*rules.windows_on("FR", "Europe/Paris", FRIDAY)] == [OWN]
    assert not rules.is_empty
    assert QuietRules([(60, 60)]).is_empty
    assert rules.versions(FRIDAY) == {}


def test_the_law_of_the_country_holds_beside_them() -> None:
    rules = QuietRules([OWN], shipped_packs())
    assert set(rules.windows_on("IN", "Asia/Kolkata", FRIDAY)) == {OWN, (1260, 540), (1260, 600)}
    assert rules.versions(FRIDAY)["in"]


def test_sundays_and_public_holidays_rest_where_a_pack_says_so() -> None:
    rules = QuietRules([], shipped_packs())
    assert WHOLE_DAY in rules.windows_on("FR", "Europe/Paris", SUNDAY)
    assert WHOLE_DAY in rules.windows_on("FR", "Europe/Paris", BASTILLE_DAY)
    assert WHOLE_DAY not in rules.windows_on("FR", "Europe/Paris", FRIDAY)
    assert WHOLE_DAY not in rules.windows_on("DE", "Europe/Berlin", BASTILLE_DAY)


def test_the_operator_tells_further_holidays() -> None:
    rules = QuietRules([], shipped_packs(), {"FR": frozenset({date(2027, 3, 26)})})  # Good Friday in Alsace
    assert WHOLE_DAY in rules.windows_on("FR", "Europe/Paris", date(2027, 3, 26))
    assert WHOLE_DAY not in rules.windows_on("FR", "Europe/Paris", date(2027, 3, 25))


def test_regions_with_other_clocks_do_not_count() -> None:
    rules = QuietRules([], shipped_packs())
    assert (20 * 60, 8 * 60) in rules.windows_on("US", "America/New_York", FRIDAY)  # Florida
    assert [*rules.windows_on("US", "America/Denver", FRIDAY)] == [(21 * 60, 8 * 60)]


def test_a_number_of_no_country_has_the_default_pack() -> None:
    default = shipped_packs().pack("default", FRIDAY)
    rules = QuietRules([], shipped_packs())
    rows = [window for row in default.quiet_hours_rows for window in row.local_windows()]
    assert {*rules.windows_on(None, "UTC", FRIDAY)} == {(row.start_minute, row.end_minute) for row in rows}
