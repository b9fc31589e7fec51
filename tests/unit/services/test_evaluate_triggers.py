"""An event fits a campaign where the person permits all of it at that moment, and both rules are true."""

from collections.abc import Collection, Mapping, Sequence

import pytest
from pyroaring import BitMap

from operator_push.domain.audience.event_rules import event_rule
from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.consent import Purpose
from operator_push.domain.profile import FeatureValue, PermittedProfile
from operator_push.kernel.contracts import DataPurpose, TriggerEvent
from operator_push.services.evaluate_triggers import MAX_AGE_US, EvaluateTriggers, Fit, Held, Waiting

NOW_US = 1_800_000_000_000_000
RECORD, MONEY = DataPurpose.SUBSCRIBER_RECORD, DataPurpose.TOP_UP
PLACE = DataPurpose.CALL_DATA | DataPurpose.LOCATION
FEATURES = {"age": 30, "home.city": "Pune"}


def judged(
    waiting: Sequence[Waiting], data: DataPurpose, *, marketing: bool = True, age_us: int = 0, **event: object
) -> dict[str, Fit]:
    """What becomes of an event of person 7, who permits `data`."""

    def held_of(number: int, asks: Sequence[tuple[str, int]]) -> Held:
        assert number == 7
        return Held(data, [marketing for _ in asks])

    def profile_of(
        number: int,
        held: DataPurpose,
        names: Collection[str],
        brand: str,
        now_us: int,
        told: Mapping[str, FeatureValue],
    ) -> PermittedProfile:
        asked = {name: value for name, value in FEATURES.items() if name in names}
        return PermittedProfile.permit(asked, held, Purpose.MARKETING, brand, now_us, event=told)

    trigger = str(event.pop("trigger", "top_up"))
    happened = TriggerEvent(
        sequence=1,
        trigger=trigger,
        subscriber_no=7,
        at_us=NOW_US - age_us,
        read_us=NOW_US,
        attributes=event,  # type: ignore[arg-type]
    )
    return EvaluateTriggers(held_of, profile_of).judge(happened, waiting, NOW_US)


def waits(
    rule: str = "age >= 18", when: str | None = None, trigger: str = "top_up", **more: object
) -> Waiting:
    condition = None if when is None else event_rule(trigger, when)
    return Waiting("tea", "Chai", 8, trigger, compile_rule(rule), condition, **more)  # type: ignore[arg-type]


CASES = """
age >= 18 |                                             | 9 | fits
age >= 40 |                                             | 9 | does not fit
age >= 18 | event.amount >= 100.0                       | 9 | fits
age >= 18 | event.amount > 150.0                        | 9 | does not fit
age >= 18 | event.balance < 50.0                        | 9 | does not fit
age >= 18 | event.amount > 100.0 && home.city == "Pune" | 9 | does not fit
age >= 18 |                                             | 8 | does not fit
age >= 18 |                                             | 1 | not permitted
"""


@pytest.mark.parametrize("case", CASES.strip().splitlines())
def test_both_rules_are_asked_of_what_is_permitted(case: str) -> None:
    """9: subscriber record and top-ups; 8: top-ups; 1: the record. Home needs places; no balance is told."""
    rule, when, data, told = (part.strip() for part in case.split("|"))
    found = judged([waits(rule, when or None)], DataPurpose(int(data)), amount=120.0)
    assert found["tea"].value == told


def test_who_permits_no_marketing_of_the_brand_is_left_alone() -> None:
    assert judged([waits()], RECORD | MONEY, marketing=False) == {"tea": Fit.NOT_PERMITTED}


def test_what_is_old_is_too_late() -> None:
    assert judged([waits()], RECORD | MONEY, age_us=MAX_AGE_US) == {"tea": Fit.FITS}
    assert judged([waits()], RECORD | MONEY, age_us=MAX_AGE_US + 1) == {"tea": Fit.TOO_LATE}


def test_only_campaigns_that_wait_for_it_hear_of_it() -> None:
    assert judged([waits(trigger="balance_low")], RECORD | MONEY) == {}
    assert judged([waits(trigger="unheard_of")], RECORD | MONEY, trigger="unheard_of") == {}


def test_the_country_of_a_network_is_told() -> None:
    abroad = waits(when='event.country == "GB"', trigger="landed_abroad")
    told = judged([abroad], RECORD | PLACE, trigger="landed_abroad", network="234-15")
    assert told == {"tea": Fit.FITS}
    told = judged([abroad], RECORD | PLACE, trigger="landed_abroad", network="208-01")
    assert told == {"tea": Fit.NO_FIT}


def test_sets_of_the_people_are_asked() -> None:
    rule = 'age >= 18 && in_list("vip")'
    inside = waits(rule, sets={"list:vip": BitMap([7])})
    outside = waits(rule, sets={"list:vip": BitMap([8])})
    assert judged([inside], RECORD | MONEY) == {"tea": Fit.FITS}
    assert judged([outside], RECORD | MONEY) == {"tea": Fit.NO_FIT}
