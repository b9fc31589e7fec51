"""Rules of the reconciliation: in which class a segment stands, given all rows that are its own.

Pure tables and questions about one segment or one message; finding the rows is `reconcile`.
"""

from collections.abc import Sequence

import msgspec

from operator_push.domain.message import MessageState, is_final
from operator_push.services.reconciliation import OurMessage, OurSegment, ReconciliationClass
from operator_push.services.smsc_cdr import SmscRecord
from operator_push.services.stored_charges import OwedByRow

_Class = ReconciliationClass
_DELIVERED = MessageState.DELIVERED


class Corrections(msgspec.Struct, gc=False):
    """What people posted about one message, as far as it has not brought a segment to what it owes."""

    left_micros: int

    def applied(self, charged_micros: int, due_micros: int) -> int:
        """What a segment was charged in the end: the corrections go to what is wrong."""
        wrong = due_micros - charged_micros
        part = min(wrong, self.left_micros) if wrong > 0 else max(wrong, self.left_micros)
        if (wrong > 0) is not (self.left_micros > 0):
            return charged_micros
        self.left_micros -= part
        return charged_micros + part


class SegmentCase(msgspec.Struct, gc=False):
    """A segment before its class is known.

    `is_sound`: the ledger's amounts are those of its message; `charged_micros` its share of what was settled;
    `rows` the places of its rows on the SMSC's side; `is_ambiguous`: some row may be this one's or another's;
    `currency` where it is not that of the house. Of a message that a tariff document priced: `owed` what it
    comes to, `owed_micros` the segment's share of that, `first` its place among the message's ends.
    `corrections` are those of its message, where there are any.
    """

    segment: OurSegment
    has_hold: bool
    is_sound: bool
    charged_micros: int
    rows: list[int]
    is_ambiguous: bool = False
    currency: str = ""
    owed: OwedByRow | None = None
    owed_micros: int = 0
    first: int = 0
    corrections: Corrections | None = None

    @property
    def left_us(self) -> bool:
        """True where the SMSC should have a row, or may: it took an attempt, or never answered one."""
        return self.segment.taken or self.segment.unanswered

    @property
    def on_acceptance(self) -> bool:
        """True where its contract charges it whether the SMSC gets it or not."""
        return self.owed is not None and self.owed.on_acceptance

    def due_micros(self, rows: Sequence[SmscRecord]) -> int:
        """What the SMSC's record would earn: by its contract, and of simple rows where it was delivered."""
        segment, owed = self.segment, self.owed
        if not rows:
            return 0
        if owed is None:
            return segment.price_micros if any(row.state == _DELIVERED for row in rows) else 0
        if rows[0].state == owed.ends[self.first][0]:
            return self.owed_micros
        other = owed.micros_if(self.first, segment.count, MessageState(rows[0].state)) - owed.settled_micros
        return max(0, self.owed_micros + other)


def charge_shares(price_micros: int, settled_micros: int, charged: Sequence[bool]) -> list[int]:
    """What each segment bore of what its message was charged: charged ones their price, in order.

    The shares always add up to `settled_micros`: what is left is borne by the others up to their price, and
    what does not fit by the first that is charged.
    """
    left = settled_micros
    shares = [0] * len(charged)
    for wanted in (True, False):
        for number, is_charged in enumerate(charged):
            if left and is_charged is wanted:
                shares[number] = min(price_micros, left)
                left -= shares[number]
    if left and shares:
        shares[charged.index(True) if True in charged else 0] += left
    return shares


def is_sound(message: OurMessage, states: Sequence[int]) -> bool:
    """True where the ledger holds what the message says: all segments' price, resolved by outcome."""
    money, owed = message.money, message.owed
    if owed is not None:
        held, settled = owed.held_micros, owed.settled_micros if message.is_final else owed.open_micros
        settled, released = (settled, held - settled) if settled >= 0 else (0, 0)
        found = (money.held_micros, money.settled_micros, money.released_micros)
        return money.has_hold and found == (held, settled, released)
    if not money.has_hold or money.held_micros != message.price_micros * len(states):
        return False
    if not message.is_final:
        return money.settled_micros == money.released_micros == 0
    settled = message.price_micros * sum(state == MessageState.DELIVERED for state in states)
    return money.settled_micros == settled and money.released_micros == money.held_micros - settled


def classify(case: SegmentCase, rows: Sequence[SmscRecord]) -> tuple[ReconciliationClass, str]:
    """The class of a segment, and why in words ("" where there is nothing to say)."""
    if len(rows) > 1:
        return _Class.TWICE, "more than one row at the SMSC"
    if rows:
        return _with_row(case, rows[0])
    if case.charged_micros and not (case.on_acceptance and case.is_sound and not case.left_us):
        return _Class.CHARGED_NOT_SENT, "no row at the SMSC"
    if not is_final(case.segment.state) and case.left_us:
        return _Class.UNKNOWN, "open: the SMSC has not told its end"
    if not case.is_sound:
        return _Class.PRICE_DIFFERS, _UNSOUND
    if case.left_us:
        return _Class.OUTCOME_DIFFERS, "it has an end here, and no row at the SMSC"
    return _Class.NOT_AT_SMSC, ""


_UNSOUND = "the hold is not the message's price, or is not resolved by its outcome"


def _with_row(case: SegmentCase, record: SmscRecord) -> tuple[ReconciliationClass, str]:
    segment = case.segment
    delivered = record.state == MessageState.DELIVERED
    if not is_final(segment.state) and case.left_us:
        return _Class.UNKNOWN, "open: its end has not been recorded here"
    if segment.state != record.state:
        if delivered and not case.left_us:
            return _Class.SENT_NOT_CHARGED, "delivered by the SMSC, and here it never left"
        return _Class.OUTCOME_DIFFERS, "the final states differ"
    worth = segment.price_micros if case.owed is None else case.owed_micros
    if delivered and worth and not case.charged_micros:
        return _Class.SENT_NOT_CHARGED, "delivered, and nothing was settled for it"
    if not case.is_sound:
        return _Class.PRICE_DIFFERS, _UNSOUND
    if case.owed is not None and case.due_micros([record]) != case.charged_micros:
        return (
            _Class.OUTCOME_DIFFERS,
            "charged as one that nobody spoke of; by its end it owes otherwise",
        )
    if told := _other_count(segment, record):
        return _Class.SEGMENT_COUNT_DIFFERS, told
    return _Class.MATCHED, ""


def _other_count(segment: OurSegment, record: SmscRecord) -> str:
    """How the SMSC's count of the message's segments differs from ours, in words; "" where it does not.

    A part that an ESME cut itself is a message of one segment here, and tells nothing of the others.
    """
    if not record.segments or (segment.count == 1 and segment.parts == 1):
        return ""
    ours = max(segment.count, segment.parts)
    return f"the SMSC counts {record.segments} segments, we charge {ours}" if record.segments != ours else ""
