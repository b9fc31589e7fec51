"""A report: cells that a client may read, also beside its other reports, and what they come to."""

from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from operator_push.domain.audience.differencing import Answered
from operator_push.domain.campaign_funnel import QUARTER_US, Funnel, Step
from operator_push.domain.message import RefusalReason
from operator_push.services.report_campaign import (
    CellTeller,
    ExactCells,
    cells_of,
    report_campaign,
    standing_cells,
    tired_rows,
)

NOON_US = 1_800_000_000_000_000  # 2027-01-15T08:00Z
PRICE = 100_000


def funnel_of(people: int, controls: int = 0, replied: int = 0) -> Funnel:
    funnel = Funnel()
    for person in range(people):
        funnel.people[Step.HANDED_IN].add(person)
        if person < controls:
            funnel.refused(RefusalReason.CONTROL_GROUP, person)
            continue
        funnel.treated.add(person)
        funnel.note(Step.HELD, person, NOON_US)
        funnel.note(Step.DELIVERED, person, NOON_US + 2 * QUARTER_US)
        funnel.settled_micros += PRICE
        if person < controls + replied:
            funnel.note(Step.REPLIED, person, NOON_US + 4 * QUARTER_US)
    return funnel


def test_a_client_hears_tens_and_the_operator_what_there_is() -> None:
    funnel = funnel_of(227, replied=7)
    told = report_campaign(funnel, CellTeller(100), "UTC")
    assert (told["people"]["handed_in"], told["people"]["replied"], told["people"]["failed"]) == (
        220,
        "<10",
        0,
    )
    assert told["charged_micros"] == 220 * PRICE, "the sum would tell the number"
    exact = report_campaign(funnel, ExactCells(), "UTC")
    assert (exact["people"]["handed_in"], exact["people"]["replied"]) == (227, 7)
    assert exact["charged_micros"] == 227 * PRICE


def test_hours_are_those_of_the_zone() -> None:
    hours = report_campaign(funnel_of(300, replied=50), CellTeller(100), "Asia/Kolkata")["hours"]
    assert [row["hour"] for row in hours] == ["2027-01-15T13:00+05:30", "2027-01-15T14:00+05:30"]
    assert (hours[0]["held"], hours[0]["delivered"], hours[1]["replied"]) == (300, 0, 50)
    assert hours[1]["delivered"] == 300, "half past one and a half hour later is two o'clock"


def test_two_reports_tell_nothing_of_the_one_person_between_them() -> None:
    """110 people, and the same less one whom a rule singled out: 110 and 100 would say that it is so."""
    teller = CellTeller(100)
    first = teller.people(cells_of(funnel_of(110)))
    second = teller.people(cells_of(funnel_of(109)))
    assert first == second


def test_an_hour_of_all_says_no_other_number_than_the_whole() -> None:
    """Everything of 110 within an hour, and of 109: as the whole is told, so is the hour."""
    teller = CellTeller(100)
    told = [report_campaign(funnel_of(people), teller, "UTC")["hours"] for people in (110, 109)]
    assert told[0] == told[1]
    assert told[0][0]["held"] == 110


def test_what_has_become_of_messages_stands_in_one_cell_each() -> None:
    funnel = funnel_of(300, controls=20)
    funnel.people[Step.DELIVERED] -= BitMap(range(20, 60))
    funnel.failed["EXPIRED 27"] |= BitMap(range(20, 25))
    funnel.failed["EXPIRED"] |= BitMap(range(25, 40))
    cells = {name: len(people) for name, people in standing_cells(funnel).items()}
    assert cells == {
        "handed_in": 300,
        "suppressed:CONTROL_GROUP": 20,
        "ended:DELIVERED": 240,
        "ended:EXPIRED": 20,
        "open": 20,
    }


def test_a_report_says_no_other_number_than_the_count_did() -> None:
    counted = Answered(110, 110, lambda: BitMap(range(110)))
    assert CellTeller(100, [counted]).people(cells_of(funnel_of(109)))["handed_in"] == 110


@settings(deadline=None, max_examples=60)
@given(st.integers(100, 400), st.sets(st.integers(0, 399), max_size=9), st.booleans())
def test_cells_that_differ_in_few_people_are_told_alike(people: int, few: set[int], turned: bool) -> None:
    """Whichever of two near campaigns is reported after the other."""
    sets = [BitMap(range(people)), BitMap(range(people)) ^ BitMap(few)]
    teller = CellTeller(100)
    told = [teller.people({"delivered": each})["delivered"] for each in (sets[::-1] if turned else sets)]
    assert told[0] == told[1]


def test_an_outcome_is_compared_with_the_control_group_and_priced() -> None:
    funnel = funnel_of(1_000, controls=200)
    told = report_campaign(funnel, CellTeller(100), "UTC", {"bought": (160, 20), "few": (None, 20)})
    stopped, bought, few = told["compared"]
    assert (stopped["outcome"], stopped["difference"]) == ("opted_out", 0.0)
    assert (bought["difference"], bought["price_of_more_micros"]) == (0.1, 800 * PRICE // 80)
    assert bought["lower"] < 0.1 < bought["upper"]
    assert few["difference"] is None


def test_what_keeps_a_person_from_a_message_is_told_without_the_winner() -> None:
    funnel = Funnel()
    for person in range(30):
        funnel.people[Step.HANDED_IN].add(person)
        funnel.refused(RefusalReason.FREQUENCY_CAP, person)
    assert report_campaign(funnel, CellTeller(100), "UTC")["never_sent"] == {"CAPPED": 30}


def test_who_had_more_lately_is_counted_apart() -> None:
    hour = 3_600_000_000
    delivered = [
        (1, 0, True, False),
        (1, hour, False, False),
        (1, 2 * hour, False, True),
        (2, hour, True, False),
    ]
    rows = tired_rows(delivered, lambda number: number, 2 * hour, 1)
    assert rows == [
        {"before": 0, "delivered": 2, "replied": 2, "opted_out": 0},
        {"before": 1, "delivered": 2, "replied": 0, "opted_out": 1},
    ]
