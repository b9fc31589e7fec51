"""Reconcile: our messages × our ledger × the SMSC's own rows, segment by segment.

A segment finds its row by the SMSC's id, otherwise by our correlation key (recipient and
user_message_reference), or, through a link whose SMSC does not echo that, by sender, recipient, time and part
(match_by_time). Laws: each row belongs to one segment at most; what cannot be told apart is
ambiguous and never guessed; a segment counts as never arrived only where the SMSC's period is declared
complete, had ended when its attempt was long over, and has a row of all else that its link had accepted. Our
messages are streamed, the SMSC's rows are held in memory. Nothing is changed here: what follows from findings
is `resolve_unknown`.
"""

from collections.abc import Callable, Collection, Iterable

from operator_push.domain.message import MessageState, is_final
from operator_push.kernel.instants import MICROS_PER_SECOND
from operator_push.kernel.numbering import mask_number
from operator_push.services.match_by_time import share_out_by_time
from operator_push.services.plain_segments import OurRows, join_rows
from operator_push.services.reconciliation import (
    AGREED,
    ClassTotal,
    Example,
    Finding,
    OurMessage,
    OurMoney,
    OurSegment,
    Reconciliation,
    ReconciliationClass,
)
from operator_push.services.reconciliation_rules import (
    Corrections,
    SegmentCase,
    charge_shares,
    classify,
    is_sound,
)
from operator_push.services.resolve_unknown import AMBIGUOUS, FOUND, NEVER_ARRIVED
from operator_push.services.smsc_cdr import SmscRecord, read_smsc_cdr
from operator_push.services.smsc_side import SmscSide

__all__ = [
    "ClassTotal",
    "Example",
    "Finding",
    "OurMessage",
    "OurMoney",
    "OurSegment",
    "Reconciliation",
    "ReconciliationClass",
    "SmscRecord",
    "charge_shares",
    "read_smsc_cdr",
    "reconcile",
]

EXAMPLES_MAX = 100  # Ours: per class; enough to see a pattern, small enough to read.
# Ours: from an attempt's row on disk to the SMSC's acceptance of its octets, on a bind that moves.
ARRIVAL_MAX_US = MICROS_PER_SECOND
# Ours: how far the SMSC's clock may be from ours before one key's uses are told apart wrongly.
CLOCK_SKEW_MAX_US = 60 * MICROS_PER_SECOND

FOREVER_US = 1 << 62
_Class = ReconciliationClass


def reconcile(
    messages: Iterable[OurMessage] | OurRows,
    records: Iterable[SmscRecord],
    *,
    closed: bool = False,
    closed_until_us: int | None = None,
    since_us: int | None = None,
    until_us: int | None = None,
    system_ids: Collection[str] | None = None,
    links_by_time: Collection[int] = (),
    on_disagreement: Callable[[ReconciliationClass, Example], None] | None = None,
) -> Reconciliation:
    """Join the three sides; `messages` may come from a cursor and are read once, or are a store's rows.

    Args:
        closed: every submit_sm that the SMSC accepted until the end of the period is in `records`, or its end
            came in an earlier period; only then can a segment be declared never to have arrived.
        closed_until_us: that end, by our clock; by default the latest moment in the rows, which is too early
            rather than too late.
        since_us, until_us: where other periods are left out, the bounds of this one. A segment without a row
            that ended outside them, or was first attempted after them, is not judged.
        system_ids: our accounts at the SMSC; rows of others are counted and left alone.
        links_by_time: numbers of the links whose SMSC does not echo user_message_reference.
        on_disagreement: is told of every segment and row that needs attention, beyond the examples.
    """
    side = SmscSide(records, system_ids)
    end_us = side.latest_us if closed_until_us is None else closed_until_us
    join = _Join(side, end_us if closed else 0, (since_us or 0, until_us or FOREVER_US), links_by_time)
    join.on_disagreement = on_disagreement
    if isinstance(messages, Iterable):
        for message in messages:
            join.add(message)
    else:
        join.add_rows(messages)
    return join.finish()


