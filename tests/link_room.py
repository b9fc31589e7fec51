"""Running links over a shard in memory, with connectors and a clock that obey the test."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from control_desk import Written, committer_over
from shard import LINK, NOW_US, Shard

from operator_push.bootstrap.routes import routing_table
from operator_push.bootstrap.running_links import RunningLinks, smsc_numbers
from operator_push.config import Settings, SmscSettings
from operator_push.gateway.link_watch import LinkWatch
from operator_push.gateway.smsc_link import SmscLink
from operator_push.services.changes import Changes
from operator_push.services.choose_link import ChooseLink, taken_messages
from operator_push.services.dispatch_outbox import DispatchOutbox
from operator_push.services.manage_links import LinkRecord, LinkState, ManageLinks


class Session:
    """A bind that answers an unbind at once, unless it is deaf."""

    def __init__(self, connector: "Connector") -> None:
        self.connector = connector

    def unbind(self, now: float) -> None:
        self.connector.did.append("unbind")
        if not self.connector.deaf:
            self.connector.protocol = None


class Connector:
    """Notes what it is told; `protocol` as the real one."""

    def __init__(self, settings: SmscSettings) -> None:
        self.settings = settings
        self.did: list[str] = []
        self.deaf = False
        self.protocol: Any = None

    def start(self) -> None:
        self.did.append("start")
        self.protocol = SimpleNamespace(session=Session(self), flush=lambda: None)

    def retire(self) -> None:
        self.did.append("retire")

    def stop(self, reason: str = "stopped") -> None:
        self.did.append("stop")
        self.protocol = None


class LinkRoomInMemory:
    """Link "main" takes every number; the account of the shard sends through it."""

    def __init__(self, *others: LinkRecord) -> None:
        self.shard = Shard()
        self.now = 0.0
        self.calls: list[tuple[float, Callable[[], None]]] = []
        self.connectors: list[Connector] = []
        self.written = Written()
        self.committer = committer_over(self.written)
        main = record(LINK, "main")
        self.records = [main, *others]
        self.choose = ChooseLink(self.shard.facts)
        self.smsc_nos = smsc_numbers(self.records)
        self.running = RunningLinks(
            Settings(),
            self.shard.facts,
            routing_table,
            self.choose,
            self.shard.messages,
            self.shard.finish,
            self.smsc_nos,
            self._link,
            self._outbox,
            self._later,
            lambda: self.now,
        )
        self.running.load(self.records)
        self.shard.facts.routes = routing_table(
            self.running.settings_of(each) for each in self.records if each.state is LinkState.ACTIVE
        )
        self.shard.accept_use_case.on_admitted = lambda message: self.choose.queue(message)
        self.running.connect_all(self._connect)
        numbers = {each.name: each.link_no for each in self.records}
        self.links = ManageLinks(self.running, self.records, numbers)

    def change(self, do: str, *args: Any) -> Any:
        """One command of ManageLinks; its effect."""
        _, effect = getattr(self.links, do)(*args, "ann", NOW_US, self.shard.changes)
        return effect

    def cancel_waiting(self, name: str, now_us: int, changes: Changes) -> int:
        """As bootstrap.stopping: what waits there is taken out; how many messages."""
        return len(taken_messages(self.outbox(name)))

    def outbox(self, name: str) -> DispatchOutbox:
        return self.running.links[name].outbox

    def pass_time(self, seconds: float) -> None:
        """Let everything happen that is due by then."""
        until = self.now + seconds
        while self.calls and min(self.calls, key=lambda call: call[0])[0] <= until:
            due = min(self.calls, key=lambda call: call[0])
            self.calls.remove(due)
            self.now = max(self.now, due[0])
            due[1]()
        self.now = until

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self.calls.append((self.now + seconds, call))

    def _connect(self, settings: SmscSettings, link: SmscLink) -> Connector:
        self.connectors.append(Connector(settings))
        return self.connectors[-1]

    def _outbox(self, link_no: int, settings: SmscSettings | None = None) -> DispatchOutbox:
        shard, smsc_no = self.shard, self.smsc_nos.get(link_no, link_no)
        return DispatchOutbox(
            0, link_no, smsc_no, 1, shard.policy, shard.messages, shard.finish, holds=shard.holds
        )

    def _link(self, settings: SmscSettings, link_no: int) -> SmscLink:
        unused: Any = None
        return SmscLink(
            settings.name,
            unused,
            settings.window,
            settings.segments_per_second or 0,
            settings.text.default_alphabet,
            self._outbox(link_no, settings),
            self.shard.receipts,
            unused,
            self.committer,
            self.shard.meters,
            lambda: self.now,
            self._later,
            LinkWatch(settings.name, self.choose, settings.failover_after_s, self._later),
        )


def record(number: int, name: str, state: LinkState = LinkState.ACTIVE, **settings: Any) -> LinkRecord:
    """A link as the store has it, with a password there."""
    values = {"host": "a", "system_id": "x", **settings}
    return LinkRecord(number, name, state, values, None, "pw", NOW_US, "ann")
