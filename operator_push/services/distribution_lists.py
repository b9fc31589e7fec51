"""Distribution lists: the recipients that an account may address by a name (submit_multi, SMPP v3.4 section
4.5.1.2) or ask for in a rule, and what it says of them for its texts. Lists hold subscriber numbers; who they
are only the vault knows. What was said (domain.personal.own_columns) is written here and read elsewhere."""

import json
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import msgspec
from pyroaring import BitMap

from operator_push.domain.personal.own_columns import COLUMNS_MAX, values_text
from operator_push.domain.profile import FeatureValue
from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes

NAME_CHARACTERS_MAX = 20  # dl_name, section 5.2.25: 21 octets with its NUL
MEMBERS_MAX = 1_000_000  # Ours: a few bits each in memory; a rule asks for a list as for any other set.
REMOVED_MAX = 1_000  # Ours: rows of one call; more of them would keep messages waiting for their commit.


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
        self._members: dict[int, BitMap] = {}
        self._by_code: dict[int, BitMap] = {}  # those of the members whose number the client does not know
        for list_no, subscriber_no, by_code in members:
            self._put_on(list_no, subscriber_no, by_code=by_code)

    def members_of(self, account_no: int, name: str, at_most: int = MEMBERS_MAX) -> tuple[int, ...]:
        """The subscriber numbers of a list, lowest first; empty where there is none."""
        return tuple(islice(self._people(account_no, name), at_most))

    def size_of(self, account_no: int, name: str) -> int:
        """How many are on a list; 0 where there is none."""
        return len(self._people(account_no, name))

    def open_to_esmes(self, account_no: int, name: str, at_most: int = MEMBERS_MAX) -> tuple[int, ...]:
        """As `members_of`; nobody where the client does not know all of their numbers, since answers and
        receipts of submit_multi name them."""
        return () if self.came_by_code(account_no, name) else self.members_of(account_no, name, at_most)

    def came_by_code(self, account_no: int, name: str) -> BitMap:
        """Those of a list whose number the client does not know."""
        return self._by_code.get(self._list_nos.get((account_no, name), 0), BitMap())

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
        known = self._people(account_no, name)
        asked = {each.subscriber_no: each for each in people}
        changed = [each for number, each in asked.items() if number not in known or each.own]
        size = len(known) + sum(number not in known for number in asked)
        if size > MEMBERS_MAX:
            raise OperatorError(
                f"list {name!r} would have {size} members, {MEMBERS_MAX} at most are kept: divide it"
            )
        list_no = self._put(account_no, name, columns or {}, now_us, changes)
        for each in changed:
            by_code = self._put_on(list_no, each.subscriber_no, by_code=each.by_code)
            own = values_text(each.own)
            row = _row(list_no, each.subscriber_no, True, by_code, own, now_us if own else 0)
            changes.upserts.append(("distribution_list_member", row))
        return len(changed)

    def remove(
        self, account_no: int, name: str, subscriber_nos: Iterable[int] | None, changes: Changes
    ) -> int:
        """Take people off a list, REMOVED_MAX of them for None, and erase what was said of them; returns how
        many of them were on it.

        Raises:
            OperatorError: there is no such list.
        """
        known = self._people(account_no, name)
        if not known:
            raise OperatorError(f"there is no list {name!r}")
        first = islice(known, REMOVED_MAX)
        gone = list(first) if subscriber_nos is None else [each for each in subscriber_nos if each in known]
        for number in gone:
            self._take_off(self._list_nos[account_no, name], number, changes)
        return len(gone)

    def forget(self, subscriber_no: int, changes: Changes) -> None:
        """Take somebody off every list: the number is another's now, or nobody's."""
        for list_no, members in self._members.items():
            if subscriber_no in members:
                self._take_off(list_no, subscriber_no, changes)

    def _people(self, account_no: int, name: str) -> BitMap:
        return self._members.get(self._list_nos.get((account_no, name), 0), BitMap())

    def _put_on(self, list_no: int, number: int, *, by_code: bool) -> bool:
        """Put somebody on a list; True where they came by code, now or when they first came."""
        members = self._members.setdefault(list_no, BitMap())
        coded = self._by_code.setdefault(list_no, BitMap())
        if by_code and number not in members:
            coded.add(number)
        members.add(number)
        return number in coded

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
        self._members[list_no].discard(number)
        self._by_code[list_no].discard(number)
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
