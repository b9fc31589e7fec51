"""Delivery: what a receipt, an answer or a CDR of the SMSC says about a segment, and what a message comes to.

Tables and functions over them. The numbers are SMPP's (v3.4 sections 5.1.3 and 5.2.28, appendix B); they
stand here as plain integers because this room does not know the wire.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum

from operator_push.domain.message import MessageState, is_final


class ReceiptOutcome(IntEnum):
    """What becomes of a receipt; stored with those that change nothing, so numbers stay."""

    APPLIED = 1
    DUPLICATE = 2  # says again what is known
    EARLY = 3  # came before the submit_sm_resp that would name its message
    ORPHAN = 4  # belongs to nothing that we sent
    LATE = 5  # an intermediate notice after the end, or an end that we had already declared ourselves
    CONTRADICTION = 6  # another end than the one that is known, or about what was never sent
    AMBIGUOUS = 7  # may belong to each of several segments: a case


class SubmitDisposition(IntEnum):
    """What an answer to submit_sm means for its segment and for the link."""

    SENT = 1
    RETRY = 2  # the SMSC did not take it, and may take it later
    FAIL = 3  # it never will
    STOP_LINK = 4  # the bind itself is not welcome; the segment waits
    SLOW = 5  # the SMSC did not take it, because we send more than it wants: retry, and slow the link down


# SMPP message_state, v3.4 section 5.2.28. ENROUTE and ACCEPTED are progress: many SMSCs send ACCEPTD as an
# intermediate notice, so money waits for the end. UNKNOWN is the SMSC's own "invalid state".
STATE_BY_SMPP: Mapping[int, MessageState] = {
    0: MessageState.SENT,  # SCHEDULED, SMPP 5.0 section 4.7.15
    1: MessageState.SENT,  # ENROUTE
    2: MessageState.DELIVERED,
    3: MessageState.EXPIRED,
    4: MessageState.DELETED,
    5: MessageState.UNDELIVERABLE,
    6: MessageState.SENT,  # ACCEPTED
    7: MessageState.UNKNOWN,
    8: MessageState.REJECTED,
    9: MessageState.UNDELIVERABLE,  # SKIPPED, SMPP 5.0 section 4.7.15
}

# `stat:` of a receipt's text, v3.4 appendix B, then forms that vendors send.
STATE_BY_STAT: Mapping[str, MessageState] = {
    "DELIVRD": MessageState.DELIVERED,
    "EXPIRED": MessageState.EXPIRED,
    "DELETED": MessageState.DELETED,
    "UNDELIV": MessageState.UNDELIVERABLE,
    "ACCEPTD": MessageState.SENT,
    "UNKNOWN": MessageState.UNKNOWN,
    "REJECTD": MessageState.REJECTED,
    "ENROUTE": MessageState.SENT,
    "SCHEDLD": MessageState.SENT,
    "DELIVERED": MessageState.DELIVERED,
    "ACCEPTED": MessageState.SENT,
    "BUFFERED": MessageState.SENT,
    "BUFFRED": MessageState.SENT,  # tyntec
    "REJECTED": MessageState.REJECTED,
    "FAILED": MessageState.UNDELIVERABLE,
    "UNDELIVERABLE": MessageState.UNDELIVERABLE,
    "UNDELIVERED": MessageState.UNDELIVERABLE,
    "SKIPPED": MessageState.UNDELIVERABLE,
}

# The state column of an SMSC's closed CDR: nothing follows it, so ACCEPTED is an end there, and it means
# "read on behalf of the subscriber" (v3.4 section 5.2.28).
STATE_BY_CDR: Mapping[str, MessageState] = {
    "DELIVERED": MessageState.DELIVERED,
    "ACCEPTED": MessageState.DELIVERED,
    "EXPIRED": MessageState.EXPIRED,
    "DELETED": MessageState.DELETED,
    "UNDELIVERABLE": MessageState.UNDELIVERABLE,
    "REJECTED": MessageState.REJECTED,
    "UNKNOWN": MessageState.UNKNOWN,
}

# A message of several segments is read as a whole or not at all: its end is the gravest of its segments'.
_GRAVEST_FIRST = (
    MessageState.REJECTED,
    MessageState.UNDELIVERABLE,
    MessageState.DELETED,
    MessageState.EXPIRED,
    MessageState.WITHDRAWN,
    MessageState.DELIVERED,
)

# command_status of submit_sm_resp, v3.4 section 5.1.3 and SMPP 5.0 section 4.7.6. What is not listed FAILs:
# the SMSC did not take the message, and nothing says that it will. A generic_nack is read by its status too:
# an SMSC that does not understand one PDU (ESME_RINVCMDID, ESME_RINVCMDLEN) costs that message, not the link.
_FAIL = SubmitDisposition.FAIL  # an attribute of an Enum costs 0.1 µs each time it is looked up
DISPOSITION_BY_STATUS: dict[int, SubmitDisposition] = {
    0x00000000: SubmitDisposition.SENT,  # ESME_ROK
    0x00000004: SubmitDisposition.STOP_LINK,  # ESME_RINVBNDSTS
    0x00000005: SubmitDisposition.STOP_LINK,  # ESME_RALYBND
    0x00000008: SubmitDisposition.RETRY,  # ESME_RSYSERR
    0x0000000D: SubmitDisposition.STOP_LINK,  # ESME_RBINDFAIL
    0x0000000E: SubmitDisposition.STOP_LINK,  # ESME_RINVPASWD
    0x0000000F: SubmitDisposition.STOP_LINK,  # ESME_RINVSYSID
    0x00000014: SubmitDisposition.SLOW,  # ESME_RMSGQFUL
    0x00000053: SubmitDisposition.STOP_LINK,  # ESME_RINVSYSTYP
    0x00000058: SubmitDisposition.SLOW,  # ESME_RTHROTTLED
    0x00000064: SubmitDisposition.RETRY,  # ESME_RX_T_APPN
    0x00000100: SubmitDisposition.STOP_LINK,  # ESME_RSERTYPUNAUTH
    0x00000102: SubmitDisposition.RETRY,  # ESME_RSERTYPUNAVAIL
}


# How long a refused segment waits before its next attempt: doubling from the first to the last, so that an
# SMSC in trouble meets no storm. A throttled one waits less, since its link is slowed down already.
RETRY_FIRST_US = 1_000_000  # Ours.
RETRY_LAST_US: Mapping[SubmitDisposition, int] = {
    SubmitDisposition.SLOW: 8_000_000,
    SubmitDisposition.RETRY: 300_000_000,
    SubmitDisposition.STOP_LINK: 30_000_000,
}
_DOUBLINGS_MAX = 20  # Keeps the power small; every RETRY_LAST_US is reached long before.


def submit_disposition(
    command_status: int, table: Mapping[int, SubmitDisposition] = DISPOSITION_BY_STATUS
) -> SubmitDisposition:
    """What the answer to a submit_sm means; FAIL for every status without a row."""
    return table.get(command_status, _FAIL)


def retry_after_us(disposition: SubmitDisposition, attempt_no: int) -> int:
    """How long a segment waits after its `attempt_no`-th attempt was refused (RETRY, SLOW or STOP_LINK)."""
    doublings = min(max(attempt_no - 1, 0), _DOUBLINGS_MAX)
    return min(RETRY_FIRST_US << doublings, RETRY_LAST_US[disposition])


def state_of_receipt(message_state: int | None, stat: str | None) -> MessageState:
    """What a receipt says: the message_state TLV where it has one with a known value, otherwise its text.

    A receipt with neither says UNKNOWN.
    """
    if message_state is not None and message_state in STATE_BY_SMPP:
        return STATE_BY_SMPP[message_state]
    return STATE_BY_STAT.get((stat or "").strip().upper(), MessageState.UNKNOWN)


def judge_receipt(
    current_state: MessageState | None,
    receipt_state: MessageState,
    *,
    unanswered: bool = False,
    declared_by_us: bool = False,
) -> ReceiptOutcome:
    """What a receipt does to the segment that it names.

    Args:
        current_state: the segment's state; None where no segment is found.
        receipt_state: what the receipt says; SENT and UNKNOWN are progress, not an end.
        unanswered: attempts to this SMSC still wait for their submit_sm_resp, so that an unknown id may yet
            be one of theirs.
        declared_by_us: the end that is known is one that we declared (a hold that expired), not the SMSC's.
    """
    if current_state is None:
        return ReceiptOutcome.EARLY if unanswered else ReceiptOutcome.ORPHAN
    if current_state in (MessageState.ACCEPTED, MessageState.WITHDRAWN):
        return ReceiptOutcome.CONTRADICTION
    if not is_final(current_state):
        return ReceiptOutcome.APPLIED
    if not is_final(receipt_state):
        return ReceiptOutcome.LATE
    if receipt_state == current_state:
        return ReceiptOutcome.DUPLICATE
    return ReceiptOutcome.LATE if declared_by_us else ReceiptOutcome.CONTRADICTION


def fold_segments(states: Sequence[MessageState]) -> MessageState:
    """The state of a message from the states of its segments.

    While one segment is open the message is: UNKNOWN if any is, ACCEPTED if none has left, otherwise SENT.
    Once all are final it is the gravest of them; DELIVERED only if all are.

    Raises:
        ValueError: a message without segments.
    """
    if not states:
        raise ValueError("a message has at least one segment")
    if all(is_final(state) for state in states):
        return next(state for state in _GRAVEST_FIRST if state in states)
    if MessageState.UNKNOWN in states:
        return MessageState.UNKNOWN
    left = any(state != MessageState.ACCEPTED for state in states)
    return MessageState.SENT if left else MessageState.ACCEPTED
