"""Manage routes: rows that say which links carry what, and which numbers lie in which network, while we run.

Laws: a row is judged with all others and with the links before anything changes; a row is never changed, only
added and removed, and a removed one stays, so that the store tells who sent what where, and when. What a row
means is known to the room (services.manage_links has the same for links).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Protocol

from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes

Values = Mapping[str, Any]  # keys of one [[route]] or [[network]] table, as JSON; defaults left out


class RoutingKind(Enum):
    """What a row says."""

    ROUTE = "route"  # messages of one kind and the links that carry them
    NETWORK = "network"  # a beginning of numbers and its PLMN


@dataclass(frozen=True, slots=True)
class RoutingRow:
    """One row as the store has it; `removed_us` 0 while it is in force."""

    row_no: int
    kind: RoutingKind
    values: Values
    added_us: int
    added_by: str
    removed_us: int = 0
    removed_by: str = ""

    def as_row(self) -> dict[str, object]:
        """The row of store.schema.routing_row."""
        return {
            "row_no": self.row_no,
            "kind": self.kind.value,
            "settings": json.dumps(dict(self.values), ensure_ascii=False, sort_keys=True),
            "added_us": self.added_us,
            "added_by": self.added_by,
            "removed_us": self.removed_us,
            "removed_by": self.removed_by,
        }


class RoutingRoom(Protocol):
    """Where messages are routed: knows what rows mean, and puts them in force."""

    def normalised(self, kind: RoutingKind, values: Values) -> Values:
        """The values of a row, checked, without those that are at their default.

        Raises:
            OperatorError: naming the key and what is allowed.
        """
        ...

    def apply(self, rows: Sequence[RoutingRow]) -> int:
        """Route by these rows from now on; returns how many messages that waited go another way.

        Raises:
            OperatorError: the rows contradict each other or the links; then nothing has changed.
        """
        ...


class ManageRoutes:
    """The use case."""

    def __init__(self, room: RoutingRoom, rows: Iterable[RoutingRow]) -> None:
        """`rows`: every row that the store has, removed ones included."""
        self._room = room
        self._rows: dict[int, RoutingRow] = {}
        self._last_no = 0
        for row in rows:
            self._last_no = max(self._last_no, row.row_no)
            if not row.removed_us:
                self._rows[row.row_no] = row

    def rows(self, kind: RoutingKind) -> list[RoutingRow]:
        """The rows in force, by number."""
        return [row for _, row in sorted(self._rows.items()) if row.kind is kind]

    def add(
        self, kind: RoutingKind, values: Values, by: str, now_us: int, changes: Changes
    ) -> tuple[RoutingRow, int]:
        """Add a row; the row, and how many messages that waited go another way.

        Raises:
            OperatorError: the values are not allowed, or such a row is in force already.
        """
        given = {key: value for key, value in values.items() if value is not None}
        checked = self._room.normalised(kind, given)
        for row in self.rows(kind):
            if row.values == checked:
                raise OperatorError(f"{kind.value} {row.row_no} says the same already")
        row = RoutingRow(self._last_no + 1, kind, checked, now_us, by)
        moved = self._room.apply([*self._rows.values(), row])
        self._last_no += 1
        self._rows[row.row_no] = row
        changes.upserts.append(("routing_row", row.as_row()))
        return row, moved

    def remove(
        self, kind: RoutingKind, row_no: int, by: str, now_us: int, changes: Changes
    ) -> tuple[RoutingRow, int]:
        """Remove a row; the row, and how many messages that waited go another way.

        Raises:
            OperatorError: there is no such row, or a route needs this network.
        """
        row = self._rows.get(row_no)
        if row is None or row.kind is not kind:
            known = ", ".join(str(each.row_no) for each in self.rows(kind)) or "none"
            raise OperatorError(f"no {kind.value} has the number {row_no}; there are: {known}")
        moved = self._room.apply([each for each in self._rows.values() if each is not row])
        del self._rows[row_no]
        removed = replace(row, removed_us=now_us, removed_by=by)
        changes.upserts.append(("routing_row", removed.as_row()))
        return removed, moved


def routing_of_row(row: Mapping[str, Any]) -> RoutingRow:
    """The row of a row of store.schema.routing_row."""
    return RoutingRow(
        row_no=row["row_no"],
        kind=RoutingKind(row["kind"]),
        values=json.loads(row["settings"]),
        added_us=row["added_us"],
        added_by=row["added_by"],
        removed_us=row["removed_us"],
        removed_by=row["removed_by"],
    )
