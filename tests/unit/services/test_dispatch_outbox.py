"""Laws 3 and 4: attempts are staged, permission is read last, a lost answer is never sent again."""

import msgspec
from quiet_clocks import quiet_clocks
from shard import ACCOUNT, BRAND, LINK, MSISDN, NOW_US, PRICE_MICROS, SECOND_US, Shard

from operator_push.domain.delivery import SubmitDisposition
from operator_push.domain.facts import AccountPolicy
from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.message import MessageState, RefusalReason, TrafficClass
from operator_push.domain.permission import ConsentAction
from operator_push.domain.policy import read_refusal, read_trail
from operator_push.services.changes import Changes
from operator_push.services.dispatch_outbox import (
    STATUS_NEVER_ARRIVED,
    STATUS_WITHDRAWN,
    DispatchOutbox,
)
from operator_push.store import schema

ESME_ROK, ESME_RTHROTTLED, ESME_RINVDSTADR, ESME_RINVSYSID = 0x0, 0x58, 0xB, 0xF
ESME_RSYSERR = 0x8


def sent_with(changes: Changes) -> list[tuple[object, ...]]:
    """(message_id, reference) of the attempts that are in the rows of their messages."""
    columns = [column.name for column in schema.message.columns]
    rows = [dict(zip(columns, row, strict=True)) for row in changes.message]
    return [(row["message_id"], row["sent_reference"]) for row in rows if row["sent_link_no"]]


def test_the_window_bounds_the_attempts_and_each_is_stored():
    shard = Shard()
    shard.accept(*[shard.offer(destination=f"91981234567{last}") for last in range(5)])
    attempts = shard.outbox.fill(3, NOW_US, shard.changes)
    assert len(attempts) == 3
    assert len(shard.outbox) == 2
    assert len({attempt.user_message_reference for attempt in attempts}) == 3
    told = [(attempt.message.message_id, attempt.user_message_reference) for attempt in attempts]
    assert sent_with(shard.changes) == told
    assert not shard.changes.attempt


def test_an_attempt_is_in_its_message_s_row_with_all_that_an_attempt_has():
    shard = Shard()
    shard.accept(shard.offer())
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    (row,) = shard.changes.message
    assert len(row) == len(schema.message.columns)
    names = [column.name for column in schema.message.columns][-4:]
    assert names == ["sent_link_no", "sent_incarnation", "sent_reference", "sent_us"]
    assert row[-4:] == (LINK, 1, attempt.user_message_reference, NOW_US)


def test_an_attempt_of_a_later_commit_or_of_a_long_message_has_a_row():
    shard = Shard(in_order=False)
    shard.accept(shard.offer(), shard.offer(segment_count=2, destination="919812345670"))
    shard.outbox.fill(2, NOW_US, shard.changes)  # the message of one segment, and the first part
    assert [row[3:5] for row in shard.changes.attempt] == [(1, 1)]
    assert len(sent_with(shard.changes)) == 1
    later = Changes()
    shard.outbox.fill(10, NOW_US, later)
    assert [row[3:5] for row in later.attempt] == [(2, 1)]
    shard.accept(shard.offer(destination="919812345671"))
    shard.outbox.fill(10, NOW_US, later)  # accepted with changes that are on their way already
    assert len(later.attempt) == 2
    assert later.message == []


def test_a_second_attempt_has_a_row_even_in_the_commit_of_the_first():
    shard = Shard()
    shard.accept(shard.offer())
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    shard.outbox.not_sent(attempt, NOW_US, shard.changes)
    (again,) = shard.outbox.fill(1, NOW_US, shard.changes)
    assert again.attempt_no == 2
    assert [row[3:5] for row in shard.changes.attempt] == [(1, 2)]
    assert len(sent_with(shard.changes)) == 1


