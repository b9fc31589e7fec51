"""Permission: the fold of all consent acts, asked a million times a second and always ready to answer no.

Laws: unknown is no; deny beats allow, so a stop blocks its scope and everything narrower, and a narrow yes
never overrides a broad no; only an explicit grant, given later and of the same or a broader scope, lifts a
stop. An act that is older than what it meets does not win: importing last year's list again revives nothing.

One bitmap per scope holds who granted it and one who stopped it, and a sparse table when they stopped:
10 million subscribers with a handful of scopes need tens of megabytes. Evidence stays in the store.
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum

import msgspec
from pyroaring import BitMap

from operator_push.domain.consent import (
    ACTION_BY_NAME,
    EVERY,
    EVERY_CHANNEL,
    PURPOSE_BY_NAME,
    SMS,
    ConsentAction,
    ConsentEvent,
    Evidence,
    Purpose,
    Scope,
)
from operator_push.domain.inbound_words import InboundAction, inbound_action
from operator_push.domain.moments_by_number import MomentsByNumber
from operator_push.kernel.contracts import DataPurpose

__all__ = [
    "ACTION_BY_NAME",
    "PURPOSE_BY_NAME",
    "ConsentAction",
    "ConsentEvent",
    "Evidence",
    "InboundAction",
    "PermissionAnswer",
    "PermissionBook",
    "PermissionReason",
    "Purpose",
    "Scope",
    "inbound_action",
]

SUBSCRIBER_NO_MAX = 0xFFFFFFFF
_GRANT, _VOID, _WITHDRAW = ConsentAction.GRANT, ConsentAction.VOID, ConsentAction.WITHDRAW
QUESTIONS_REMEMBERED = 65_536  # Ours: bounds the prepared look-ups per (brand, category, purpose).

DATA_PURPOSES: tuple[tuple[Purpose, DataPurpose], ...] = (
    (Purpose.USE_SUBSCRIBER_RECORD, DataPurpose.SUBSCRIBER_RECORD),
    (Purpose.USE_CALL_DATA, DataPurpose.CALL_DATA),
    (Purpose.USE_LOCATION, DataPurpose.LOCATION),
    (Purpose.USE_TOP_UP, DataPurpose.TOP_UP),
)


class PermissionReason(IntEnum):
    """Why the answer is yes or no."""

    GRANTED = 1
    UNKNOWN = 2  # nobody has said anything: no
    WITHDRAWN = 3
    DENIED = 4  # said no when asked, or objected


class PermissionAnswer(msgspec.Struct, frozen=True):
    """The answer with its reason, and the scope whose act decided; None where there is none (UNKNOWN)."""

    allowed: bool
    reason: PermissionReason
    scope: Scope | None


class _Record:
    """Who granted and who stopped one scope."""

    __slots__ = ("granted", "refused", "scope", "stopped", "stopped_us", "voided_us")

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.granted = BitMap()
        self.stopped = BitMap()
        self.refused = BitMap()  # those of `stopped` who denied or objected rather than withdrew
        self.stopped_us = MomentsByNumber()
        self.voided_us = MomentsByNumber()


_Prepared = tuple[tuple[BitMap, ...], tuple[BitMap, ...]]


class PermissionBook:
    """The permission of one shard's subscribers; owned by one thread."""

    def __init__(self) -> None:
        self._records: dict[Scope, _Record] = {}
        self._by_brand: dict[tuple[int, int], list[_Record]] = {}  # (purpose, brand_no)
        self._by_purpose: dict[int, list[_Record]] = {purpose: [] for purpose in Purpose}
        self._prepared: dict[tuple[int, int, int], _Prepared] = {}
        self.sequence = 0

    def apply(self, event: ConsentEvent) -> bool:
        """Fold one act in; True where it changed what the book knows. `sequence` grows by one either way.

        Raises:
            ValueError: subscriber_no outside 1..2^32-1, a negative brand or category, or an unknown purpose.
        """
        number = event.subscriber_no
        if not 1 <= number <= SUBSCRIBER_NO_MAX or event.brand_no < 0 or event.category < 0:
            raise ValueError(
                f"consent event for subscriber {number}, brand {event.brand_no}, category {event.category}:"
                f" expected a subscriber number in 1..{SUBSCRIBER_NO_MAX} and no negative brand or category"
            )
        if event.purpose not in self._by_purpose:
            raise ValueError(f"consent event for purpose {event.purpose}: not a Purpose")
        scope = Scope(event.purpose, event.brand_no, event.category, event.channel)
        self.sequence += 1
        if event.action == _GRANT:
            return self._grant(scope, number, event.at_us)
        if event.action == _VOID:
            return self._void(scope, number, event.at_us)
        return self._stop(scope, number, event.at_us, event.action != _WITHDRAW)

    def apply_many(self, events: Iterable[ConsentEvent]) -> int:
        """Fold acts in order; returns how many changed something."""
        return sum(map(self.apply, events))

    def allows(self, subscriber_no: int, brand_no: int, category: int, purpose: Purpose) -> bool:
        """May this be done over SMS? `brand_no` and `category` 0 ask for no particular one."""
        prepared = self._prepared.get((brand_no, category, purpose))
        if prepared is None:
            prepared = self._prepare(brand_no, category, purpose)
        stops, grants = prepared
        for stopped in stops:
            if subscriber_no in stopped:
                return False
        for granted in grants:  # noqa: SIM110 - a generator would cost a third of this function
            if subscriber_no in granted:
                return True
        return False

    def is_stopped(self, subscriber_no: int, brand_no: int, category: int, purpose: Purpose) -> bool:
        """True where the person said no to this, rather than nothing."""
        prepared = self._prepared.get((brand_no, category, purpose))
        if prepared is None:
            prepared = self._prepare(brand_no, category, purpose)
        return any(subscriber_no in stopped for stopped in prepared[0])

    def answer(self, subscriber_no: int, brand_no: int, category: int, purpose: Purpose) -> PermissionAnswer:
        """What `allows` says, with the reason: the broadest stop that applies, else the narrowest grant."""
        records = list(self._asked(brand_no, category, purpose))
        for record in records:
            if subscriber_no in record.stopped:
                refused = subscriber_no in record.refused
                reason = PermissionReason.DENIED if refused else PermissionReason.WITHDRAWN
                return PermissionAnswer(False, reason, record.scope)
        for record in reversed(records):
            if subscriber_no in record.granted:
                return PermissionAnswer(True, PermissionReason.GRANTED, record.scope)
        return PermissionAnswer(False, PermissionReason.UNKNOWN, None)

    def permitting(self, purpose: Purpose, brand_no: int = EVERY, category: int = EVERY) -> BitMap:
        """The subscriber numbers for whom `allows` is true; a set of its own that the caller may change."""
        stops, grants = self._prepare(brand_no, category, purpose)
        permitted = BitMap.union(*grants) if grants else BitMap()
        for stopped in stops:
            permitted -= stopped
        return permitted

    def data_purposes(self, subscriber_no: int) -> DataPurpose:
        """What may be learnt from this subscriber's records, whatever the brand."""
        bits = DataPurpose.NONE
        for purpose, bit in DATA_PURPOSES:
            if self.allows(subscriber_no, EVERY, EVERY, purpose):
                bits |= bit
        return bits

    def _grant(self, scope: Scope, number: int, at_us: int) -> bool:
        """A grant counts from its moment: it lifts older stops within its scope, no later ones."""
        if self._is_voided(scope, number, at_us):
            return False
        changed = False
        for record in self._within(scope):
            if number in record.stopped and record.stopped_us.get(number, at_us) <= at_us:
                record.stopped.discard(number)
                record.refused.discard(number)
                record.stopped_us.discard(number)
                changed = True
        record = self._record(scope)
        if number not in record.granted:
            record.granted.add(number)
            changed = True
        return changed

    def _stop(self, scope: Scope, number: int, at_us: int, refused: bool) -> bool:
        """A stop holds at once, even where a newer grant is known: the careful reading of a late one."""
        if self._is_voided(scope, number, at_us):
            return False
        record = self._record(scope)
        if number in record.stopped:
            if record.stopped_us.get(number, at_us) >= at_us:
                return False
            record.stopped_us.set(number, at_us)  # it outlives grants up to this moment, so it is no repeat
            return True
        record.stopped.add(number)
        record.stopped_us.set(number, at_us)
        if refused:
            record.refused.add(number)
        return True

    def _void(self, scope: Scope, number: int, at_us: int) -> bool:
        """Everything within the scope is forgotten, and older acts that arrive later are not heard."""
        changed = False
        for record in self._within(scope):
            if number in record.granted or number in record.stopped:
                record.granted.discard(number)
                record.stopped.discard(number)
                record.refused.discard(number)
                record.stopped_us.discard(number)
                changed = True
        record = self._record(scope)
        if record.voided_us.get(number, at_us - 1) < at_us:
            record.voided_us.set(number, at_us)
            changed = True  # older acts are not heard any more
        return changed

    def _is_voided(self, scope: Scope, number: int, at_us: int) -> bool:
        """True where the number changed hands after this moment: the act was its old owner's."""
        return any(
            record.voided_us.get(number, at_us) > at_us
            for record in self._asked(scope.brand_no, scope.category, scope.purpose, scope.channel)
        )

    def _within(self, scope: Scope) -> list[_Record]:
        """The records that this scope covers."""
        if scope.brand_no == EVERY:
            records = self._by_purpose[scope.purpose]
        else:
            records = self._by_brand.get((scope.purpose, scope.brand_no), [])
        return [record for record in records if scope.covers(record.scope)]

    def _record(self, scope: Scope) -> _Record:
        record = self._records.get(scope)
        if record is None:
            record = self._records[scope] = _Record(scope)
            self._by_purpose[scope.purpose].append(record)
            self._by_brand.setdefault((scope.purpose, scope.brand_no), []).append(record)
            self._prepared.clear()
        return record

    def _asked(
        self, brand_no: int, category: int, purpose: Purpose, channel_asked: str = SMS
    ) -> Iterator[_Record]:
        """The records whose scope covers this question, broad ones first."""
        for channel in dict.fromkeys((EVERY_CHANNEL, channel_asked)):
            for brand in dict.fromkeys((EVERY, brand_no)):
                for kind in dict.fromkeys((EVERY, category)):
                    record = self._records.get(Scope(purpose, brand, kind, channel))
                    if record is not None:
                        yield record

    def _prepare(self, brand_no: int, category: int, purpose: Purpose) -> _Prepared:
        """The bitmaps to look into, kept until a new scope appears; they are changed in place."""
        records = list(self._asked(brand_no, category, purpose))
        prepared = (
            tuple(record.stopped for record in records),
            tuple(record.granted for record in reversed(records)),
        )
        if len(self._prepared) >= QUESTIONS_REMEMBERED:
            self._prepared.clear()
        self._prepared[(brand_no, category, purpose)] = prepared
        return prepared
