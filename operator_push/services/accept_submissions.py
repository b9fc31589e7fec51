"""Accept submissions: decide, price, hold; one pass over everything that arrived together.

The one door (law 6): ESMEs, campaigns and APIs come through here. Admissions and refusals both leave a row
(law 8). Nothing is promised to anybody before the committer has written the changes.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from operator_push.domain.concatenated_parts import Part
from operator_push.domain.ledger import Balances, LedgerStatus
from operator_push.domain.message import Decision, RefusalReason, Submission, Verdict
from operator_push.domain.policy import Policy
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.services.account_limits import AccountLimits
from operator_push.services.changes import Changes
from operator_push.services.follow_first_part import FollowFirstPart, decision_of
from operator_push.services.ledger_rows import add_hold
from operator_push.services.open_messages import OpenMessage, OpenMessages, OpenSegment, new_segments
from operator_push.services.recognise_retry import RecogniseRetry

NO_REFERENCE = -1
PARTS_WITHIN_US = 300_000_000
_REFUSED_BY = {LedgerStatus.OVER_CAP: RefusalReason.OVER_CAP}
_HELD, _ADMIT, _DEFER, _REFUSE = LedgerStatus.HELD, Verdict.ADMIT, Verdict.DEFER, Verdict.REFUSE


class Offered(msgspec.Struct, frozen=True, gc=False):
    """A submission with what is stored beside it. `body`: see store.schema.message; `wire`: opaque here;
    `refusal`: what the door itself found wrong, so that it is stored like every other refusal; `part`: its
    place in a long message; `retry`: (key, window in µs) that recognise a retry, None where nothing can;
    `replaces`: it takes the place of what waits between the same addresses; `expires_us`:
    when it ends if it has not left by then, 0 where it does not say; `whole`: its segments leave in one
    submit_sm and have one end."""

    submission: Submission
    body: bytes
    registered_delivery: int
    not_before_us: int = 0
    wire: object = None
    refusal: RefusalReason = RefusalReason.NONE
    part: Part | None = None
    retry: tuple[int, int] | None = None
    replaces: bool = False
    expires_us: int = 0
    whole: bool = False


class Accepted(msgspec.Struct, frozen=True, gc=False):
    """The outcome for one offer: `message` where admitted, otherwise the reason; neither for a retry, whose
    `message_id` is that of the first."""

    message_id: int
    reason: RefusalReason | None
    message: OpenMessage | None
    trail: bytes = b""


class Pricing(Protocol):
    """What is asked of a tariff: micros per segment, None where no row prices this destination."""

    def price_per_segment(self, destination: str, traffic_class: int, at_us: int) -> int | None: ...


# Gives a number outside the vault its subscriber number: (msisdn, now_us, changes) → number.
Enrol = Callable[[str, int, Changes], int]


class AcceptSubmissions:
    """The use case, with the facts that it reads; all of them belong to one shard's owner."""

    def __init__(
        self,
        shard: int,
        ids: IdSequence,
        policy: Policy,
        tariff: Pricing,
        balances: Balances,
        messages: OpenMessages,
        open_max: int,
        enrol: Enrol = lambda msisdn, now_us, changes: 0,
        parts_within_us: int = PARTS_WITHIN_US,
    ) -> None:
        self._shard = shard
        self._ids = ids
        self._policy = policy
        self._tariff = tariff
        self._balances = balances
        self._messages = messages
        self._open_max = open_max
        self._enrol = enrol
        self._parts = FollowFirstPart(parts_within_us)
        self.retries = RecogniseRetry()
        self.limits = AccountLimits()
        self._standing = -1  # of the decisions of this pass: domain.policy.Policy.standing
        self.on_admitted: Callable[[OpenMessage], object] = lambda message: None
        self.on_replacing: Callable[[OpenMessage, int, Changes], object] = lambda message, now_us, changes: 0

    def accept(self, offers: Sequence[Offered], now_us: int, changes: Changes) -> list[Accepted]:
        """Decide every offer in order; rows, holds and balances go into `changes`."""
        self._standing = self._policy.standing(now_us)
        return [self._accept_one(offer, now_us, changes) for offer in offers]

    def _accept_one(self, offer: Offered, now_us: int, changes: Changes) -> Accepted:
        retry = offer.retry
        if retry is not None and (known := self.retries.find(retry[0], retry[1], now_us)):
            return Accepted(known, None, None)
        message_id = self._ids.next_id(now_us)
        if offer.refusal is not RefusalReason.NONE:
            return self._refuse(message_id, offer, offer.refusal, b"", changes)
        if offer.part is None:
            accepted = self._accept_alone(message_id, offer, now_us, changes)
        else:
            accepted = self._accept_part(message_id, offer, offer.part, now_us, changes)
        if offer.replaces and accepted.message is not None:
            self.on_replacing(accepted.message, now_us, changes)
        if retry is not None and accepted.message is not None:
            self.retries.remember(retry[0], message_id, retry[1], now_us)
        return accepted

    def _accept_part(
        self, message_id: int, offer: Offered, part: Part, now_us: int, changes: Changes
    ) -> Accepted:
        """The first part of a long message is decided for all of them; the others follow it."""
        group = self._parts.group_of(offer.submission, part, now_us)
        if group is None:
            accepted = self._accept_alone(message_id, offer, now_us, changes, part.total)
            self._parts.begin(
                offer.submission,
                part,
                accepted.reason or RefusalReason.NONE,
                accepted.message.not_before_us if accepted.message else 0,
                accepted.trail,
                now_us,
            )
            return accepted
        decision = decision_of(group, now_us)
        accepted = self._charge(message_id, offer, decision, now_us, changes, follows=True)
        if accepted.reason is decision.reason or accepted.message is not None:
            group.parts_seen |= 1 << part.part
        return accepted

    def _accept_alone(
        self, message_id: int, offer: Offered, now_us: int, changes: Changes, parts: int = 1
    ) -> Accepted:
        if len(self._messages) >= self._open_max:
            return self._refuse(message_id, offer, RefusalReason.QUEUE_FULL, b"", changes)
        submission = offer.submission
        limit = self.limits.by_account.get(submission.account_no)
        if limit is None:
            decision = self._policy.decide(submission, now_us)
            return self._charge(message_id, offer, decision, now_us, changes, parts=parts)
        segments = max(parts, submission.segment_count)
        reason = limit.refusal(submission.origin, segments, now_us)
        if reason is not RefusalReason.NONE:
            return self._refuse(message_id, offer, reason, b"", changes)
        decision = self._policy.decide(submission, now_us)
        accepted = self._charge(message_id, offer, decision, now_us, changes, parts=parts)
        if accepted.message is not None:
            limit.admitted(segments)
        return accepted

    def _charge(
        self,
        message_id: int,
        offer: Offered,
        decision: Decision,
        now_us: int,
        changes: Changes,
        *,
        parts: int = 1,
        follows: bool = False,
    ) -> Accepted:
        """Price and hold what was decided; a message that comes in `parts` needs credit for all of them."""
        submission = offer.submission
        if decision.verdict is _REFUSE:
            return self._refuse(message_id, offer, decision.reason, decision.trail, changes)
        price = self._tariff.price_per_segment(submission.destination, submission.traffic_class, now_us)
        if price is None:
            return self._refuse(message_id, offer, RefusalReason.NO_ROUTE, decision.trail, changes)
        held = price * submission.segment_count
        balances, payer_no = self._balances, submission.account_no
        if parts > 1 and price * parts > balances.spendable(payer_no, now_us):
            return self._refuse(message_id, offer, RefusalReason.NO_CREDIT, decision.trail, changes)
        status = balances.place_hold(payer_no, message_id, held)
        if status is not _HELD:
            reason = _REFUSED_BY.get(status, RefusalReason.NO_CREDIT)
            return self._refuse(message_id, offer, reason, decision.trail, changes)
        if balances.payers:
            payer_no = balances.payers.get(message_id, payer_no)
        day = id_day(message_id)
        add_hold(changes, (self._shard, day, message_id), payer_no, held, balances.currency, now_us)
        if not submission.subscriber_no:
            # Whoever is written to must be found again by a STOP; whoever is refused leaves no trace there.
            number = self._enrol(submission.destination, now_us, changes)
            known = msgspec.structs.replace(submission, subscriber_no=number)
            offer = msgspec.structs.replace(offer, submission=known)
        message = self._admit(message_id, day, offer, decision, price, held, follows, changes)
        return Accepted(message_id, None, message, decision.trail)

    def _admit(
        self,
        message_id: int,
        day: int,
        offer: Offered,
        decision: Decision,
        price: int,
        held: int,
        follows: bool,
        changes: Changes,
    ) -> OpenMessage:
        submission = offer.submission
        not_before_us = offer.not_before_us
        if decision.verdict is _DEFER:
            not_before_us = max(not_before_us, decision.defer_until_us)
        count, body = submission.segment_count, offer.body
        changes.message.append(
            self._row(message_id, day, offer, price, held, _ADMIT, 0, decision.trail, not_before_us, body)
        )
        message = OpenMessage(
            message_id,
            day,
            submission.account_no,
            int(submission.origin),
            submission.campaign_no,
            submission.brand_no,
            submission.category,
            int(submission.traffic_class),
            submission.subscriber_no,
            submission.source,
            submission.destination,
            count,
            price,
            held,
            offer.registered_delivery,
            submission.client_reference,
            not_before_us,
            body,
            [OpenSegment(1)] if count == 1 else new_segments(count, offer.whole),
            offer.wire,
            not follows,
            0,
            offer.expires_us,
            -1 if follows or not_before_us else self._standing,
        )
        self._messages.add(message)
        if not follows:
            self._policy.admitted(submission, message_id, not_before_us)
        self.on_admitted(message)
        return message

    def _refuse(
        self, message_id: int, offer: Offered, reason: RefusalReason, trail: bytes, changes: Changes
    ) -> Accepted:
        if reason is RefusalReason.OVER_RATE:
            # Flow control, not a decision about the message: a peer in a hurry shall not fill the disk.
            return Accepted(message_id, reason, None, trail)
        day = id_day(message_id)
        changes.message.append(
            self._row(message_id, day, offer, 0, 0, _REFUSE, reason, trail, offer.not_before_us, b"")
        )
        return Accepted(message_id, reason, None, trail)

    def _row(
        self,
        message_id: int,
        day: int,
        offer: Offered,
        price: int,
        held: int,
        verdict: int,
        reason: int,
        trail: bytes,
        not_before_us: int,
        body: bytes,
    ) -> tuple[object, ...]:
        submission = offer.submission
        return (
            self._shard,
            day,
            message_id,
            submission.account_no,
            int(submission.origin),
            submission.campaign_no,
            submission.brand_no,
            submission.category,
            int(submission.traffic_class),
            submission.subscriber_no,
            submission.source,
            submission.destination,
            submission.segment_count,
            price,
            held,
            int(verdict),
            int(reason),
            trail,
            submission.client_reference,
            offer.registered_delivery,
            not_before_us,
            body,
        )