def test_a_stop_before_the_attempt_ends_the_message_and_releases_its_hold():
    shard = Shard()
    (accepted,) = shard.accept(shard.offer(subscriber_no=1, segment_count=2))
    shard.consent(1, ConsentAction.WITHDRAW)
    assert shard.outbox.fill(10, NOW_US, shard.changes) == []
    assert shard.ends == [(accepted.message_id, MessageState.WITHDRAWN)]
    assert shard.balances.held(ACCOUNT) == 0
    assert shard.balances.available(ACCOUNT) == 10 * PRICE_MICROS
    assert not shard.changes.attempt


def test_a_stop_between_commit_and_octets_withholds_the_octets():
    shard = Shard()
    shard.accept(shard.offer(subscriber_no=1))
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    shard.consent(1, ConsentAction.WITHDRAW)
    assert not shard.outbox.may_leave(attempt, NOW_US, shard.changes)
    assert shard.changes.submit_result[0][5] == STATUS_WITHDRAWN
    assert [state for _, state in shard.ends] == [MessageState.WITHDRAWN]
    assert shard.balances.available(ACCOUNT) == 10 * PRICE_MICROS


def test_what_ends_between_commit_and_octets_expires():
    """A commit that took long once let a campaign's messages leave after its end."""
    shard = Shard()
    shard.accept(msgspec.structs.replace(shard.offer(), expires_us=NOW_US + SECOND_US))
    attempts = shard.outbox.fill(1, NOW_US, shard.changes)
    assert shard.outbox.leaving(attempts, NOW_US + SECOND_US - 1, shard.changes) == attempts
    assert shard.outbox.leaving(attempts, NOW_US + SECOND_US, shard.changes) == []
    assert shard.changes.submit_result[0][5] == STATUS_WITHDRAWN
    assert [state for _, state in shard.ends] == [MessageState.EXPIRED]
    assert shard.balances.available(ACCOUNT) == 10 * PRICE_MICROS


def test_an_unanswered_attempt_is_unknown_and_not_queued_again():
    shard = Shard()
    shard.accept(shard.offer())
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    shard.outbox.unanswered(attempt)
    assert attempt.segment.state == MessageState.UNKNOWN
    assert shard.outbox.fill(10, NOW_US + 3600 * SECOND_US, shard.changes) == []
    assert shard.balances.held(ACCOUNT) == PRICE_MICROS


def test_throttled_waits_a_second_and_keeps_its_correlation_key():
    shard = Shard()
    shard.accept(shard.offer())
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    disposition = shard.outbox.answered(attempt, ESME_RTHROTTLED, "", NOW_US, shard.changes)
    assert disposition is SubmitDisposition.SLOW
    assert shard.outbox.fill(1, NOW_US, shard.changes) == []
    (again,) = shard.outbox.fill(1, NOW_US + SECOND_US, shard.changes)
    assert again.attempt_no == 2
    assert again.user_message_reference == attempt.user_message_reference


def test_a_permanent_error_fails_the_message_and_releases_its_hold():
    shard = Shard()
    shard.accept(shard.offer())
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    shard.outbox.answered(attempt, ESME_RINVDSTADR, "", NOW_US, shard.changes)
    assert [state for _, state in shard.ends] == [MessageState.REJECTED]
    assert shard.balances.available(ACCOUNT) == 10 * PRICE_MICROS


def test_a_status_about_the_account_stops_the_link_and_keeps_the_message():
    shard = Shard()
    shard.accept(shard.offer())
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    disposition = shard.outbox.answered(attempt, ESME_RINVSYSID, "", NOW_US, shard.changes)
    assert disposition is SubmitDisposition.STOP_LINK
    assert len(shard.outbox) == 1
    assert not shard.ends


def test_octets_that_never_left_because_the_bind_went_are_sent_by_the_next_one():
    shard = Shard()
    shard.accept(shard.offer())
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    shard.outbox.not_sent(attempt, NOW_US, shard.changes)
    (again,) = shard.outbox.fill(1, NOW_US, shard.changes)
    assert again.attempt_no == 2


