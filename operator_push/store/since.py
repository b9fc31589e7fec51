"""Since: which rows a start reads, so that it costs what is open and what is new, not what is stored.

An `OpenMark` names what was open and owed at a moment (store.open_marks makes it). What is open later was in
it, or has a higher id: ids ascend. So a reader asks for the listed ids and for the ids above, by the keys of
the tables. Without a mark the settled days alone spare a start the days before (store.settled_days).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_

from operator_push.kernel.ids import id_day

IDS_AT_ONCE = 500  # Ours: of a statement; databases bound how many values one may have


class OpenMark(msgspec.Struct, frozen=True):
    """What was open in a shard at a moment at which no id up to `above_id` was still to come.

    `open_ids`: messages without an end; `receipt_ids`: ended messages whose receipt stands in the final row
    and was owed; `delivery_ids`: other deliveries that were owed. `highest_id`, `sequence`: the highest that
    any row had then.
    """

    above_id: int = 0
    highest_id: int = 0
    sequence: int = 0
    open_ids: tuple[int, ...] = ()
    receipt_ids: tuple[int, ...] = ()
    delivery_ids: tuple[int, ...] = ()


class Since(msgspec.Struct, frozen=True):
    """What a reader may leave out: the days before `from_day`, and what the mark does not name."""

    from_day: int = 0
    mark: OpenMark = OpenMark()

    def messages(self, columns: Any) -> Iterator[ColumnElement[bool]]:
        """Conditions that find every row of an open message, one after the other, in the order of keys."""
        return self._spans(columns["day"], columns["message_id"], self.mark.open_ids)

    def ends(self, columns: Any) -> Iterator[ColumnElement[bool]]:
        """As `messages`, for the final rows that may hold an owed receipt or are younger than the mark."""
        listed = sorted({*self.mark.open_ids, *self.mark.receipt_ids})
        return self._spans(columns["day"], columns["message_id"], listed)

    def deliveries(self, columns: Any) -> Iterator[ColumnElement[bool]]:
        """As `messages`, for deliveries with rows of their own."""
        return self._spans(columns["day"], columns["delivery_id"], self.mark.delivery_ids)

    def _spans(
        self, day: ColumnElement[int], identifier: ColumnElement[int], listed: Sequence[int]
    ) -> Iterator[ColumnElement[bool]]:
        for first in range(0, len(listed), IDS_AT_ONCE):
            some = listed[first : first + IDS_AT_ONCE]
            yield and_(day.in_(sorted({id_day(each) for each in some})), identifier.in_(some))
        above = self.mark.above_id
        if not above:
            yield day >= self.from_day
            return
        # In two: a key that begins with the day finds an id quickly within one day only.
        yield and_(day == id_day(above), identifier > above)
        yield day > id_day(above)


EVERYTHING = Since()
