"""Resolve a case: which posting ends a disagreement about money, worked out from the case and its message.

Laws: the reference of a posting is the case's id, so that a retry posts nothing twice; money of a message
whose hold is still open moves only by the end of its segment; nothing here posts, the running server does.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from operator_push.domain.transfers import RESOLUTIONS, Transfer, TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.services.reconciliation_cases import Case
from operator_push.services.resolve_unknown import FOUND

# How a case is resolved → the kind of posting by hand that does it, as services.correct_ledger names it.
_BY_HAND: Final = {"credit_note": "credit-note", "charged_after_all": "charge"}
# How a case about an open segment is resolved → the end that settles or releases its hold.
_BY_END: Final = {"charged_after_all": "DELIVERED", "released": "UNDELIVERABLE"}
_RESOLVED: Final = frozenset(RESOLUTIONS)
MOVING: Final = frozenset({*_BY_HAND, *_BY_END})


class HandPosting(msgspec.Struct, frozen=True):
    """A posting to be made through `ledger.post`; `account_no` is who paid for the message."""

    kind: str
    account_no: int
    reference: str
    amount_micros: int
    tax_micros: int
    message_id: int


class LateCharge(msgspec.Struct, frozen=True):
    """What was delivered after its hold had expired, to be charged through `ledger.charge_late`."""

    message_id: int


class SegmentEnd(msgspec.Struct, frozen=True):
    """The end of an open segment, to be told through `reconcile.resolve`; its hold is resolved by it."""

    message_id: int
    segment_no: int
    link_no: int
    kind: str
    state: str
    detail: str


class Made(msgspec.Struct, frozen=True):
    """The money has moved since the case was opened: by the end of its segment, or by an earlier try."""

    reference: int


Resolution = HandPosting | LateCharge | SegmentEnd | Made


def reference_of(case_id: int) -> str:
    """The client's reference under which the posting of a case is made."""
    return f"case {case_id}"


def resolution_of(
    case: Case,
    how: str,
    transfers: Sequence[Transfer],
    link_no: int,
    amount_micros: int = 0,
    *,
    is_open: bool,
) -> Resolution:
    """What ends the case by `how`, one of MOVING.

    `transfers` are the postings of its message, `link_no` the link of the segment's last attempt;
    `amount_micros` 0: what the two sides differ by; `is_open`: the message has not ended. One that was
    charged early is open, too: its end tells what of that it owes, and gives the rest back.

    Raises:
        OperatorError: `how` moves no money of this message, or the difference points the other way.
    """
    found = {each.kind: each for each in transfers}
    hold = found.get(TransferKind.HOLD)
    if how not in MOVING or hold is None:
        raise OperatorError(
            f"{how} of case {case.case_id} cannot be posted from here: name its posting by --posting"
        )
    if how in _BY_END:
        ended = _by_end(case, how, found, link_no, is_open)
        if ended is not None:
            return ended
    elif is_open:
        early = "has not been charged yet"
        if found.keys() & _RESOLVED:
            early = "its end, by its contract, gives back what it does not owe"
        raise OperatorError(f"{how}: message {case.message_id} is open, and {early}")
    gross = amount_micros or _difference(case, how)
    tax = tax_in(gross, found) if how == "credit_note" else 0
    reference = reference_of(case.case_id)
    return HandPosting(_BY_HAND[how], hold.account_no, reference, gross - tax, tax, case.message_id)


def _by_end(
    case: Case, how: str, found: Mapping[TransferKind, Transfer], link_no: int, is_open: bool
) -> LateCharge | SegmentEnd | Made | None:
    """The end that resolves the hold, where it is open or was when the case was opened; None: by hand."""
    message_id = case.message_id
    if is_open:
        detail = f"case {case.case_id}"
        return SegmentEnd(message_id, case.segment_no, link_no, FOUND, _BY_END[how], detail)
    # One that was charged early is released by what its end gave back.
    wanted = TransferKind.RELEASE if how == "released" else TransferKind.SETTLE
    if how == "released" and TransferKind.FAILED_REFUND in found:
        wanted = TransferKind.FAILED_REFUND
    if TransferKind.LATE_CHARGE in found and how == "charged_after_all":
        return Made(message_id)
    if wanted in found and found[wanted].at_us > case.at_us:
        return Made(message_id)
    if how == "released":
        raise OperatorError(f"released: the hold of message {message_id} was resolved before the case")
    return LateCharge(message_id) if TransferKind.EXPIRE in found else None


def _difference(case: Case, how: str) -> int:
    charged = max((event.charged_micros for event in case.events), default=0)
    due = max((event.due_micros for event in case.events), default=0)
    difference = charged - due if how == "credit_note" else due - charged
    if difference <= 0:
        raise OperatorError(
            f"{how} does not fit case {case.case_id}: charged {charged} micros, due {due}; "
            "say how much by --amount"
        )
    return difference


def tax_in(gross_micros: int, found: Mapping[TransferKind, Transfer]) -> int:
    """The share of the message's tax in what is given back, half a micro up."""
    charged = _micros(found, TransferKind.SETTLE) - _micros(found, TransferKind.FAILED_REFUND)
    tax = _micros(found, TransferKind.TAX) - _micros(found, TransferKind.TAX_BACK)
    if tax <= 0 or charged <= 0:
        return 0
    return min((2 * gross_micros * tax + charged) // (2 * charged), tax)


def _micros(found: Mapping[TransferKind, Transfer], kind: TransferKind) -> int:
    transfer = found.get(kind)
    return transfer.amount_micros if transfer is not None else 0
