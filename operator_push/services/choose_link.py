"""Choose the link of a message: the best of its routes that is up, and another one when that goes down.

Laws: a segment with an open attempt never moves, and neither do its message's other segments, since their
ids and receipts are that SMSC's (law 3); while a segment of a line is out through one link, the line's next
ones follow it there, so that order survives a failover and the return from it. Which links there are and
which of them is up is told by the gateway.
"""

import logging
from collections.abc import Callable, Iterable

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import MessageState
from operator_push.services.dispatch_outbox import DispatchOutbox
from operator_push.services.open_messages import OpenMessage, OpenSegment
from operator_push.services.outbox_queue import Line, line_of

log = logging.getLogger(__name__)


class ChooseLink:
    """The outboxes of all links by name. A link counts as up until it is told to be down."""

    def __init__(self, facts: PolicyFacts) -> None:
        self._facts = facts
        self._outboxes: dict[str, DispatchOutbox] = {}
        self._down: set[str] = set()
        # Lines that went another way than their routes say while their link was down.
        self._diverted: dict[Line, str] = {}

    def add(self, name: str, outbox: DispatchOutbox) -> None:
        """A link that may be chosen from now on."""
        self._outboxes[name] = outbox

    def remove(self, name: str) -> list[OpenMessage]:
        """A link that is gone: what waits there moves; returns the messages that no other link reaches."""
        outbox = self._outboxes.pop(name, None)
        self._down.discard(name)
        if outbox is None:
            return []
        return [message for message in taken_messages(outbox) if not self.queue(message)]

    def is_up(self, name: str) -> bool:
        """False from `went_down` to `came_up`."""
        return name in self._outboxes and name not in self._down

    def queue(self, message: OpenMessage, segments: Iterable[OpenSegment] | None = None) -> bool:
        """Put a message, or some segments of it, in line at its link; False where no route reaches it."""
        if self._down or self._diverted or message.smsc_no:
            name = self.choose(message)
            if name is None:
                return False
            self._outboxes[name].queue(message, segments)
            return True
        for name in self._facts.routes.links_for(message):  # as `choose`, without asking for it twice
            outbox = self._outboxes.get(name)
            if outbox is not None:
                outbox.queue(message, segments)
                return True
        return False

    def choose(self, message: OpenMessage) -> str | None:
        """The name of the link for this message now; None where no route reaches it.

        Where every link that reaches it is down it waits for the best of them.
        """
        names = self._facts.routes.links_for(message)
        if not self._down and not self._diverted and not message.smsc_no:
            for name in names:
                if name in self._outboxes:
                    return name
            return None
        if message.smsc_no and any(segment.state != MessageState.ACCEPTED for segment in message.segments):
            names = self._of_its_smsc(message.smsc_no, names)
        best = next((name for name in names if self.is_up(name)), None)
        if best is None:
            return next((name for name in names if name in self._outboxes), None)
        line = line_of(message)
        other = self._diverted.get(line)
        if other is not None:
            if self.is_up(other) and other in names and self._outboxes[other].waiting.is_out(line):
                return other
            del self._diverted[line]
        if best != names[0]:
            self._diverted[line] = best
        return best

    def went_down(self, name: str) -> int:
        """Nothing can leave through this link for a while; returns how many messages went elsewhere."""
        if name not in self._outboxes or name in self._down:
            return 0
        self._down.add(name)
        return self._rebalance(name)

    def came_up(self, name: str) -> int:
        """The link takes messages again; returns how many came to it from where they had been diverted."""
        if name not in self._down:
            return 0
        self._down.discard(name)
        return sum(self._rebalance(other) for other in self._outboxes if other != name)

    def rebalance(self) -> int:
        """The routes are others: what waits goes where they lead; returns how many messages moved."""
        return sum(self._rebalance(name) for name in list(self._outboxes))

    def _of_its_smsc(self, smsc_no: int, names: tuple[str, ...]) -> tuple[str, ...]:
        """The links of the SMSC that has a part of the message already, those of its routes first."""
        same = [name for name, outbox in self._outboxes.items() if outbox.smsc_no == smsc_no]
        return tuple(sorted(same, key=lambda name: names.index(name) if name in names else len(names)))

    def _rebalance(self, name: str) -> int:
        outbox = self._outboxes[name]
        # A message without any route stays where it is: its route may come back, and its life has an end.
        moved = taken_messages(outbox, lambda message: self.choose(message) not in (name, None))
        for message in moved:
            self.queue(message)
        if moved:
            log.info("%d messages that waited at link %s go another way", len(moved), name)
        return len(moved)


def taken_messages(
    outbox: DispatchOutbox, unwanted: Callable[[OpenMessage], bool] = lambda message: True
) -> list[OpenMessage]:
    """Messages taken out of a queue, each once, in their order."""
    entries = outbox.waiting.remove_if(unwanted)
    return list({message.message_id: message for message, _ in entries}.values())
