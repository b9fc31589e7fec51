"""Which posting ends a case: by hand, by the end of its segment, or one that has been made meanwhile."""

import pytest

from operator_push.domain.transfers import LEGS, Transfer, TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.services.reconciliation_cases import Case, CaseEvent, CaseState
from operator_push.services.resolve_case import (
    HandPosting,
    LateCharge,
    Made,
    Resolution,
    SegmentEnd,
    resolution_of,
)

MESSAGE, CASE, PAYER, LINK = 77, 5, 3, 2
BEFORE_US, OPENED_US, SINCE_US = 10, 20, 30
HOLD, SETTLE, RELEASE = TransferKind.HOLD, TransferKind.SETTLE, TransferKind.RELEASE
EXPIRE, LATE, TAX = TransferKind.EXPIRE, TransferKind.LATE_CHARGE, TransferKind.TAX


def resolved(
    case: Case, how: str, found: list[Transfer], amount: int = 0, *, is_open: bool | None = None
) -> Resolution:
    """By default the message is open while its hold is."""
    if is_open is None:
        is_open = not {each.kind for each in found} & {SETTLE, RELEASE, EXPIRE}
    return resolution_of(case, how, found, LINK, amount, is_open=is_open)


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
    assert resolved(case(100, 0), "credit_note", CHARGED) == by_hand("credit-note", 100)
    taxed = [*CHARGED, *postings((TAX, 15))]
    assert resolved(case(100, 0), "credit_note", taxed) == by_hand("credit-note", 85, 15)
    assert resolved(case(100, 50), "credit_note", taxed) == by_hand("credit-note", 42, 8)
    assert resolved(case(100, 0), "credit_note", CHARGED, 30) == by_hand("credit-note", 30)


def test_what_was_not_charged_is_charged() -> None:
    assert resolved(case(0, 100), "charged_after_all", GIVEN_BACK) == by_hand("charge", 100)


def test_an_open_hold_is_resolved_by_the_end_of_its_segment() -> None:
    for how, state in (("charged_after_all", "DELIVERED"), ("released", "UNDELIVERABLE")):
        found = resolved(case(0, 0), how, OPEN)
        assert found == SegmentEnd(MESSAGE, 1, LINK, "found", state, "case 5")


def test_what_was_charged_early_is_open_until_its_end_is_known() -> None:
    for how, state in (("charged_after_all", "DELIVERED"), ("released", "UNDELIVERABLE")):
        found = resolved(case(100, 100), how, CHARGED, is_open=True)
        assert found == SegmentEnd(MESSAGE, 1, LINK, "found", state, "case 5")
    with pytest.raises(OperatorError, match="is open, and its end, by its contract"):
        resolved(case(100, 0), "credit_note", CHARGED, is_open=True)
    given_back = [*CHARGED, *postings((TransferKind.FAILED_REFUND, 100), at_us=SINCE_US)]
    assert resolved(case(100, 100), "released", given_back, is_open=False) == Made(MESSAGE)


def test_what_expired_is_charged_late_once() -> None:
    expired = postings((HOLD, 100), (EXPIRE, 100))
    assert resolved(case(0, 0), "charged_after_all", expired) == LateCharge(MESSAGE)
    charged = [*expired, *postings((LATE, 100), at_us=SINCE_US)]
    assert resolved(case(0, 0), "charged_after_all", charged) == Made(MESSAGE)


def test_money_that_moved_since_the_case_was_opened_is_named_and_not_moved_again() -> None:
    settled = [*OPEN, *postings((SETTLE, 100), at_us=SINCE_US)]
    released = [*OPEN, *postings((RELEASE, 100), at_us=SINCE_US)]
    assert resolved(case(0, 100), "charged_after_all", settled) == Made(MESSAGE)
    assert resolved(case(0, 0), "released", released) == Made(MESSAGE)


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
        resolved(case(*amounts), how, found)
