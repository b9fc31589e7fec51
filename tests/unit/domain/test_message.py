"""Messages: numbers that stand in rows do not move, and finality is what the ledger relies on."""

from operator_push.domain.message import (
    MessageState,
    Origin,
    RefusalReason,
    Submission,
    TrafficClass,
    Verdict,
    is_final,
)


def test_stored_numbers_never_move() -> None:
    assert [(state.name, state.value) for state in MessageState] == [
        ("ACCEPTED", 1),
        ("SENT", 2),
        ("UNKNOWN", 3),
        ("DELIVERED", 4),
        ("EXPIRED", 5),
        ("DELETED", 6),
        ("UNDELIVERABLE", 7),
        ("REJECTED", 8),
        ("WITHDRAWN", 9),
    ]
    assert [reason.name for reason in sorted(RefusalReason)] == [
        "NONE",
        "BAD_DESTINATION",
        "BAD_SOURCE",
        "NO_ROUTE",
        "NO_PERMISSION",
        "WITHDRAWN",
        "QUIET_HOURS",
        "FREQUENCY_CAP",
        "NO_CREDIT",
        "OVER_RATE",
        "QUEUE_FULL",
        "ACCOUNT_SUSPENDED",
        "DUPLICATE",
        "CLASS_NOT_ALLOWED",
        "BAD_MESSAGE",
        "OVER_QUOTA",
        "BAD_SCHEDULE",
        "BAD_VALIDITY",
        "OVER_CAP",
        "DO_NOT_DISTURB",
        "HOLDOUT",
        "BAD_HEADER",
        "BAD_TEMPLATE",
        "NO_WAY_OUT",
        "CONTROL_GROUP",
    ]
    assert [int(verdict) for verdict in (Verdict.ADMIT, Verdict.DEFER, Verdict.REFUSE)] == [1, 2, 3]
    assert TrafficClass.TRANSACTIONAL < TrafficClass.SERVICE < TrafficClass.PROMOTIONAL


def test_unknown_is_not_an_end_and_a_row_s_integer_is_as_good_as_the_name() -> None:
    open_states = [state for state in MessageState if not is_final(state)]
    assert open_states == [MessageState.ACCEPTED, MessageState.SENT, MessageState.UNKNOWN]
    assert is_final(4)
    assert not is_final(2)


def test_a_submission_cannot_be_changed() -> None:
    submission = Submission(
        1, 2, 8, TrafficClass.PROMOTIONAL, Origin.ESME, 7, "919812345678", "CHAI", segment_count=2
    )
    try:
        submission.segment_count = 3  # type: ignore[misc]
    except AttributeError:
        pass
    else:
        raise AssertionError("a submission was changed")
    assert (submission.campaign_no, submission.client_reference) == (0, 0)
