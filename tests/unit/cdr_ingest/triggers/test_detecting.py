"""One row of DETECTORS each: what is told of a value before and a value now."""

import pytest

from cdr_ingest.triggers.config import AreaConfig, TriggersConfig
from cdr_ingest.triggers.detecting import DETECTORS, Cell, Surroundings, plan_told
from cdr_ingest.triggers.happenings import Happening
from operator_push.kernel.trigger_catalogue import EVENT_ATTRIBUTES, TRIGGERS_BY_NAME

AIRPORT = AreaConfig("airport", 18.58, 73.92, 3.0)
CONFIG = TriggersConfig(snapshot="", key_file="", out="", source=[], area=[AIRPORT])
CELLS = {
    "P1": Cell("Pune", 18.52, 73.85),
    "P2": Cell("Pune", 18.59, 73.93),  # within 3 km of the airport
    "M1": Cell("Mumbai", 19.07, 72.87),
}
AROUND = Surroundings(CONFIG, CELLS)
DETECTOR_OF = {each.what or each.trigger: each for each in DETECTORS}


def told(what: str, before: Happening | None, now: Happening) -> list[tuple[str, dict[str, object]]]:
    """What a detector tells of two happenings in a row."""
    each = DETECTOR_OF[what]
    former = None if before is None else each.read(before, AROUND)
    value = each.read(now, AROUND)
    if value is None:
        return []
    found = [(key, dict(attributes)) for key, attributes in each.tell(former, value, now, AROUND)]
    for _, attributes in found:
        for name in attributes:
            assert EVENT_ATTRIBUTES[f"event.{name}"] in TRIGGERS_BY_NAME[each.trigger].attributes
    return found


def row(**values: object) -> Happening:
    return Happening(1, 0, 15, **values)  # type: ignore[arg-type]


def test_areas_that_lie_in_each_other_are_entered_one_by_one() -> None:
    town, gate, away = row(cell_id="P1"), row(cell_id="P2"), row(cell_id="M1")
    place = {"city": "Pune", "lat": 18.59, "lon": 73.93}
    assert told("areas", town, gate) == [("airport", {"area": "airport", **place})]
    assert [key for key, _ in told("areas", away, gate)] == ["Pune", "airport"]
    assert told("areas", gate, town) == []
    assert told("areas", None, gate) == []
    assert told("areas", town, row(cell_id="unheard of")) == []


NETWORKS = """
404-45 234-15  234
405-01 234-15  234
404-45 405-01  -
234-15 404-45  -
234-15 234-30  -
234-15 208-01  208
-      234-15  -
"""


@pytest.mark.parametrize("case", NETWORKS.strip().splitlines())
def test_another_country_is_told_and_home_is_not(case: str) -> None:
    before, now, key = case.split()
    former = None if before == "-" else row(network=before)
    found = told("network", former, row(network=now))
    assert found == ([] if key == "-" else [(key, {"network": now})])


BALANCES = """
50   10   10.0
20   19.99  19.99
19   10   -
-    10   10.0
10   50   -
-    20   -
"""


@pytest.mark.parametrize("case", BALANCES.strip().splitlines())
def test_a_balance_is_low_once_it_falls_below_the_limit(case: str) -> None:
    before, now, balance = case.split()
    former = None if before == "-" else row(balance_micros=int(before) * 1_000_000)
    found = told("balance", former, row(balance_micros=round(float(now) * 1_000_000)))
    assert found == ([] if balance == "-" else [("", {"balance": float(balance)})])


def test_a_device_is_new_by_its_type_or_its_system() -> None:
    assert told("tac", row(device_tac="35000101"), row(device_tac="35000202")) == [
        ("", {"device": "35000202"})
    ]
    assert told("os", row(device_os="feature"), row(device_os="android")) == [("", {"device": "android"})]
    assert told("os", None, row(device_os="android")) == []


def test_a_top_up_tells_the_balance_where_it_is_known() -> None:
    assert told("top_up", None, row(amount_micros=50_500_000)) == [("", {"amount": 50.5})]
    both = row(amount_micros=1_000_000, balance_micros=2_000_000)
    assert told("top_up", None, both) == [("", {"amount": 1.0, "balance": 2.0})]


def test_a_plan_is_told_by_the_calendar() -> None:
    today = 20_000
    value = DETECTOR_OF["plan"].read(row(plan="Go 99", plan_ends_on=today + 3), AROUND)
    assert value is not None
    for days, left in ((-1, None), (0, 3), (1, 2), (3, 0), (4, None)):
        found = plan_told(value, today + days, CONFIG)
        if left is None:
            assert found is None
        else:
            assert found is not None
            assert (found.key, found.attributes) == (f"{today + 3}", {"plan": "Go 99", "days_left": left})


def test_every_trigger_of_the_catalogue_is_detected() -> None:
    assert {each.trigger for each in DETECTORS} | {"opt_in_call"} == set(TRIGGERS_BY_NAME)
