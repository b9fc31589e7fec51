"""Where invoices stand: the oldest is paid first, and dunning follows dates and what was done."""

import pytest

from operator_push.domain.invoicing.standing import DunningState, Owed, advance_of, standings

DUE = "2026-11-14"
PAST, BEFORE = "2026-11-15", "2026-11-14"


def owed(number: str, payable: int = 100, **more: int) -> Owed:
    return Owed(number=number, payable_micros=payable, due_date=DUE, **({"prepaid_micros": 0} | more))


@pytest.mark.parametrize(
    ("more", "payments", "today", "state", "left"),
    [
        ({}, 0, BEFORE, DunningState.OPEN, 100),
        ({}, 0, PAST, DunningState.OVERDUE, 100),
        ({"reminders": 1}, 0, PAST, DunningState.REMINDED, 100),
        ({"reminders": 1}, 100, PAST, DunningState.PAID, 0),
        ({}, 40, PAST, DunningState.OVERDUE, 60),
        ({"written_off_micros": 60}, 40, PAST, DunningState.WRITTEN_OFF, 0),
        ({"credited_micros": 100}, 0, PAST, DunningState.CREDITED, 0),
        ({"credited_micros": 30}, 70, PAST, DunningState.PAID, 0),
        ({"payable": 0, "prepaid_micros": 100}, 100, PAST, DunningState.PAID, 0),
    ],
)
def test_the_state_of_one_invoice(
    more: dict[str, int], payments: int, today: str, state: DunningState, left: int
) -> None:
    [found] = standings([owed("1", **more)], payments, today)
    assert (found.state, found.open_micros) == (state, left)


def test_money_pays_the_oldest_first() -> None:
    found = standings([owed("1"), owed("2"), owed("3")], 150, BEFORE)
    assert [each.open_micros for each in found] == [0, 50, 100]


def test_a_credit_beyond_its_invoice_pays_others() -> None:
    found = standings([owed("1", credited_micros=130), owed("2")], 0, BEFORE)
    assert [each.open_micros for each in found] == [0, 70]


def test_what_paid_no_invoice_is_an_advance_for_the_next() -> None:
    assert advance_of([], 70) == 70
    assert advance_of([owed("1")], 130) == 30
    assert advance_of([owed("1")], 30) == 0
    assert advance_of([owed("1", 0, prepaid_micros=50)], 130) == 80
    assert advance_of([owed("1", credited_micros=100)], 0) == 0
    assert advance_of([owed("1", 0, prepaid_micros=50, credited_micros=20)], 50) == 20
