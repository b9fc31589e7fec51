"""List commands of the control socket: put people on an account's distribution list, show it, take them off.

Numbers go to the vault and come back from it, audited; who was brought by customer code is shown by it.
Documented in docs/control-socket.md.
"""

from collections.abc import Callable, Mapping
from typing import Any

from operator_push.domain.person_links import PersonLinks
from operator_push.domain.personal.own_columns import parse_column, typed_value
from operator_push.domain.personal.template import VALUE_CHARS_MAX, may_be_shown
from operator_push.domain.profile import FeatureValue
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, imported, rows_by_name
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.distribution_lists import DistributionLists, Member
from operator_push.services.ports import VaultPort
from operator_push.services.registry import Registry

MSISDN, CUSTOMER_CODE = "msisdn", "customer_code"
SHOWN_MAX = 1_000  # Ours: each is looked up in the vault, and a longer list is its client's own file
_LINKING = "`operator-push person link` links one by proof"


class ListCommands:
    """The handlers by name."""

    def __init__(
        self,
        lists: DistributionLists,
        registry: Registry,
        vault: VaultPort,
        msisdn_of: Callable[[int], str],
        links: PersonLinks,
        committer: Committer,
    ) -> None:
        self._lists = lists
        self._registry = registry
        self._vault = vault
        self._msisdn_of = msisdn_of
        self._links = links
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {
            "list.add": self._add,
            "list.import": self._import,
            "list.show": self._show,
            "list.remove": self._remove,
        }

    def _add(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        at_us, changes = now_us(), self._committer.changes
        account_no, name = self._named(args)
        by_code = [Member(each, by_code=True) for each in self._holders(account_no, args)]
        enrolment = self._vault.enrol(_msisdns(args), at_us)
        changes.vault_subscriber.extend(enrolment.rows)
        people = [*map(Member, enrolment.numbers), *by_code]
        added = self._lists.add(account_no, name, people, at_us, changes)
        self._told(answer, account_no, name, added)

    def _import(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"account", "name", "rows": [{"line", "msisdn" or "customer_code", columns with their types}]}, or
        with "columns" → as subscriber.import; with {"members"}."""
        at_us, changes, rows = now_us(), self._committer.changes, rows_by_name(args)
        account_no, name = self._named(args)
        heads = [head for head in (rows[0] if rows else {}) if head not in ("line", MSISDN, CUSTOMER_CODE)]
        columns = {head: parse_column(head) for head in heads}
        found: list[tuple[Mapping[str, Any], dict[str, FeatureValue]]] = []
        rejected: list[dict[str, Any]] = []
        for row in rows:
            try:
                self._check_person(account_no, row)
                found.append((row, _own_values(row, columns)))
            except OperatorError as error:
                rejected.append({"line": row.get("line"), "reason": str(error)})
        brought = [row for row, _ in found if row.get(MSISDN)]
        enrolment = self._vault.enrol([_msisdn(row) for row in brought], at_us)
        changes.vault_subscriber.extend(enrolment.rows)
        numbers = iter(enrolment.numbers)
        people = [
            Member(next(numbers), own=own)
            if row.get(MSISDN)
            else Member(self._links.holder(account_no, str(row[CUSTOMER_CODE])), by_code=True, own=own)
            for row, own in found
        ]
        applied = self._lists.add(account_no, name, people, at_us, changes, dict(columns.values()))
        told = {
            **imported(len(rows), min(applied, len(found)), rejected),
            "members": self._lists.size_of(account_no, name),
        }
        after_commit(self._committer, answer, told)

    def _show(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        account_no, name = self._named(args)
        members = self._lists.members_of(account_no, name, SHOWN_MAX)
        if not members:
            raise OperatorError(f"there is no list {name!r}")
        by_code = self._lists.came_by_code(account_no, name)
        linked = [self._links.linked(account_no, number) for number in members if number in by_code]
        answer(
            {
                "members": self._lists.size_of(account_no, name),
                "msisdns": [self._msisdn_of(number) for number in members if number not in by_code],
                "customer_codes": [link.customer_code for link in linked if link is not None],
                "columns": self._lists.columns_of(account_no, name),
            }
        )

    def _remove(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        account_no, name = self._named(args)
        wanted = [self._vault.number_of(msisdn) for msisdn in _msisdns(args)]
        wanted += self._holders(account_no, args)
        removed = self._lists.remove(account_no, name, wanted or None, self._committer.changes)
        self._told(answer, account_no, name, removed)

    def _holders(self, account_no: int, args: Mapping[str, Any]) -> list[int]:
        """Whose the customer codes of a call are.

        Raises:
            OperatorError: one is nobody's; the message says at which place.
        """
        found = [self._links.holder(account_no, str(code)) for code in args.get("customer_codes") or ()]
        if 0 in found:
            raise OperatorError(f"customer code {1 + found.index(0)} is linked to nobody; {_LINKING}")
        return found

    def _check_person(self, account_no: int, row: Mapping[str, Any]) -> None:
        if row.get(MSISDN):
            _msisdn(row)
        elif not (code := str(row.get(CUSTOMER_CODE) or "")):
            raise OperatorError(f"neither {MSISDN} nor {CUSTOMER_CODE} says whose it is")
        elif not self._links.holder(account_no, code):
            raise OperatorError(f"the customer code is linked to nobody; {_LINKING}")

    def _named(self, args: Mapping[str, Any]) -> tuple[int, str]:
        return self._registry.require_account(str(args["account"])).account_no, str(args["name"])

    def _told(self, answer: Answer, account_no: int, name: str, changed: int) -> None:
        members = self._lists.size_of(account_no, name)
        after_commit(self._committer, answer, {"changed": changed, "members": members})


def _msisdns(args: Mapping[str, Any]) -> list[str]:
    """The numbers of a call as msisdns.

    Raises:
        OperatorError: one of them is none; the message says at which place.
    """
    found = []
    for place, text in enumerate(args.get("msisdns") or (), 1):
        msisdn = normalise_msisdn(str(text))
        if msisdn is None:
            raise OperatorError(f"number {place} of msisdns is not an international number")
        found.append(msisdn)
    return found


def _msisdn(row: Mapping[str, Any]) -> str:
    msisdn = normalise_msisdn(str(row[MSISDN]))
    if msisdn is None:
        raise OperatorError("msisdn is not an international number")
    return msisdn


def _own_values(row: Mapping[str, Any], columns: Mapping[str, tuple[str, str]]) -> dict[str, FeatureValue]:
    """What a row says of its person, by column; `columns`: head → name and type."""
    found = {}
    for head, (name, kind) in columns.items():
        value = typed_value(name, kind, str(row.get(head) or ""))
        if value is None:
            continue
        if not may_be_shown(value):
            raise OperatorError(
                f"{name} cannot stand in a text: more than {VALUE_CHARS_MAX} characters, a link, or a "
                "character that cannot be printed"
            )
        found[name] = value
    return found
