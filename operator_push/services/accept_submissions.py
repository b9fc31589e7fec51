"""Accept submissions: decide, price, hold; one pass over everything that arrived together.

The one door (law 6): ESMEs, campaigns and APIs come through here. Admissions and refusals both leave a row
(law 8). Nothing is promised to anybody before the committer has written the changes.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import msgspec

from operator_push.domain.campaign_reach import CampaignReach
from operator_push.domain.concatenated_parts import MARK, Part, PartGroup
from operator_push.domain.consent import SMS
from operator_push.domain.ledger import Balances, LedgerStatus
from operator_push.domain.message import Decision, Origin, RefusalReason, Submission, Verdict
from operator_push.domain.policy import Policy
from operator_push.domain.rating.charge import Charge
from operator_push.domain.tariff import Pricing
from operator_push.domain.way_outs import with_mark
from operator_push.kernel.ids import IdSequence, id_day, id_epoch_us
from operator_push.services.account_limits import AccountLimits
from operator_push.services.changes import Changes
from operator_push.services.follow_first_part import FollowFirstPart, decision_of
from operator_push.services.ledger_rows import add_hold
from operator_push.services.open_messages import OpenMessage, OpenMessages, OpenSegment, new_segments
from operator_push.services.price_by_documents import PriceByDocuments
from operator_push.services.recognise_retry import RecogniseRetry
from operator_push.text.data_coding import Encoding

NO_REFERENCE = -1
PARTS_WITHIN_US = 300_000_000
_REFUSED_BY = {
    LedgerStatus.OVER_CAP: RefusalReason.OVER_CAP,
    LedgerStatus.LEASING: RefusalReason.OVER_RATE,  # try again in a moment; it leaves no row
}
_ANSWER = Origin.ANSWER
_HELD, _DEFER, _REFUSE = LedgerStatus.HELD, Verdict.DEFER, Verdict.REFUSE
_ADMITTED, _REFUSED = int(Verdict.ADMIT), int(Verdict.REFUSE)  # as rows have them
_NO_REASON = RefusalReason.NONE


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
    `message_id` is that of the first. `charge`: where a tariff document priced it."""

    message_id: int
    reason: RefusalReason | None
    message: OpenMessage | None
    trail: bytes = b""
    charge: Charge | None = None


# Holds sender and text against a register, after the policy: services.scrub_content.
Scrub = Callable[[Offered, Decision], Decision]


class WayOut(Protocol):
    """What is asked of services.offer_way_out; a mark is two octets of the trail."""

    def is_due(self, offer: Offered) -> bool: ...

    def told(self, offer: Offered, now_us: int) -> tuple[Offered, bytes]: ...

    def admitted(self, message: OpenMessage, changes: Changes) -> None: ...

    def text_for(self, asked: tuple[int, int, int], source: str, text: str, channel: str = SMS) -> str: ...

    def give_place(self, message: OpenMessage) -> bool: ...

    def take_place_again(self, message: OpenMessage) -> None: ...


