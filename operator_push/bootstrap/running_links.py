"""Running links: the binds to SMSCs as the store's records say, changed while traffic goes on.

Laws: the settings of all links are judged before anything is touched; a link that stops, changes or goes
takes nothing new at once, is given some seconds for the answers of what is on its way, and is unbound then
(what is still open is UNKNOWN, law 3); what waits is never dropped: it moves, waits, or ends with its hold
released.
"""

import logging
from collections.abc import Callable, Iterable, Sequence

from operator_push.bootstrap.link_binding import Connect, LinkBinding
from operator_push.bootstrap.routes import MakeRoutes, put_routes
from operator_push.config import Settings, SmscSettings
from operator_push.config.link_settings import (
    check_link_password,
    link_password,
    link_settings,
    link_values,
)
from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import MessageState
from operator_push.gateway.smsc_link import SmscLink
from operator_push.services.changes import Changes
from operator_push.services.choose_link import ChooseLink, taken_messages
from operator_push.services.dispatch_outbox import DispatchOutbox
from operator_push.services.finish_message import TOLD_BY_US, FinishMessage
from operator_push.services.holds import Aside
from operator_push.services.manage_links import LinkEffect, LinkRecord, LinkState, Values
from operator_push.services.open_messages import OpenMessage, OpenMessages

log = logging.getLogger(__name__)

NO_LINK = "no link"
# Settings that change in place; with any other one the link is made anew, with a new bind.
IN_PLACE = frozenset(
    {
        *("window", "segments_per_second", "prefixes", "channels", "priority", "weight", "smsc"),
        *("long_messages", "shift_tables"),  # they count for what is accepted from now on
    }
)
AT_SMSC = (MessageState.SENT, MessageState.UNKNOWN)


def smsc_numbers(records: Iterable[LinkRecord]) -> dict[int, int]:
    """link_no → number of the SMSC: links with one `smsc` or to one address, named by the first of them.

    A transmitter and a receiver of one SMSC share its ids, as two transceivers do. Removed links count, so
    that receipts of what they sent are still found when they come through another link of their SMSC.
    """
    first: dict[object, int] = {}
    ordered = sorted(records, key=lambda record: record.link_no)
    return {record.link_no: first.setdefault(_smsc_of(record), record.link_no) for record in ordered}


