"""Plain segments: prices of documents are worked out again; what is not plain is read whole, in order."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest

from operator_push.domain.message import MessageState
from operator_push.services import plain_segments
from operator_push.services.plain_segments import SegmentRow, join_rows
from operator_push.services.reconciliation import ClassTotal, OurMessage, OurMoney, Reconciliation
from operator_push.services.smsc_cdr import SmscRecord
from operator_push.services.smsc_side import SmscSide
from operator_push.services.stored_charges import OwedByRow

ANNA = "919812345678"
DELIVERED = MessageState.DELIVERED
SIMPLE = SegmentRow(
    1, 1, ANNA, 1, 100, 1, 7, 0, "A1", int(DELIVERED), "", int(DELIVERED), 100, 100, None, *[None] * 5
)
PRICED = SIMPLE._replace(priced_us=1, document_no=1, parts_before=0, facts=b"", usage=b"")
RECORD = SmscRecord("A1", "op", "CHAI", ANNA, 7, 10, 20, DELIVERED, "0")


class Charges:
    """Owes what the test says."""

    def __init__(self, settled_micros: int) -> None:
        self.settled_micros = settled_micros

    def owed(self, row: Any, ends: Sequence[Any]) -> OwedByRow:
        charge: Any = None
        return OwedByRow(self.settled_micros, self.settled_micros, charge, ends, [True] * len(ends))


class Rows:
    """Our side out of a list."""

    def __init__(self, rows: list[SegmentRow], owed_micros: int = 0, unusual: Iterable[int] = ()) -> None:
        self._rows = rows
        self._unusual = set(unusual)
        self.charges: Any = Charges(owed_micros)
        self.asked: list[list[tuple[int, int]]] = []

    def rows(self) -> Iterator[SegmentRow]:
        return iter(self._rows)

    def unusual(self) -> set[int]:
        return self._unusual

    def messages(self, keys: Sequence[tuple[int, int]]) -> Iterable[OurMessage]:
        self.asked.append(list(keys))
        return [OurMessage(message_id, 0, True, OurMoney(0, 0, 0), ()) for _, message_id in keys]

    def others(self) -> Iterable[OurMessage]:
        return [OurMessage(0, 0, True, OurMoney(0, 0, 0), ())]


def joined(ours: Rows, *records: SmscRecord) -> tuple[ClassTotal, list[int]]:
    """(what matched plainly, ids of the messages that were read whole)."""
    matched, whole, result = ClassTotal(), [], Reconciliation()
    join_rows(
        ours, SmscSide(records, None), result, matched, lambda message: whole.append(message.message_id)
    )
    assert result.messages == result.segments_ledger == matched.segments
    return matched, whole


def test_a_plain_message_is_counted_and_never_built() -> None:
    assert joined(Rows([SIMPLE]), RECORD) == (ClassTotal(charged_micros=100, due_micros=100, segments=1), [0])


def test_a_price_of_a_document_is_worked_out_again() -> None:
    charged = PRICED._replace(held_micros=90, settled_micros=90)
    assert joined(Rows([charged], 90), RECORD) == (
        ClassTotal(charged_micros=90, due_micros=90, segments=1),
        [0],
    )
    assert joined(Rows([charged], 91), RECORD)[1] == [0, 1]
    # What a bundle has taken, or a contract does not charge, is delivered for nothing and matches.
    assert joined(Rows([charged._replace(settled_micros=0, released_micros=90)], 90), RECORD)[1] == [0, 1]


@pytest.mark.parametrize(
    "change",
    [
        {"command_status": None},
        {"command_status": 8},
        {"final_state": None},
        {"state": None},
        {"state": int(MessageState.EXPIRED)},
        {"held_micros": None},
        {"held_micros": 101},
        {"settled_micros": 99, "released_micros": 1},
        {"released_micros": 100},
        {"answered_id": "A2"},
        {"destination": "919812345679"},
        {"segment_no": None},
        {"segment_no": 2},
        {"segment_count": 2},
    ],
    ids=str,
)
def test_anything_else_is_read_whole(change: dict[str, Any]) -> None:
    assert joined(Rows([SIMPLE._replace(**change)]), RECORD) == (ClassTotal(), [0, 1])


def test_postings_without_a_column_are_read_whole() -> None:
    assert joined(Rows([SIMPLE], unusual=[1]), RECORD)[1] == [0, 1]


def test_what_is_read_whole_is_asked_for_in_lots_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_segments, "LOOKED_AT_TOGETHER", 2)
    ours = Rows([SIMPLE._replace(message_id=number, answered_id="?") for number in range(1, 6)])
    assert joined(ours, RECORD)[1] == [0, 1, 2, 3, 4, 5]
    assert ours.asked == [[(1, 1), (1, 2)], [(1, 3), (1, 4)], [(1, 5)]]


def test_a_row_with_the_key_of_another_is_no_plain_match() -> None:
    twin = SmscRecord("A2", "op", "CHAI", ANNA, 7, 10, 20, DELIVERED, "0")
    assert joined(Rows([SIMPLE]), RECORD, twin)[1] == [0, 1]
