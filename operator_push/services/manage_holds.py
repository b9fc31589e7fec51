"""Manage holds: emergency stops of accounts, campaigns and messages, their release, and what they end.

Laws: a hold counts for the very next segment and stands over restarts; a held message is neither lost nor
billed twice, its money stays held until it is sent or ends; what is at the SMSC already cannot be held.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from operator_push.domain.message import MessageState
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import id_epoch_us
from operator_push.services.changes import Changes
from operator_push.services.holds import Aside, HoldScope, TrafficHolds
from operator_push.services.open_messages import OpenMessage, OpenMessages

STOPPED = "stopped"

Withdraw = Callable[[OpenMessage, str, int, Changes], object]
PutBack = Callable[[Iterable[Aside], int, Changes], object]


@dataclass(frozen=True, slots=True)
class HoldEffect:
    """In messages: `waiting` are stopped now (or were, where they were released or cancelled), `cancelled`
    ended with their holds released, `at_smsc` had left before."""

    waiting: int
    cancelled: int
    at_smsc: int


@dataclass(frozen=True, slots=True)
class QueueRow:
    """What waits, of one link, account, campaign and class, held or not; `oldest_us` is an acceptance."""

    link: str
    account_no: int
    campaign_no: int
    traffic_class: int
    held: bool
    messages: int
    segments: int
    oldest_us: int


class ManageHolds:
    """The use case. `link_of(message)` names the link whose turn it would be, "" where there is none."""

    def __init__(
        self,
        holds: TrafficHolds,
        messages: OpenMessages,
        withdraw: Withdraw,
        put_back: PutBack,
        link_of: Callable[[OpenMessage], str],
    ) -> None:
        self._holds = holds
        self._messages = messages
        self._withdraw = withdraw
        self._put_back = put_back
        self._link_of = link_of

    def hold(self, scope: HoldScope, number: int, by: str, now_us: int, changes: Changes) -> HoldEffect:
        """Let nothing of this account, campaign or message leave; harmless to repeat.

        Raises:
            OperatorError: no such message is open.
        """
        self._check(scope, number)
        if not self._holds.has(scope, number):
            self._holds.add(scope, number)
            changes.upserts.append(("traffic_hold", _row(scope, number, True, by, now_us)))
        return self._effect(scope, number)

    def release(self, scope: HoldScope, number: int, by: str, now_us: int, changes: Changes) -> HoldEffect:
        """Let it leave again; what another hold still stops stays."""
        effect = self._effect(scope, number)
        if self._holds.remove(scope, number):
            changes.upserts.append(("traffic_hold", _row(scope, number, False, by, now_us)))
        self._put_back(self._holds.take_free(now_us), now_us, changes)
        return effect

    def cancel(self, scope: HoldScope, number: int, now_us: int, changes: Changes) -> HoldEffect:
        """End what waits as DELETED with its hold released; what is at the SMSC ends there.

        Raises:
            OperatorError: no such message is open.
        """
        self._check(scope, number)
        effect = self._effect(scope, number)
        cancelled = 0
        for message in list(self._of(scope, number)):
            if _waits(message):
                self._withdraw(message, STOPPED, now_us, changes)
                self._holds.forget(message.message_id)
                cancelled += 1
        return HoldEffect(effect.waiting, cancelled, effect.at_smsc)

    def is_held(self, scope: HoldScope, number: int) -> bool:
        """True while this very hold stands."""
        return self._holds.has(scope, number)

    def expire(self, now_us: int, changes: Changes) -> None:
        """Put what was set aside and has come to the end of its life in line, where it ends; now and then."""
        if self._holds.has_aside:
            self._put_back(self._holds.take_free(now_us), now_us, changes)

    def queue(self, wanted: Callable[[OpenMessage], bool] = lambda message: True) -> list[QueueRow]:
        """What waits, oldest first; reads every open message, so it is a question for a person."""
        messages: Counter[tuple[str, int, int, int, bool]] = Counter()
        segments: Counter[tuple[str, int, int, int, bool]] = Counter()
        oldest: dict[tuple[str, int, int, int, bool], int] = {}
        for message in self._messages:
            waiting = message.count_in(MessageState.ACCEPTED)
            if not waiting or not wanted(message):
                continue
            held = self._holds.active and self._holds.stops(message)
            link = self._link_of(message)
            key = (link, message.account_no, message.campaign_no, message.traffic_class, held)
            messages[key] += 1
            segments[key] += waiting
            at_us = id_epoch_us(message.message_id)
            oldest[key] = min(oldest.get(key, at_us), at_us)
        rows = [QueueRow(*key, messages[key], segments[key], oldest[key]) for key in messages]
        return sorted(rows, key=lambda row: row.oldest_us)

    def _check(self, scope: HoldScope, number: int) -> None:
        if scope is HoldScope.MESSAGE and number not in self._messages.by_id:
            raise OperatorError(f"no open message has the id {number}; one that has ended cannot be held")

    def _of(self, scope: HoldScope, number: int) -> Iterator[OpenMessage]:
        match scope:
            case HoldScope.MESSAGE:
                yield self._messages.by_id[number]
            case HoldScope.ACCOUNT:
                yield from (each for each in self._messages if each.account_no == number)
            case HoldScope.CAMPAIGN:
                yield from (each for each in self._messages if each.campaign_no == number)

    def _effect(self, scope: HoldScope, number: int) -> HoldEffect:
        if scope is HoldScope.MESSAGE and number not in self._messages.by_id:
            return HoldEffect(0, 0, 0)
        waiting = [_waits(message) for message in self._of(scope, number)]
        return HoldEffect(sum(waiting), 0, len(waiting) - sum(waiting))


def _waits(message: OpenMessage) -> bool:
    return any(segment.state == MessageState.ACCEPTED for segment in message.segments)


def _row(scope: HoldScope, number: int, held: bool, by: str, now_us: int) -> dict[str, object]:
    """The row of store.schema.traffic_hold."""
    return {"scope": scope.value, "number": number, "held": held, "changed_us": now_us, "changed_by": by}