def test_only_what_the_closed_period_does_not_know_is_sent_again():
    shard = Shard()
    shard.accept(shard.offer())
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    shard.outbox.unanswered(attempt)
    shard.outbox.never_arrived(attempt.message, attempt.segment, NOW_US, shard.changes)
    assert shard.changes.submit_result[0][5] == STATUS_NEVER_ARRIVED
    assert len(shard.outbox.fill(1, NOW_US, shard.changes)) == 1


def test_an_answer_after_the_receipt_leaves_the_end_as_it_is():
    shard = Shard()
    shard.accept(shard.offer())
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    shard.finish.segment_ended(
        LINK, attempt.message, attempt.segment, MessageState.DELIVERED, 1, "000", NOW_US, shard.changes
    )
    shard.outbox.answered(attempt, ESME_ROK, "77", NOW_US, shard.changes)
    assert [state for _, state in shard.ends] == [MessageState.DELIVERED]
    assert shard.messages.finished_state(LINK, "77") == MessageState.DELIVERED


def test_quiet_hours_between_commit_and_octets_defer_and_end_nothing():
    shard = Shard()
    shard.accept(shard.offer())
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    shard.facts.clocks = quiet_clocks("08:00-08:10")
    assert not shard.outbox.may_leave(attempt, NOW_US, shard.changes)
    assert not shard.ends
    ((_, _, message_id, at_us, until_us, reason, trail),) = shard.changes.deferral
    assert (message_id, at_us, reason) == (attempt.message.message_id, NOW_US, RefusalReason.QUIET_HOURS)
    assert until_us == NOW_US + 600 * SECOND_US
    assert ("quiet hours", "deferred") in read_trail(trail)
    assert shard.outbox.fill(1, NOW_US, shard.changes) == []
    assert len(shard.changes.deferral) == 1
    assert len(shard.outbox.fill(1, NOW_US + 600 * SECOND_US, shard.changes)) == 1


def test_a_late_answer_counts_only_while_it_is_awaited():
    shard = Shard()
    shard.accept(shard.offer())
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    assert not shard.outbox.awaits(attempt)
    shard.outbox.unanswered(attempt)
    assert shard.outbox.awaits(attempt)
    shard.outbox.never_arrived(attempt.message, attempt.segment, NOW_US, shard.changes)
    assert not shard.outbox.awaits(attempt)


def test_two_messages_to_one_person_keep_their_order_through_a_retry():
    shard = Shard()
    first, second = shard.accept(shard.offer(), shard.offer())
    (attempt,) = shard.outbox.fill(10, NOW_US, shard.changes)
    assert attempt.message.message_id == first.message_id
    shard.outbox.answered(attempt, ESME_RTHROTTLED, "", NOW_US, shard.changes)
    assert shard.outbox.fill(10, NOW_US, shard.changes) == []
    (again,) = shard.outbox.fill(10, NOW_US + SECOND_US, shard.changes)
    assert again.message.message_id == first.message_id
    shard.outbox.answered(again, ESME_ROK, "1", NOW_US + SECOND_US, shard.changes)
    (behind,) = shard.outbox.fill(10, NOW_US + SECOND_US, shard.changes)
    assert behind.message.message_id == second.message_id


def test_the_parts_of_a_concatenated_message_leave_in_their_order():
    shard = Shard()
    shard.accept(shard.offer(segment_count=3))
    left = []
    while attempts := shard.outbox.fill(10, NOW_US, shard.changes):
        (attempt,) = attempts
        left.append(attempt.segment.segment_no)
        shard.outbox.answered(attempt, ESME_ROK, f"{len(left)}", NOW_US, shard.changes)
    assert left == [1, 2, 3]


def test_a_lost_answer_does_not_hold_up_the_next_message_to_that_person():
    shard = Shard()
    shard.accept(shard.offer(), shard.offer())
    (attempt,) = shard.outbox.fill(10, NOW_US, shard.changes)
    shard.outbox.unanswered(attempt)
    (following,) = shard.outbox.fill(10, NOW_US, shard.changes)
    assert following.message is not attempt.message


