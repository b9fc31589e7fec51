"""Database commands of the control socket: how many people a client's lists and touchpoints brought."""

from collections.abc import Mapping
from typing import Any

from operator_push.domain.audience.counting import Disclosed, disclose
from operator_push.domain.databases import DatabaseKind, people_of_brand
from operator_push.domain.permission import PermissionBook
from operator_push.gateway.clock import now_us
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.services.registry import Registry


class DatabaseCommands:
    """The handlers by name."""

    def __init__(self, registry: Registry, permission: PermissionBook, floor: int) -> None:
        self._registry = registry
        self._permission = permission
        self._floor = floor

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {"database.counts": self._counts}

    def _counts(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """{"account"} → {"existing", "opt-in"} in tens, null below "floor"."""
        account = self._registry.require_account(str(args["account"]))
        self._permission.expire(now_us())
        listed, own = people_of_brand(self._permission, account.brand_no)
        kinds = ((DatabaseKind.EXISTING, listed), (DatabaseKind.OPT_IN, own))
        told: dict[str, Any] = {"floor": self._floor, "brand": self._registry.brand_name(account.brand_no)}
        for kind, people in kinds:
            count = disclose(len(people), self._floor)
            told[kind.value] = count.count if isinstance(count, Disclosed) else None
        answer(told)
