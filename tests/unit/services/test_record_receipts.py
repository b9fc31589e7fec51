"""Receipts are applied once, whenever and however often they come."""

from shard import ACCOUNT, LINK, MSISDN, NOW_US, PRICE_MICROS, Shard

from operator_push.domain.delivery import ReceiptOutcome
from operator_push.domain.message import MessageState
from operator_push.services.dispatch_outbox import Attempt
from operator_push.services.match_receipts import Receipt


def sent(shard: Shard, segment_count: int = 1) -> list[Attempt]:
    shard.accept(shard.offer(segment_count=segment_count))
    return shard.outbox.fill(10, NOW_US, shard.changes)


def receipt(
    smsc_id: str, state: MessageState = MessageState.DELIVERED, reference: int = -1, recipient: str = MSISDN
) -> Receipt:
    return Receipt(smsc_id, state, "000", recipient, reference)


def record(shard: Shard, what: Receipt) -> ReceiptOutcome:
    return shard.receipts.record(LINK, what, NOW_US, shard.changes)


def answer(shard: Shard, attempt: Attempt, smsc_id: str) -> None:
    shard.outbox.answered(attempt, 0, smsc_id, NOW_US, shard.changes)
    shard.receipts.answered(LINK, smsc_id, NOW_US, shard.changes)


def test_delivered_settles_the_hold_and_a_second_receipt_changes_nothing():
    shard = Shard()
    (attempt,) = sent(shard)
    answer(shard, attempt, "a1")
    assert record(shard, receipt("a1")) is ReceiptOutcome.APPLIED
    assert shard.balances.held(ACCOUNT) == 0
    assert shard.balances.available(ACCOUNT) == 9 * PRICE_MICROS
    assert record(shard, receipt("a1")) is ReceiptOutcome.DUPLICATE
    assert len(shard.changes.message_final) == 1
    assert len(shard.changes.receipt_aside) == 1


def test_a_contradicting_receipt_is_put_aside():
    shard = Shard()
    (attempt,) = sent(shard)
    answer(shard, attempt, "a1")
    record(shard, receipt("a1"))
    assert record(shard, receipt("a1", MessageState.EXPIRED)) is ReceiptOutcome.CONTRADICTION
    assert [state for _, state in shard.ends] == [MessageState.DELIVERED]


def test_a_receipt_before_its_response_is_matched_by_the_correlation_key():
    shard = Shard()
    (attempt,) = sent(shard)
    early = receipt("a1", reference=attempt.user_message_reference)
    assert record(shard, early) is ReceiptOutcome.EARLY
    assert [state for _, state in shard.ends] == [MessageState.DELIVERED]
    answer(shard, attempt, "a1")
    assert record(shard, early) is ReceiptOutcome.DUPLICATE


def test_a_receipt_before_its_response_without_a_key_waits_for_the_response():
    shard = Shard()
    (attempt,) = sent(shard)
    assert record(shard, receipt("a1")) is ReceiptOutcome.EARLY
    assert not shard.ends
    answer(shard, attempt, "a1")
    assert [state for _, state in shard.ends] == [MessageState.DELIVERED]


def test_after_a_crash_a_receipt_finds_the_unknown_segment_by_its_key():
    shard = Shard()
    (attempt,) = sent(shard)
    shard.outbox.unanswered(attempt)
    record(shard, receipt("a1", reference=attempt.user_message_reference))
    assert [state for _, state in shard.ends] == [MessageState.DELIVERED]


def test_the_key_of_another_recipient_does_not_match():
    shard = Shard()
    (attempt,) = sent(shard)
    foreign = receipt("a1", reference=attempt.user_message_reference, recipient="919899999999")
    assert record(shard, foreign) is ReceiptOutcome.ORPHAN
    assert not shard.ends


def test_a_message_ends_with_its_last_segment_and_pays_for_those_delivered():
    shard = Shard(in_order=False)
    first, second = sent(shard, segment_count=2)
    answer(shard, first, "a1")
    answer(shard, second, "a2")
    record(shard, receipt("a1"))
    assert not shard.ends
    record(shard, receipt("a2", MessageState.EXPIRED))
    assert [state for _, state in shard.ends] == [MessageState.EXPIRED]
    assert shard.balances.available(ACCOUNT) == 9 * PRICE_MICROS
    assert shard.balances.held(ACCOUNT) == 0


def test_an_intermediate_notice_ends_nothing():
    shard = Shard()
    (attempt,) = sent(shard)
    answer(shard, attempt, "a1")
    assert record(shard, receipt("a1", MessageState.SENT)) is ReceiptOutcome.APPLIED
    assert not shard.ends
    assert record(shard, receipt("a1")) is ReceiptOutcome.APPLIED


def test_a_late_copy_of_a_finished_receipt_does_not_end_another_message_with_the_same_key():
    shard = Shard()
    (first,) = sent(shard)
    answer(shard, first, "a1")
    record(shard, receipt("a1", reference=first.user_message_reference))
    (second,) = sent(shard)
    shard.messages.bind_reference(second.message, second.segment, first.user_message_reference)
    copy = receipt("a1", reference=first.user_message_reference)
    assert record(shard, copy) is ReceiptOutcome.DUPLICATE
    assert len(shard.ends) == 1


def test_a_parked_receipt_is_parked_again_after_a_restart_and_applied_with_its_response():
    shard = Shard()
    (attempt,) = sent(shard)
    shard.receipts.park_again(LINK, [receipt("a1"), receipt("a2")], NOW_US, shard.changes)
    answer(shard, attempt, "a1")
    assert [state for _, state in shard.ends] == [MessageState.DELIVERED]


def test_a_parked_receipt_whose_response_was_stored_before_the_restart_is_applied_at_once():
    shard = Shard()
    (attempt,) = sent(shard)
    shard.outbox.answered(attempt, 0, "a1", NOW_US, shard.changes)
    shard.receipts.park_again(LINK, [receipt("a1")], NOW_US, shard.changes)
    assert [state for _, state in shard.ends] == [MessageState.DELIVERED]