def test_room_above_the_window_of_campaigns_is_kept_for_one_time_passwords():
    shard = Shard(segments_paid=20)
    shard.facts.accounts[ACCOUNT] = AccountPolicy(ACCOUNT, BRAND, traffic_class=TrafficClass.TRANSACTIONAL)
    campaign = [shard.offer(destination=f"9198123456{last:02}") for last in range(10)]
    shard.accept(*campaign)
    assert len(shard.outbox.fill(6, NOW_US, shard.changes, urgent_room=8)) == 6
    assert shard.outbox.fill(0, NOW_US, shard.changes, urgent_room=2) == []
    otp = shard.offer(destination="4479460000")
    otp = msgspec.structs.replace(
        otp, submission=msgspec.structs.replace(otp.submission, traffic_class=TrafficClass.TRANSACTIONAL)
    )
    (accepted,) = shard.accept(otp)
    (attempt,) = shard.outbox.fill(0, NOW_US, shard.changes, urgent_room=2)
    assert attempt.message.message_id == accepted.message_id


def test_a_refusal_for_now_is_retried_ever_more_slowly_until_the_life_of_the_message_ends():
    shard = Shard()
    (accepted,) = shard.accept(shard.offer())
    at_us, waits = NOW_US, []
    while attempts := shard.outbox.fill(1, at_us, shard.changes):
        shard.outbox.answered(attempts[0], ESME_RSYSERR, "", at_us, shard.changes)
        due_us = shard.outbox.next_due_us()
        assert due_us is not None
        waits.append((due_us - at_us) // SECOND_US)
        at_us = due_us
    assert waits[:10] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert len(waits) < 600  # in two days: no storm
    assert shard.ends == [(accepted.message_id, MessageState.EXPIRED)]
    assert shard.balances.available(ACCOUNT) == 10 * PRICE_MICROS


def test_what_waits_at_a_link_that_never_comes_back_ends_with_its_validity():
    shard = Shard()
    (first,) = shard.accept(shard.offer(destination="919812345670"))
    assert first.message is not None
    shard.outbox.waiting.remove_if(lambda message: True)
    first.message.expires_us = NOW_US + SECOND_US
    shard.outbox.queue(first.message)
    shard.accept(shard.offer(destination="919812345671"))
    assert shard.outbox.expire(NOW_US, shard.changes) == 0
    assert shard.outbox.expire(NOW_US + SECOND_US, shard.changes) == 1
    assert shard.ends == [(first.message_id, MessageState.EXPIRED)]
    assert shard.outbox.expire(NOW_US + 48 * 3600 * SECOND_US, shard.changes) == 1
    assert len(shard.outbox) == 0
    assert shard.balances.held(ACCOUNT) == 0


def test_a_status_may_mean_something_else_at_one_smsc():
    shard = Shard()
    shard.outbox = DispatchOutbox(
        0,
        LINK,
        LINK,
        1,
        shard.policy,
        shard.messages,
        shard.finish,
        dispositions={ESME_RINVDSTADR: SubmitDisposition.RETRY},
    )
    shard.accept_use_case.on_admitted = shard.outbox.queue
    shard.accept(shard.offer())
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    disposition = shard.outbox.answered(attempt, ESME_RINVDSTADR, "", NOW_US, shard.changes)
    assert disposition is SubmitDisposition.RETRY
    assert not shard.ends


def test_what_was_decided_leaves_without_being_asked_again_until_something_changes():
    shard = Shard()
    asked = []
    ask = shard.policy.decide_again
    shard.policy.decide_again = lambda submission, *moments: (
        asked.append(submission) or ask(submission, *moments)
    )
    shard.accept(shard.offer(subscriber_no=1), shard.offer(subscriber_no=2, destination="919812345679"))
    attempts = shard.outbox.fill(2, NOW_US, shard.changes)
    assert shard.outbox.leaving(attempts, NOW_US, shard.changes) == attempts
    assert not asked
    shard.consent(2, ConsentAction.WITHDRAW)
    assert shard.outbox.leaving(attempts, NOW_US, shard.changes) == attempts[:1]
    assert len(asked) == 2


def test_a_slot_goes_along_to_the_day_on_which_its_message_leaves():
    """Accepted before midnight and sent after it, a message takes its slot of the new day."""
    shard, day_us = Shard(), 86_400 * SECOND_US
    shard.facts.caps = FrequencyCaps(per_handset=1)
    shard.accept(shard.offer())
    midnight = NOW_US + 16 * 3600 * SECOND_US
    assert len(shard.outbox.fill(1, midnight, shard.changes)) == 1
    clock = shard.facts.clocks.clock_of(1, MSISDN)
    assert not shard.facts.caps.has_room(1, BRAND, midnight, clock)
    assert shard.facts.caps.has_room(1, BRAND, midnight - 1, clock)
    assert shard.facts.caps.has_room(1, BRAND, midnight + day_us, clock)


def test_what_may_not_leave_before_its_validity_ends_expires_at_once_and_does_not_leave_tomorrow():
    shard = Shard()
    shard.facts.clocks = quiet_clocks("08:00-09:00")
    offer = msgspec.structs.replace(shard.offer(), expires_us=NOW_US + 3600 * SECOND_US)
    message = shard.accept(offer)[0].message
    assert message.not_before_us == message.expires_us
    held = shard.balances.available(ACCOUNT)
    assert shard.outbox.expire(NOW_US, shard.changes) == 1
    assert [state for _, state in shard.ends] == [MessageState.EXPIRED]
    assert shard.balances.available(ACCOUNT) == held + PRICE_MICROS
    assert shard.outbox.fill(1, NOW_US + 3600 * SECOND_US, shard.changes) == []


def test_what_is_valid_a_moment_longer_than_the_quiet_hours_waits_for_their_end():
    shard = Shard()
    shard.facts.clocks = quiet_clocks("08:00-09:00")
    offer = msgspec.structs.replace(shard.offer(), expires_us=NOW_US + 3600 * SECOND_US + 1)
    message = shard.accept(offer)[0].message
    assert shard.outbox.expire(NOW_US, shard.changes) == 0
    assert [each.message for each in shard.outbox.fill(1, message.not_before_us, shard.changes)] == [message]


def test_what_is_deferred_past_its_end_when_it_was_to_leave_expires_at_once():
    shard = Shard()
    offer = msgspec.structs.replace(shard.offer(), expires_us=NOW_US + 600 * SECOND_US)
    shard.accept(offer)
    assert shard.outbox.expire(NOW_US, shard.changes) == 0
    shard.facts.clocks = quiet_clocks("08:00-09:00")
    assert shard.outbox.fill(1, NOW_US, shard.changes) == []
    assert shard.outbox.expire(NOW_US, shard.changes) == 1
    assert [state for _, state in shard.ends] == [MessageState.EXPIRED]


def test_a_second_night_does_not_lengthen_a_message_s_life():
    shard = Shard()
    message = shard.accept(shard.offer())[0].message
    ends_us = message.expires_us
    shard.facts.clocks = quiet_clocks("08:00-09:00")
    assert shard.outbox.fill(1, NOW_US, shard.changes) == []
    assert message.not_before_us == NOW_US + 3600 * SECOND_US
    shard.facts.clocks = quiet_clocks("09:00-08:30")
    assert shard.outbox.fill(1, NOW_US + 3600 * SECOND_US, shard.changes) == []
    assert message.not_before_us > NOW_US + 86_000 * SECOND_US
    assert message.expires_us == ends_us


def test_what_is_refused_before_it_leaves_keeps_the_trail_of_that_decision():
    shard = Shard()
    shard.accept(shard.offer())
    shard.consent(1, ConsentAction.WITHDRAW, brand_no=BRAND, at_us=NOW_US)
    assert shard.outbox.fill(1, NOW_US, shard.changes) == []
    told = shard.changes.message_final[-1][11]
    assert read_refusal(told) == "withdrawn (permission: refused WITHDRAWN)"
    assert read_refusal("00000058") == "00000058"
    assert read_refusal("validity") == "validity"
