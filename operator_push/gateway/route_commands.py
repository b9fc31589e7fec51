"""Route commands of the control socket: list, add and remove routes and networks, tell how a number goes.

A few lines over services.manage_routes; documented in docs/control-socket.md.
"""

from collections.abc import Callable, Mapping
from typing import Any

from operator_push.domain.message import TrafficClass
from operator_push.domain.routing import RoutedMessage
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_answers import after_commit, who, whole
from operator_push.gateway.control_server import Answer, Handler, Refuse
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.manage_routes import ManageRoutes, RoutingKind, RoutingRow
from operator_push.services.registry import Registry

_ROUTE, _NETWORK = RoutingKind


class RouteCommands:
    """The handlers by name."""

    def __init__(
        self,
        rows: ManageRoutes,
        registry: Registry,
        tell: Callable[[RoutedMessage], Mapping[str, Any]],
        committer: Committer,
    ) -> None:
        """`tell` says how such a message goes now, as JSON."""
        self._rows = rows
        self._registry = registry
        self._tell = tell
        self._committer = committer

    def handlers(self) -> dict[str, Handler]:
        """Command name → handler."""
        return {
            "route.list": self._list(_ROUTE),
            "route.add": self._add(_ROUTE),
            "route.remove": self._remove(_ROUTE),
            "route.show": self._show,
            "network.list": self._list(_NETWORK),
            "network.add": self._add(_NETWORK),
            "network.remove": self._remove(_NETWORK),
        }

    def _list(self, kind: RoutingKind) -> Handler:
        def handler(args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
            answer({f"{kind.value}s": [_shown(row) for row in self._rows.rows(kind)]})

        return handler

    def _add(self, kind: RoutingKind) -> Handler:
        def handler(args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
            values = args.get("settings")
            if not isinstance(values, dict):
                raise OperatorError("settings must be an object of keys and values")
            self._done(answer, *self._rows.add(kind, values, who(args), now_us(), self._committer.changes))

        return handler

    def _remove(self, kind: RoutingKind) -> Handler:
        def handler(args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
            number = whole(args["number"], "number")
            self._done(answer, *self._rows.remove(kind, number, who(args), now_us(), self._committer.changes))

        return handler

    def _show(self, args: Mapping[str, Any], answer: Answer, refuse: Refuse) -> None:
        """How a message to `to` goes; what is left out of sender, account and class fits open routes only."""
        msisdn = normalise_msisdn(str(args["to"]))
        if msisdn is None:
            raise OperatorError("is not an international number", key="to")
        account = self._registry.require_account(str(args["account"])) if args.get("account") else None
        asked = str(args.get("traffic_class") or "").upper()
        if asked and asked not in TrafficClass.__members__:
            allowed = ", ".join(TrafficClass.__members__).lower()
            raise OperatorError(f"{asked.lower()!r} is none; allowed: {allowed}", key="traffic_class")
        traffic_class = TrafficClass[asked] if asked else account.traffic_class if account else 0
        number = account.account_no if account else 0
        answer(self._tell(RoutedMessage(msisdn, number, str(args.get("sender") or ""), traffic_class)))

    def _done(self, answer: Answer, row: RoutingRow, moved: int) -> None:
        after_commit(self._committer, answer, {row.kind.value: _shown(row), "moved": moved})


def _shown(row: RoutingRow) -> dict[str, Any]:
    return {
        "number": row.row_no,
        "settings": dict(row.values),
        "added_at": iso(row.added_us),
        "added_by": row.added_by,
    }
