"""Holds: accounts, campaigns and single messages of which nothing leaves, and what was set aside for them.

A held message keeps its place in the books: its money stays held, its life still ends. It is set aside when
its turn would come, so that a hold costs the others nothing and counts for the very next segment.
"""

from collections.abc import Container, Iterable
from enum import Enum

from operator_push.services.open_messages import OpenMessage, OpenSegment

Aside = tuple[OpenMessage, list[OpenSegment]]


class HoldScope(Enum):
    """What a hold names."""

    ACCOUNT = "account"
    CAMPAIGN = "campaign"
    MESSAGE = "message"


class TrafficHolds:
    """The holds of one shard. `active` is False while there is none, so that asking costs next to nothing."""

    def __init__(self, held: Iterable[tuple[HoldScope, int]] = ()) -> None:
        self._numbers: dict[HoldScope, set[int]] = {scope: set() for scope in HoldScope}
        self._aside: dict[int, Aside] = {}
        self.active = False
        for scope, number in held:
            self.add(scope, number)

    def add(self, scope: HoldScope, number: int) -> None:
        """Nothing of this account, campaign or message leaves from now on."""
        self._numbers[scope].add(number)
        self.active = True

    def remove(self, scope: HoldScope, number: int) -> bool:
        """It may leave again, where no other hold stops it; False where this hold did not exist."""
        known = number in self._numbers[scope]
        self._numbers[scope].discard(number)
        self.active = any(self._numbers.values())
        return known

    def has(self, scope: HoldScope, number: int) -> bool:
        """True while this very hold stands."""
        return number in self._numbers[scope]

    def stops(self, message: OpenMessage) -> bool:
        """True where a hold names the message, its account or its campaign."""
        numbers = self._numbers
        return (
            message.account_no in numbers[HoldScope.ACCOUNT]
            or message.campaign_no in numbers[HoldScope.CAMPAIGN]
            or message.message_id in numbers[HoldScope.MESSAGE]
        )

    def keep_open(self, open_ids: Container[int]) -> None:
        """Forget the holds of single messages that have ended; at a start."""
        held = self._numbers[HoldScope.MESSAGE]
        self._numbers[HoldScope.MESSAGE] = {number for number in held if number in open_ids}
        self.active = any(self._numbers.values())

    @property
    def has_aside(self) -> bool:
        """True while something was set aside."""
        return bool(self._aside)

    def set_aside(self, message: OpenMessage, segment: OpenSegment) -> None:
        """The turn of a held segment has come: it waits here for its release, and is in no queue."""
        self._aside.setdefault(message.message_id, (message, []))[1].append(segment)

    def forget(self, message_id: int) -> None:
        """A message that was set aside has ended."""
        self._aside.pop(message_id, None)

    def take_free(self, now_us: int) -> list[Aside]:
        """What was set aside and is stopped no more, or whose life is over; the caller puts it back in line.

        Only these segments: others of the same message may still be in a queue, and none may be there twice.
        """
        free = [
            aside
            for aside in self._aside.values()
            if aside[0].expires_us <= now_us or not (self.active and self.stops(aside[0]))
        ]
        for message, _ in free:
            del self._aside[message.message_id]
        return free
