"""Distribution lists: the recipients that an account may address by a name (submit_multi, SMPP v3.4 section
4.5.1.2), and what it says of them for its texts. Lists hold subscriber numbers; who they are only the vault
knows. What was said (domain.personal.own_columns) is written here and read beside the server alone."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from operator_push.domain.personal.own_columns import COLUMNS_MAX, values_text
from operator_push.domain.profile import FeatureValue
from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes

NAME_CHARACTERS_MAX = 20  # dl_name, section 5.2.25: 21 octets with its NUL
MEMBERS_MAX = 1_000  # Ours: a submit_multi is decided in one pass, and its answer has room for 255 refusals.


class Member(msgspec.Struct, frozen=True):
    """Somebody whom a client brought: by the customer's code, or by number; `own`: what it says of them."""

    subscriber_no: int
    by_code: bool = False
    own: Mapping[str, FeatureValue] = {}


class DistributionLists:
    """The lists of all accounts. One without members is as one that is not there."""

    def __init__(
        self,
        lists: Iterable[tuple[int, int, str, Mapping[str, str]]] = (),
        members: Iterable[tuple[int, int, bool]] = (),
    ) -> None:
        """`lists`: (list_no, account_no, name, columns); `members`: (list_no, subscriber_no, by_code) of
        those that are in."""
        self._list_nos: dict[tuple[int, str], int] = {}
        self._columns: dict[int, dict[str, str]] = {}
        for list_no, account_no, name, columns in lists:
            self._list_nos[account_no, name] = list_no
            self._columns[list_no] = dict(columns)
        self._members: dict[int, dict[int, bool]] = {}
        for list_no, subscriber_no, by_code in members:
            self._members.setdefault(list_no, {})[subscriber_no] = by_code

    def members_of(self, account_no: int, name: str) -> tuple[int, ...]:
        """The subscriber numbers of a list in the order in which they came; empty where there is none."""
        return tuple(self._members_by_code(account_no, name))

    def open_to_esmes(self, account_no: int, name: str) -> tuple[int, ...]:
        """As `members_of`; nobody where the client does not know all of their numbers, since answers and
        receipts of submit_multi name them."""
        members = self._members_by_code(account_no, name)
        return () if any(members.values()) else tuple(members)

    def came_by_code(self, account_no: int, name: str) -> frozenset[int]:
        """Those of a list whose number the client does not know."""
        return frozenset(each for each, by_code in self._members_by_code(account_no, name).items() if by_code)

    def columns_of(self, account_no: int, name: str) -> dict[str, str]:
        """The columns of a list, name → type."""
        return dict(self._columns.get(self._list_nos.get((account_no, name), 0), {}))

    def add(
        self,
        account_no: int,
        name: str,
        people: Iterable[Member],
        now_us: int,
        changes: Changes,
        columns: Mapping[str, str] | None = None,
    ) -> int:
        """Put people on a list, which is made where it is not there; returns how many are new, or have had
        something said of them. Who is there already, and of whom nothing is said, stays as it was.

        Raises:
            OperatorError: the name is none, the list would be longer than allowed, or a column would be of
                another type than before.
        """
        if not name or len(name) > NAME_CHARACTERS_MAX or not name.isascii() or not name.isprintable():
            raise OperatorError(f"list name {name!r} must have 1..{NAME_CHARACTERS_MAX} ASCII characters")
        known = self._members_by_code(account_no, name)
        asked = {each.subscriber_no: each for each in people}
        changed = [each for number, each in asked.items() if number not in known or each.own]
        size = len(known.keys() | asked.keys())
        if size > MEMBERS_MAX:
            raise OperatorError(
                f"list {name!r} would have {size} members; at most {MEMBERS_MAX} are kept, "
                "a campaign reaches more"
            )
        list_no = self._put(account_no, name, columns or {}, now_us, changes)
        members = self._members.setdefault(list_no, {})
        for each in changed:
            by_code = members.setdefault(each.subscriber_no, each.by_code)
            own = values_text(each.own)
            row = _row(list_no, each.subscriber_no, True, by_code, own, now_us if own else 0)
            changes.upserts.append(("distribution_list_member", row))
        return len(changed)

    def remove(
        self, account_no: int, name: str, subscriber_nos: Iterable[int] | None, changes: Changes
    ) -> int:
        """Take people off a list, all of them for None, and erase what was said of them; returns how many
        were on it.

        Raises:
            OperatorError: there is no such list.
        """
        known = self.members_of(account_no, name)
        if not known:
            raise OperatorError(f"there is no list {name!r}")
        gone = known if subscriber_nos is None else [number for number in subscriber_nos if number in known]
        for number in gone:
            self._take_off(self._list_nos[account_no, name], number, changes)
        return len(gone)

    def forget(self, subscriber_no: int, changes: Changes) -> None:
        """Take somebody off every list: the number is another's now, or nobody's."""
        for list_no, members in self._members.items():
            if subscriber_no in members:
                self._take_off(list_no, subscriber_no, changes)

    def _members_by_code(self, account_no: int, name: str) -> Mapping[int, bool]:
        return self._members.get(self._list_nos.get((account_no, name), 0), {})

    def _put(
        self, account_no: int, name: str, columns: Mapping[str, str], now_us: int, changes: Changes
    ) -> int:
        """The number of a list that has these columns, too."""
        list_no = self._list_nos.get((account_no, name), 0)
        is_there = bool(self._members.get(list_no))  # a list that is made again may have other columns
        known = self._columns.get(list_no, {}) if is_there else {}
        for column, kind in columns.items():
            if known.get(column, kind) != kind:
                raise OperatorError(
                    f"column {column} of list {name!r} is a {known[column]}; remove the list first, or give "
                    "the column another name"
                )
        after = {**known, **columns}
        if len(after) > COLUMNS_MAX:
            raise OperatorError(f"list {name!r} would have {len(after)} columns; {COLUMNS_MAX} at most")
        if is_there and after == known:
            return list_no
        row: dict[str, Any] = {"account_no": account_no, "name": name, "columns": json.dumps(after)}
        if not list_no:
            list_no = max(self._list_nos.values(), default=0) + 1
            self._list_nos[account_no, name] = list_no
        self._columns[list_no] = after
        changes.upserts.append(("distribution_list", {"list_no": list_no, **row, "created_us": now_us}))
        return list_no

    def _take_off(self, list_no: int, number: int, changes: Changes) -> None:
        self._members[list_no].pop(number, None)
        row = _row(list_no, number, False, False, "", 0)
        changes.upserts.append(("distribution_list_member", row))


def _row(
    list_no: int, subscriber_no: int, active: bool, by_code: bool, own: str, own_us: int
) -> dict[str, object]:
    return {
        "list_no": list_no,
        "subscriber_no": subscriber_no,
        "active": active,
        "by_code": int(by_code),
        "own": own,
        "own_us": own_us,
    }
