"""Distribution lists: the recipients that an account may address by a name (submit_multi, SMPP v3.4 section
4.5.1.2). Lists hold subscriber numbers; who they are only the vault knows."""

from collections.abc import Iterable

from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes

NAME_CHARACTERS_MAX = 20  # dl_name, section 5.2.25: 21 octets with its NUL
MEMBERS_MAX = 1_000  # Ours: a submit_multi is decided in one pass, and its answer has room for 255 refusals.


class DistributionLists:
    """The lists of all accounts. One without members is as one that is not there."""

    def __init__(
        self, lists: Iterable[tuple[int, int, str]] = (), members: Iterable[tuple[int, int]] = ()
    ) -> None:
        """`lists`: (list_no, account_no, name); `members`: (list_no, subscriber_no) of those that are in."""
        self._list_nos = {(account_no, name): list_no for list_no, account_no, name in lists}
        self._members: dict[int, dict[int, None]] = {}
        for list_no, subscriber_no in members:
            self._members.setdefault(list_no, {})[subscriber_no] = None

    def members_of(self, account_no: int, name: str) -> tuple[int, ...]:
        """The subscriber numbers of a list in the order in which they came; empty where there is none."""
        return tuple(self._members.get(self._list_nos.get((account_no, name), 0), ()))

    def add(
        self, account_no: int, name: str, subscriber_nos: Iterable[int], now_us: int, changes: Changes
    ) -> int:
        """Put people on a list, which is made where it is not there; returns how many were not on it.

        Raises:
            OperatorError: the name is none, or the list would be longer than allowed.
        """
        if not name or len(name) > NAME_CHARACTERS_MAX or not name.isascii() or not name.isprintable():
            raise OperatorError(f"list name {name!r} must have 1..{NAME_CHARACTERS_MAX} ASCII characters")
        list_no = self._list_nos.get((account_no, name), 0)
        known = self._members.get(list_no, {})
        new = [number for number in dict.fromkeys(subscriber_nos) if number not in known]
        if len(known) + len(new) > MEMBERS_MAX:
            raise OperatorError(
                f"list {name!r} would have {len(known) + len(new)} members; at most {MEMBERS_MAX} are kept, "
                "a campaign reaches more"
            )
        if not list_no:
            list_no = max(self._list_nos.values(), default=0) + 1
            self._list_nos[account_no, name] = list_no
            row = {"list_no": list_no, "account_no": account_no, "name": name, "created_us": now_us}
            changes.upserts.append(("distribution_list", row))
        self._change(list_no, new, True, changes)
        return len(new)

    def remove(
        self, account_no: int, name: str, subscriber_nos: Iterable[int] | None, changes: Changes
    ) -> int:
        """Take people off a list, all of them for None; returns how many were on it.

        Raises:
            OperatorError: there is no such list.
        """
        known = self.members_of(account_no, name)
        if not known:
            raise OperatorError(f"there is no list {name!r}")
        gone = known if subscriber_nos is None else [number for number in subscriber_nos if number in known]
        self._change(self._list_nos[account_no, name], gone, False, changes)
        return len(gone)

    def forget(self, subscriber_no: int, changes: Changes) -> None:
        """Take somebody off every list: the number is another's now, or nobody's."""
        for list_no, members in self._members.items():
            if subscriber_no in members:
                self._change(list_no, [subscriber_no], False, changes)

    def _change(self, list_no: int, numbers: Iterable[int], active: bool, changes: Changes) -> None:
        members = self._members.setdefault(list_no, {})
        for number in numbers:
            if active:
                members[number] = None
            else:
                members.pop(number, None)
            row: dict[str, object] = {"list_no": list_no, "subscriber_no": number, "active": active}
            changes.upserts.append(("distribution_list_member", row))
