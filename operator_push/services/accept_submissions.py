"""Accept submissions: decide, price, hold; one pass over everything that arrived together.

The one door (law 6): ESMEs, campaigns and APIs come through here. Admissions and refusals both leave a row
(law 8). Nothing is promised to anybody before the committer has written the changes.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from operator_push.domain.ledger import Balances, LedgerStatus
from operator_push.domain.message import Decision, RefusalReason, Submission, Verdict
from operator_push.domain.policy import Policy
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.services.changes import Changes
from operator_push.services.ledger_rows import add_transfers
from operator_push.services.open_messages import OpenMessage, OpenMessages, OpenSegment

NO_REFERENCE = -1


class Offered(msgspec.Struct, frozen=True, gc=False):
    """A submission with what is stored beside it. `body`: see store.schema.message; `wire`: opaque here;
    `refusal`: what the door itself found wrong, so that it is stored like every other refusal."""

    submission: Submission
    body: bytes
    registered_delivery: int
    not_before_us: int = 0
    wire: object = None
    refusal: RefusalReason = RefusalReason.NONE


class Accepted(msgspec.Struct, frozen=True, gc=False):
    """The outcome for one offer: `message` where admitted, otherwise the reason."""

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
    ) -> None:
        self._shard = shard
        self._ids = ids
        self._policy = policy
        self._tariff = tariff
        self._balances = balances
        self._messages = messages
        self._open_max = open_max
        self._enrol = enrol
        self.on_admitted: Callable[[OpenMessage], None] = lambda message: None

    def accept(self, offers: Sequence[Offered], now_us: int, changes: Changes) -> list[Accepted]:
        """Decide every offer in order; rows, holds and balances go into `changes`."""
        return [self._accept_one(offer, now_us, changes) for offer in offers]

    def _accept_one(self, offer: Offered, now_us: int, changes: Changes) -> Accepted:
        submission = offer.submission
        message_id = self._ids.next_id(now_us)
        if offer.refusal is not RefusalReason.NONE:
            return self._refuse(message_id, offer, offer.refusal, b"", changes)
        if len(self._messages) >= self._open_max:
            return self._refuse(message_id, offer, RefusalReason.QUEUE_FULL, b"", changes)
        decision = self._policy.decide(submission, now_us)
        if decision.verdict == Verdict.REFUSE:
            return self._refuse(message_id, offer, decision.reason, decision.trail, changes)
        price = self._tariff.price_per_segment(submission.destination, submission.traffic_class, now_us)
        if price is None:
            return self._refuse(message_id, offer, RefusalReason.NO_ROUTE, decision.trail, changes)
        held = price * submission.segment_count
        status, transfers = self._balances.hold(submission.account_no, message_id, held, now_us)
        if status is not LedgerStatus.HELD:
            return self._refuse(message_id, offer, RefusalReason.NO_CREDIT, decision.trail, changes)
        add_transfers(changes, transfers)
        if not submission.subscriber_no:
            # Whoever is written to must be found again by a STOP; whoever is refused leaves no trace there.
            number = self._enrol(submission.destination, now_us, changes)
            known = msgspec.structs.replace(submission, subscriber_no=number)
            offer = msgspec.structs.replace(offer, submission=known)
        message = self._admit(message_id, offer, decision, price, held, changes)
        return Accepted(message_id, None, message, decision.trail)

    def _admit(
        self, message_id: int, offer: Offered, decision: Decision, price: int, held: int, changes: Changes
    ) -> OpenMessage:
        submission = offer.submission
        not_before_us = offer.not_before_us
        if decision.verdict == Verdict.DEFER:
            not_before_us = max(not_before_us, decision.defer_until_us)
        message = OpenMessage(
            message_id,
            id_day(message_id),
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
            offer.registered_delivery,
            submission.client_reference,
            not_before_us,
            offer.body,
            [OpenSegment(number) for number in range(1, submission.segment_count + 1)],
            offer.wire,
        )
        self._messages.add(message)
        self._policy.admitted(submission, message_id, not_before_us)
        changes.message.append(
            self._row(
                message_id, offer, price, held, Verdict.ADMIT, 0, decision.trail, not_before_us, offer.body
            )
        )
        self.on_admitted(message)
        return message

    def _refuse(
        self, message_id: int, offer: Offered, reason: RefusalReason, trail: bytes, changes: Changes
    ) -> Accepted:
        changes.message.append(
            self._row(message_id, offer, 0, 0, Verdict.REFUSE, reason, trail, offer.not_before_us, b"")
        )
        return Accepted(message_id, reason, None, trail)

    def _row(
        self,
        message_id: int,
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
            id_day(message_id),
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
