"""Whose clock: home zone, serving network, prefix, every zone of the country, in this order."""

import pytest

from operator_push.domain.quiet_rules import QuietRules
from operator_push.domain.subscriber_clocks import SubscriberClocks
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import parse_iso

NEW_YORKER, KOLKATAN, NOBODY_S = "12125550100", "919812345678", "999000111222"
COUNTRIES = {"1": "US", "9": "IN"}
NIGHT = QuietRules([(21 * 60, 8 * 60)])


def country_of(msisdn: str) -> str | None:
    return None if msisdn == NOBODY_S else COUNTRIES[msisdn[0]]


@pytest.fixture
def clocks() -> SubscriberClocks:
    return SubscriberClocks(NIGHT, country_of, "Asia/Kolkata", [("1907", "America/Anchorage")])


def quiet(clocks: SubscriberClocks, number: int, msisdn: str, at: str) -> int:
    return clocks.clock_of(number, msisdn).quiet_until(parse_iso(at))


def test_a_number_of_which_nothing_is_known_waits_for_every_zone_of_its_country(
    clocks: SubscriberClocks,
) -> None:
    # 08:00 in Adak (UTC-10, the last of the zones) is 18:00Z; New York has been awake since 13:00Z.
    assert quiet(clocks, 0, NEW_YORKER, "2027-01-15T14:00Z") == parse_iso("2027-01-15T18:00Z")
    assert not quiet(clocks, 0, NEW_YORKER, "2027-01-15T18:00Z")
    assert quiet(clocks, 0, NEW_YORKER, "2027-01-16T02:00Z"), "21:00 in New York"
    assert not quiet(clocks, 0, KOLKATAN, "2027-01-15T14:00Z")


def test_the_home_zone_comes_first_then_the_serving_network(clocks: SubscriberClocks) -> None:
    assert quiet(clocks, 7, NEW_YORKER, "2027-01-15T14:00Z")
    assert clocks.note(7, network_country="404")
    assert clocks.clock_of(7, NEW_YORKER).name == "US: Asia/Kolkata"
    assert clocks.note(7, home_zone="America/New_York")
    assert clocks.clock_of(7, NEW_YORKER).name == "US: America/New_York"
    assert not quiet(clocks, 7, NEW_YORKER, "2027-01-15T14:00Z")
    assert clocks.noted(7) == ("America/New_York", "404")
    assert clocks.changes == 2
    assert not clocks.note(7, home_zone="America/New_York")
    assert clocks.note(7, home_zone="")
    assert clocks.clock_of(7, NEW_YORKER).name == "US: Asia/Kolkata"


def test_what_is_noted_of_one_person_says_nothing_of_the_next() -> None:
    clocks = SubscriberClocks(NIGHT, country_of)
    assert clocks.clock_of(5, KOLKATAN).name == "IN: Asia/Kolkata"
    clocks.note(7, home_zone="America/New_York")
    clocks.note(8, network_country="310")
    assert clocks.clock_of(7, KOLKATAN).name == "IN: America/New_York"
    assert "America/Chicago" in clocks.clock_of(8, KOLKATAN).name
    assert clocks.clock_of(9, KOLKATAN) is clocks.clock_of(5, KOLKATAN)
    assert clocks.clock_of(0, NEW_YORKER) is not clocks.clock_of(0, KOLKATAN)


def test_a_network_of_no_known_country_tells_nothing(clocks: SubscriberClocks) -> None:
    clocks.note(7, network_country="901")
    assert clocks.clock_of(7, KOLKATAN).name == "IN: Asia/Kolkata"


def test_a_prefix_may_have_a_zone(clocks: SubscriberClocks) -> None:
    assert clocks.clock_of(0, "19075550100").name == "US: America/Anchorage"


def test_a_number_of_no_country_has_the_zone_of_the_settings(clocks: SubscriberClocks) -> None:
    assert clocks.clock_of(0, NOBODY_S).name == "unknown country: Asia/Kolkata"


def test_a_clock_is_looked_for_once_a_person(clocks: SubscriberClocks) -> None:
    asked: list[str] = []
    clocks._country_of = lambda msisdn: asked.append(msisdn) or "IN"  # type: ignore[func-returns-value]
    assert clocks.clock_of(5_000, KOLKATAN) is clocks.clock_of(5_000, KOLKATAN)
    assert clocks.clock_of(4_999, KOLKATAN) is clocks.clock_of(5_000, KOLKATAN)
    assert len(asked) == 2


@pytest.mark.parametrize("wrong", [{"home_zone": "Mars/Olympus"}, {"network_country": "40"}])
def test_what_is_no_zone_and_no_network_is_refused(clocks: SubscriberClocks, wrong: dict[str, str]) -> None:
    with pytest.raises((OperatorError, ValueError)):
        clocks.note(7, **wrong)
    assert clocks.noted(7) == ("", "")
    with pytest.raises(OperatorError, match="Mars"):
        SubscriberClocks(zone="Mars/Olympus")


def test_the_first_digits_tell_the_clock_where_they_tell_the_country() -> None:
    asked: list[str] = []

    def asking(msisdn: str) -> str | None:
        asked.append(msisdn)
        return country_of(msisdn)

    heads = {"919": "IN", "121": None, "912": "IN"}
    clocks = SubscriberClocks(NIGHT, asking, "UTC", [("9122", "Asia/Dubai")], heads.get)
    for number in range(1, 4):
        assert clocks.clock_of(number, KOLKATAN).name == "IN: Asia/Kolkata"
    assert not asked
    clocks.clock_of(1, NEW_YORKER)
    assert asked == [NEW_YORKER]
    assert clocks.clock_of(0, "912212345678").name == "IN: Asia/Dubai", "a prefix within the head counts"
    clocks.note(2, home_zone="Asia/Tokyo")
    assert clocks.clock_of(2, KOLKATAN).name == "IN: Asia/Tokyo"
    clocks.note(2, home_zone="")
    assert clocks.clock_of(2, KOLKATAN).name == "IN: Asia/Kolkata"


def test_numbers_of_a_shared_plan_that_begin_alike_are_looked_for_once() -> None:
    asked: list[str] = []

    def asking(msisdn: str) -> str:
        asked.append(msisdn)
        return "CA" if msisdn.startswith("1416") else "US"

    clocks = SubscriberClocks(NIGHT, asking, deciding_head=lambda msisdn: 4 if len(msisdn) == 11 else 0)
    people = [f"1{area}555{number:04}" for number in range(3) for area in (212, 416)]
    names = [clocks.clock_of(number, msisdn).name for number, msisdn in enumerate(people, 1)]
    assert [name.partition(":")[0] for name in names] == ["US", "CA"] * 3
    assert asked == people[:2]
    assert clocks.clock_of(9, "1416555123").name.startswith("CA"), "another length is another plan"
    assert asked == [*people[:2], "1416555123"]
    clocks.note(2, "Asia/Tokyo")
    assert clocks.clock_of(2, people[1]).name == "CA: Asia/Tokyo"
    assert clocks.clock_of(4, people[3]).name == names[1]


def test_where_a_beginning_has_a_zone_each_number_is_looked_at() -> None:
    clocks = SubscriberClocks(
        NIGHT, lambda msisdn: "US", zones_by_prefix=[("12125", "Asia/Dubai")], deciding_head=lambda msisdn: 4
    )
    assert clocks.clock_of(1, "12124551234").name != "US: Asia/Dubai"
    assert clocks.clock_of(2, "12125551234").name == "US: Asia/Dubai"
