"""Online slices: what answers mean, and that a grant takes the place of the one before."""

import pytest

from operator_push.domain.ledger import Balances
from operator_push.services.online_slice import OnlineSlice, Outcome, outcome_of
from operator_push.services.ports import ChargingAnswer, ChargingRequest, ChargingStep

ACCOUNT = 3
SESSION = "gw;1;2;0-3"


def balances_of(row: OnlineSlice, held: int = 0) -> Balances:
    balances = Balances()
    balances.restore(ACCOUNT, row.open_micros - held, {9: held} if held else {})
    return balances


def open_slice(quota: int) -> OnlineSlice:
    return OnlineSlice(0, ACCOUNT, SESSION, 1, quota_micros=quota, granted_micros=quota)


def asked(row: OnlineSlice, step: ChargingStep, used: int = 0, is_copy: bool = False) -> ChargingRequest:
    row.ask(step, SESSION, 100, used)
    return row.asked("shop", "INR", is_copy)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (2001, Outcome.DONE),
        (2002, Outcome.DONE),
        (3002, Outcome.LATER),
        (3004, Outcome.LATER),
        (4010, Outcome.DENIED),
        (4012, Outcome.DENIED),
        (4002, Outcome.LATER),
        (5002, Outcome.UNKNOWN_SESSION),
        (5030, Outcome.REFUSED),
    ],
)
def test_every_result_code_means_something(code: int, outcome: Outcome) -> None:
    assert outcome_of(code) is outcome


def test_a_grant_takes_the_place_of_the_one_before() -> None:
    row = open_slice(1_000)
    balances = balances_of(row)
    balances.hold(ACCOUNT, 9, 700)
    balances.settle(ACCOUNT, 9, 700, 600)
    request = asked(row, ChargingStep.UPDATE, row.unreported(balances))
    assert request.used_micros == 600
    row.apply(request, ChargingAnswer(2001, 900), 0)
    (transfer,) = row.level(balances, 10 << 22, 0)
    assert (transfer.amount_micros, balances.available(ACCOUNT)) == (500, 900)
    assert (row.open_micros, row.reported_micros, row.number) == (900, 600, 2)


def test_a_smaller_grant_takes_back_what_is_free_and_keeps_the_rest_from_being_spent() -> None:
    row = open_slice(1_000)
    balances = balances_of(row, held=800)
    row.apply(asked(row, ChargingStep.UPDATE), ChargingAnswer(2001, 300), 0)
    (transfer,) = row.level(balances, 10 << 22, 0)
    assert (transfer.amount_micros, row.excess_micros) == (200, 500)
    assert balances.reserve(ACCOUNT) == 500
    balances.settle(ACCOUNT, 9, 800, 0)
    row.level(balances, 11 << 22, 0)
    assert (balances.available(ACCOUNT), balances.reserve(ACCOUNT), row.open_micros) == (300, 0, 300)


def test_a_repeated_report_to_a_closed_session_is_in_doubt_a_first_one_is_not() -> None:
    for is_copy, doubt in ((False, 0), (True, 40)):
        row = open_slice(100)
        row.apply(asked(row, ChargingStep.UPDATE, 40, is_copy), ChargingAnswer(5002), 0)
        assert (row.doubt_micros, row.reported_micros, row.session_id) == (doubt, 0, "")


def test_a_denied_update_has_reported_and_ends_the_session() -> None:
    row = open_slice(100)
    row.apply(asked(row, ChargingStep.UPDATE, 40), ChargingAnswer(4012), 0)
    assert (row.reported_micros, row.session_id, row.excess_micros) == (40, "", 60)


def test_an_answer_to_something_else_is_not_one_to_what_stands() -> None:
    row = open_slice(100)
    request = asked(row, ChargingStep.UPDATE, 40)
    row.apply(request, ChargingAnswer(2001, 100), 0)
    assert not row.is_answered_by(request)
    asked(row, ChargingStep.UPDATE, 1)
    assert not row.is_answered_by(request)
