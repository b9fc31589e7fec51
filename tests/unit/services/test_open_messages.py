"""A whole message is one submit_sm that stands for all its segments, in money and in counts."""

import msgspec
import pytest
from shard import ACCOUNT, LINK, NOW_US, PRICE_MICROS, SECOND_US, Shard

from operator_push.domain.message import MessageState
from operator_push.domain.permission import ConsentAction
from operator_push.services import open_messages
from operator_push.services.dispatch_outbox import Attempt
from operator_push.services.match_receipts import Receipt
from operator_push.services.open_messages import WHOLE, OpenMessage, OpenMessages
from operator_push.services.resolve_unknown import ResolveUnknown

SEGMENTS = 3


def whole(shard: Shard) -> OpenMessage:
    offer = msgspec.structs.replace(shard.offer(segment_count=SEGMENTS), whole=True)
    (accepted,) = shard.accept(offer)
    assert accepted.message is not None
    return accepted.message


def left(shard: Shard) -> Attempt:
    whole(shard)
    (attempt,) = shard.outbox.fill(10, NOW_US, shard.changes)
    return attempt


def test_one_attempt_one_answer_one_end_and_every_segment_is_paid():
    shard = Shard()
    attempt = left(shard)
    assert shard.balances.held(ACCOUNT) == SEGMENTS * PRICE_MICROS
    shard.outbox.answered(attempt, 0, "77", NOW_US, shard.changes)
    receipt = Receipt("77", MessageState.DELIVERED, "000", attempt.message.destination, -1)
    for _ in range(2):  # the second one is a duplicate
        shard.receipts.record(LINK, receipt, NOW_US, shard.changes)
    assert shard.ends == [(attempt.message.message_id, MessageState.DELIVERED)]
    assert [row[3] for row in shard.changes.attempt] == [WHOLE]
    assert [row[3] for row in shard.changes.submit_result] == [WHOLE]
    assert [row[3] for row in shard.changes.segment_outcome] == [WHOLE]
    (final,) = shard.changes.message_final
    assert final[5:8] == (SEGMENTS, SEGMENTS * PRICE_MICROS, 0)
    assert shard.balances.available(ACCOUNT) == (10 - SEGMENTS) * PRICE_MICROS


def test_where_it_is_not_delivered_nothing_is_paid():
    shard = Shard()
    attempt = left(shard)
    shard.outbox.answered(attempt, 0x0B, "", NOW_US, shard.changes)
    assert [state for _, state in shard.ends] == [MessageState.REJECTED]
    assert shard.changes.message_final[0][5:8] == (0, 0, SEGMENTS * PRICE_MICROS)


def test_a_stop_before_it_leaves_ends_it_once():
    shard = Shard()
    whole(shard)
    shard.consent(1, ConsentAction.WITHDRAW)
    assert shard.outbox.fill(10, NOW_US, shard.changes) == []
    assert [state for _, state in shard.ends] == [MessageState.WITHDRAWN]
    assert shard.balances.held(ACCOUNT) == 0


def test_a_retry_is_the_same_pdu_under_the_same_key():
    shard = Shard()
    attempt = left(shard)
    shard.outbox.answered(attempt, 0x58, "", NOW_US, shard.changes)
    (again,) = shard.outbox.fill(10, NOW_US + SECOND_US, shard.changes)
    assert (again.segment.segment_no, again.attempt_no) == (WHOLE, 2)
    assert again.user_message_reference == attempt.user_message_reference


@pytest.mark.parametrize(("segment_no", "applied"), [(WHOLE, 1), (1, 0), (SEGMENTS, 0)])
def test_what_the_smscs_cdr_says_is_said_of_the_whole(segment_no: int, applied: int):
    shard = Shard()
    attempt = left(shard)
    shard.outbox.unanswered(attempt)
    use_case = ResolveUnknown(0, shard.ids, shard.messages, shard.finish, lambda _: shard.outbox)
    finding = {"message_id": attempt.message.message_id, "segment_no": segment_no, "link_no": LINK}
    found = {**finding, "kind": "found", "state": "DELIVERED", "smsc_message_id": "77", "error_code": "000"}
    assert use_case.resolve([found], NOW_US, shard.changes)["found"] == applied
    assert shard.balances.held(ACCOUNT) == (0 if applied else SEGMENTS * PRICE_MICROS)


def test_segments_are_found_by_the_number_of_their_rows():
    shard = Shard()
    one = whole(shard)
    (accepted,) = shard.accept(shard.offer(segment_count=2))
    two = accepted.message
    assert two is not None
    assert one.segment(WHOLE) is one.segments[0]
    assert one.segment(1) is None
    assert [two.segment(number) for number in (WHOLE, 1, 2, 3)] == [None, *two.segments, None]
    assert (one.count_in(MessageState.ACCEPTED), two.count_in(MessageState.ACCEPTED)) == (SEGMENTS, 2)


def test_finished_ids_are_remembered_in_two_bounded_generations(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(open_messages, "FINISHED_REMEMBERED", 10)
    messages = OpenMessages()
    for number in range(25):
        messages.remember_finished(1, str(number), MessageState.DELIVERED)
        assert messages.finished_state(1, str(number)) == MessageState.DELIVERED
    known = [n for n in range(25) if messages.finished_state(1, str(n)) is not None]
    assert known == list(range(10, 25))
    assert messages.finished_state(2, "24") is None
    messages.remember_finished(1, "", MessageState.DELIVERED)  # an SMSC that gave no id
    assert messages.finished_state(1, "") is None
