"""Plain segments: what matches on all sides, decided on columns, before anything is built of it.

Nearly every message was attempted once, was answered, has its end, and the SMSC says the same: for those the
join needs a dozen columns of one row. Law: plain is only what `reconcile` would call matched; a message with
anything else about it is read whole and judged there, so that this file decides speed and never a class.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from operator_push.domain.message import MessageState, is_final
from operator_push.services.reconciliation import ClassTotal, OurMessage, Reconciliation
from operator_push.services.smsc_side import SmscSide
from operator_push.services.stored_charges import PriceRow, StoredCharges

LOOKED_AT_TOGETHER = 400  # messages that are read whole by one statement
_WHOLE = 0
_DELIVERED = int(MessageState.DELIVERED)
_FINAL = frozenset(int(state) for state in MessageState if is_final(state))


class SegmentRow(NamedTuple):
    """One attempt of an admitted message with its answer, its end and the message's money, as stored.

    What is not there is None; the columns from `priced_us` on where a tariff document priced the message.
    """

    day: int
    message_id: int
    destination: str
    segment_count: int
    price_micros: int
    segment_no: int | None
    user_message_reference: int | None
    command_status: int | None
    answered_id: str | None
    state: int | None
    told_id: str | None
    final_state: int | None
    held_micros: int | None
    settled_micros: int | None
    released_micros: int | None
    priced_us: int | None
    document_no: int | None
    parts_before: int | None
    facts: bytes | None
    usage: bytes | None


class OurRows(Protocol):
    """Our side of the join as the store gives it."""

    charges: StoredCharges

    def rows(self) -> Iterator[SegmentRow]:
        """A row for each attempt, or one for a message without, ordered by (day, message_id, segment).

        A row without a segment_no says that its message has to be read whole.
        """

    def unusual(self) -> set[int]:
        """Ids of messages with postings that a `SegmentRow` has no column for."""

    def messages(self, keys: Sequence[tuple[int, int]]) -> Iterable[OurMessage]:
        """The messages of these (day, message_id) with everything that hangs on them, in order."""

    def others(self) -> Iterable[OurMessage]:
        """Messages that `rows` leaves out: those of archived days."""


def join_rows(
    ours: OurRows,
    side: SmscSide,
    result: Reconciliation,
    matched: ClassTotal,
    add: Callable[[OurMessage], None],
) -> None:
    """Count what matches plainly in `result` and `matched`, and give every other message to `add`."""
    for message in ours.others():
        add(message)
    unusual = ours.unusual()
    waiting: list[tuple[int, int]] = []
    for group in _by_message(ours.rows()):
        first = group[0]
        if first[1] not in unusual and _is_plain(group, side, result, matched, ours.charges):
            continue
        waiting.append((first[0], first[1]))
        if len(waiting) >= LOOKED_AT_TOGETHER:
            for message in ours.messages(waiting):
                add(message)
            waiting.clear()
    for message in ours.messages(waiting) if waiting else ():
        add(message)


def _by_message(rows: Iterable[Any]) -> Iterator[list[Any]]:
    group: list[Any] = []
    last = -1
    for row in rows:
        if row[1] != last:
            if group:
                yield group
            group, last = [row], row[1]
        else:
            group.append(row)
    if group:
        yield group


def _is_plain(
    group: Sequence[Any], side: SmscSide, result: Reconciliation, matched: ClassTotal, charges: StoredCharges
) -> bool:
    """True where every segment matches; it is counted then, and its rows are claimed."""
    places, states, count, parts, price = [], [], 1, len(group), 0
    for segment_no, row in enumerate(group, start=1):
        (
            _, _, destination, segment_count, price, number, reference, status, answered_id,
            state, told_id, final_state, held, settled, released, *priced,
        ) = row  # fmt: skip
        if status != 0 or final_state is None or held is None or state not in _FINAL:
            return False
        if number == _WHOLE and parts == 1:
            count = segment_count
        elif number != segment_no or segment_count != parts:
            return False
        place = side.plain(told_id or answered_id or "", destination, reference)
        if place < 0:
            return False
        their_state, their_count = side.outcome(place)
        if their_state != state or (their_count and segment_count > 1 and their_count != segment_count):
            return False
        places.append(place)
        states.append(state)
    settled, released = settled or 0, released or 0
    due = price * count * states.count(_DELIVERED)
    if held != settled + released:
        return False
    if priced[0] is None:
        if held != price * count * parts or settled != due:
            return False
    else:
        # Every segment has its end, told by the SMSC or after its answer: taken.
        ends = [(MessageState(state), True) for state in states for _ in range(count)]
        owed = charges.owed(PriceRow(group[0][1], *priced), ends)
        if (held, settled) != (owed.held_micros, owed.settled_micros):
            return False
        due = settled  # both sides tell the same ends, so that its contract owes the same by both
    side.claim(places)
    segments = count * parts
    result.messages += 1
    result.segments_ledger += segments
    result.segments_smsc += segments - parts
    matched.segments += segments
    matched.charged_micros += settled
    matched.due_micros += due
    return True