class RunningLinks:
    """The links of this process by name; the `LinkRoom` of services.manage_links."""

    def __init__(
        self,
        settings: Settings,
        facts: PolicyFacts,
        make_routes: MakeRoutes,
        choose: ChooseLink,
        messages: OpenMessages,
        finish: FinishMessage,
        smsc_nos: dict[int, int],
        make_link: Callable[[SmscSettings, int], SmscLink],
        make_outbox: Callable[[int], DispatchOutbox],
        call_later: Callable[[float, Callable[[], None]], object],
        monotonic: Callable[[], float],
    ) -> None:
        """`make_link(settings, link_no)` and `make_outbox(link_no)` number the SMSC by `smsc_nos`, which is
        kept in step here."""
        self._settings = settings
        self._facts = facts
        self._make_routes = make_routes
        self._choose = choose
        self._messages = messages
        self._finish = finish
        self._smsc_nos = smsc_nos
        self._make_link = make_link
        self._make_outbox = make_outbox
        self._call_later = call_later
        self._monotonic = monotonic
        self._connect: Connect | None = None
        self.links: dict[str, SmscLink] = {}  # those that are not removed, by name; one mapping for all time
        self._running: dict[str, LinkBinding] = {}
        self._leaving: list[LinkBinding] = []  # removed, and waiting for their last answers
        self._gone: dict[int, DispatchOutbox] = {}
        self._adrift: list[DispatchOutbox] = []  # queues of links made anew, with what found no other way
        self.on_settings: Callable[[SmscSettings], None] = lambda settings: None
        self._identities: dict[int, object] = {}  # link_no → which SMSC it says it goes to

    def settings(self) -> list[SmscSettings]:
        """What the links that are not removed are set to."""
        return [running.settings for running in self._running.values()]

    @property
    def in_flight(self) -> int:
        """Attempts whose answer is not committed."""
        return sum(running.link.in_flight for running in self._everyone())

    @property
    def waiting(self) -> int:
        """Segments accepted and not attempted."""
        return sum(len(running.link.outbox) for running in self._everyone())

    @property
    def ready(self) -> int:
        """Segments of these that wait for nothing but their turn."""
        return sum(running.link.outbox.waiting.ready for running in self._everyone())

    # -- the life of the program ---------------------------------------------------------------------------

    def load(self, records: Iterable[LinkRecord]) -> None:
        """Make every link that is not removed; nothing connects yet."""
        for record in records:
            self._identities[record.link_no] = _smsc_of(record)
            if record.state is not LinkState.RETIRED:
                self._open(record, self.settings_of(record))

    def connect_all(self, connect: Connect) -> None:
        """Connect the active links now, and later ones as they come."""
        self._connect = connect
        for running in self._running.values():
            if running.link.sending:
                running.bind(connect)

    def stop_sending(self) -> None:
        """Stage nothing more on any link (graceful stop of the product)."""
        for running in self._everyone():
            running.link.sending = False

    def unbind_all(self) -> None:
        """Ask every SMSC to end its bind, and connect no more."""
        for running in self._everyone():
            running.unbind()

    def close_all(self, reason: str) -> None:
        """Close what is still open."""
        for running in self._everyone():
            running.close(reason)

    # -- what the use case asks ----------------------------------------------------------------------------

    def normalised(self, name: str, values: Values) -> Values:
        """As services.manage_links.LinkRoom."""
        return link_values(link_settings(name, values))

    def check_password(self, name: str, password: str) -> None:
        """As services.manage_links.LinkRoom."""
        check_link_password(name, password)

    def apply(
        self, links: Sequence[LinkRecord], changed: LinkRecord, now_us: int, changes: Changes
    ) -> LinkEffect:
        """As services.manage_links.LinkRoom."""
        named = {record.name: self.settings_of(record) for record in links}
        table = self._make_routes(
            [named[record.name] for record in links if record.state is LinkState.ACTIVE],
            [named[record.name] for record in links if record.state is LinkState.STOPPED],
        )
        self._number(changed)
        if changed.state is not LinkState.RETIRED:
            self.on_settings(named[changed.name])
        put_routes(self._facts, table)
        if changed.state is LinkState.RETIRED:
            return self._remove(changed, now_us, changes)
        running = self._running.get(changed.name)
        if running is None:
            running = self._open(changed, named[changed.name])
            reconnects = running.link.sending
            if reconnects:
                running.bind(self._connect)
        else:
            reconnects = self._change(running, changed, named[changed.name])
        moved = self._choose.rebalance()
        waiting = len(self._running[changed.name].link.outbox)
        return LinkEffect(moved, 0, waiting, self._at_smsc(changed.link_no), reconnects)

    def reroute(self) -> int:
        """The routes are others: make the table anew; returns how many messages that waited go another way.

        Raises:
            OperatorError: a route is wrong; then nothing has changed.
        """
        everyone = list(self._running.values())
        table = self._make_routes(
            [each.settings for each in everyone if not each.link.watch.stopped],
            [each.settings for each in everyone if each.link.watch.stopped],
        )
        put_routes(self._facts, table)
        return self._choose.rebalance()

    def settings_of(self, record: LinkRecord) -> SmscSettings:
        """The settings of a record with its password from wherever that is kept.

        Raises:
            OperatorError: this version of the product does not take them.
        """
        password, _ = link_password(self._settings, record.name, record.password)
        return link_settings(record.name, record.settings, password)

    def outbox_of(self, link_no: int) -> DispatchOutbox:
        """The outbox under a link's number; for a link that is gone one whose messages go another way."""
        for running in self._everyone():
            if running.link.outbox.link_no == link_no:
                return running.link.outbox
        if link_no not in self._gone:
            self._gone[link_no] = self._make_outbox(link_no)
        return self._gone[link_no]

    def sweep(self, now_us: int, changes: Changes) -> None:
        """Let what came back to links that are gone go another way, or end; before every commit."""
        leaving = (running.link.outbox for running in self._leaving)
        for outbox in (*self._gone.values(), *leaving, *self._adrift):
            if len(outbox):
                stranded = [each for each in taken_messages(outbox) if not self._choose.queue(each)]
                self._end(stranded, now_us, changes)
        self._adrift.clear()

    def put_back(self, waiting: Iterable[Aside], now_us: int, changes: Changes) -> None:
        """Put segments that were set aside in line at their links; a message without any ends."""
        for message, segments in waiting:
            if not self._choose.queue(message, segments):
                self._end([message], now_us, changes)

    def requeue(self, name: str | None) -> tuple[int, int]:
        """Route again what waits at a link, or at all of them, without the rest of its wait for a retry.

        (messages routed again, those of them that go another way). What has an open attempt is in no queue
        and stays where it is (law 3).
        """
        routed = moved = 0
        for running in [self._running[name]] if name is not None else list(self._running.values()):
            outbox = running.link.outbox
            for message in taken_messages(outbox):
                for segment in message.segments:
                    segment.retry_at_us = 0
                routed += 1
                there = self._choose.choose(message)
                moved += there not in (running.settings.name, None)
                if not self._choose.queue(message):
                    outbox.queue(message)
        return routed, moved

    def link_name_of(self, message: OpenMessage) -> str:
        """The link that a waiting message would go through now, "" where there is none."""
        return self._choose.choose(message) or ""

    # -- one link ------------------------------------------------------------------------------------------

    def _open(self, record: LinkRecord, settings: SmscSettings) -> LinkBinding:
        link = self._make_link(settings, record.link_no)
        running = LinkBinding(settings, link, self._call_later, self._monotonic)
        self._running[record.name], self.links[record.name] = running, link
        if settings.bind_type != "receiver":
            self._choose.add(record.name, link.outbox)
        link.sending = record.state is LinkState.ACTIVE
        if not link.sending:
            link.watch.stop(True)
        return running

    def _change(self, running: LinkBinding, record: LinkRecord, settings: SmscSettings) -> bool:
        """Bring a link to its new settings and state; True where it gets a new bind."""
        before, running.settings = running.settings, settings
        other = {key for key in SmscSettings.model_fields if getattr(before, key) != getattr(settings, key)}
        running.stale |= bool(other - IN_PLACE)
        link, starts = running.link, running.link.watch.stopped
        link.adjust(settings.window, settings.segments_per_second or 0)
        link.outbox.smsc_no = self._smsc_nos[record.link_no]
        if record.state is LinkState.STOPPED:
            link.watch.stop(True)
            running.let_go(lambda: self._renew(running, record))
            return False
        if starts:
            link.watch.stop(False)
        if starts or running.stale:
            running.let_go(lambda: self._renew(running, record).bind(self._connect))
            return True
        return False

    def _renew(self, running: LinkBinding, record: LinkRecord) -> LinkBinding:
        """Where a link is stale, one made with the settings of now in its place."""
        if not running.stale:
            return running
        running.link.close()
        old = running.link.outbox
        waiting = taken_messages(old)
        self._choose.remove(record.name)
        renewed = self._open(record, running.settings)
        for message in waiting:
            if not self._choose.queue(message):
                old.queue(message)
        self._adrift.append(old)
        return renewed

    def _remove(self, record: LinkRecord, now_us: int, changes: Changes) -> LinkEffect:
        running, link = self._running.pop(record.name), self.links.pop(record.name)
        link.watch.retire()
        waited = len({message.message_id for message, _ in link.outbox.waiting})
        stranded = self._choose.remove(record.name)
        self._end(stranded, now_us, changes)
        self._leaving.append(running)

        def gone() -> None:
            link.close()
            self._leaving.remove(running)
            self._gone.setdefault(record.link_no, link.outbox)

        running.let_go(gone)
        return LinkEffect(waited - len(stranded), len(stranded), 0, self._at_smsc(record.link_no))

    # -- all of them ---------------------------------------------------------------------------------------

    def _number(self, changed: LinkRecord) -> None:
        """A link that is new or has come to another SMSC gets its number; what is numbered already stays."""
        identity, number = _smsc_of(changed), changed.link_no
        if self._identities.get(number) == identity:
            return
        there = [
            self._smsc_nos[other]
            for other, same in self._identities.items()
            if other != number and same == identity
        ]
        self._smsc_nos[number] = min(there, default=number)
        self._identities[number] = identity

    def _end(self, messages: Sequence[OpenMessage], now_us: int, changes: Changes) -> None:
        for message in messages:
            for segment in message.segments:
                if segment.state == MessageState.ACCEPTED:
                    self._finish.segment_ended(
                        0, message, segment, MessageState.REJECTED, TOLD_BY_US, NO_LINK, now_us, changes
                    )
        if messages:
            log.warning("%d messages have no link any more; they end and their holds go back", len(messages))

    def _at_smsc(self, link_no: int) -> int:
        smsc_no = self._smsc_nos[link_no]
        return sum(
            message.smsc_no == smsc_no and any(segment.state in AT_SMSC for segment in message.segments)
            for message in self._messages
        )

    def _everyone(self) -> list[LinkBinding]:
        return [*self._running.values(), *self._leaving]


def _smsc_of(record: LinkRecord) -> object:
    values = record.settings
    port = values.get("port", SmscSettings.model_fields["port"].default)
    return values.get("smsc") or (values["host"], port)
