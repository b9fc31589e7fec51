"""Retries are known by their key within their window, and forgetting keeps at least that long."""

import msgspec
from shard import ACCOUNT, NOW_US, PRICE_MICROS, SECOND_US, Shard

from operator_push.domain.message import RefusalReason
from operator_push.services.recognise_retry import RecogniseRetry

WINDOW_US = 60 * SECOND_US


def test_a_retry_after_a_lost_answer_gets_the_first_id_and_is_billed_once():
    shard = Shard()
    offer = msgspec.structs.replace(shard.offer(), retry=(4711, WINDOW_US))
    first, again = shard.accept(offer, offer)
    (later,) = shard.accept(offer, now_us=NOW_US + WINDOW_US)
    assert again.message_id == later.message_id == first.message_id
    assert again.reason is None
    assert again.message is None
    assert shard.balances.held(ACCOUNT) == PRICE_MICROS
    assert len(shard.changes.message) == 1
    assert len(shard.outbox) == 1


def test_after_the_window_the_same_submission_is_a_new_message():
    shard = Shard()
    offer = msgspec.structs.replace(shard.offer(), retry=(4711, WINDOW_US))
    (first,) = shard.accept(offer)
    (second,) = shard.accept(offer, now_us=NOW_US + WINDOW_US + 1)
    assert second.message_id != first.message_id
    assert shard.balances.held(ACCOUNT) == 2 * PRICE_MICROS


def test_what_was_refused_is_decided_anew():
    shard = Shard(segments_paid=0)
    offer = msgspec.structs.replace(shard.offer(), retry=(4711, WINDOW_US))
    (refused,) = shard.accept(offer)
    assert refused.reason is RefusalReason.NO_CREDIT
    shard.balances.top_up(ACCOUNT, shard.ids.next_id(NOW_US), PRICE_MICROS)
    (admitted,) = shard.accept(offer)
    assert admitted.reason is None
    assert admitted.message_id != refused.message_id


def test_without_a_reference_nothing_is_recognised():
    shard = Shard()
    first, second = shard.accept(shard.offer(), shard.offer())
    assert first.message_id != second.message_id


def test_memory_is_bounded_and_keeps_the_newest():
    retries = RecogniseRetry(kept_max=100)
    for number in range(1, 1001):
        retries.remember(number, number, WINDOW_US, NOW_US + number)
    assert len(retries) <= 100
    assert retries.find(1000, WINDOW_US, NOW_US + 1000) == 1000
    assert retries.find(1, WINDOW_US, NOW_US + 1000) == 0


def test_forgetting_keeps_what_the_window_still_covers():
    retries = RecogniseRetry()
    retries.remember(1, 11, WINDOW_US, NOW_US)
    retries.remember(2, 12, WINDOW_US, NOW_US + WINDOW_US + 1)  # turns the generations
    assert retries.find(1, WINDOW_US, NOW_US + WINDOW_US) == 11
    retries.remember(3, 13, WINDOW_US, NOW_US + 3 * WINDOW_US)
    assert len(retries) == 2
