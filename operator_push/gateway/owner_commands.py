"""Owner commands of the control socket: numbers that change hands, and people who are erased."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sqlalchemy import Connection

from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, imported, rows_by_name, who
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.change_owner import ChangeOwner

log = logging.getLogger(__name__)

# Empties a person's rows: (connection, (subscriber_no, lookup, key_version), at_us, by) → how many acts were
# emptied.
Erase = Callable[[Connection, tuple[int, bytes, int], int, str], int]


class Forgets(Protocol):
    """What is asked of the vault."""

    def forget(self, msisdn: str) -> tuple[int, bytes, int]: ...


class Submits(Protocol):
    """What is needed of a WriterThread."""

    def submit(
        self, work: Callable[[Connection], int], done: Callable[[int | BaseException], None]
    ) -> None: ...


class OwnerCommands:
    """The handlers by name."""

    def __init__(
        self, owners: ChangeOwner, vault: Forgets, erase: Erase, writer: Submits, committer: Committer
    ) -> None:
        self._owners = owners
        self._vault = vault
        self._erase = erase
        self._writer = writer
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {"subscriber.change": self._change, "subscriber.erase": self._erase_one}

    def _change(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"rows": [{"line", "msisdn" or "subscriber_no", "change", "at", "evidence"}]} → as
        subscriber.import."""
        rows, at_us = rows_by_name(args), now_us()
        applied = 0
        rejected: list[dict[str, Any]] = []
        for row in rows:
            try:
                applied += self._owners.change(row, at_us, self._committer.changes)
            except KeyError as error:
                rejected.append({"line": row.get("line"), "reason": f"column {error} is missing"})
            except ValueError as error:
                rejected.append({"line": row.get("line"), "reason": str(error)})
        after_commit(self._committer, answer, imported(len(rows), applied, rejected))

    def _erase_one(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"number", "by"} → {"erased", "acts"} once it is on disk.

        In memory the person is gone at once; what was staged before is committed before it is emptied.
        """
        msisdn = normalise_msisdn(str(args["number"]))
        if msisdn is None:
            raise OperatorError("number is not an international number")
        at_us, by = now_us(), who(args)
        forgotten = self._vault.forget(msisdn)
        if not (number := forgotten[0]):
            answer({"erased": False, "acts": 0})
            return
        self._owners.forget(number, at_us)
        for told in self._owners.on_gone:
            told(number, self._committer.changes)

        def done(acts: int | BaseException) -> None:
            if isinstance(acts, BaseException):
                log.error("subscriber %d could not be erased on disk: %s", number, acts)
                refuse(f"not erased on disk, ask again after a restart: {acts}")
            else:
                answer({"erased": True, "acts": acts})

        def empty() -> None:
            self._writer.submit(lambda connection: self._erase(connection, forgotten, at_us, by), done)

        self._committer.promise(empty)
        self._committer.kick()
