"""List commands of the control socket: put people on an account's distribution list, show it, take them off.

Numbers go to the vault and come back from it, audited; documented in docs/control-socket.md.
"""

from collections.abc import Callable, Mapping
from typing import Any

from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.distribution_lists import DistributionLists
from operator_push.services.ports import VaultPort
from operator_push.services.registry import Registry


class ListCommands:
    """The handlers by name."""

    def __init__(
        self,
        lists: DistributionLists,
        registry: Registry,
        vault: VaultPort,
        msisdn_of: Callable[[int], str],
        committer: Committer,
    ) -> None:
        self._lists = lists
        self._registry = registry
        self._vault = vault
        self._msisdn_of = msisdn_of
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {"list.add": self._add, "list.show": self._show, "list.remove": self._remove}

    def _add(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        at_us, changes = now_us(), self._committer.changes
        account_no, name = self._named(args)
        enrolment = self._vault.enrol(_msisdns(args), at_us)
        changes.vault_subscriber.extend(enrolment.rows)
        added = self._lists.add(account_no, name, enrolment.numbers, at_us, changes)
        self._told(answer, account_no, name, added)

    def _show(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        account_no, name = self._named(args)
        members = self._lists.members_of(account_no, name)
        if not members:
            raise OperatorError(f"there is no list {name!r}")
        answer({"members": len(members), "msisdns": [self._msisdn_of(number) for number in members]})

    def _remove(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        account_no, name = self._named(args)
        wanted = _msisdns(args)
        numbers = [self._vault.number_of(msisdn) for msisdn in wanted] if wanted else None
        removed = self._lists.remove(account_no, name, numbers, self._committer.changes)
        self._told(answer, account_no, name, removed)

    def _named(self, args: Mapping[str, Any]) -> tuple[int, str]:
        return self._registry.require_account(str(args["account"])).account_no, str(args["name"])

    def _told(self, answer: Answer, account_no: int, name: str, changed: int) -> None:
        members = len(self._lists.members_of(account_no, name))
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
