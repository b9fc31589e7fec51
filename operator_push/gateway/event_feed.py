"""The event feed: tells every sink of delivery events what has become final, in order, at least once.

Events queue after the commit of their final rows; a cursor per sink moves when the sink has taken a batch.
A sink that is away costs memory up to a bound; beyond it, and at start, its events are read from the rows.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.defer import Deferred, ensureDeferred

from operator_push.domain.message import MessageState
from operator_push.gateway.committer import Committer
from operator_push.kernel.errors import ResourceError
from operator_push.services.changes import Changes
from operator_push.services.open_messages import OpenMessage
from operator_push.services.ports import DeliveryEvent, DeliveryEventSink
from operator_push.services.registry import Registry

log = logging.getLogger(__name__)

QUEUED_MAX = 100_000
RETRY_S = 5.0

# Reads events above a sequence from the rows: (sequence, limit, callback); None: the rows cannot be read now.
ReadEvents = Callable[[int, int, Callable[[Sequence[DeliveryEvent] | None], None]], None]


class EventFeed:
    """All sinks of one shard."""

    def __init__(self, registry: Registry, committer: Committer, name_of: Callable[[int], bytes]) -> None:
        """`name_of(message_id)`: what its client was told as the id of a message."""
        self._registry = registry
        self._name_of = name_of
        self._committer = committer
        self._sinks: list[SinkFeed] = []

    def add(self, sink: "SinkFeed") -> None:
        """Serve one more sink."""
        self._sinks.append(sink)

    def message_final(self, message: OpenMessage, state: int, now_us: int, changes: Changes) -> None:
        """services.finish_message.OnFinal: the row of the end was staged just before."""
        if not self._sinks:
            return
        _, _, message_id, sequence, _, _, settled, *_ = changes.message_final[-1]
        account = self._registry.account(message.account_no)
        event = DeliveryEvent(
            sequence=sequence,
            message_id=message_id,
            account=account.name if account else "",
            state=MessageState(state).name,
            smsc_message_id=message.segments[0].smsc_message_id,
            segments=message.segment_count,
            charged_micros=settled,
            final_at_us=now_us,
            client_reference=message.client_reference,
            campaign=self._registry.campaign_name(message.campaign_no),
            client_message_id=self._name_of(message_id).decode("ascii"),
        )
        self._committer.promise(lambda: self._offer(event))

    def _offer(self, event: DeliveryEvent) -> None:
        for sink in self._sinks:
            sink.offer(event)

    async def close(self) -> None:
        """Let every sink go."""
        for sink in self._sinks:
            await sink.close()


class SinkFeed:
    """One sink with its cursor."""

    def __init__(
        self,
        name: str,
        sink: DeliveryEventSink,
        batch_max: int,
        shard: int,
        cursor: int,
        read_events: ReadEvents,
        committer: Committer,
        call_later: Callable[[float, Callable[[], None]], Any],
    ) -> None:
        self._name = name
        self._sink = sink
        self._batch_max = batch_max
        self._shard = shard
        self._cursor = cursor
        self._read_events = read_events
        self._committer = committer
        self._call_later = call_later
        self._queue: deque[DeliveryEvent] = deque()
        self._behind = True  # events before this start, or dropped from the queue, are read from the rows
        self._busy = False
        self._closed = False

    def start(self) -> None:
        """Begin with what the last run left untold."""
        self._next()

    def offer(self, event: DeliveryEvent) -> None:
        """One more event, committed."""
        if self._behind or event.sequence <= self._cursor:
            self._next()
            return
        self._queue.append(event)
        if len(self._queue) > QUEUED_MAX:
            self._queue.clear()
            self._behind = True
        self._next()

    async def close(self) -> None:
        """Stop; what was not taken is told after the next start."""
        self._closed = True
        await self._sink.close()

    def _next(self) -> None:
        if self._busy or self._closed:
            return
        if self._behind:
            self._busy = True
            self._read_events(self._cursor, self._batch_max, self._have_read)
        elif self._queue:
            self._busy = True
            count = min(self._batch_max, len(self._queue))
            self._publish([self._queue.popleft() for _ in range(count)])

    def _have_read(self, events: Sequence[DeliveryEvent] | None) -> None:
        if events is None:
            self._again_later()
        elif events:
            self._publish(list(events))
        else:
            self._behind = False
            self._busy = False

    def _publish(self, events: list[DeliveryEvent]) -> None:
        taken: Deferred[None] = ensureDeferred(_awaited(self._sink, events))
        taken.addCallbacks(lambda _: self._taken(events[-1].sequence), self._refused)

    def _taken(self, sequence: int) -> None:
        self._cursor = sequence
        row: dict[str, object] = {"sink": self._name, "shard": self._shard, "sequence": sequence}
        self._committer.changes.upserts.append(("sink_cursor", row))
        self._committer.kick()
        self._busy = False
        self._next()

    def _refused(self, failure: Any) -> None:
        if not failure.check(ResourceError):
            log.error("sink %s failed: %s", self._name, failure.getErrorMessage())
        else:
            log.warning("sink %s does not take events: %s", self._name, failure.getErrorMessage())
        self._queue.clear()
        self._behind = True
        self._again_later()

    def _again_later(self) -> None:
        def again() -> None:
            self._busy = False
            self._next()

        self._call_later(RETRY_S, again)


async def _awaited(sink: DeliveryEventSink, events: Sequence[DeliveryEvent]) -> None:
    await sink.publish(events)
