"""Stopping: the parts behind holds and emergency stops, tied to a gateway's others."""

from collections.abc import Callable, Sequence

from operator_push.bootstrap.running_links import RunningLinks
from operator_push.bootstrap.state import State
from operator_push.gateway.esme_operations import service_type_of
from operator_push.services.cancel_message import CancelMessage
from operator_push.services.changes import Changes
from operator_push.services.choose_link import taken_messages
from operator_push.services.finish_message import FinishMessage
from operator_push.services.manage_holds import STOPPED, ManageHolds

# Told of a stop once it holds: (msisdn, now_us, changes).
OnStopped = Callable[[str, int, Changes], object]


class Stopping:
    """`holds` of accounts, campaigns and messages; `cancel_waiting` of links; who hears of people's stops."""

    def __init__(
        self, state: State, finish: FinishMessage, links: RunningLinks, on_stopped: Sequence[OnStopped]
    ) -> None:
        self._links = links
        self.on_stopped = on_stopped
        self._cancel = CancelMessage(
            state.messages,
            state.shown,
            finish,
            state.policy,
            lambda: {link.outbox.smsc_no for link in links.links.values()},
            service_type_of,
        )
        self.holds = ManageHolds(
            state.holds, state.messages, self._cancel.withdraw, links.put_back, links.link_name_of
        )

    def cancel_waiting(self, name: str, now_us: int, changes: Changes) -> int:
        """End what waits at a link as DELETED with its holds released; returns how many messages."""
        waiting = taken_messages(self._links.links[name].outbox)
        for message in waiting:
            self._cancel.withdraw(message, STOPPED, now_us, changes)
        return len(waiting)
