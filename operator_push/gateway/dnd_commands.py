"""Do-not-disturb commands of the control socket: the national register, row by row."""

from collections.abc import Callable, Mapping
from typing import Any

from operator_push.domain.dnd_register import DndRegister, parse_entry
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, imported, rows_by_name
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import normalise_msisdn

COLUMNS = ("blocked", "channels", "days", "bands")


class DndCommands:
    """The handlers by name; `changed` is called when a row has changed what is blocked."""

    def __init__(
        self,
        shard: int,
        register: DndRegister,
        committer: Committer,
        changed: Callable[[], object] = lambda: None,
    ) -> None:
        self._shard = shard
        self._register = register
        self._committer = committer
        self._changed = changed

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {"dnd.import": self._import}

    def _import(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"rows": [{"line", "msisdn", "blocked", "channels", "days", "bands"}]}, or with "columns" →
        {"applied", "unchanged", "rejected": [{"line", "reason"}]}."""
        rows, at_us = rows_by_name(args), now_us()
        rejected: list[dict[str, Any]] = []
        applied = 0
        for row in rows:
            msisdn = normalise_msisdn(str(row.get("msisdn", "")))
            said = {name: str(row.get(name) or "").strip() for name in COLUMNS}
            try:
                if msisdn is None:
                    raise OperatorError("msisdn is not an international number")
                entry = parse_entry(**said)
            except OperatorError as error:
                rejected.append({"line": row.get("line"), "reason": str(error)})
                continue
            if self._register.put(msisdn, entry, at_us):
                applied += 1
                key: dict[str, object] = {"shard": self._shard, "msisdn": int(msisdn)}
                self._committer.changes.upserts.append(("dnd_entry", {**key, **said, "changed_us": at_us}))
        if applied:
            self._changed()
        after_commit(self._committer, answer, imported(len(rows), applied, rejected))
