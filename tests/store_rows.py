"""Rows for tests of the store: every column filled with something plain, a few named by the test."""

from typing import Any

from sqlalchemy import Boolean, LargeBinary, Numeric, Table
from sqlalchemy.types import Integer, String

from operator_push.kernel.ids import IdSequence, id_day
from operator_push.store import schema

NOON_US = 1_800_000_000_000_000  # 2027-01-15T08:00:00Z
SHARD = 0


def row(table: Table, **named: Any) -> tuple[Any, ...]:
    """A tuple in the order of the table's columns; what is not named is 0, False, empty text or no octets."""
    unknown = set(named) - {column.name for column in table.columns}
    assert not unknown, f"{table.name} has no column {unknown}"
    return tuple(named.get(column.name, _plain(column.type)) for column in table.columns)


def keyed_row(table: Table, identifier: int, **named: Any) -> tuple[Any, ...]:
    """A row of a large table with its id and the day inside the id."""
    name = list(table.primary_key.columns)[2].name
    return row(table, **{"shard": SHARD, "day": id_day(identifier), name: identifier, **named})


def message_row(message_id: int, **named: Any) -> tuple[Any, ...]:
    """An admitted transactional message of one segment."""
    plain = {
        "account_no": 1,
        "origin": 1,
        "traffic_class": 1,
        "source": "CHAI",
        "destination": "919812345678",
        "segment_count": 1,
        "price_micros": 100_000,
        "held_micros": 100_000,
        "verdict": 1,
        "client_reference": -1,
        "body": b"body",
    }
    return keyed_row(schema.message, message_id, **{**plain, **named})


def ids(count: int, shard: int = SHARD) -> list[int]:
    """Ascending ids, one a millisecond."""
    sequence = IdSequence(shard)
    return [sequence.next_id(NOON_US + 1000 * number) for number in range(count)]


def _plain(kind: object) -> Any:
    match kind:
        case Boolean():
            return False
        case String():
            return ""
        case LargeBinary():
            return b""
        case Integer() | Numeric():
            return 0
    raise AssertionError(f"no plain value for {kind!r}")