# Holds a campaign's message against better campaigns, after the policy: services.contest_slots.
Contest = Callable[[Submission, Decision, int], Decision]
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
        self.answers_are_free = False
        self.documents: PriceByDocuments | None = None  # None while every account pays by simple rows
        self.contest: Contest | None = None  # None where no campaigns want the same slots
        self.scrub: Scrub | None = None  # None where no register is asked about senders and texts
        self.way_out: WayOut | None = None  # None where no first message has to tell how to end them
        self.encoding_of: Callable[[Offered], Encoding] = lambda offer: Encoding.GSM7
        self._standing = -1  # of the decisions of this pass: domain.policy.Policy.standing
        self.on_admitted: Callable[[OpenMessage], object] = lambda message: None
        # Told of a message that is charged by more than a price for each delivered segment.
        self.on_charged: Callable[[OpenMessage, int, Changes], object] = lambda message, now_us, changes: 0
        self.on_replacing: Callable[[OpenMessage, int, Changes], object] = lambda message, now_us, changes: 0

    @property
    def reach(self) -> CampaignReach:
        """Whom campaigns have reached."""
        return self._policy.facts.reach

    def accept(self, offers: Sequence[Offered], now_us: int, changes: Changes) -> list[Accepted]:
        """Decide every offer in order; rows, holds and balances go into `changes`."""
        self._standing = self._policy.standing(now_us)
        return [self._accept_one(offer, now_us, changes) for offer in offers]

    def _accept_one(self, offer: Offered, now_us: int, changes: Changes) -> Accepted:
        retry = offer.retry
        if retry is not None and (known := self.retries.find(retry[0], retry[1], now_us)):
            return Accepted(known, None, None)
        message_id = self._ids.next_id(now_us)
        if offer.refusal is not _NO_REASON:
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
            begun = self._parts.begin(
                offer.submission,
                part,
                accepted.reason or RefusalReason.NONE,
                accepted.message.not_before_us if accepted.message else 0,
                accepted.trail,
                now_us,
            )
            begun.charge = accepted.charge
            begun.segments_priced = offer.submission.segment_count
            return accepted
        decision = self._scrubbed_part(offer, decision_of(group, now_us))
        accepted = self._charge(message_id, offer, decision, now_us, changes, group=group)
        if accepted.reason is decision.reason or accepted.message is not None:
            group.parts_seen |= 1 << part.part
        if accepted.message is not None:
            group.segments_priced += offer.submission.segment_count
        return accepted

    def _accept_alone(
        self, message_id: int, offer: Offered, now_us: int, changes: Changes, parts: int = 1
    ) -> Accepted:
        if len(self._messages.by_id) >= self._open_max:
            return self._refuse(message_id, offer, RefusalReason.QUEUE_FULL, b"", changes)
        mark = b""
        if self.way_out is not None and self.way_out.is_due(offer):
            offer, mark = self.way_out.told(offer, now_us)
        submission = offer.submission
        limit = self.limits.by_account.get(submission.account_no)
        segments = max(parts, submission.segment_count)
        if limit is not None:
            reason = limit.refusal(submission.origin, segments, now_us)
            if reason is not _NO_REASON:
                return self._refuse(message_id, offer, reason, b"", changes)
        decision = self._policy.decide(submission, now_us)
        if submission.campaign_no and self.contest is not None:
            decision = self.contest(submission, decision, now_us)
        if self.scrub is not None:
            decision = self.scrub(offer, decision)
        if mark:
            decision = with_mark(decision, mark)
        accepted = self._charge(message_id, offer, decision, now_us, changes, parts=parts)
        if accepted.message is not None:
            if limit is not None:
                limit.admitted(segments)
            if mark and self.way_out is not None:
                self.way_out.admitted(accepted.message, changes)
        return accepted

    def _scrubbed_part(self, offer: Offered, decision: Decision) -> Decision:
        """A part that follows is a piece of a registered text too, or refused although the first was not."""
        if self.scrub is None or (found := self.scrub(offer, decision)).verdict is not _REFUSE:
            return decision
        return Decision(_REFUSE, found.reason, 0, found.trail + MARK)

    def _charge(
        self,
        message_id: int,
        offer: Offered,
        decision: Decision,
        now_us: int,
        changes: Changes,
        *,
        parts: int = 1,
        group: PartGroup | None = None,
    ) -> Accepted:
        """Price and hold what was decided; a message that comes in `parts` needs credit for all of them, and
        one that follows the first part has its `group`."""
        submission = offer.submission
        if decision.verdict is _REFUSE:
            return self._refuse(message_id, offer, decision.reason, decision.trail, changes)
        count, charge = submission.segment_count, None
        documents = self.documents
        if submission.origin == _ANSWER and self.answers_are_free:
            price = held = all_parts = 0
        elif documents is not None and (plans := documents.plans_of(submission.account_no)) is not None:
            encoding, at_us = partial(self.encoding_of, offer), id_epoch_us(message_id)
            charge = documents.quote(plans, submission, encoding, at_us, group)
            if charge is None:
                return self._refuse(message_id, offer, RefusalReason.NO_ROUTE, decision.trail, changes)
            held = charge.most(count)
            price, all_parts = held // count, charge.most(max(parts, count))
        else:
            row_price = self._tariff.price_per_segment(
                submission.destination, submission.traffic_class, now_us
            )
            if row_price is None:
                return self._refuse(message_id, offer, RefusalReason.NO_ROUTE, decision.trail, changes)
            price, held, all_parts = row_price, row_price * count, row_price * parts
        balances, payer_no = self._balances, submission.account_no
        if parts > 1 and all_parts > balances.spendable(payer_no, now_us):
            return self._refuse(message_id, offer, RefusalReason.NO_CREDIT, decision.trail, changes)
        status = balances.place_hold(payer_no, message_id, held)
        if status is not _HELD:
            reason = _REFUSED_BY.get(status, RefusalReason.NO_CREDIT)
            return self._refuse(message_id, offer, reason, decision.trail, changes)
        if balances.payers:
            payer_no = balances.payers.get(message_id, payer_no)
        day = id_day(message_id)
        currency = balances.currency if charge is None else charge.plan.currency
        add_hold(changes, (self._shard, day, message_id), payer_no, held, currency, now_us)
        if not submission.subscriber_no:
            # Whoever is written to must be found again by a STOP; whoever is refused leaves no trace there.
            number = self._enrol(submission.destination, now_us, changes)
            known = msgspec.structs.replace(submission, subscriber_no=number)
            offer = msgspec.structs.replace(offer, submission=known)
        message = self._admit(message_id, day, offer, decision, price, held, group is not None, changes)
        if charge is not None and documents is not None:
            key, subscriber_no = (self._shard, day, message_id), message.subscriber_no
            documents.take(charge, submission.account_no, subscriber_no, count, key, changes)
            if not charge.is_per_segment(count):
                message.charge = charge
                self.on_charged(message, now_us, changes)
        return Accepted(message_id, None, message, decision.trail, charge)

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
        rows = changes.message
        changes.message_at[message_id] = len(rows)
        rows.append(
            self._row(message_id, day, offer, price, held, _ADMITTED, 0, decision.trail, not_before_us, body)
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
        if submission.channel != SMS:
            message.channel = submission.channel
            changes.note_channel(self._shard, day, message_id, submission.channel)
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
            self._row(message_id, day, offer, 0, 0, _REFUSED, int(reason), trail, offer.not_before_us, b"")
        )
        if offer.submission.channel != SMS:
            changes.note_channel(self._shard, day, message_id, offer.submission.channel)
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
            verdict,
            reason,
            trail,
            submission.client_reference,
            offer.registered_delivery,
            not_before_us,
            body,
            0,  # its first attempt, should it leave with this commit: services.dispatch_outbox
            0,
            0,
            0,
        )
