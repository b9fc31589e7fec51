"""Which posting ends a case: by hand, by the end of its segment, or one that has been made meanwhile."""

import pytest

from operator_push.domain.transfers import LEGS, Transfer, TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.services.reconciliation_cases import Case, CaseEvent, CaseState
from operator_push.services.resolve_case import (
    HandPosting,
    LateCharge,
    Made,
    SegmentEnd,
    resolution_of,
)

MESSAGE, CASE, PAYER, LINK = 77, 5, 3, 2
BEFORE_US, OPENED_US, SINCE_US = 10, 20, 30
HOLD, SETTLE, RELEASE = TransferKind.HOLD, TransferKind.SETTLE, TransferKind.RELEASE
EXPIRE, LATE, TAX = TransferKind.EXPIRE, TransferKind.LATE_CHARGE, TransferKind.TAX


def case(charged: int, due: int) -> Case:
    opened = CaseEvent(CaseState.OPEN, "", OPENED_US, charged_micros=charged, due_micros=due)
    return Case(CASE, "outcome_differs", MESSAGE, 1, "detail", OPENED_US, (opened,))


def postings(*found: tuple[TransferKind, int], at_us: int = BEFORE_US) -> list[Transfer]:
    return [Transfer(0, 1, MESSAGE, kind, PAYER, *LEGS[kind], amount, "INR", at_us) for kind, amount in found]


def by_hand(kind: str, amount: int, tax: int = 0) -> HandPosting:
    return HandPosting(kind, PAYER, "case 5", amount, tax, MESSAGE)


CHARGED = postings((HOLD, 100), (SETTLE, 100))
GIVEN_BACK = postings((HOLD, 100), (RELEASE, 100))
OPEN = postings((HOLD, 100))


def test_what_was_charged_too_much_is_given_back_with_its_tax() -> None:
    assert resolution_of(case(100, 0), "credit_note", CHARGED, LINK) == by_hand("credit-note", 100)
    taxed = [*CHARGED, *postings((TAX, 15))]
    assert resolution_of(case(100, 0), "credit_note", taxed, LINK) == by_hand("credit-note", 85, 15)
    assert resolution_of(case(100, 50), "credit_note", taxed, LINK) == by_hand("credit-note", 42, 8)
    assert resolution_of(case(100, 0), "credit_note", CHARGED, LINK, 30) == by_hand("credit-note", 30)


def test_what_was_not_charged_is_charged() -> None:
    assert resolution_of(case(0, 100), "charged_after_all", GIVEN_BACK, LINK) == by_hand("charge", 100)


def test_an_open_hold_is_resolved_by_the_end_of_its_segment() -> None:
    for how, state in (("charged_after_all", "DELIVERED"), ("released", "UNDELIVERABLE")):
        found = resolution_of(case(0, 0), how, OPEN, LINK)
        assert found == SegmentEnd(MESSAGE, 1, LINK, "found", state, "case 5")


def test_what_expired_is_charged_late_once() -> None:
    expired = postings((HOLD, 100), (EXPIRE, 100))
    assert resolution_of(case(0, 0), "charged_after_all", expired, LINK) == LateCharge(MESSAGE)
    charged = [*expired, *postings((LATE, 100), at_us=SINCE_US)]
    assert resolution_of(case(0, 0), "charged_after_all", charged, LINK) == Made(MESSAGE)


def test_money_that_moved_since_the_case_was_opened_is_named_and_not_moved_again() -> None:
    settled = [*OPEN, *postings((SETTLE, 100), at_us=SINCE_US)]
    released = [*OPEN, *postings((RELEASE, 100), at_us=SINCE_US)]
    assert resolution_of(case(0, 100), "charged_after_all", settled, LINK) == Made(MESSAGE)
    assert resolution_of(case(0, 0), "released", released, LINK) == Made(MESSAGE)


@pytest.mark.parametrize(
    ("how", "found", "amounts", "told"),
    [
        ("credit_note", CHARGED, (0, 100), "does not fit"),
        ("credit_note", OPEN, (100, 0), "is open"),
        ("charged_after_all", CHARGED, (100, 0), "does not fit"),
        ("released", CHARGED, (100, 0), "before the case"),
        ("written_off", CHARGED, (100, 0), "--posting"),
        ("credit_note", [], (100, 0), "--posting"),
    ],
)
def test_what_does_not_fit_is_refused(
    how: str, found: list[Transfer], amounts: tuple[int, int], told: str
) -> None:
    with pytest.raises(OperatorError, match=told):
        resolution_of(case(*amounts), how, found, LINK)
