"""DLT commands of the control socket: what is registered, row by row."""

from collections.abc import Callable, Mapping
from typing import Any

from operator_push.domain.dlt_register import DltRegister, take_row
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, imported, rows_by_name
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError

COLUMNS = ("kind", "code", "entity", "brand", "kinds", "text")


class DltCommands:
    """The handlers by name; `changed` is called when rows have come in."""

    def __init__(
        self, register: DltRegister, committer: Committer, changed: Callable[[], object] = lambda: None
    ) -> None:
        self._changed = changed
        self._register = register
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {"dlt.import": self._import}

    def _import(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"rows": [{"line", "kind", "code", "entity", "brand", "kinds", "text"}]}, or with "columns" →
        {"applied", "unchanged", "rejected": [{"line", "reason"}]}."""
        rows, at_us = rows_by_name(args), now_us()
        rejected: list[dict[str, Any]] = []
        for row in rows:
            said = {name: str(row.get(name) or "").strip() for name in COLUMNS}
            try:
                take_row(self._register, **said, at_us=at_us)
            except OperatorError as error:
                rejected.append({"line": row.get("line"), "reason": str(error)})
                continue
            stored: dict[str, object] = {**said, "changed_us": at_us}
            self._committer.changes.upserts.append(("dlt_registration", stored))
        self._changed()
        after_commit(self._committer, answer, imported(len(rows), len(rows) - len(rejected), rejected))
