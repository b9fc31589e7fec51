"""Permission: the fold of all consent acts, asked a million times a second and always ready to answer no.

Laws: unknown is no; deny beats allow, so a stop blocks its scope and everything narrower, and a narrow yes
never overrides a broad no; only an explicit grant, given later and of the same or a broader scope, lifts a
stop. An act that is older than what it meets does not win: importing last year's list again revives nothing.
A grant with an end holds up to that moment and not at it: who owns the book calls `expire` as time passes.
Permission on another basis than consent is kept apart and lifts no stop; nor does a client's list.

One bitmap per scope holds who granted it and one who stopped it, and a sparse table when they stopped:
10 million subscribers with a handful of scopes need tens of megabytes. Evidence stays in the store.
"""

from collections.abc import Iterable, Iterator

from pyroaring import BitMap

from operator_push.domain.consent import (
    ACTION_BY_NAME,
    EVERY,
    EVERY_CHANNEL,
    IMPORTED,
    PURPOSE_BY_NAME,
    SMS,
    WITHOUT_END,
    Basis,
    ConsentAction,
    ConsentEvent,
    Evidence,
    Purpose,
    Scope,
    scope_of,
)
from operator_push.domain.consent_states import ConsentState
from operator_push.domain.grant_ends import GrantEnds
from operator_push.domain.permission_answer import PermissionAnswer, PermissionReason, PermissionWord
from operator_push.domain.scope_record import ScopeRecord as _Record
from operator_push.kernel.contracts import DataPurpose

__all__ = [
    "ACTION_BY_NAME",
    "PURPOSE_BY_NAME",
    "ConsentAction",
    "ConsentEvent",
    "Evidence",
    "PermissionAnswer",
    "PermissionBook",
    "PermissionReason",
    "PermissionWord",
    "Purpose",
    "Scope",
]

SUBSCRIBER_NO_MAX = 0xFFFFFFFF
_GRANT, _VOID, _END = ConsentAction.GRANT, ConsentAction.VOID, ConsentAction.END
_CONSENT = Basis.CONSENT
_DIALOGUE = (ConsentAction.REQUEST, ConsentAction.CHALLENGE, ConsentAction.CONFIRM)
_YES, _NO, _NOTHING = PermissionWord.YES, PermissionWord.NO, PermissionWord.NOTHING
QUESTIONS_REMEMBERED = 65_536  # Ours: bounds the prepared look-ups per question.

DATA_PURPOSES: tuple[tuple[Purpose, DataPurpose], ...] = (
    (Purpose.USE_SUBSCRIBER_RECORD, DataPurpose.SUBSCRIBER_RECORD),
    (Purpose.USE_CALL_DATA, DataPurpose.CALL_DATA),
    (Purpose.USE_LOCATION, DataPurpose.LOCATION),
    (Purpose.USE_TOP_UP, DataPurpose.TOP_UP),
)


_Prepared = tuple[tuple[BitMap, ...], tuple[BitMap, ...]]


