"""Look-up commands of the control socket: a person who looks for somebody's messages leaves a row first."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, who
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import normalise_msisdn


class Audits(Protocol):
    """What is asked of the vault."""

    def asked_for(
        self, msisdn: str, *, actor: str, purpose: str, audit_id: int, at_us: int
    ) -> tuple[Any, ...]: ...


class LookupCommands:
    """The handlers by name."""

    def __init__(self, vault: Audits, next_id: Callable[[int], int], committer: Committer) -> None:
        self._vault = vault
        self._next_id = next_id
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {
            "message.look_up": partial(self._look_up, "message find", "number"),
            "dnd.look_up": partial(self._look_up, "dnd show", "msisdn"),
        }

    def _look_up(
        self, purpose: str, told_as: str, args: Mapping[str, Any], answer: Answer, refuse: Refuse
    ) -> None:
        """{"number", "by"} → {its name: its digits}, once the look-up is in the vault's audit."""
        msisdn = normalise_msisdn(str(args["number"]))
        if msisdn is None:
            raise OperatorError("number is not an international number")
        at_us = now_us()
        row = self._vault.asked_for(
            msisdn, actor=who(args), purpose=purpose, audit_id=self._next_id(at_us), at_us=at_us
        )
        self._committer.changes.vault_audit.append(row)
        after_commit(self._committer, answer, {told_as: msisdn})