class _Join:
    """Our messages one by one against the SMSC's side."""

    def __init__(
        self,
        side: SmscSide,
        closed_until_us: int,
        period_us: tuple[int, int],
        links_by_time: Collection[int],
    ) -> None:
        self._side = side
        self._since_us, self._until_us = period_us
        self._links_by_time = links_by_time
        self.on_disagreement: Callable[[ReconciliationClass, Example], None] | None = None
        self._result = Reconciliation(closed_until_us=closed_until_us)
        # Segments whose rows are not certain until every id has been looked up.
        self._waiting: list[SegmentCase] = []
        self._links_with_gaps: set[int] = set()

    def add(self, message: OurMessage) -> None:
        """Look every segment of a message up by id; what has no certain row waits."""
        result, side, money = self._result, self._side, message.money
        result.messages += 1
        owed, states = message.owed, [segment.state for segment in message.segments]
        charged = [state == MessageState.DELIVERED for state in states]
        if owed is not None:
            charged = [owed.charged[number * message.segments[0].count] for number in range(len(states))]
        shares = charge_shares(message.price_micros, money.settled_micros, charged)
        dues = shares if owed is None else charge_shares(message.price_micros, owed.settled_micros, charged)
        corrections = Corrections(money.corrected_micros) if money.corrected_micros else None
        sound = is_sound(message, states)
        for number, (segment, share) in enumerate(zip(message.segments, shares, strict=True)):
            rows = list(side.by_id(segment.smsc_message_id, segment.destination))
            if rows:
                side.claim(rows)
            case = SegmentCase(segment, money.has_hold, sound, share, rows)
            case.currency, case.owed, case.corrections = message.currency, owed, corrections
            case.owed_micros, case.first = dues[number], number * segment.count
            keyed = side.by_key(segment.destination, segment.user_message_reference)
            if (not rows and case.left_us) or (keyed != rows and set(keyed) - set(rows)):
                self._waiting.append(case)
            else:
                self._judge(case)

    def add_rows(self, ours: OurRows) -> None:
        """Every message of a store: what plainly matches from its columns, all else as `add` takes it."""
        join_rows(ours, self._side, self._result, self._result.classes[_Class.MATCHED], self.add)

    def finish(self) -> Reconciliation:
        """Give the rows that no id has claimed to those who wait for them, and judge the rest."""
        side, result = self._side, self._result
        by_key: dict[tuple[str, int], list[SegmentCase]] = {}
        for case in self._waiting:
            segment = case.segment
            by_key.setdefault((segment.destination, segment.user_message_reference), []).append(case)
        for (destination, reference), cases in by_key.items():
            self._share_out(side.unclaimed(side.by_key(destination, reference)), cases)
        share_out_by_time(side, [case for case in self._waiting if self._is_by_time(case)])
        for case in self._waiting:
            self._judge(case)
        self._withhold_disproved()
        for place in side.all_unclaimed():
            self._not_ours(side.record(place))
        result.segments_smsc += side.rows
        result.repeated_rows = side.repeated_rows
        result.other_rows = side.other_rows
        result.matched = result.classes[_Class.MATCHED].segments
        result.mismatched = sum(
            total.segments for each, total in result.classes.items() if each not in AGREED
        )
        return result

    def _is_by_time(self, case: SegmentCase) -> bool:
        return not case.rows and case.left_us and case.segment.link_no in self._links_by_time

    def _share_out(self, places: list[int], cases: list[SegmentCase]) -> None:
        """Rows with one key among the segments that bore it: each row to the last that had it before it.

        Two segments that both wait for an answer under one key cannot be told apart.
        """
        cases.sort(key=lambda case: case.segment.first_attempt_us)
        for place in places:
            submit_us = self._side.submit_us(place) + CLOCK_SKEW_MAX_US
            bearers = [case for case in cases if case.segment.first_attempt_us <= submit_us]
            rivals = [case for case in bearers if not is_final(case.segment.state) and not case.rows]
            if len(rivals) > 1:
                for case in rivals:
                    case.is_ambiguous = True
            if bearers:
                bearers[-1].rows.append(place)
                self._side.claim([place])

    # -- judging -----------------------------------------------------------------------------------------

    def _judge(self, case: SegmentCase) -> None:
        if not case.rows and case.left_us and self._is_outside(case.segment):
            self._result.outside += 1
            return
        rows = [self._side.record(place) for place in case.rows]
        if not rows and case.segment.taken and self._is_closed_for(case.segment):
            self._links_with_gaps.add(case.segment.link_no)
        found, note = classify(case, rows)
        if case.has_hold and (rows or case.left_us):
            self._result.segments_ledger += case.segment.count
        due = case.due_micros(rows)
        if found is _Class.SEGMENT_COUNT_DIFFERS:
            due = due * rows[0].segments // max(case.segment.count, case.segment.parts)
        if case.corrections is not None:
            case.charged_micros = case.corrections.applied(case.charged_micros, due)
        self._result.classes[found].count(case.charged_micros, due, case.segment.count, case.currency)
        # The row of a whole message stands for its segments.
        self._result.segments_smsc += (case.segment.count - 1) * len(rows)
        if not is_final(case.segment.state) and found in (_Class.UNKNOWN, _Class.TWICE):
            note = self._find(case, rows) or note
        if found not in AGREED:
            self._show(found, case, rows, due, note)

    def _is_outside(self, segment: OurSegment) -> bool:
        ended_us = segment.ended_us or segment.first_attempt_us
        return segment.first_attempt_us > self._until_us or not self._since_us <= ended_us <= self._until_us

    def _is_closed_for(self, segment: OurSegment) -> bool:
        """True where a complete period must have a row of whatever arrived of this segment."""
        return segment.last_attempt_us + ARRIVAL_MAX_US <= self._result.closed_until_us

    def _find(self, case: SegmentCase, rows: list[SmscRecord]) -> str:
        """Stage what the SMSC's record says about an open segment; returns it in words, "" for nothing."""
        segment = case.segment
        if case.is_ambiguous:
            return self._finding(segment, AMBIGUOUS, "it cannot be told from another unanswered segment")
        if len(rows) > 1:
            identifiers = ", ".join(record.smsc_message_id for record in rows)
            return self._finding(segment, AMBIGUOUS, f"the SMSC has it as {identifiers}")
        if rows:
            record = rows[0]
            if not is_final(record.state):
                return self._finding(segment, AMBIGUOUS, "the SMSC closed it with state UNKNOWN")
            return self._finding(segment, FOUND, f"the SMSC ended it {record.state.name}", record)
        if not self._is_closed_for(segment):
            return ""
        if segment.taken:
            return self._finding(
                segment, AMBIGUOUS, "accepted by the SMSC, and no row in its complete period"
            )
        if self._side.nameless(segment.source, segment.destination):
            return self._finding(segment, AMBIGUOUS, "rows without a key to the same recipient")
        self._finding(segment, NEVER_ARRIVED, "not in the SMSC's complete period")
        return "no answer, and no row in the period"

    def _finding(self, segment: OurSegment, kind: str, detail: str, record: SmscRecord | None = None) -> str:
        self._result.findings.append(
            Finding(
                segment.message_id,
                segment.segment_no,
                segment.link_no,
                kind,
                state=record.state.name if record else "",
                smsc_message_id=record.smsc_message_id if record else "",
                error_code=record.error_code if record else "",
                detail=detail,
                attempt_no=segment.attempt_no,
            )
        )
        return f"{kind.replace('_', ' ')}: {detail}"

    def _withhold_disproved(self) -> None:
        """A period that lacks what the SMSC had accepted is not complete, whoever says so."""
        result = self._result
        kept = [
            finding
            for finding in result.findings
            if finding.kind != NEVER_ARRIVED or finding.link_no not in self._links_with_gaps
        ]
        result.disproved = len(result.findings) - len(kept)
        result.findings = kept

    def _not_ours(self, record: SmscRecord) -> None:
        self._result.classes[_Class.NOT_OURS].count(0, 0, 1, "")
        if not self._is_asked_for(_Class.NOT_OURS):
            return
        ids = (record.smsc_message_id,)
        recipient, theirs = mask_number(record.destination), record.state.name
        note = f"from {record.source} under {record.system_id}"
        self._tell(_Class.NOT_OURS, Example(0, 0, "", recipient, ids, "", theirs, 0, 0, note))

    def _is_asked_for(self, found: ReconciliationClass) -> bool:
        return self.on_disagreement is not None or len(self._result.examples[found]) < EXAMPLES_MAX

    def _tell(self, found: ReconciliationClass, example: Example) -> None:
        examples = self._result.examples[found]
        if len(examples) < EXAMPLES_MAX:
            examples.append(example)
        if self.on_disagreement is not None:
            self.on_disagreement(found, example)

    def _show(
        self,
        found: ReconciliationClass,
        case: SegmentCase,
        rows: list[SmscRecord],
        due_micros: int,
        note: str,
    ) -> None:
        if not self._is_asked_for(found):
            return
        segment = case.segment
        ids = tuple(record.smsc_message_id for record in rows)
        self._tell(
            found,
            Example(
                segment.message_id,
                segment.segment_no,
                segment.account,
                mask_number(segment.destination),
                ids or ((segment.smsc_message_id,) if segment.smsc_message_id else ()),
                MessageState(segment.state).name,
                ", ".join(record.state.name for record in rows),
                case.charged_micros,
                due_micros,
                note,
            ),
        )