class PermissionBook:
    """The permission of one shard's subscribers; owned by one thread."""

    def __init__(self) -> None:
        self._records: dict[Scope, _Record] = {}
        self._by_brand: dict[tuple[int, int], list[_Record]] = {}  # (purpose, brand_no)
        self._by_purpose: dict[int, list[_Record]] = {purpose: [] for purpose in Purpose}
        self._prepared: dict[tuple[int, int, int, str], _Prepared] = {}
        self._places: list[_Record] = []  # what `_ends` calls a place: consent at 2n, other bases at 2n + 1
        self._challenged: dict[Scope, _Record] = {}
        self._has_voids = False
        # By brand: whoever was ever reached by a client's list or a soft opt-in; see domain.way_outs.
        self.listed: dict[int, BitMap] = {}
        self.ends = GrantEnds()  # before `ends.next_us` `expire` has nothing to do
        self._elsewhere: set[tuple[int, Scope, ConsentAction, int, str]] = set()
        self.sequence = 0

    @property
    def has_challenges(self) -> bool:
        """False where no double opt-in was ever begun: then grants are not asked whether they may follow."""
        return bool(self._challenged)

    def expire(self, now_us: int) -> int:
        """End the grants whose end is reached; returns how many. `sequence` grows where there were some."""
        if now_us < self.ends.next_us:
            return 0
        ended = 0
        for place, number in self.ends.due(now_us, self._end_of):
            self._places[place >> 1].end_grant(number, with_consent=not place & 1)
            ended += 1
        self.sequence += bool(ended)
        return ended

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
        scope = scope_of(event)
        self.sequence += 1
        action = event.action
        if action == _GRANT:
            if event.basis != _CONSENT:
                return self._permit(scope, number, event)
            return self._grant(scope, number, event)
        if action == _VOID:
            return self._void(scope, number, event.at_us)
        if action == ConsentAction.RESUME:
            return self._resume(scope, number, event.at_us)
        if action == _END:
            return self._end(scope, number)
        if action in _DIALOGUE:
            return self._ask(scope, number, event)
        return self._stop(scope, number, event.at_us, action)

    def apply_elsewhere(self, event: ConsentEvent) -> bool:
        """Note an act that does not count where the number is from; True where it was not known yet."""
        key = (event.subscriber_no, scope_of(event), event.action, event.at_us, event.jurisdiction)
        if key in self._elsewhere:
            return False
        self._elsewhere.add(key)
        return True

    def apply_many(self, events: Iterable[ConsentEvent]) -> int:
        """Fold acts in order; returns how many changed something."""
        return sum(map(self.apply, events))

    def allows(
        self, subscriber_no: int, brand_no: int, category: int, purpose: Purpose, channel: str = SMS
    ) -> bool:
        """May this be done by this channel? `brand_no` and `category` 0 ask for no particular one."""
        return self.word_of(subscriber_no, brand_no, category, purpose, channel) is PermissionWord.YES

    def word_of(
        self, subscriber_no: int, brand_no: int, category: int, purpose: Purpose, channel: str = SMS
    ) -> PermissionWord:
        """What `allows` says, and whether a no was said or follows from silence."""
        prepared = self._prepared.get((brand_no, category, purpose, channel))
        if prepared is None:
            prepared = self._prepare(brand_no, category, purpose, channel)
        stops, grants = prepared
        for stopped in stops:
            if subscriber_no in stopped:
                return _NO
        for granted in grants:
            if subscriber_no in granted:
                return _YES
        return _NOTHING

    def answer(
        self, subscriber_no: int, brand_no: int, category: int, purpose: Purpose, channel: str = SMS
    ) -> PermissionAnswer:
        """What `allows` says, with the reason: the broadest stop that applies, else the narrowest grant;
        consent before another basis. `channel`: another one than SMS."""
        records = list(self.asked(brand_no, category, purpose, channel))
        for record in records:
            if subscriber_no in record.stopped:
                refused = subscriber_no in record.refused
                reason = PermissionReason.DENIED if refused else PermissionReason.WITHDRAWN
                return PermissionAnswer(False, reason, record.scope)
        for record in reversed(records):
            if subscriber_no in record.granted:
                return PermissionAnswer(True, PermissionReason.GRANTED, record.scope, Basis.CONSENT)
        for record in reversed(records):
            if subscriber_no in record.others:
                return PermissionAnswer(
                    True, PermissionReason.GRANTED, record.scope, record.basis(subscriber_no)
                )
        for record in reversed(records):
            if subscriber_no in record.lapsed:
                return PermissionAnswer(False, PermissionReason.EXPIRED, record.scope)
        for record in records:
            if record.voided_us.get(subscriber_no, -1) >= 0:
                return PermissionAnswer(False, PermissionReason.VOID, record.scope)
        return PermissionAnswer(False, PermissionReason.UNKNOWN, None)

    def state(self, subscriber_no: int, scope: Scope, now_us: int) -> ConsentState:
        """Where exactly this scope stands; broader and narrower ones are not asked."""
        record = self._records.get(scope)
        return ConsentState.PENDING if record is None else record.state(subscriber_no, now_us)

    def brands_of(self, subscriber_no: int) -> set[int]:
        """The brands about whose marketing this person has said something; every brand (0) may be one."""
        return {
            record.scope.brand_no
            for record in self._by_purpose[Purpose.MARKETING]
            if subscriber_no in record.granted
            or subscriber_no in record.stopped
            or subscriber_no in record.others
            or subscriber_no in record.lapsed
        }

    def challenges(self, subscriber_no: int, now_us: int) -> list[tuple[Scope, int]]:
        """(scope, until when) of the challenges to this person whose time ends after `now_us`."""
        found = (
            (scope, asked.challenged_until_us(subscriber_no)) for scope, asked in self._challenged.items()
        )
        return [(scope, until_us) for scope, until_us in found if until_us > now_us]

    def permitting(
        self, purpose: Purpose, brand_no: int = EVERY, category: int = EVERY, channel: str = SMS
    ) -> BitMap:
        """The subscriber numbers for whom `allows` is true; a set of its own that the caller may change."""
        stops, grants = self._prepare(brand_no, category, purpose, channel)
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

    def _grant(self, scope: Scope, number: int, event: ConsentEvent) -> bool:
        """A grant counts from its moment: it lifts older stops within its scope, no later ones; that of a
        client's list lifts none, because it is no act of the person's."""
        at_us, expires_us = event.at_us, event.expires_us
        is_imported = event.evidence.method == IMPORTED
        if self._is_voided(scope, number, at_us):
            return False
        changed = False
        for record in () if is_imported else self._near(scope):
            if (
                number in record.stopped
                and scope.covers(record.scope)
                and record.stopped_us.get(number, at_us) <= at_us
            ):
                record.lift_stop(number)
                changed = True
        record = self._record(scope)
        changed |= record.grant(number, expires_us, is_imported=is_imported)
        if is_imported and scope.purpose == Purpose.MARKETING:
            self.listed.setdefault(scope.brand_no, BitMap()).add(number)
        if expires_us != WITHOUT_END:
            self.ends.note(record.place, number, expires_us)
        return changed

    def _permit(self, scope: Scope, number: int, event: ConsentEvent) -> bool:
        """Permission on another basis than consent: it stands beside stops and lifts none."""
        if self._is_voided(scope, number, event.at_us):
            return False
        record = self._record(scope)
        if scope.purpose == Purpose.MARKETING:
            self.listed.setdefault(scope.brand_no, BitMap()).add(number)
        if not record.others:
            self._prepared.clear()  # a bitmap more to look into
        if event.expires_us != WITHOUT_END:
            self.ends.note(record.place + 1, number, event.expires_us)
        return record.permit(number, event.basis, event.expires_us)

    def _ask(self, scope: Scope, number: int, event: ConsentEvent) -> bool:
        """A question, a challenge or its answer: only an answer in time permits anything."""
        if self._is_voided(scope, number, event.at_us):
            return False
        record = self._record(scope)
        if event.action == ConsentAction.REQUEST:
            return record.request(number)
        if event.action == ConsentAction.CHALLENGE:
            self._challenged[scope] = record
            return record.challenge(number, event.expires_us)
        if record.challenged_until_us(number) <= event.at_us:
            return False
        return self._grant(scope, number, event)

    def _stop(self, scope: Scope, number: int, at_us: int, action: ConsentAction) -> bool:
        """A stop holds at once, even where a newer grant is known: the careful reading of a late one.

        It also ends a double opt-in that waits for its answer, in its scope and everything narrower.
        """
        if self._is_voided(scope, number, at_us):
            return False
        record = self._record(scope)
        if not record.stopped:
            self._prepared.clear()  # a bitmap more to look into
        for asked in self._challenged.values():
            if scope.covers(asked.scope):
                asked.end_dialogue(number)
        if number in record.stopped:
            if record.stopped_us.get(number, at_us) >= at_us:
                return False
            record.stop(number, at_us, action)  # it outlives grants up to this moment, so it is no repeat
            return True
        record.stop(number, at_us, action)
        return True

    def withdrawn_us(self, subscriber_no: int, scope: Scope) -> int | None:
        """When exactly this scope was withdrawn, None where it is not; a denial or objection is none."""
        record = self._records.get(scope)
        if record is None or subscriber_no not in record.stopped or subscriber_no in record.refused:
            return None
        return record.stopped_us.get(subscriber_no, 0)

    def _resume(self, scope: Scope, number: int, at_us: int) -> bool:
        """A withdrawal is taken back: nothing new is permitted, the grants under it show again."""
        withdrawn_us = self.withdrawn_us(number, scope)
        if withdrawn_us is None or withdrawn_us > at_us:
            return False
        self._records[scope].lift_stop(number)
        return True

    def _end(self, scope: Scope, number: int) -> bool:
        """What was granted to just this brand, or just to no one brand (0), ends; stops stay."""
        near = [record for record in self._within(scope) if record.scope.brand_no == scope.brand_no]
        return sum(record.end_all(number) for record in near) > 0

    def _void(self, scope: Scope, number: int, at_us: int) -> bool:
        """Everything within the scope is forgotten, and older acts that arrive later are not heard."""
        changed = False
        for record in self._within(scope):
            changed |= record.forget(number)
        record = self._record(scope)
        self._has_voids = True
        if record.voided_us.get(number, at_us - 1) < at_us:
            record.voided_us.set(number, at_us)
            changed = True  # older acts are not heard any more
        return changed

    def _is_voided(self, scope: Scope, number: int, at_us: int) -> bool:
        """True where the number changed hands after this moment: the act was its old owner's."""
        return self._has_voids and any(
            record.voided_us.get(number, at_us) > at_us
            for record in self.asked(scope.brand_no, scope.category, scope.purpose, scope.channel)
        )

    def _end_of(self, place: int, number: int) -> int:
        return self._places[place >> 1].end_us(number, with_consent=not place & 1)

    def _within(self, scope: Scope) -> list[_Record]:
        """The records that this scope covers."""
        return [record for record in self._near(scope) if scope.covers(record.scope)]

    def _near(self, scope: Scope) -> list[_Record]:
        """The records among which those are that this scope covers."""
        if scope.brand_no == EVERY:
            return self._by_purpose[scope.purpose]
        return self._by_brand.get((scope.purpose, scope.brand_no), [])

    def _record(self, scope: Scope) -> _Record:
        record = self._records.get(scope)
        if record is None:
            record = self._records[scope] = _Record(scope, 2 * len(self._places))
            self._places.append(record)
            self._by_purpose[scope.purpose].append(record)
            self._by_brand.setdefault((scope.purpose, scope.brand_no), []).append(record)
            self._prepared.clear()
        return record

    def asked(
        self, brand_no: int, category: int, purpose: Purpose, channel_asked: str = SMS
    ) -> Iterator[_Record]:
        """The records whose scope covers this question, broad ones first."""
        for channel in dict.fromkeys((EVERY_CHANNEL, channel_asked)):
            for brand in dict.fromkeys((EVERY, brand_no)):
                for kind in dict.fromkeys((EVERY, category)):
                    record = self._records.get(Scope(purpose, brand, kind, channel))
                    if record is not None:
                        yield record

    def _prepare(self, brand_no: int, category: int, purpose: Purpose, channel: str) -> _Prepared:
        """The bitmaps to look into, kept until a new scope appears; they are changed in place."""
        records = list(self.asked(brand_no, category, purpose, channel))
        prepared = (
            tuple(record.stopped for record in records if record.stopped),
            tuple(record.granted for record in reversed(records))
            + tuple(record.others for record in reversed(records) if record.others),
        )
        if len(self._prepared) >= QUESTIONS_REMEMBERED:
            self._prepared.clear()
        self._prepared[(brand_no, category, purpose, channel)] = prepared
        return prepared
