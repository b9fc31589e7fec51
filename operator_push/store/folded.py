"""Folded rows: attempts, ends of segments and receipts that stand in the rows of their messages.

What nearly every message has exactly once has no row of its own: a row costs 1.5 to 2 µs of CPU. The first
attempt of a message of one segment stands in `message` where both are committed together, the end of such a
message in `message_final`, and so does the receipt owed for any end, where it is of the message's day.
Whatever is otherwise (later attempts, long messages, MO, rows of older versions) has rows of its own tables.
Readers take both: each function here gives the two places as `Place`s with the same names of columns, and a
reader asks each, or both by `together`.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    SmallInteger,
    literal_column,
    union_all,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from operator_push.store import schema

FIRST = 1  # segment_no and attempt_no of what is folded
KIND_RECEIPT = 1  # the kind of esme_delivery that can be folded
_ONE = literal_column(str(FIRST), SmallInteger)


Columns = Mapping[str, ColumnElement[Any]] | ReadOnlyColumnCollection[str, Column[Any]]


class Place(msgspec.Struct, frozen=True):
    """Where rows of one kind stand: `c` their columns by name, `are` what makes a row of `rows` one."""

    rows: FromClause
    c: Mapping[str, ColumnElement[Any]]
    are: tuple[ColumnElement[bool], ...] = ()

    def named(self, *names: str) -> list[ColumnElement[Any]]:
        """Columns under their names, for a select that is to be put together with that of another place."""
        return [self.c[name].label(name) for name in names]


def _own(table: FromClause) -> Place:
    return Place(table, {column.name: column for column in table.c})


def _keys(table: FromClause) -> dict[str, ColumnElement[Any]]:
    return {name: table.c[name] for name in ("shard", "day", "message_id")}


_message, _final = schema.message, schema.message_final

# A literal is no order that a database could take from an index; there is one row for each message.
ATTEMPTS = (
    _own(schema.attempt),
    Place(
        _message,
        {
            **_keys(_message),
            "segment_no": _ONE,
            "attempt_no": _ONE,
            "link_no": _message.c.sent_link_no,
            "incarnation": _message.c.sent_incarnation,
            "user_message_reference": _message.c.sent_reference,
            "at_us": _message.c.sent_us,
        },
        (_message.c.sent_link_no != 0,),
    ),
)
OUTCOMES = (
    _own(schema.segment_outcome),
    Place(
        _final,
        {
            **_keys(_final),
            "segment_no": _ONE,
            **{
                name: _final.c[name]
                for name in ("state", "told_by", "smsc_message_id", "error_code", "at_us")
            },
        },
        (_final.c.told_by != 0,),
    ),
)
# What is owed to ESMEs, save whose it is: the account is the message's.
DELIVERIES = (
    _own(schema.esme_delivery),
    Place(
        _final,
        {
            **_keys(_final),
            "delivery_id": _final.c.receipt_id,
            "kind": literal_column(str(KIND_RECEIPT), SmallInteger),
            "body": _final.c.receipt,
        },
        (_final.c.receipt_id != 0,),
    ),
)


def together(
    places: tuple[Place, ...], statement: Callable[[Place], Select[Any]], *order: str
) -> CompoundSelect[Any]:
    """What a statement finds in every place, in the order of the named columns, which it must select.

    An order that begins with the key, (day, message_id), is merged from the tables' own, without sorting.
    """
    both = union_all(*(statement(place).where(*place.are) for place in places))
    return both.order_by(*(both.selected_columns[name] for name in order))
