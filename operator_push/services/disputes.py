"""Disputes: somebody says that a message was charged wrongly, and somebody decides whether that is so.

open → under review → upheld, rejected or withdrawn; what has ended stays ended, and the message can be
disputed anew. Laws: a message has one dispute at a time; one that is upheld gives back no more than what its
message was charged and has not been given back yet; nothing here posts, the running server does, under the
reference of the dispute.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

import msgspec

from operator_push.domain.invoicing.document import Document
from operator_push.domain.transfers import Transfer, TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import format_micros
from operator_push.services.correct_ledger import REASON_MAX, Correction
from operator_push.services.resolve_case import tax_in

SIDES = ("client", "operator")
# What a message is charged by its own postings, taxes included, and what of it goes back by its end.
_CHARGED: Mapping[TransferKind, int] = {
    TransferKind.SETTLE: 1,
    TransferKind.LATE_CHARGE: 1,
    TransferKind.FAILED_REFUND: -1,
}


class DisputeState(Enum):
    """Where a dispute stands."""

    OPEN = "open"
    UNDER_REVIEW = "under_review"
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @property
    def is_end(self) -> bool:
        """Nothing follows."""
        return not _NEXT[self]


_ENDS = frozenset({DisputeState.UPHELD, DisputeState.REJECTED, DisputeState.WITHDRAWN})
_NEXT: Mapping[DisputeState, frozenset[DisputeState]] = {
    DisputeState.OPEN: _ENDS | {DisputeState.UNDER_REVIEW},
    DisputeState.UNDER_REVIEW: _ENDS | {DisputeState.UNDER_REVIEW},
    **{state: frozenset() for state in _ENDS},
}


class DisputeEvent(msgspec.Struct, frozen=True):
    """One step; the columns of store.dispute_tables. `posting` 0, `document` "": no money moved."""

    state: DisputeState
    who: str
    note: str
    at_us: int
    amount_micros: int = 0
    posting: int = 0
    document: str = ""


class Dispute(msgspec.Struct, frozen=True):
    """A dispute with its story, oldest event first; `round_no` counts those of its message from 1."""

    dispute_no: int
    shard: int
    message_id: int
    round_no: int
    account_no: int
    raised_by: str
    client_reference: str
    reason: str
    at_us: int
    events: tuple[DisputeEvent, ...] = ()

    @property
    def state(self) -> DisputeState:
        """Where it stands now."""
        return self.events[-1].state if self.events else DisputeState.OPEN

    @property
    def reference(self) -> str:
        """The client's reference of the posting that it ends with."""
        return reference_of(self.dispute_no)


class MessageMoney(msgspec.Struct, frozen=True):
    """What a message has cost, in micros with its taxes, and what of it was given back; `payer_no` paid."""

    payer_no: int
    charged_micros: int
    credited_micros: int

    @property
    def left_micros(self) -> int:
        """What can still be given back."""
        return self.charged_micros - self.credited_micros


def reference_of(dispute_no: int) -> str:
    """The client's reference of the posting that a dispute ends with."""
    return f"dispute {dispute_no}"


def check_words(what: str, text: str) -> None:
    """That a reason can stand on a page and in the ledger.

    Raises:
        OperatorError: it is missing, too long, or not printable.
    """
    if not text or len(text) > REASON_MAX or not text.isprintable():
        raise OperatorError(f"{what}: say it in 1..{REASON_MAX} printable characters")


def check_step(dispute: Dispute, state: DisputeState) -> None:
    """That a dispute may take a step, before any money is moved for it.

    Raises:
        OperatorError: it has ended.
    """
    is_first = state is DisputeState.OPEN and not dispute.events
    if not is_first and state not in _NEXT[dispute.state]:
        last = dispute.events[-1]
        raise OperatorError(
            f"dispute {dispute.dispute_no} was {last.state.value} ({last.note or 'no reason given'}); "
            f"message {dispute.message_id} can be disputed anew by dispute open"
        )


def is_upheld_so(dispute: Dispute, amount_micros: int | None) -> bool:
    """True where the same result stands already, so that asking again changes nothing."""
    if dispute.state is not DisputeState.UPHELD:
        return False
    return amount_micros in (None, dispute.events[-1].amount_micros)


def money_of(transfers: Sequence[Transfer], corrections: Iterable[Correction]) -> MessageMoney | None:
    """What a message has cost by its postings and the corrections about it; None while it is not charged."""
    charged = [_CHARGED[each.kind] * each.amount_micros for each in transfers if each.kind in _CHARGED]
    hold = next((each for each in transfers if each.kind is TransferKind.HOLD), None)
    by_hand = list(corrections)
    more = sum(each.amount_micros for each in by_hand if each.kind == int(TransferKind.CHARGE))
    if hold is None or not (charged or more):
        return None
    notes = (each for each in by_hand if each.kind == int(TransferKind.CREDIT_NOTE))
    return MessageMoney(
        hold.account_no,
        sum(charged) + more,
        sum(each.amount_micros + each.tax_micros for each in notes),
    )


def amount_to_give(money: MessageMoney | None, asked_micros: int | None) -> int:
    """What an upheld dispute gives back: what was asked, or all that is left; 0 where nothing was charged.

    Raises:
        OperatorError: it is more than what is left.
    """
    left = money.left_micros if money is not None else 0
    if asked_micros is None:
        return max(0, left)
    if not 0 <= asked_micros <= left:
        raise OperatorError(
            f"{format_micros(asked_micros)} cannot be given back: {format_micros(max(0, left))} of what the "
            "message was charged is left"
        )
    return asked_micros


def tax_to_give(transfers: Sequence[Transfer], amount_micros: int) -> int:
    """The posted tax in what is given back of a message that is on no invoice."""
    return tax_in(amount_micros, {each.kind: each for each in transfers})


def line_with_taxes_of(document: Document, transfers: Sequence[Transfer]) -> int | None:
    """The number of an invoice's line (from 1) that bears the message's taxes, as its postings tell them.

    None where every line bears the same, or where no posting tells a tax.
    """
    found = {each.kind: each for each in transfers}
    settled = found.get(TransferKind.SETTLE)
    if settled is None or TransferKind.TAX not in found or len({each.taxes for each in document.lines}) < 2:
        return None
    tax = found[TransferKind.TAX].amount_micros
    net = settled.amount_micros - tax
    lines = [(no, line) for no, line in enumerate(document.lines, start=1) if not line.is_tax]
    apart = {no: abs(net * line.tax_ppm - tax * 1_000_000) for no, line in lines}
    return min(apart, key=lambda no: apart[no], default=None)
