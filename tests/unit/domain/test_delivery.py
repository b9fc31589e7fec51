"""Delivery: receipts judged, segments folded, answers to submit_sm sorted."""

import pytest

from operator_push.domain.delivery import (
    STATE_BY_CDR,
    ReceiptOutcome,
    SubmitDisposition,
    fold_segments,
    judge_receipt,
    state_of_receipt,
    submit_disposition,
)
from operator_push.domain.message import MessageState, is_final

RECEIPTS = """
# current        receipt          outcome
SENT             DELIVERED        APPLIED
SENT             UNDELIVERABLE    APPLIED
SENT             SENT             APPLIED
UNKNOWN          DELIVERED        APPLIED
UNKNOWN          SENT             APPLIED
DELIVERED        DELIVERED        DUPLICATE
EXPIRED          EXPIRED          DUPLICATE
DELIVERED        SENT             LATE
EXPIRED          UNKNOWN          LATE
DELIVERED        UNDELIVERABLE    CONTRADICTION
EXPIRED          DELIVERED        CONTRADICTION
ACCEPTED         DELIVERED        CONTRADICTION
WITHDRAWN        DELIVERED        CONTRADICTION
WITHDRAWN        SENT             CONTRADICTION
"""


@pytest.mark.parametrize("row", [line for line in RECEIPTS.strip().splitlines() if line[0] != "#"])
def test_receipt(row: str) -> None:
    current, receipt, outcome = row.split()
    assert judge_receipt(MessageState[current], MessageState[receipt]) is ReceiptOutcome[outcome]


def test_a_receipt_that_names_nothing_is_early_while_answers_are_awaited() -> None:
    assert judge_receipt(None, MessageState.DELIVERED) is ReceiptOutcome.ORPHAN
    assert judge_receipt(None, MessageState.DELIVERED, unanswered=True) is ReceiptOutcome.EARLY


def test_an_end_that_we_declared_ourselves_makes_the_receipt_late() -> None:
    judged = judge_receipt(MessageState.EXPIRED, MessageState.DELIVERED, declared_by_us=True)
    assert judged is ReceiptOutcome.LATE


FOLDS = """
DELIVERED                               DELIVERED
DELIVERED DELIVERED DELIVERED           DELIVERED
DELIVERED EXPIRED                       EXPIRED
EXPIRED UNDELIVERABLE DELIVERED         UNDELIVERABLE
DELETED EXPIRED                         DELETED
REJECTED UNDELIVERABLE                  REJECTED
WITHDRAWN WITHDRAWN                     WITHDRAWN
WITHDRAWN DELIVERED                     WITHDRAWN
ACCEPTED ACCEPTED                       ACCEPTED
ACCEPTED SENT                           SENT
ACCEPTED DELIVERED                      SENT
SENT REJECTED                           SENT
SENT UNKNOWN DELIVERED                  UNKNOWN
"""


@pytest.mark.parametrize("row", FOLDS.strip().splitlines())
def test_fold(row: str) -> None:
    *segments, message = (MessageState[name] for name in row.split())
    assert fold_segments(segments) is message
    assert fold_segments(segments[::-1]) is message


def test_a_message_without_segments_cannot_be_folded() -> None:
    with pytest.raises(ValueError, match="segment"):
        fold_segments([])


@pytest.mark.parametrize(
    ("command_status", "disposition"),
    [
        (0x00, SubmitDisposition.SENT),
        (0x58, SubmitDisposition.SLOW),  # ESME_RTHROTTLED
        (0x14, SubmitDisposition.SLOW),  # ESME_RMSGQFUL
        (0x08, SubmitDisposition.RETRY),  # ESME_RSYSERR
        (0x0B, SubmitDisposition.FAIL),  # ESME_RINVDSTADR
        (0x45, SubmitDisposition.FAIL),  # ESME_RSUBMITFAIL
        (0x101, SubmitDisposition.FAIL),  # ESME_RPROHIBITED
        (0x0E, SubmitDisposition.STOP_LINK),  # ESME_RINVPASWD
        (0x04, SubmitDisposition.STOP_LINK),  # ESME_RINVBNDSTS
        (0x03, SubmitDisposition.FAIL),  # ESME_RINVCMDID, also of a generic_nack
        (0x4FF, SubmitDisposition.FAIL),  # a vendor's own
        (0xDEADBEEF, SubmitDisposition.FAIL),
    ],
)
def test_disposition(command_status: int, disposition: SubmitDisposition) -> None:
    assert submit_disposition(command_status) is disposition


@pytest.mark.parametrize(
    ("message_state", "stat", "state"),
    [
        (2, "UNDELIV", MessageState.DELIVERED),  # the TLV is the better witness
        (None, "DELIVRD", MessageState.DELIVERED),
        (None, " delivrd ", MessageState.DELIVERED),
        (99, "EXPIRED", MessageState.EXPIRED),
        (6, None, MessageState.SENT),
        (None, "ACCEPTD", MessageState.SENT),
        (None, "FAILED", MessageState.UNDELIVERABLE),
        (None, "BUFFERED", MessageState.SENT),
        (None, "GIBBERISH", MessageState.UNKNOWN),
        (None, None, MessageState.UNKNOWN),
        (7, None, MessageState.UNKNOWN),
    ],
)
def test_state_of_receipt(message_state: int | None, stat: str | None, state: MessageState) -> None:
    assert state_of_receipt(message_state, stat) is state


def test_a_closed_cdr_leaves_only_unknown_open() -> None:
    assert [name for name, state in STATE_BY_CDR.items() if not is_final(state)] == ["UNKNOWN"]
